"""Tables of issues: what failed, the reports that found it, its photos, its history."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.issues.rules import IssueState
from server.kit.db import Base
from server.kit.ids import new_id
from server.kit.severity import Severity

_OPEN = "state not in ('closed', 'void')"


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
        sa.CheckConstraint("(state = 'closed') = (closed_at is not null)", name="closed"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(unique=True)  # district-date-serial
    state: Mapped[IssueState] = mapped_column(default=IssueState.PENDING_ISSUE)
    site_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("site.id"), index=True)
    district_code: Mapped[str]
    report_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("report.id"), index=True)
    item: Mapped[str]
    checklist_code: Mapped[str]
    checklist_version: Mapped[int]
    severity: Mapped[Severity]
    description: Mapped[str]
    due_on: Mapped[date]
    first_due_on: Mapped[date]
    contractor_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    recurrence_of: Mapped[uuid.UUID | None]
    opened_by: Mapped[uuid.UUID]
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


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


class IssueEvent(Base):
    """One step of an issue's history."""

    __tablename__ = "issue_event"
    __table_args__ = (sa.Index("ix_issue_event_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    issue_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("issue.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[uuid.UUID | None]
    verb: Mapped[str]  # opened | found_again | …
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    facts: Mapped[dict[str, Any]]


class Serial(Base):
    """The last number given in one series, such as one district's issues of one day."""

    __tablename__ = "serial"

    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
