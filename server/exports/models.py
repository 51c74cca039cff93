"""Tables of exports: what somebody asked for, how far it is, and where its file lies."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.exports.rules import ExportState, Format, Kind, RowsOf
from server.kit.db import Base
from server.kit.ids import new_id


class Export(Base):
    """One file for one person. It goes, row and file, once it has expired."""

    __tablename__ = "export"
    __table_args__ = (
        sa.CheckConstraint(
            "state <> 'ready' or (ready_at is not null and size is not null and sha256 is not null and key is not null)",
            name="ready",
        ),
        sa.CheckConstraint("(state in ('ready', 'failed')) = (expires_at is not null)", name="expires"),
        sa.CheckConstraint("(kind = 'reports') = (rows_of is not null)", name="rows_of"),
        sa.Index("ix_export_requested_by_created_at_id", "requested_by", "created_at", "id"),
        sa.Index("ix_export_expires_at", "expires_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    requested_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    kind: Mapped[Kind]
    format: Mapped[Format]
    rows_of: Mapped[RowsOf | None]
    language: Mapped[str]
    filters: Mapped[dict[str, Any]]  # as they were given
    address: Mapped[str]  # where the desk shows things, for links in the file; may be empty
    digest: Mapped[str]  # of all that was asked: equal requests of one person under way are one
    state: Mapped[ExportState]
    progress: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)  # written so far
    why: Mapped[str | None]
    job_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    size: Mapped[int | None]
    sha256: Mapped[str | None]
    # how often its maker had lost something when it was made (kit/changes.losses); once that is more, it is given out no more
    losses: Mapped[int | None]
    key: Mapped[str | None]  # in the store; named before the file is put there, so that a crash leaves none unnamed
