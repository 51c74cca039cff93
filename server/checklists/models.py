"""Tables of checklists: published versions that never change, and the limits that a site sets for itself."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base


class ChecklistVersion(Base):
    """One published version. `content` is the shape of the contract, `digest` the SHA-256 of its canonical JSON."""

    __tablename__ = "checklist_version"

    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    published_at: Mapped[datetime]


class SiteLimit(Base):
    """A limit that the design or a local rule sets for one item at one site."""

    __tablename__ = "site_limit"
    __table_args__ = (sa.CheckConstraint("min is not null or max is not null", name="some"),)

    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    min: Mapped[float | None]
    max: Mapped[float | None]
    set_by: Mapped[uuid.UUID | None]
    set_at: Mapped[datetime]
