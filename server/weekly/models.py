"""Tables of the weekly report: one per week and scope, its figures as made."""

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
    """The report of one ISO week for the city (scope "") or one district (scope = its code)."""

    __tablename__ = "weekly_report"
    __table_args__ = (sa.UniqueConstraint("iso_year", "iso_week", "scope"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    iso_year: Mapped[int]
    iso_week: Mapped[int]
    scope: Mapped[str]
    state: Mapped[WeeklyState]
    progress: Mapped[int] = mapped_column(default=0)
    why: Mapped[str | None]
    job_id: Mapped[uuid.UUID | None]
    figures: Mapped[dict[str, Any] | None]
    figures_digest: Mapped[str | None]
    made_at: Mapped[datetime | None]
    requested_by: Mapped[uuid.UUID | None]
    requested_at: Mapped[datetime]
