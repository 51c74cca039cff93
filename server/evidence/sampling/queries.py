"""Selects of the second look: what a week's sample is drawn from, and the list for supervisors."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import not_found
from server.evidence.sampling.models import SampledWeek, SecondLook
from server.issues.follow_ups import days_of
from server.kit import clock
from server.kit.actor import Actor
from server.kit.paging import Page, page
from server.photos.models import Flag
from server.reports.models import Report
from server.reports.queries import visible_ids
from server.reports.rules import State


def approved_in(week: str) -> sa.Select[uuid.UUID]:
    """The reports whose newest decision is an approval of that week."""
    monday, sunday = days_of(week)
    return sa.select(Report.id).where(
        Report.state == State.APPROVED, Report.decided_at >= clock.start_of(monday),
        Report.decided_at < clock.start_of(sunday + timedelta(days=1)),
    )


def flags_by_report(db: Session, reports: sa.Select[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """{report: the kinds of flags on it and its photos}, settled or not: a reviewer's reason is what a second look is for.
    One that was withdrawn says nothing any more."""
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    standing = sa.select(Flag.report_id, Flag.code).where(Flag.report_id.in_(reports), Flag.withdrawn_at.is_(None))
    rows = db.execute(standing.distinct())
    for report_id, code in rows:
        if report_id is not None:
            found[report_id].add(code)
    return found


def is_drawn(db: Session, week: str) -> bool:
    return db.get(SampledWeek, week) is not None


def list_looks(db: Session, actor: Actor, query: dict[str, Any]) -> Page[SecondLook]:
    """Those of reports that one may see, the newest week first; with `open` only those that wait for a look."""
    select = sa.select(SecondLook).where(SecondLook.report_id.in_(visible_ids(actor)))
    if query["week"]:
        days_of(query["week"])
        select = select.where(SecondLook.week == query["week"])
    if query["open"] is not None:
        select = select.where(SecondLook.verdict.is_(None) if query["open"] else SecondLook.verdict.is_not(None))
    return page(
        db, select, [(SecondLook.week, str, True), (SecondLook.id, uuid.UUID, False)], cursor=query["cursor"],
        limit=query["limit"],
    )


def find_look(db: Session, actor: Actor, look_id: uuid.UUID) -> SecondLook:
    """404 where its report is not visible."""
    found = db.scalar(
        sa.select(SecondLook).where(SecondLook.id == look_id, SecondLook.report_id.in_(visible_ids(actor)))
    )
    if found is None:
        raise not_found()
    return found


def weeks(db: Session, names: set[str]) -> list[SampledWeek]:
    """Those weeks, the newest first."""
    return list(db.scalars(sa.select(SampledWeek).where(SampledWeek.week.in_(names)).order_by(SampledWeek.week.desc())))
