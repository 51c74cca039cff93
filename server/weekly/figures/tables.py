"""Tables 1 to 3 from counts by district. Every rate is worked out from whole numbers, in the total too."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from server.weekly.figures.counting import Sums, total
from server.weekly.figures.names import Names
from server.weekly.rules import PARTS, capped_rate, growth, half_up, points, ranks, rate, ratio, score

number = Names.number
Part = tuple[int, int]
_WAN_FEN, _YUAN_FEN, _DAY_S = 1_000_000, 100, 86_400


def points_of(now: Part, before: Part) -> int | float | None:
    """The change in percentage points as JSON has it."""
    return number(points(now, before))


def _plan_parts(sums: Sums) -> dict[str, Part]:
    """What the rates of table 1 are made of: (counted, of)."""
    return {
        "start_rate": (sums.get("started", 0), sums.get("plan_count", 0)),
        "completion_rate": (sums.get("completed", 0), sums.get("plan_count", 0)),
        "invest_rate": (sums.get("done_fen", 0), sums.get("plan_fen", 0)),
    }


def _score(sums: Sums, weights: Mapping[str, int]) -> Decimal | None:
    # Replies and verifications are not kept yet: their weights are shared out, for this week and the one before.
    parts: dict[str, Part | None] = dict.fromkeys(PARTS)
    parts.update(_plan_parts(sums))
    return score(parts, weights)


def plan_table(
    names: Names, start: dict[str, Sums], end: dict[str, Sums], weights: Mapping[str, int], codes: list[str]
) -> dict[str, Any]:
    """Table 1: `codes` by rank, their places being among all districts of the city."""
    everybody = list(names.districts)
    scores = [_score(end.get(code, {}), weights) for code in everybody]
    places = dict(zip(everybody, ranks(scores), strict=True))
    before = dict(zip(everybody, ranks([_score(start.get(code, {}), weights) for code in everybody]), strict=True))
    rows = []
    for code, points_got in zip(everybody, scores, strict=True):
        place, was = places[code], before[code]
        rows.append({
            "rank": place, "district": names.district(code), **_plan_row(start.get(code, {}), end.get(code, {})),
            "score": number(points_got), "rank_change": None if place is None or was is None else was - place,
        })
    rows = [row for row in rows if row["district"]["code"] in codes]
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0))
    return {"rows": rows, "total": _plan_row(*(total(sums.get(code, {}) for code in codes) for sums in (start, end)))}


_COUNTS = ("plan_count", "started", "completed", "accepted", "carried_out", "households", "households_started",
           "households_benefiting", "suspended", "wk_started", "wk_completed")


def _plan_row(start: Sums, end: Sums) -> dict[str, Any]:
    parts, were = _plan_parts(end), _plan_parts(start)
    return {
        **{name: end.get(name, 0) for name in _COUNTS},
        "start_rate": number(rate(*parts["start_rate"])),
        "start_rate_households": number(rate(end.get("households_started", 0), end.get("households", 0))),
        "completion_rate": number(capped_rate(*parts["completion_rate"])),
        "invest_rate": number(capped_rate(*parts["invest_rate"])),
        "invest_plan": _money(end.get("plan_fen", 0), _WAN_FEN),
        "invest_done": _money(end.get("done_fen", 0), _WAN_FEN),
        "invest_plan_yuan": _money(end.get("plan_fen", 0), _YUAN_FEN),
        "invest_done_yuan": _money(end.get("done_fen", 0), _YUAN_FEN),
        **{f"{name}_change": points_of(parts[name], were[name]) for name in parts},
    }


def _money(fen: int, unit: int) -> int | float | None:
    """In 万元 or yuan, two decimals."""
    return number(half_up(Fraction(fen, unit), 2))


def visit_parts(codes: list[str], sites: dict[str, Sums], visits: dict[str, Sums]) -> dict[str, Part]:
    """What the rates of the visits are made of: (counted, of)."""
    seen = total(visits.get(code, {}) for code in codes)
    return _visit_parts(total(sites.get(code, {}) for code in codes), seen)


def _visit_parts(sites: Sums, seen: Sums) -> dict[str, Part]:
    judged = seen.get("passed", 0) + seen.get("failed", 0)
    return {
        "coverage": (seen.get("inspected_projects", 0), sites.get("in_progress", 0)),
        "pass_rate": (seen.get("passed", 0), judged),
        "visits": (seen.get("visits", 0), 1),
    }


_VISITS = ("inspected_projects", "inspected_sites", "visits", "approved", "unreviewed", "in_revision", "late")
_ISSUES = ("minor", "major", "critical", "due", "closed", "reopened", "void", "open_start", "open_end", "overdue",
           "found_cum", "closed_cum", "void_cum", "recurring")
_UNFILLED = ("notices", "on_time", "on_time_rate", "first_verifications", "first_passes", "first_pass_rate")


def work_table(  # noqa: PLR0917 - the six sources of one table
    names: Names, codes: list[str], sites: dict[str, Sums], visits: dict[str, Sums], issues: dict[str, Sums],
    corrected: list[dict[str, str]], register: list[dict[str, Any]],
) -> dict[str, Any]:
    """Table 2, in the office's order of districts."""

    def row(wanted: list[str]) -> dict[str, Any]:
        at, seen, found = (
            total(sums.get(code, {}) for code in wanted) for sums in (sites, visits, issues)
        )
        standing = found.get("found_cum", 0) - found.get("void_cum", 0)
        held = [one["seconds_to_close"] for one in register
                if one["seconds_to_close"] is not None and one["district"]["code"] in wanted]
        parts = _visit_parts(at, seen)
        return {
            "in_progress": at.get("in_progress", 0), **{name: seen.get(name, 0) for name in _VISITS},
            "coverage": number(rate(*parts["coverage"])), "pass_rate": number(rate(*parts["pass_rate"])),
            "corrections": sum(one["district"] in wanted for one in corrected),
            "new_issues": found.get("new", 0), **{name: found.get(name, 0) for name in _ISSUES},
            **dict.fromkeys(_UNFILLED),
            "closure_rate": number(rate(found.get("closed_cum", 0), standing)),
            "problem_density": number(ratio(found.get("new", 0), seen.get("visits", 0))),
            "recurrence_rate": number(rate(found.get("recurring", 0), found.get("new", 0))),
            "mean_days_to_close": number(ratio(sum(held), len(held) * _DAY_S, 1)),
        }

    return {"rows": [{"district": names.district(code), **row([code])} for code in codes], "total": row(codes)}


def kinds_table(names: Names, kinds: list[tuple[str, int, int]]) -> dict[str, Any]:
    """Table 3: the week's new issues by checklist, with their share and the change on the week before."""
    found, earlier = sum(row[1] for row in kinds), sum(row[2] for row in kinds)

    def row(now: int, before: int) -> dict[str, Any]:
        share, change = rate(now, found), growth(now, before)
        return {"count": now, "share": number(share), "before": before, "change": number(change)}

    return {
        "rows": [{"category": names.checklist(code), **row(now, before)} for code, now, before in kinds],
        "total": row(found, earlier),
    }
