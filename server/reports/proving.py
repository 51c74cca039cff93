"""What a report means for its site as it comes to stand: a visit while it has a receipt and is not void, evidence of
its kinds of work while it is approved."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists import queries as checklists
from server.kit import clock
from server.kit.actor import Actor
from server.programme import evidence, visits
from server.programme.evidence import Proof
from server.programme.rules import WorkType
from server.reports.models import Report
from server.reports.rules import State


def completed(db: Session, report: Report) -> None:
    """A revision got its receipt: a visit. Nobody's clock makes it later than the first receipt."""
    visits.visited(db, report.site_id, min(report.finished_at, report.first_submitted_at or clock.now()))


def approved(db: Session, actor: Actor, report: Report) -> None:
    """The approved revision proves the kinds of work that its checklist names, where it shows photos."""
    kinds = _kinds(db, report)
    if kinds and report.photos_received:
        proof = Proof(report.id, report.number, report.revision, report.decided_at or clock.now())
        evidence.give(db, actor, report.site_id, proof, kinds)


def replaced(db: Session, actor: Actor, before: Report, after: Report) -> None:
    """A newer revision: nothing is proved until it is approved, and the visit is where and when it says."""
    evidence.take_back(db, actor, after.id)
    for site_id in sorted({before.site_id, after.site_id}):
        _recount_visits(db, site_id)


def voided(db: Session, actor: Actor, report: Report) -> None:
    """Struck out: no visit and no evidence."""
    evidence.take_back(db, actor, report.id)
    _recount_visits(db, report.site_id)


def _kinds(db: Session, report: Report) -> set[WorkType]:
    checklist = checklists.get_version(db, report.checklist_code, report.checklist_version)
    named = {WorkType(kind) for kind in checklist.content["work_types"]} if checklist else set()
    # one that goes for every kind of work (safety, long-term management) looks at none in particular
    return set() if len(named) == len(WorkType) else named


def _recount_visits(db: Session, site_id: uuid.UUID) -> None:
    visits.lock(db, site_id)  # a visit that others are just writing is seen, or comes after
    visits.set_last(db, site_id, _last_visit(db, site_id))


def _last_visit(db: Session, site_id: uuid.UUID) -> datetime | None:
    earliest = sa.case(
        (Report.finished_at < Report.first_submitted_at, Report.finished_at), else_=Report.first_submitted_at
    )
    found: datetime | None = db.scalar(sa.select(sa.func.max(earliest)).where(
        Report.site_id == site_id, Report.state != State.VOID, Report.first_submitted_at.is_not(None)
    ))
    return found
