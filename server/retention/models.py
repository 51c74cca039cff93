"""Tables of retention: holds, runs, and the record of what was removed, which the database lets nobody change."""

from __future__ import annotations

import uuid
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.kit.ids import new_id
from server.retention.rules import By, HoldKind

_STANDS = sa.text("lifted_at is null")


class LegalHold(Base):
    """A hold (保全): as long as it stands, no rule removes the thing or what is below it. Several may stand on one thing;
    lifting ends one of them. Never deleted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        sa.CheckConstraint(
            "(lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lifted_reason is null)", name="lifted"
        ),
        sa.Index("ix_legal_hold_stands", "kind", "object_id", sqlite_where=_STANDS, postgresql_where=_STANDS),
        sa.Index("ix_legal_hold_at_id", "at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[HoldKind]
    object_id: Mapped[uuid.UUID]
    district_code: Mapped[str | None]
    reason: Mapped[str]
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    at: Mapped[datetime]
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
    lifted_reason: Mapped[str | None]


class RetentionRule(Base):
    """The rule of a class as the worker last met it, and since when: a new one waits some days before it is applied."""

    __tablename__ = "retention_rule"

    name: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]  # 0: for ever
    since: Mapped[datetime]


class RetentionRun(Base):
    """One time that one class was applied, and what went so far. Without `finished_at` it runs, or was broken off."""

    __tablename__ = "retention_run"
    __table_args__ = (sa.Index("ix_retention_run_started_at", "started_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]  # of the class
    days: Mapped[int]
    cutoff: Mapped[datetime]
    by: Mapped[By]
    plan: Mapped[str]  # its digest
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    rows: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)  # rows that were due and that a hold kept


class Removal(Base):
    """One line of the record: a photo's original, or the rows of one person and day. Append-only."""

    __tablename__ = "removal"
    __table_args__ = (
        sa.Index("ix_removal_object_id", "object_id"), sa.Index("ix_removal_run_id", "run_id"),
        sa.CheckConstraint("count >= 1", name="count"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("retention_run.id"))
    name: Mapped[str]  # of the class
    days: Mapped[int]  # the setting's value
    object_kind: Mapped[str]
    object_id: Mapped[str]
    count: Mapped[int]  # rows that this line stands for
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    site_id: Mapped[uuid.UUID | None]
    report_id: Mapped[uuid.UUID | None]
    person_id: Mapped[uuid.UUID | None]
    day: Mapped[date | None]  # of the rows, in Asia/Shanghai
    counted_from: Mapped[datetime]
    removed_at: Mapped[datetime]
