"""Tables of the weekly report: one per week and scope with its figures and the office's words, whom it is sent to."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.kit.ids import new_id
from server.weekly.rules import WeeklyState


class WeeklyReport(Base):
    """The report of one ISO week for the city (scope "") or one district (scope = its code).

    Its figures may be counted again until they are held, which is at the week's cut-off; its words be changed until it is
    frozen. From then on the database refuses every change of what it says.
    """

    __tablename__ = "weekly_report"
    __table_args__ = (
        sa.UniqueConstraint("iso_year", "iso_week", "scope"),
        sa.UniqueConstraint("scope", "bulletin_year", "serial"),
        sa.UniqueConstraint("scope", "total"),
        sa.CheckConstraint("(frozen_at is null) = (serial is null)", name="numbered"),
        sa.CheckConstraint(
            "frozen_at is null or (figures is not null and figures_digest is not null and words is not null"
            " and counted_to is not null and bulletin_year is not null and total is not null and software is not null)",
            name="frozen_whole",
        ),
        sa.CheckConstraint("held_at is null or (figures is not null and counted_to is not null)", name="held_whole"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    iso_year: Mapped[int]
    iso_week: Mapped[int]
    scope: Mapped[str]
    state: Mapped[WeeklyState]
    progress: Mapped[int] = mapped_column(default=0)
    why: Mapped[str | None]
    job_id: Mapped[uuid.UUID | None]
    figures: Mapped[bytes | None] = mapped_column(deferred=True)  # packed: see figures/packed.py
    figures_digest: Mapped[str | None]
    made_at: Mapped[datetime | None]
    counted_to: Mapped[datetime | None]  # nothing from this moment on is in the figures
    held_at: Mapped[datetime | None]  # since then they are not counted again
    words: Mapped[dict[str, Any] | None]  # what the office has written; once frozen, all that is printed
    words_version: Mapped[int] = mapped_column(default=0)
    words_at: Mapped[datetime | None]
    words_by: Mapped[uuid.UUID | None]
    frozen_at: Mapped[datetime | None]
    frozen_by: Mapped[uuid.UUID | None]  # none: by itself
    bulletin_year: Mapped[int | None]
    serial: Mapped[int | None]  # 第N期 of that year
    total: Mapped[int | None]  # 总第N期
    software: Mapped[str | None]  # what counted and froze it
    requested_by: Mapped[uuid.UUID | None]
    requested_at: Mapped[datetime]


class WeeklySeries(Base):
    """The last bulletin number of a scope in a year; year 0 counts them all. Locked while the next one is taken."""

    __tablename__ = "weekly_series"

    scope: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class WeeklyRecipient(Base):
    """An address that a scope's reports are mailed to; it need not be anybody's who signs in."""

    __tablename__ = "weekly_recipient"
    __table_args__ = (sa.UniqueConstraint("scope", "email"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    scope: Mapped[str]
    name: Mapped[str]
    email: Mapped[str]
    added_at: Mapped[datetime]


class WeeklyRun(Base):
    """A week that was, or need not be, frozen and sent by itself: the row is what makes it happen once."""

    __tablename__ = "weekly_run"

    iso_year: Mapped[int] = mapped_column(primary_key=True)
    iso_week: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    job_id: Mapped[uuid.UUID | None]  # none: it was over before this began to happen by itself
