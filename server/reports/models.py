"""Tables of reports: the newest state of each, every revision to the letter, awaited photos, bodies kept aside."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.kit.ids import new_id
from server.reports.rules import PhotoState, State, Visit

_CORRECTION = "correction_reason is not null"


class Report(Base):
    """The newest revision of an inspection, as lists and figures read it."""

    __tablename__ = "report"
    __table_args__ = (
        sa.CheckConstraint("(state = 'incomplete') = (submitted_at is null) or state = 'void'", name="receipt"),
        sa.CheckConstraint("revision >= 1", name="revision"),
        # the queue of one state, of one district, of one inspector, newest receipt last
        sa.Index("ix_report_state_received_at_id", "state", "received_at", "id"),
        sa.Index("ix_report_district_code_state_received_at_id", "district_code", "state", "received_at", "id"),
        sa.Index("ix_report_district_code_received_at_id", "district_code", "received_at", "id"),
        sa.Index("ix_report_inspector_id_received_at_id", "inspector_id", "received_at", "id"),
        sa.Index("ix_report_site_id_received_at_id", "site_id", "received_at", "id"),
        sa.Index("ix_report_received_at_id", "received_at", "id"),
        sa.Index("ix_report_first_submitted_at", "first_submitted_at"),  # the week
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # made on the phone
    # searched by its start, which PostgreSQL does in the order of bytes only
    number: Mapped[str] = mapped_column(sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), unique=True)
    inspector_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"))
    district_code: Mapped[str]
    checklist_code: Mapped[str]
    checklist_version: Mapped[int]
    revision: Mapped[int]
    state: Mapped[State]
    visit: Mapped[Visit | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    received_at: Mapped[datetime]  # first byte-complete PUT of the first revision
    submitted_at: Mapped[datetime | None]  # receipt of the newest revision
    first_submitted_at: Mapped[datetime | None]  # receipt of the first one: the week it belongs to
    passed: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    not_applicable: Mapped[int] = mapped_column(default=0)
    unanswered: Mapped[int] = mapped_column(default=0)
    has_critical: Mapped[bool] = mapped_column(default=False)
    photos_expected: Mapped[int] = mapped_column(default=0)
    photos_received: Mapped[int] = mapped_column(default=0)
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]


class Revision(Base):
    """One revision to the letter: `content` is the canonical JSON whose SHA-256 is `digest`."""

    __tablename__ = "report_revision"
    __table_args__ = (
        sa.Index("ix_report_revision_correction", "receipt_at",
                 sqlite_where=sa.text(_CORRECTION), postgresql_where=sa.text(_CORRECTION)),
    )

    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[str]
    digest: Mapped[str]
    sent_at: Mapped[datetime | None]  # by the device's clock
    received_at: Mapped[datetime]
    receipt_number: Mapped[str | None]
    receipt_at: Mapped[datetime | None]
    verdicts: Mapped[dict[str, Any]]  # item → pass | fail | na | recorded, as judged at receipt
    correction_reason: Mapped[str | None]


class ReportPhoto(Base):
    """A photo that one revision names, and whether it is here."""

    __tablename__ = "report_photo"
    __table_args__ = (sa.Index("ix_report_photo_photo_id", "photo_id"),)

    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    sha256: Mapped[str]
    size: Mapped[int]
    state: Mapped[PhotoState]
    refusal: Mapped[str | None]


class ReportPaper(Base):
    """A drawn document of a report in the store, so that old ones are found and go."""

    __tablename__ = "report_paper"

    key: Mapped[str] = mapped_column(primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"))
    used_at: Mapped[datetime] = mapped_column(index=True)


class ReportConflict(Base):
    """Other content that came under an id and revision already taken: kept for the supervisor, not thrown away."""

    __tablename__ = "report_conflict"
    __table_args__ = (sa.UniqueConstraint("report_id", "revision", "digest"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"))
    revision: Mapped[int]
    content: Mapped[str]
    digest: Mapped[str]
    received_at: Mapped[datetime]
