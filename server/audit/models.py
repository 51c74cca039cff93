"""Tables of the audit trail: plain rows written by every verb, and the chain that a job forges over them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base


class AuditEvent(Base):
    """One thing that one person (or the system, actor null) did to one object. Never changed, never deleted."""

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index("ix_audit_event_object_id_id", "object_id", "id"),  # an id seldom stands for two kinds
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None]
    verb: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    district_code: Mapped[str | None]
    facts: Mapped[dict[str, Any]]


class AuditLink(Base):
    """One link of the chain: digest = SHA-256(previous digest + canonical event). Position has no gaps."""

    __tablename__ = "audit_link"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("audit_event.id"), unique=True)
    digest: Mapped[str]
