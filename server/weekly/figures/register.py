"""Tables 5 and 7: the register of issues (销号台账) of the week, and of those the critical and the overdue.

The register holds every issue that one of the week's figures counts: open at either end, found, moved, or due in the
week. Each row carries the marks under which the figures count it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.issues.models import Issue, IssuePhoto
from server.issues.rules import IssueState
from server.kit import clock
from server.kit.severity import Severity
from server.programme.models import Site
from server.reports.models import Report
from server.weekly.figures.counting import Span
from server.weekly.figures.names import NO_CHECKLIST, Names
from server.weekly.figures.stock import conditions, moves, positions

MARKS = ("new", "open_start", "open_end", "due", "overdue", "recurring")
WANTED = ("new", "open_start", "open_end", "due")  # or moved in the week
MOVES = ("closed", "reopened", "void")


def _photos(kind: str) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count()).where(IssuePhoto.issue_id == Issue.id, IssuePhoto.kind == kind)
        .correlate(Issue).scalar_subquery()
    )


def register(db: Session, span: Span, names: Names) -> list[dict[str, Any]]:
    """Table 7, by number."""
    found, moved = positions(span, cumulative=False), moves(span)
    marks = conditions(span, found)
    query = (
        sa.select(
            Issue.id, Issue.number, Issue.district_code, Issue.site_id, Site.code, Site.name, Issue.checklist_code,
            Issue.item, Issue.description, Issue.severity, Report.visit, Report.finished_at, Issue.report_id,
            Issue.source, Issue.created_at, Organisation.name.label("contractor"), Issue.due_on,
            Issue.first_due_on, Issue.issued_at, Issue.closed_at,
            found.c.state_1, _photos("before").label("before"), _photos("after").label("after"),
            *(marks[name].label(f"is_{name}") for name in MARKS),
            *(sa.func.coalesce(moved.c[name], 0).label(f"times_{name}") for name in MOVES),
        )
        .join(found, found.c.id == Issue.id).join(Site, Site.id == Issue.site_id)
        .outerjoin(Report, Report.id == Issue.report_id)
        .outerjoin(Organisation, Organisation.id == Issue.contractor_id)
        .outerjoin(moved, moved.c.issue_id == Issue.id)
        .where(sa.or_(*(marks[name] for name in WANTED), moved.c.issue_id.is_not(None)))
        .order_by(Issue.number)
    )
    return [_row(number, row, span, names) for number, row in enumerate(db.execute(query), 1)]


def _row(number: int, row: Any, span: Span, names: Names) -> dict[str, Any]:
    held = None
    if row.closed_at and row.issued_at and span.week.start <= row.closed_at < span.week.end:
        held = (row.closed_at - row.issued_at) // timedelta(seconds=1)
    return {
        "no": number, "number": row.number, "district": names.district(row.district_code),
        "site": {"id": str(row.site_id), "code": row.code, "name": row.name},
        "category": names.checklist(row.checklist_code or NO_CHECKLIST), "item": row.item, "part": None,
        "description": row.description, "severity": row.severity.value,
        "source": _source(row), "found_on": _day(clock.day_of(row.finished_at or row.created_at)),
        "issued_on": _day(clock.day_of(row.issued_at)) if row.issued_at else None, "contractor": row.contractor,
        "measure": None, "due_on": _day(row.due_on), "first_due_on": _day(row.first_due_on),
        "overdue_days": (span.today - row.due_on).days if row.is_overdue else None,
        "photos_before": row.before, "photos_after": row.after, "done_on": None, "verifier": None, "verdict": None,
        "closed": row.state_1 == IssueState.CLOSED.value, "state": row.state_1,
        "escalation": None, "seconds_to_close": held,
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


def pressing(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Table 5: open at the week's end and critical or overdue; the longest overdue first."""
    found = [
        row for row in rows
        if row["is_open_end"] and (row["is_overdue"] or row["severity"] == Severity.CRITICAL.value)
    ]
    found.sort(key=lambda row: (-(row["overdue_days"] or 0), row["due_on"], row["number"]))
    kept = ("number", "district", "site", "description", "severity", "issued_on", "due_on", "overdue_days",
            "contractor", "state", "escalation", "is_overdue", "issue_id")
    return [{"no": number, **{name: row[name] for name in kept}} for number, row in enumerate(found, 1)]
