"""Tables of custody: openings of originals, and what checks of the store found."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.evidence.custody.rules import How, Wrong
from server.kit.db import Base
from server.kit.ids import new_id

_WAITS = sa.text("event_id is null")


class OriginalOpening(Base):
    """An original that was given out. The trail says so in `event_id`, until when the row alone does; afterwards it is the
    index by which the trail's line is found."""

    __tablename__ = "original_opening"
    __table_args__ = (
        sa.Index("ix_original_opening_photo_id_at", "photo_id", "at"),
        # what still has to be written into the trail; nearly all of it is
        sa.Index("ix_original_opening_waits", "actor_id", "at", sqlite_where=_WAITS, postgresql_where=_WAITS),
        sa.Index("ix_original_opening_event_id", "event_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID]
    photo_id: Mapped[uuid.UUID]
    sha256: Mapped[str]
    how: Mapped[How]
    of: Mapped[str | None]
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("audit_event.id"))


class OriginalCheck(Base):
    """One run of `evidence verify`: originals hashed again. Without `finished_at` it was broken off, or still runs."""

    __tablename__ = "original_check"
    __table_args__ = (sa.Index("ix_original_check_started_at", "started_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    since: Mapped[datetime | None]  # only those stored from then on
    sample: Mapped[int | None]  # only so many, drawn by `seed`
    seed: Mapped[str | None]
    checked: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)
    strays: Mapped[int | None]  # files that no row names; null where nobody looked


class OriginalDifference(Base):
    """An original that a check found other than it was stored."""

    __tablename__ = "original_difference"
    __table_args__ = (sa.Index("ix_original_difference_sha256", "sha256"),)

    check_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("original_check.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    wrong: Mapped[Wrong]
    size: Mapped[int]  # as it was stored
    found_size: Mapped[int | None]
    found_sha256: Mapped[str | None]
