"""Puts the week's figures together: counts by district become tables 1 to 3, rows become tables 4, 5, 7 and 8."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.orm import Session

from config import Config
from server.programme.policy import policy_of
from server.weekly.figures import tables
from server.weekly.figures.behind import behind_plan
from server.weekly.figures.cases import typical_cases
from server.weekly.figures.counting import Sums, plain_plans, span_of, total, weeks_before
from server.weekly.figures.definitions import LISTS, definitions
from server.weekly.figures.loop import loop_counts
from server.weekly.figures.names import Names
from server.weekly.figures.papers import notices
from server.weekly.figures.plan import planned_sites
from server.weekly.figures.register import pressing, register
from server.weekly.figures.residents import residents_word
from server.weekly.figures.series import WEEKS, money_by_week, stock_by_week
from server.weekly.figures.sites import moved_sites, site_counts
from server.weekly.figures.stock import by_checklist, issue_counts, stock_of
from server.weekly.figures.visits import corrections, inspections, sites_seen, visit_counts
from server.weekly.rules import Week, parse_weights

# in the words of the identity: open_end = open_start + new + reopened - closed - void
STOCK = ("open_start", "new", "reopened", "closed", "void", "open_end")
SHAPE = 4  # of the figures object; told apart by whoever reads old ones


def build(  # noqa: PLR0917 - what is counted, of which week, where, and as of when
    db: Session, conf: Config, week: Week, district: str | None, now: datetime,
    progress: Callable[[int], None] = lambda _per_cent: None, *, past: Callable[[Week], Week] = Week.previous,
) -> dict[str, Any]:
    """The figures of `week` for the city (`district` None) or one district, read from `db`, which must be a snapshot.

    `now` matters only for a week that still runs. `past` gives the week before a week, for an office whose weeks were
    not all cut at their own end. `progress` is told per cent of the way. Raises StockBrokenError.
    """
    plain_plans(db)
    span = span_of(week, min(week.end, now), district)
    earlier = weeks_before(week, past, max(week.iso_week, WEEKS) - 1)
    before = span_of(earlier[0], earlier[0].end, district)
    names, policy = Names(db), policy_of(db, conf)
    weights = parse_weights(conf.week_score_weights)
    start, end = site_counts(db, span)
    sites = planned_sites(db, span)
    progress(15)
    visits, visits_before = visit_counts(db, span), visit_counts(db, before)
    corrected, given = corrections(db, span), notices(db, span)
    progress(25)
    issues, loop, loop_before = issue_counts(db, span), loop_counts(db, span), loop_counts(db, before)
    kinds = by_checklist(db, span, before.week)
    progress(45)
    rows, done = register(db, span, names)
    progress(75)
    seen = inspections(db, span, names)
    progress(85)
    codes = [code for code in names.districts if district in {None, code}]
    plan, ranking = tables.plan_table(names, tables.End(start, loop_before), tables.End(end, loop), weights, codes)
    work = tables.work_table(names, codes, tables.Work(end, visits, issues, loop, given, corrected, rows))
    word = residents_word(db, span)
    done_fen = total(end.get(code, {}) for code in codes).get("done_fen", 0)
    stock = stock_of(total(issues.values()))
    return {
        "shape": SHAPE,
        "week": _week(week, span.cutoff, now),
        "scope": {"district": names.district(district) if district else None},
        "totals": {**plan["total"], **work["total"]},
        "changes": {
            **_changes(codes, (start, end), (visits_before, visits), plan["total"], kinds),
            **_loop_changes(codes, loop_before, loop),
        },
        "stock": {name: getattr(stock, name) for name in STOCK},
        "tables": {
            "T1": plan, "T2": work, "T3": tables.kinds_table(names, kinds),
            "T4": {"rows": behind_plan(db, span, names, sites)},
            "T5": {"rows": pressing(db, span, rows, policy.escalation_days)}, "T7": {"rows": rows}, "T8": {"rows": seen},
        },
        "cases": typical_cases(db, span, rows, done),
        "series": {
            "F2": money_by_week(db, span, earlier, sites, done_fen), "F5": stock_by_week(db, span, earlier, stock),
        },
        "ranking": ranking,
        "residents": {name: len(found) for name, found in word.items()},
        "sites_seen": sites_seen(db, span, names),
        "lists": {
            **LISTS, **{name: {"sites": found} for name, found in moved_sites(db, span).items()},
            **{f"residents.{name}": {"issues": found} for name, found in word.items()},
            "corrections": {"reports": corrected}, "notices": {"documents": given},
        },
        "definitions": definitions(weights, policy.recurrence_days),
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


def _loop_changes(codes: list[str], before: dict[str, Sums], now: dict[str, Sums]) -> dict[str, Any]:
    """Of the rates of rectification, likewise."""
    then, this = (tables.loop_parts(total(sums.get(code, {}) for code in codes)) for sums in (before, now))
    return {f"{name}_change": tables.points_of(this[name], then[name]) for name in this}


def canonical(figures: dict[str, Any]) -> bytes:
    """The figures as canonical JSON (RFC 8785): keys are ASCII and integral numbers are integers, so sorted keys do."""
    return orjson.dumps(figures, option=orjson.OPT_SORT_KEYS)


def digest(data: bytes) -> str:
    """SHA-256 of the canonical JSON, lower-case hexadecimal."""
    return hashlib.sha256(data).hexdigest()
