"""Table 4: the sites whose work is ten points or more behind their plan; what is not kept of them is null."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from server.programme import lateness
from server.programme.rules import FINISHED
from server.weekly.figures.counting import Span
from server.weekly.figures.names import Names
from server.weekly.figures.plan import Planned, physical
from server.weekly.rules import half_up

BEHIND = Fraction(-10)  # percentage points: 滞后 from here down
NOT_KEPT = ("reason", "measure", "expected_on")


def behind_plan(db: Session, span: Span, names: Names, sites: list[Planned]) -> list[dict[str, Any]]:
    """The furthest behind first. A finished site is behind no more, whatever was entered of its work."""
    due: dict[Any, tuple[Planned, Fraction]] = {}
    for site in sites:
        planned = site.scheduled(span.today)
        if planned is not None and 100 * planned >= -BEHIND and site.stage not in FINISHED:
            due[site.id] = (site, 100 * planned)
    found = []
    for site_id, (done, verified) in physical(db, span, due.keys()).items():
        site, planned = due[site_id]
        if done is not None and 100 * done - planned <= BEHIND:
            found.append((100 * done - planned, site, planned, done, verified))
    found.sort(key=lambda one: (one[0], one[1].code))
    return [
        {
            "district": names.district(site.district),
            "site": {"id": str(site.id), "code": site.code, "name": site.name},
            "planned": names.number(half_up(planned)), "physical": names.number(half_up(100 * done)),
            "physical_verified": None if verified is None else names.number(half_up(100 * verified)),
            "deviation": names.number(half_up(deviation)), "days_late": _days_late(site, span),
            "contractor": site.contractor, **dict.fromkeys(NOT_KEPT),
        }
        for deviation, site, planned, done, verified in found
    ]


def _days_late(site: Planned, span: Span) -> int:
    days = lateness.Span(site.planned_start_on, site.planned_end_on, site.started_on, site.ended_on, site.stage)
    return lateness.lateness(days, span.today).days_late
