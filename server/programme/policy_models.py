"""Tables of the programme's policy and of the days that a year's arrangement names."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.programme.calendar_rules import SpecialDay

THE_ONE = 1


class PolicyRow(Base):
    """What the office has set, in one row; what is not in it is as the installation's defaults are."""

    __tablename__ = "policy"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[dict[str, Any]]  # by path, such as due_days.minor
    version: Mapped[int]
    updated_at: Mapped[datetime]
    updated_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))


class PolicyChange(Base):
    """One setting that somebody changed, with what held before and after, and the version that it made."""

    __tablename__ = "policy_change"
    __table_args__ = (sa.Index("ix_policy_change_version", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    version: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    field: Mapped[str]
    before: Mapped[dict[str, Any]]  # {"value": …}
    after: Mapped[dict[str, Any]]


class CalendarDay(Base):
    """A day off, or a weekend's day that is worked, by the arrangement of `year` (which may name a day of the year
    before: 31 December belongs to New Year's holiday)."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[SpecialDay]
    name: Mapped[str]
    year: Mapped[int] = mapped_column(index=True)
