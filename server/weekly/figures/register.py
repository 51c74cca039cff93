"""Tables 5 and 7: the register of issues (销号台账) of the week, and of those the critical and the overdue.

The register holds every issue that one of the week's figures counts: open at either end, found, moved, verified for the
first time, or due in the week. Each row carries the marks under which the figures count it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.accounts.models import Organisation, Person
from server.documents.rules import Kind
from server.issues.models import Issue, Reminded
from server.issues.reminders import TOMORROW
from server.issues.rules import IssueState
from server.kit import clock
from server.kit.severity import Severity
from server.programme.models import Site
from server.reports.models import Report
from server.weekly.figures.counting import Span, at_once
from server.weekly.figures.loop import first_verdicts, replied_in_time
from server.weekly.figures.names import NO_CHECKLIST, Names
from server.weekly.figures.papers import newest_numbers
from server.weekly.figures.rectified import Rectified, rectified
from server.weekly.figures.stock import MOVES, conditions, moves, positions

MARKS = ("new", "open_start", "open_end", "due", "on_time", "first_verified", "first_passed", "overdue", "recurring")
WANTED = ("new", "open_start", "open_end", "due", "first_verified")  # or moved in the week
STEPS = ("late_1", "late_3", "late_7")  # the first, second and third step, whatever the days are


def register(db: Session, span: Span, names: Names) -> tuple[list[dict[str, Any]], dict[uuid.UUID, Rectified]]:
    """Table 7, by number, and what was done about each issue of it."""
    found, moved, first = positions(span, cumulative=False), moves(span), first_verdicts(span)
    marks = conditions(span, found)
    stands = found.c.state_1 != IssueState.VOID.value
    marks |= {
        "on_time": sa.and_(marks["due"], replied_in_time(span, found.c.id, found.c.first_due_on)),
        "first_verified": sa.and_(first.c.issue_id.is_not(None), stands),
        "first_passed": sa.and_(sa.func.coalesce(first.c.passed, sa.false()), stands),
    }
    inspector, opener = aliased(Person), aliased(Person)
    query = (
        sa.select(
            Issue.id, Issue.number, Issue.district_code, Issue.site_id, Site.code, Site.name, Issue.checklist_code,
            Issue.checklist_version, Issue.item, Issue.description, Issue.severity, Report.visit, Report.finished_at,
            Issue.report_id, Issue.source, Issue.created_at, Organisation.name.label("contractor"), Issue.due_on,
            Issue.first_due_on, Issue.issued_at, Issue.closed_at, found.c.state_1,
            sa.func.coalesce(inspector.name, opener.name).label("found_by"),
            *(marks[name].label(f"is_{name}") for name in MARKS),
            *(sa.func.coalesce(moved.c[name], 0).label(f"times_{name}") for name in MOVES),
        )
        .join(found, found.c.id == Issue.id).join(Site, Site.id == Issue.site_id)
        .outerjoin(Report, Report.id == Issue.report_id).outerjoin(inspector, inspector.id == Report.inspector_id)
        .outerjoin(opener, opener.id == Issue.opened_by)
        .outerjoin(Organisation, Organisation.id == Issue.contractor_id)
        .outerjoin(moved, moved.c.issue_id == Issue.id).outerjoin(first, first.c.issue_id == Issue.id)
        .where(sa.or_(*(marks[name] for name in WANTED), moved.c.issue_id.is_not(None)))
        .order_by(Issue.number)
    )
    rows: Sequence[Any] = db.execute(query).all()
    done = rectified(db, span, [row.id for row in rows])
    return [_row(number, row, done[row.id], span, names) for number, row in enumerate(rows, 1)], done


def _row(number: int, row: Any, done: Rectified, span: Span, names: Names) -> dict[str, Any]:
    held = None
    if row.closed_at and row.issued_at and span.week.start <= row.closed_at < span.cutoff:
        held = (row.closed_at - row.issued_at) // timedelta(seconds=1)
    return {
        "no": number, "number": row.number, "district": names.district(row.district_code),
        "site": {"id": str(row.site_id), "code": row.code, "name": row.name},
        "category": names.checklist(row.checklist_code or NO_CHECKLIST), "item": row.item,
        **names.item(row.checklist_code, row.checklist_version, row.item),
        "description": row.description, "severity": row.severity.value,
        "source": _source(row), "found_on": _day(clock.day_of(row.finished_at or row.created_at)),
        "found_by": row.found_by,
        "issued_on": _day(clock.day_of(row.issued_at)) if row.issued_at else None, "contractor": row.contractor,
        "due_on": _day(row.due_on), "first_due_on": _day(row.first_due_on),
        "overdue_days": (span.today - row.due_on).days if row.is_overdue else None, **done.said(),
        "closed": row.state_1 == IssueState.CLOSED.value, "state": row.state_1, "seconds_to_close": held,
        **{f"is_{name}": bool(getattr(row, f"is_{name}")) for name in MARKS},
        **{f"times_{name}": int(getattr(row, f"times_{name}")) for name in MOVES},
        "issue_id": str(row.id), "report_id": str(row.report_id) if row.report_id else None,
    }


def _source(row: Any) -> str | None:
    """The kind of visit that found it, or where it was heard of."""
    if row.report_id is None:
        return str(row.source.value)
    return row.visit.value if row.visit else None


def _day(day: date) -> str:
    return day.isoformat()


_KEPT = ("number", "district", "site", "description", "severity", "issued_on", "due_on", "overdue_days", "contractor",
         "state", "is_overdue", "issue_id")


def pressing(
    db: Session, span: Span, rows: list[dict[str, Any]], escalation_days: Sequence[int]
) -> list[dict[str, Any]]:
    """Table 5: open at the week's end and critical or overdue; the longest overdue first."""
    found = [
        row for row in rows
        if row["is_open_end"] and (row["is_overdue"] or row["severity"] == Severity.CRITICAL.value)
    ]
    found.sort(key=lambda row: (-(row["overdue_days"] or 0), row["due_on"], row["number"]))
    ids = [uuid.UUID(row["issue_id"]) for row in found]
    reached, letters = _reached(db, span, ids), newest_numbers(db, span, Kind.ESCALATION_LETTER, ids)
    return [
        {
            "no": number, **{name: row[name] for name in _KEPT},
            "escalation": _escalation(reached.get((row["issue_id"], row["due_on"])), escalation_days),
            "letter": letters.get(row["issue_id"]),
        }
        for number, row in enumerate(found, 1)
    ]


def _reached(db: Session, span: Span, issue_ids: Sequence[uuid.UUID]) -> dict[tuple[str, str], int]:
    """{(issue, due date): the last step that somebody was told of by the cut-off}."""
    found: dict[tuple[str, str], int] = {}
    for ids in at_once(issue_ids):
        query = (
            sa.select(Reminded.issue_id, Reminded.due_on, sa.func.max(Reminded.step))
            .where(Reminded.issue_id.in_(ids), Reminded.at < span.cutoff).group_by(Reminded.issue_id, Reminded.due_on)
        )
        found.update(((str(issue_id), _day(due_on)), step) for issue_id, due_on, step in db.execute(query))
    return found


def _escalation(step: int | None, days: Sequence[int]) -> str:
    """The desk that a step brought the issue to. The days of the steps are the office's and may have changed since."""
    if step is None:
        return "none"
    if step == TOMORROW:
        return "due_tomorrow"
    rank = sum(day <= step for day in days) - 1
    return STEPS[min(max(rank, 0), len(STEPS) - 1)]
