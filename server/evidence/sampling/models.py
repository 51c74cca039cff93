"""Tables of the second look: the weeks that were drawn, with the rule they were drawn by, and the reports in each."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.evidence.sampling.rules import Verdict
from server.kit.db import Base
from server.kit.ids import new_id


class SampledWeek(Base):
    """A week whose sample was drawn, be it that nothing was in it."""

    __tablename__ = "second_look_week"

    week: Mapped[str] = mapped_column(primary_key=True)  # 2026-W47
    drawn_at: Mapped[datetime]
    percent: Mapped[int]
    flag_weight: Mapped[int]
    reports: Mapped[int]  # how many were approved in it
    chosen: Mapped[int]


class SecondLook(Base):
    """An approved report drawn for a second look."""

    __tablename__ = "second_look"
    __table_args__ = (
        sa.UniqueConstraint("week", "report_id"),
        sa.CheckConstraint("(verdict is null) = (looked_by is null)", name="looked"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    week: Mapped[str] = mapped_column(sa.ForeignKey("second_look_week.week"))
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), index=True)
    weight: Mapped[int]
    flags: Mapped[list[Any]]  # their kinds, when it was drawn
    verdict: Mapped[Verdict | None]
    comment: Mapped[str | None]
    looked_by: Mapped[uuid.UUID | None]
    looked_at: Mapped[datetime | None]
