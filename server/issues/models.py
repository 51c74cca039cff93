"""Tables of issues: what failed, the reports that found it, its photos, its history."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.issues.rules import EntryKind, EntryState, Extended, IssueState, Objected, Result, Source
from server.kit.db import Base
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.reports.rules import PhotoState

_OPEN = "state not in ('closed', 'void')"
_COUNTS = "state = 'complete' and kind <> 'follow_up'"


class Issue(Base):
    """A failed item at a site that must be rectified. One open issue per site and item, held by the database."""

    __tablename__ = "issue"
    __table_args__ = (
        sa.Index("uq_issue_open", "site_id", "item", unique=True,
                 sqlite_where=sa.text(_OPEN), postgresql_where=sa.text(_OPEN)),
        sa.Index("ix_issue_district_code_created_at_id", "district_code", "created_at", "id"),
        sa.Index("ix_issue_created_at_id", "created_at", "id"),
        sa.Index("ix_issue_state_created_at_id", "state", "created_at", "id"),  # nearly all are closed
        sa.Index("ix_issue_contractor_id_created_at_id", "contractor_id", "created_at", "id"),
        sa.Index("ix_issue_due_on_state", "due_on", "state"),  # what is due, for reminders
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name="closed"),
        # Closing needs a reply and a person other than the one who gave it.
        sa.CheckConstraint(
            "state <> 'closed' or (closed_by is not null and replied_by is not null and closed_by <> replied_by)",
            name="second_person",
        ),
        sa.CheckConstraint("state not in ('issued', 'rectifying', 'rejected') or issued_at is not null", name="issued"),
        sa.CheckConstraint("round >= 1", name="round"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)  # district-date-serial
    state: Mapped[IssueState] = mapped_column(default=IssueState.PENDING_ISSUE)
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"), index=True)
    district_code: Mapped[str]
    source: Mapped[Source] = mapped_column(default=Source.INSPECTION)
    # None where it was entered by hand
    report_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("report.id"), index=True)
    item: Mapped[str | None]
    checklist_code: Mapped[str | None]
    checklist_version: Mapped[int | None]
    severity: Mapped[Severity]
    description: Mapped[str]
    due_on: Mapped[date]
    first_due_on: Mapped[date]
    contractor_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    recurrence_of: Mapped[uuid.UUID | None]  # the same failure at the same place, closed not long before
    recurrence_count: Mapped[int] = mapped_column(default=0)  # how many such ones, one after another, came before
    opened_by: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]  # of the newest notice; without one, of the failed verification
    closed_at: Mapped[datetime | None]
    round: Mapped[int] = mapped_column(default=1)  # grows with each failed verification and each reopening
    fixed_on_spot: Mapped[bool] = mapped_column(default=False)
    stop_work: Mapped[bool] = mapped_column(default=False)
    false_closures: Mapped[int] = mapped_column(default=0)
    replied_by: Mapped[uuid.UUID | None]  # of the newest reply that counts
    closed_by: Mapped[uuid.UUID | None]
    changed_by: Mapped[uuid.UUID | None]  # the last change of state, for stale screens
    changed_at: Mapped[datetime]


class IssueFinding(Base):
    """A report that found the failure: the one that opened the issue and those that met it again."""

    __tablename__ = "issue_finding"

    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), primary_key=True)
    revision: Mapped[int]
    found_at: Mapped[datetime]


class IssuePhoto(Base):
    __tablename__ = "issue_photo"

    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), primary_key=True)
    photo_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # before | after
    position: Mapped[int]
    captured_at: Mapped[datetime | None]  # as the phone said
    caption: Mapped[str | None]
    marks: Mapped[list[Any] | None]  # strokes drawn on it


class IssueEvent(Base):
    """One step of an issue's history."""

    __tablename__ = "issue_event"
    __table_args__ = (sa.Index("ix_issue_event_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    round: Mapped[int] = mapped_column(default=1)
    verb: Mapped[str]  # opened | found_again | a Move
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    facts: Mapped[dict[str, Any]]


class Serial(Base):
    """The last number given in one series, such as one district's issues of one day."""

    __tablename__ = "serial"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class IssueEntry(Base):
    """A reply, a verification or a follow-up as a phone sent it; it takes effect once its photos are here. Also an issue
    that was entered by hand, under the issue's own id: it is there at once, and shows each photo as it comes."""

    __tablename__ = "issue_entry"
    __table_args__ = (
        # of two replies to one round one counts, of two verdicts on one round too
        sa.Index("uq_issue_entry_counts", "issue_id", "kind", "round", unique=True,
                 sqlite_where=sa.text(_COUNTS), postgresql_where=sa.text(_COUNTS)),
        sa.Index("ix_issue_entry_issue_id_received_at", "issue_id", "received_at"),
        sa.CheckConstraint(
            "case kind when 'reply' then measure is not null and done_at is not null and result is null "
            "when 'opening' then id = issue_id and result is null else result is not null end", name="kind",
        ),
        sa.CheckConstraint('replied_by is null or "by" <> replied_by', name="second_person"),
        sa.CheckConstraint("(state = 'incomplete') = (receipt_at is null)", name="receipt"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # made on the phone
    kind: Mapped[EntryKind]
    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"))
    round: Mapped[int]
    state: Mapped[EntryState]
    by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    content: Mapped[str]  # canonical JSON, whose SHA-256 is `digest`
    digest: Mapped[str]
    received_at: Mapped[datetime]
    receipt_at: Mapped[datetime | None]
    result: Mapped[Result | None]
    replied_by: Mapped[uuid.UUID | None]  # who gave the reply that this judges
    comment: Mapped[str | None]
    reason: Mapped[str | None]  # why it was closed although a photo was in doubt
    doubts: Mapped[list[Any]]  # [{"code", "photo", "numbers"}]
    due_on: Mapped[date | None]  # the new date that a failed verification sets
    cause: Mapped[str | None]
    measure: Mapped[str | None]
    prevention: Mapped[str | None]
    responsible_person: Mapped[str | None]
    done_at: Mapped[datetime | None]


class EntryPhoto(Base):
    """A photo that an entry names, and whether it is here."""

    __tablename__ = "issue_entry_photo"
    __table_args__ = (sa.Index("ix_issue_entry_photo_photo_id", "photo_id"),)

    entry_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue_entry.id"), primary_key=True)
    photo_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    position: Mapped[int]
    sha256: Mapped[str]
    size: Mapped[int]
    state: Mapped[PhotoState]
    refusal: Mapped[str | None]
    pair_of: Mapped[uuid.UUID | None]  # the before-photo of the same spot


class IssuePair(Base):
    """A before-photo and the after-photo of the same spot, kept as a pair; one reply may leave a before-photo out."""

    __tablename__ = "issue_pair"
    __table_args__ = (sa.Index("ix_issue_pair_after_photo_id", "after_photo_id"),)

    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    before_photo_id: Mapped[uuid.UUID | None]
    after_photo_id: Mapped[uuid.UUID]


class IssueDocument(Base):
    """A numbered paper that holds an issue; whoever sees the issue sees the paper."""

    __tablename__ = "issue_document"
    __table_args__ = (sa.Index("ix_issue_document_document_id", "document_id"),)

    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), primary_key=True)
    document_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("document.id"), primary_key=True)
    round: Mapped[int]


class Objection(Base):
    """A firm's one objection (异议) to an issue; another firm that becomes responsible has one of its own."""

    __tablename__ = "issue_objection"

    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), primary_key=True)
    contractor_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    reason: Mapped[str]
    by: Mapped[uuid.UUID]
    at: Mapped[datetime]
    result: Mapped[Objected | None]
    comment: Mapped[str | None]
    settled_by: Mapped[uuid.UUID | None]
    settled_at: Mapped[datetime | None]


