"""Ways and clocks of phones: where somebody was when, kept beside what the reports themselves say to the letter."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.evidence.facts.models import DeviceClock, DeviceFix
from server.kit import clock
from server.reports.models import Report
from server.retention import queries
from server.retention.queries import DECIDED, Holds
from server.retention.rules import Due
from server.retention.sources import Page, Run, Source, Terms, record, whole

AT_ONCE = 500
_ROW = (Report.id, Report.inspector_id, Report.received_at, Report.decided_at, Report.site_id)
_BEGIN = ("report", None)


def _reports(terms: Terms) -> Any:
    """Reports that were decided long ago and have positions."""
    there = sa.exists().where(DeviceFix.report_id == Report.id).correlate(Report)
    return sa.select(*_ROW).where(Report.state.in_(DECIDED), Report.decided_at < terms.cutoff, there)


def page(db: Session, terms: Terms, after: Any, holds: Holds) -> Page:
    """First by report, those of one person and day together; then by phone."""
    kind, last = after or _BEGIN
    if kind == "report":
        return _page_of_reports(db, terms, last, holds)
    query = sa.select(DeviceClock).where(DeviceClock.measured_at < terms.cutoff)
    if last is not None:
        query = query.where(DeviceClock.device_id > last)
    rows = db.scalars(query.order_by(DeviceClock.device_id).limit(AT_ONCE)).all()
    return _clocks(db, rows, holds), ("clock", rows[-1].device_id) if len(rows) == AT_ONCE else None


def _page_of_reports(db: Session, terms: Terms, last: Any, holds: Holds) -> Page:
    query, keys = _reports(terms), (Report.inspector_id, Report.received_at, Report.id)
    if last is not None:
        person_id, received_at, report_id = last
        later = sa.or_(Report.received_at > received_at, sa.and_(Report.received_at == received_at, Report.id > report_id))
        query = query.where(
            Report.inspector_id >= person_id, sa.or_(Report.inspector_id > person_id, later)
        )
    rows = db.execute(query.order_by(*keys).limit(AT_ONCE)).all()
    kept = whole(rows, AT_ONCE, lambda row: (row.inspector_id, clock.day_of(row.received_at)))
    end: Any = ("clock", None)
    if len(rows) == AT_ONCE:
        end = ("report", (kept[-1].inspector_id, kept[-1].received_at, kept[-1].id))
    return _ways(db, kept, holds), end


def again(db: Session, terms: Terms, things: Sequence[tuple[str, Any]], holds: Holds) -> list[Due]:
    reports = [what for kind, what in things if kind == "report"]
    devices = [what for kind, what in things if kind == "clock"]
    found: list[Due] = []
    if reports:
        query = _reports(terms).where(Report.id.in_(reports)).order_by(Report.id)
        found += _ways(db, db.execute(query.with_for_update(read=True, of=Report)).all(), holds)
    if devices:
        clocks = sa.select(DeviceClock).where(DeviceClock.device_id.in_(devices), DeviceClock.measured_at < terms.cutoff)
        found += _clocks(db, db.scalars(clocks.order_by(DeviceClock.device_id).with_for_update()).all(), holds)
    return found


def _ways(db: Session, rows: Sequence[Any], holds: Holds) -> list[Due]:
    counted = dict(db.execute(
        sa.select(DeviceFix.report_id, sa.func.count()).where(DeviceFix.report_id.in_([row.id for row in rows]))
        .group_by(DeviceFix.report_id)
    ).all())
    return [
        Due(
            f"report:{row.id}", row.decided_at, counted[row.id], holds.keep("report", row.id, row.site_id),
            ("report", row.id), about=(row.inspector_id, clock.day_of(row.received_at)),
        )
        for row in rows if row.id in counted
    ]


def _clocks(db: Session, rows: Sequence[DeviceClock], holds: Holds) -> list[Due]:
    """A clock is under a hold with any report that it was measured by."""
    measured = {row.device_id: {uuid.UUID(reading[0]) for reading in row.readings} for row in rows}
    held = queries.held_among(db, holds, {one for ids in measured.values() for one in ids})
    return [
        Due(f"device:{row.device_id}", row.measured_at, 1, bool(measured[row.device_id] & held), ("clock", row.device_id))
        for row in rows
    ]


def remove(db: Session, run: Run, dues: Sequence[Due]) -> None:
    """One line for each person and day, one for each phone's clock."""
    days: dict[tuple[uuid.UUID, date], list[Due]] = defaultdict(list)
    clocks = [due for due in dues if due.about is None]
    for due in dues:
        if due.about is not None:
            days[due.about].append(due)
    record(db, run, [
        {"object_kind": "positions", "object_id": str(person_id), "person_id": person_id, "day": day,
         "count": sum(due.rows for due in group), "counted_from": max(due.since for due in group)}
        for (person_id, day), group in days.items()
    ])
    record(db, run, [
        {"object_kind": "clock", "object_id": due.what[1], "count": 1, "counted_from": due.since} for due in clocks
    ])
    reports = [due.what[1] for group in days.values() for due in group]
    db.execute(sa.delete(DeviceFix).where(DeviceFix.report_id.in_(reports)))
    db.execute(sa.delete(DeviceClock).where(DeviceClock.device_id.in_([due.what[1] for due in clocks])))


SOURCE = Source(page, again, remove)
