"""The second look over HTTP: a list for supervisors, and what each look found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.queries import names_of
from server.evidence.sampling import queries, schemas, service
from server.evidence.sampling.models import SampledWeek, SecondLook
from server.evidence.sampling.queries import find_look
from server.evidence.sampling.rules import Rule
from server.kit.actor import Actor
from server.kit.http import Call, Routes
from server.programme.models import Site
from server.reports import queries as report_queries
from server.reports.models import Report

routes = Routes("second-looks", __name__)


@routes.endpoint("GET", "/second-looks", query=schemas.LooksQuery, answer=schemas.LooksOut)
def list_looks(call: Call) -> Any:
    """The weekly samples of approved reports for a second look (抽查复核), weighted by flags; with the rule of each week."""
    found = queries.list_looks(call.db, call.actor, call.query)
    names = {call.query["week"]} if call.query["week"] else {look.week for look in found.items}
    return {
        "items": _shapes(call.db, call.actor, found.items), "next_cursor": found.next_cursor,
        "weeks": [_week(one) for one in queries.weeks(call.db, names)],
    }


@routes.endpoint("POST", "/second-looks/<uuid:look_id>", of=find_look, body=schemas.LookIn, answer=schemas.LookOut)
def look(call: Call, found: SecondLook) -> Any:
    """Say what the second look at a report found."""
    return _shapes(call.db, call.actor, [service.look(call.db, call.actor, found, call.body)])[0]


def _week(one: SampledWeek) -> dict[str, Any]:
    return {
        "week": one.week, "drawn_at": one.drawn_at, "percent": one.percent, "flag_weight": one.flag_weight,
        "reports": one.reports, "chosen": one.chosen,
        "rule": Rule(one.percent, one.flag_weight).told(one.reports, one.chosen),
    }


def _shapes(db: Session, actor: Actor, looks: Sequence[SecondLook]) -> list[dict[str, Any]]:
    query = sa.select(Report, Site.name).join(Site, Site.id == Report.site_id).where(
        Report.id.in_({one.report_id for one in looks})
    )
    reports = {report.id: (report, site) for report, site in db.execute(query)}
    people = {person for report, _ in reports.values() for person in (report.inspector_id, report.decided_by)}
    names = names_of(db, {one for one in people | {look.looked_by for look in looks} if one})
    inspected = report_queries.inspected(db, actor.id, reports)
    able = {found for found, (report, _) in reports.items() if service.hindrance(actor, report, inspected) is None}
    return [_shape(one, *reports[one.report_id], names, able=one.report_id in able) for one in looks]


def _shape(one: SecondLook, report: Report, site: str, names: dict[Any, str], *, able: bool) -> dict[str, Any]:
    return {
        "id": one.id, "week": one.week, "weight": one.weight, "flags": one.flags,
        "report": {
            "id": report.id, "number": report.number, "site": site, "district": report.district_code,
            "inspector": names[report.inspector_id], "approved_by": names.get(report.decided_by),
            "approved_at": report.decided_at,
        },
        "may_look": one.verdict is None and able,
        "verdict": one.verdict, "comment": one.comment, "looked_by": names.get(one.looked_by), "looked_at": one.looked_at,
    }
