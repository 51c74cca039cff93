"""Tables of reviews: each decision with its comments per item."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.kit.ids import new_id
from server.reviews.rules import Decision


class Review(Base):
    """One decision on one revision. The same decision twice is one row."""

    __tablename__ = "review"
    __table_args__ = (sa.UniqueConstraint("report_id", "revision", "decision"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"))
    revision: Mapped[int]
    decision: Mapped[Decision]
    comment: Mapped[str | None]
    items: Mapped[list[Any]]  # [{"item": …, "comment": …}]
    reviewer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
