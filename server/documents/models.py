"""Tables of documents: each paper with its number and frozen content, and the last number of each series."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.documents.rules import Kind, TemplateKind
from server.kit.db import Base
from server.kit.ids import new_id


class Document(Base):
    """A numbered paper. `content` is a `paper.Paper` as it stood when issued: drawn again, it is the same."""

    __tablename__ = "document"
    __table_args__ = (
        sa.UniqueConstraint("kind", "year", "serial"),
        sa.CheckConstraint("serial >= 1", name="serial"),
        sa.Index("ix_document_district_code_issued_at_id", "district_code", "issued_at", "id"),
        sa.Index("ix_document_issued_at_id", "issued_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Kind]
    year: Mapped[int]  # of Asia/Shanghai
    serial: Mapped[int]
    number: Mapped[str]
    site_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("site.id"), index=True)
    district_code: Mapped[str]
    content: Mapped[dict[str, Any]]
    issued_by: Mapped[uuid.UUID | None]
    issued_at: Mapped[datetime]


class DocumentSeries(Base):
    """The last number given of one kind in one year. Its row is locked until the paper is committed: no gaps."""

    __tablename__ = "document_series"

    kind: Mapped[Kind] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class DocumentTemplate(Base):
    """One version of the office's own Word template. Nothing is replaced: the newest row counts, and one without a
    file says that the default is used again."""

    __tablename__ = "document_template"
    __table_args__ = (
        sa.UniqueConstraint("kind", "language", "version"),
        sa.CheckConstraint("version >= 1", name="version"),
        sa.CheckConstraint("language in ('zh', 'en')", name="language"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[TemplateKind]
    language: Mapped[str]
    version: Mapped[int]
    sha256: Mapped[str | None]
    size: Mapped[int] = mapped_column(default=0)
    changed_by: Mapped[uuid.UUID | None]
    changed_at: Mapped[datetime]
