"""Tables of likeness: the print of every original in the order of their coming, and what was found to be alike."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base


class Print(Base):
    """The print of an original. Written under a lock, so that whoever has seen a number has seen all below it."""

    __tablename__ = "likeness_print"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    sha256: Mapped[str] = mapped_column(sa.ForeignKey("original.sha256", ondelete="CASCADE"), unique=True)
    bits: Mapped[bytes | None] = mapped_column(sa.LargeBinary())  # none where there is nothing to be seen on it
    made_at: Mapped[datetime]


class Match(Base):
    """Two originals that are alike: how far, and whether one is a copy of the other."""

    __tablename__ = "likeness_match"
    __table_args__ = (sa.Index("ix_likeness_match_other_sha256", "other_sha256"),)

    sha256: Mapped[str] = mapped_column(sa.ForeignKey("original.sha256", ondelete="CASCADE"), primary_key=True)
    # whose print came first
    other_sha256: Mapped[str] = mapped_column(sa.ForeignKey("original.sha256", ondelete="CASCADE"), primary_key=True)
    copy: Mapped[bool]
    mirrored: Mapped[bool]
    cut: Mapped[float]  # share of a side that one of the two lacks
    distance: Mapped[int]  # bits of 128 that differ
    likeness: Mapped[float]  # correlation of what is seen, 0 to 1
    fitting: Mapped[float]  # share of parts that fit
    drift: Mapped[float]  # pixels of 192 by which parts lie beside their place
    light: Mapped[float | None]  # share of its brightness by which the light over it differs; older finds have none
    found_at: Mapped[datetime]
