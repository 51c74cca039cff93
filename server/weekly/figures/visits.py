"""The week's inspections: a report belongs to the week in which its first receipt was given.

A later revision, a correction too, never moves a report to another week; what its newest revision says is counted.
Void reports are left out everywhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.issues.models import Issue
from server.kit import clock
from server.programme.models import Site
from server.programme.rules import Stage
from server.reports.models import Report, Revision
from server.reports.rules import State
from server.weekly.figures.counting import Span, Sums, by_district, count_if
from server.weekly.figures.names import Names
from server.weekly.figures.sites import stage_before
from server.weekly.rules import rate

_rate = lru_cache(maxsize=1024)(rate)  # a week has thousands of visits and some dozen rates

STANDING = {
    State.APPROVED: "approved", State.SUBMITTED: "unreviewed", State.RETURNED: "in_revision",
    State.INCOMPLETE: "in_revision",
}


def _in_week(span: Span) -> sa.ColumnElement[bool]:
    return sa.and_(
        span.holds(Report.first_submitted_at), Report.state != State.VOID, span.covers(Report.district_code)
    )


def visit_counts(db: Session, span: Span) -> dict[str, Sums]:
    """{district: visits, how they stand, places, answers}."""
    in_progress = stage_before(span.cutoff) == Stage.IN_PROGRESS
    standing = {
        name: count_if(Report.state.in_([state for state, given in STANDING.items() if given == name])).label(name)
        for name in ("approved", "unreviewed", "in_revision")
    }
    query = (
        sa.select(
            Report.district_code,
            sa.func.count().label("visits"), *standing.values(),
            count_if(Report.finished_at < span.week.start).label("late"),
            sa.func.count(sa.distinct(Report.site_id)).label("inspected_sites"),
            sa.func.count(sa.distinct(sa.case((in_progress, Report.site_id)))).label("inspected_projects"),
            sa.func.coalesce(sa.func.sum(Report.passed), 0).label("passed"),
            sa.func.coalesce(sa.func.sum(Report.failed), 0).label("failed"),
        )
        .join(Site, Site.id == Report.site_id).where(_in_week(span)).group_by(Report.district_code)
    )
    return by_district(db, query)


def corrections(db: Session, span: Span) -> list[dict[str, str]]:
    """更正: approved reports, of whatever week, whose correction got its receipt in this one."""
    query = (
        sa.select(Report.district_code, Report.id).distinct()
        .join(Revision, Revision.report_id == Report.id)
        .where(Revision.correction_reason.is_not(None), span.holds(Revision.receipt_at), Report.state != State.VOID,
               span.covers(Report.district_code))
        .order_by(Report.id)
    )
    return [{"district": district, "id": str(report_id)} for district, report_id in db.execute(query)]


def inspections(db: Session, span: Span, names: Names) -> list[dict[str, Any]]:
    """Table 8: every visit of the week, by day, with what the figures count it under."""
    opened = sa.select(sa.func.count()).where(
        Issue.report_id == Report.id, Issue.created_at < span.cutoff
    ).correlate(Report).scalar_subquery()
    corrected = sa.exists().where(
        Revision.report_id == Report.id, Revision.correction_reason.is_not(None)
    ).correlate(Report)
    query = (
        sa.select(
            Report.id, Report.number, Report.district_code, Report.site_id, Site.code, Site.name,
            Person.name.label("inspector"), Report.visit, Report.checklist_code, Report.state, Report.finished_at,
            Report.first_submitted_at, Report.passed, Report.failed,
            (stage_before(span.cutoff) == Stage.IN_PROGRESS).label("in_progress"),
            opened.label("issues"), corrected.label("corrected"),
        )
        .join(Site, Site.id == Report.site_id).join(Person, Person.id == Report.inspector_id)
        .where(_in_week(span)).order_by(Report.finished_at, Report.id)
    )
    return [_inspection(number, row, span, names) for number, row in enumerate(db.execute(query), 1)]


MOST_POINTS = 2000


def sites_seen(db: Session, span: Span, names: Names) -> list[dict[str, Any]]:
    """Figure 6: where the week's visits were, in WGS-84, the most visited first; no more points than a page shows."""
    visits = sa.func.count().label("visits")
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(Site.district_code, Site.lat_wgs84, Site.lng_wgs84, visits)
        .join(Report, Report.site_id == Site.id).where(_in_week(span), Site.lat_wgs84.is_not(None))
        .group_by(Site.id).order_by(visits.desc(), Site.code).limit(MOST_POINTS)
    )
    return [
        {"district": names.district(row[0]), "lat": _degrees(row[1]), "lon": _degrees(row[2]), "visits": row[3]}
        for row in db.execute(query)
    ]


def _degrees(value: float) -> int | float:
    """To a tenth of a metre."""
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def _inspection(number: int, row: Any, span: Span, names: Names) -> dict[str, Any]:
    passed = _rate(row.passed, row.passed + row.failed)
    return {
        "no": number, "date": clock.day_of(row.finished_at).isoformat(), "district": names.district(row.district_code),
        "site": {"id": str(row.site_id), "code": row.code, "name": row.name}, "inspector": row.inspector,
        "visit": row.visit.value if row.visit else None, "checklist": names.checklist(row.checklist_code),
        "passed": row.passed, "failed": row.failed, "pass_rate": names.number(passed),
        "problems": row.failed, "issues": row.issues, "standing": STANDING[row.state],
        "received_on": clock.day_of(row.first_submitted_at).isoformat(),
        "late": row.finished_at < span.week.start, "corrected": bool(row.corrected),
        "in_progress": bool(row.in_progress), "report_id": str(row.id), "number": row.number,
    }