class Extension(Base):
    """A request for more time (延期申请); one at a time. The issue keeps its first due date."""

    __tablename__ = "issue_extension"
    __table_args__ = (
        sa.Index("uq_issue_extension_open", "issue_id", unique=True,
                 sqlite_where=sa.text("result is null"), postgresql_where=sa.text("result is null")),
        sa.Index("ix_issue_extension_issue_id", "issue_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"))
    round: Mapped[int]
    reason: Mapped[str]
    due_on: Mapped[date]  # as asked for
    by: Mapped[uuid.UUID]
    at: Mapped[datetime]
    result: Mapped[Extended | None]
    granted_due_on: Mapped[date | None]
    comment: Mapped[str | None]
    settled_by: Mapped[uuid.UUID | None]
    settled_at: Mapped[datetime | None]


class FollowUp(Base):
    """A closed issue drawn for a later look (回头看) in one week's sample."""

    __tablename__ = "issue_follow_up"
    __table_args__ = (sa.UniqueConstraint("issue_id", "week"), sa.Index("ix_issue_follow_up_week", "week"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"))
    week: Mapped[str]  # 2026-W47, the week whose closed issues were sampled
    drawn_at: Mapped[datetime]
    due_on: Mapped[date]
    entry_id: Mapped[uuid.UUID | None]
    result: Mapped[Result | None]


class Reminded(Base):
    """A reminder or step of escalation that went out for one due date: each once."""

    __tablename__ = "issue_reminded"

    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)  # days late; -1: due tomorrow
    at: Mapped[datetime]
