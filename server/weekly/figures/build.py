"""Puts the week's figures together: counts by district become tables 1 to 3, rows become tables 5, 7 and 8."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from config import Config
from server.kit import clock
from server.programme.policy import policy_of
from server.weekly.figures import tables
from server.weekly.figures.counting import Span, Sums
from server.weekly.figures.definitions import LISTS, definitions
from server.weekly.figures.names import Names
from server.weekly.figures.register import pressing, register
from server.weekly.figures.sites import moved_sites, site_counts
from server.weekly.figures.stock import by_checklist, issue_counts
from server.weekly.figures.visits import corrections, inspections, visit_counts
from server.weekly.rules import Week, parse_weights

# in the words of the identity: open_end = open_start + new + reopened - closed - void
STOCK = ("open_start", "new", "reopened", "closed", "void", "open_end")
SHAPE = 2  # of the figures object; told apart by whoever reads old ones


def build(  # noqa: PLR0917 - what is counted, of which week, where, and as of when
    db: Session, conf: Config, week: Week, district: str | None, now: datetime,
    progress: Callable[[int], None] = lambda _per_cent: None,
) -> dict[str, Any]:
    """The figures of `week` for the city (`district` None) or one district, read from `db`, which must be a snapshot.

    `now` matters only for a week that still runs. `progress` is told per cent of the way. Raises StockBrokenError.
    """
    cutoff = min(week.end, now)
    span = Span(week, cutoff, clock.day_of(cutoff), district)
    before = week.previous()
    earlier = Span(before, before.end, clock.day_of(before.end), district)
    names = Names(db)
    weights = parse_weights(conf.week_score_weights)
    start, end = site_counts(db, week)
    progress(20)
    visits, visits_before = visit_counts(db, span), visit_counts(db, earlier)
    corrected = corrections(db, span)
    progress(40)
    issues = issue_counts(db, span)
    kinds = by_checklist(db, span, before)
    progress(60)
    rows = register(db, span, names)
    progress(75)
    seen = inspections(db, span, names)
    progress(90)
    codes = [code for code in names.districts if district in {None, code}]
    plan = tables.plan_table(names, start, end, weights, codes)
    work = tables.work_table(names, codes, end, visits, issues, corrected, rows)
    return {
        "shape": SHAPE,
        "week": _week(week, cutoff, now),
        "scope": {"district": names.district(district) if district else None},
        "totals": {**plan["total"], **work["total"]},
        "changes": _changes(codes, (start, end), (visits_before, visits), plan["total"], kinds),
        "stock": {name: work["total"]["new_issues" if name == "new" else name] for name in STOCK},
        "tables": {
            "T1": plan, "T2": work, "T3": tables.kinds_table(names, kinds),
            "T5": {"rows": pressing(rows)}, "T7": {"rows": rows}, "T8": {"rows": seen},
        },
        "lists": {**LISTS, **{
            name: {"sites": sites} for name, sites in moved_sites(db, span).items()
        }, "corrections": {"reports": corrected}},
        "definitions": definitions(weights, policy_of(db, conf).recurrence_days),
    }


def _week(week: Week, cutoff: datetime, now: datetime) -> dict[str, Any]:
    return {
        "iso_year": week.iso_year, "iso_week": week.iso_week, "starts_on": week.starts_on.isoformat(),
        "ends_on": week.ends_on.isoformat(), "start_at": week.start.isoformat(), "end_at": week.end.isoformat(),
        "cutoff_at": cutoff.isoformat(), "is_over": now >= week.end, "time_zone": "Asia/Shanghai",
    }


def _changes(
    codes: list[str], sites: tuple[dict[str, Sums], dict[str, Sums]], visits: tuple[dict[str, Sums], dict[str, Sums]],
    plan: dict[str, Any], kinds: list[tuple[str, int, int]],
) -> dict[str, Any]:
    """Against the week before: rates in percentage points from unrounded values, counts as differences."""
    before, now = (tables.visit_parts(codes, *ends) for ends in zip(sites, visits, strict=True))
    return {
        **{name: plan[name] for name in plan if name.endswith("_change")},
        **{f"{name}_change": tables.points_of(now[name], before[name]) for name in ("coverage", "pass_rate")},
        "visits_change": now["visits"][0] - before["visits"][0],
        "new_issues_change": sum(found - earlier for _, found, earlier in kinds),
    }


def canonical(figures: dict[str, Any]) -> bytes:
    """The figures as canonical JSON (RFC 8785): keys are ASCII and integral numbers are integers, so sorted keys do."""
    return orjson.dumps(figures, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """SHA-256 of the canonical JSON, lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
