"""Table 4: the sites whose work is ten points or more behind their plan. Why, and what is done, are the office's words."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from server.programme import lateness
from server.programme.rules import FINISHED
from server.weekly.figures.counting import Span
from server.weekly.figures.names import Names
from server.weekly.figures.plan import Planned, physical, works_of
from server.weekly.rules import half_up

BEHIND = Fraction(-10)  # percentage points: 滞后 from here down


def behind_plan(db: Session, span: Span, names: Names, sites: list[Planned]) -> list[dict[str, Any]]:
    """The furthest behind first. A finished site is behind no more, whatever was entered of its work."""
    due: dict[str, tuple[Planned, Fraction]] = {}
    for site in sites:
        passed = site.scheduled(span.today)
        if passed is not None and 100 * passed >= -BEHIND and site.stage not in FINISHED:
            due[site.code] = (site, 100 * passed)
    works = works_of(db, span, due.keys())
    found = []
    for code, (site, planned) in due.items():
        done = physical(works.get(code, {}), "reported")
        if done is not None and 100 * done - planned <= BEHIND:
            found.append((100 * done - planned, code, site, planned, done))
    found.sort(key=lambda one: (float(one[0]), one[1]))  # comparing thousands of fractions takes longer than all else
    return [
        {
            "district": names.district(site.district), "site": {"id": str(site.id), "code": code, "name": site.name},
            "planned": _per_cent(planned), "physical": _per_cent(100 * done),
            "physical_verified": _per_cent(100 * verified) if (verified := physical(works[code], "verified")) else 0,
            "deviation": _per_cent(deviation), "days_late": _days_late(site, span),
            "contractor": site.contractor,
        }
        for deviation, code, site, planned, done in found
    ]


def _per_cent(value: Fraction) -> int | float | None:
    return Names.number(half_up(value))


def _days_late(site: Planned, span: Span) -> int:
    days = lateness.Span(site.planned_start_on, site.planned_end_on, site.started_on, site.ended_on, site.stage)
    return lateness.lateness(days, span.today).days_late
