"""Tables 1 to 3 from counts by district. Every rate is worked out from whole numbers, in the total too."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from server.weekly.figures.counting import Sums, total
from server.weekly.figures.names import Name, Names
from server.weekly.rules import capped_rate, growth, half_up, points, ranks, rate, ratio, score

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


def loop_parts(sums: Sums) -> dict[str, Part]:
    """What the rates of rectification are made of: (counted, of)."""
    return {
        "on_time_rate": (sums.get("on_time", 0), sums.get("due", 0)),
        "first_pass_rate": (sums.get("first_passes", 0), sums.get("first_verifications", 0)),
    }


class End(NamedTuple):
    """By district, what the score is made of at one end of the week: the plan there, the loop of the week before it."""

    plan: dict[str, Sums]
    loop: dict[str, Sums]

    def score(self, code: str, weights: Mapping[str, int]) -> Decimal | None:
        """综合得分 of a district."""
        return score({**_plan_parts(self.plan.get(code, {})), **loop_parts(self.loop.get(code, {}))}, weights)


def plan_table(
    names: Names, start: End, end: End, weights: Mapping[str, int], codes: list[str]
) -> tuple[dict[str, Any], dict[str, list[Name]]]:
    """Table 1: `codes` by rank, their places being among all districts of the city; and those of `codes` that are fast
    and slow (进展较快、较慢)."""
    everybody = list(names.districts)
    scores = [end.score(code, weights) for code in everybody]
    places = dict(zip(everybody, ranks(scores), strict=True))
    before = dict(zip(everybody, ranks([start.score(code, weights) for code in everybody]), strict=True))
    rows = []
    for code, points_got in zip(everybody, scores, strict=True):
        place, was = places[code], before[code]
        rows.append({
            "rank": place, "district": names.district(code), **_plan_row(start.plan.get(code, {}), end.plan.get(code, {})),
            "score": number(points_got), "rank_change": None if place is None or was is None else was - place,
        })
    rows.sort(key=lambda row: (row["rank"] is None, row["rank"] or 0))
    fast, slow = fast_and_slow([(row["district"]["code"], row["rank"]) for row in rows if row["rank"] is not None])
    whole = _plan_row(*(total(one.plan.get(code, {}) for code in codes) for one in (start, end)))
    return {"rows": [row for row in rows if row["district"]["code"] in codes], "total": whole}, {
        "fast": [names.district(code) for code in fast if code in codes],
        "slow": [names.district(code) for code in slow if code in codes],
    }


def fast_and_slow(placed: list[tuple[str, int]]) -> tuple[list[str], list[str]]:
    """The first two and the last two, the last one first; fewer where there are not four, and nobody who shares a place
    with one of the others."""
    some = min(2, len(placed) // 2)
    fast, slow = placed[:some], placed[len(placed) - some :][::-1]
    return (
        [code for code, place in fast if place not in {other for _, other in slow}],
        [code for code, place in slow if place not in {other for _, other in fast}],
    )


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
_ISSUES = ("minor", "major", "critical", "closed", "reopened", "void", "false_closures", "open_start", "open_end", "overdue",
           "found_cum", "closed_cum", "void_cum", "recurring")
_LOOP = ("due", "on_time", "first_verifications", "first_passes")


class Work(NamedTuple):
    """What table 2 is made of: counts by district, and rows each with its district."""

    sites: dict[str, Sums]
    visits: dict[str, Sums]
    issues: dict[str, Sums]
    loop: dict[str, Sums]
    notices: list[dict[str, str]]
    corrected: list[dict[str, str]]
    register: list[dict[str, Any]]


def work_table(names: Names, codes: list[str], work: Work) -> dict[str, Any]:
    """Table 2, in the office's order of districts."""

    def row(wanted: list[str]) -> dict[str, Any]:
        at, seen, found, loop = (
            total(sums.get(code, {}) for code in wanted) for sums in (work.sites, work.visits, work.issues, work.loop)
        )
        standing = found.get("found_cum", 0) - found.get("void_cum", 0)
        held = [one["seconds_to_close"] for one in work.register
                if one["seconds_to_close"] is not None and one["district"]["code"] in wanted]
        parts = _visit_parts(at, seen)
        return {
            "in_progress": at.get("in_progress", 0), **{name: seen.get(name, 0) for name in _VISITS},
            "coverage": number(rate(*parts["coverage"])), "pass_rate": number(rate(*parts["pass_rate"])),
            "corrections": sum(one["district"] in wanted for one in work.corrected),
            "new_issues": found.get("new", 0), **{name: found.get(name, 0) for name in _ISSUES},
            "notices": sum(one["district"] in wanted for one in work.notices),
            **{name: loop.get(name, 0) for name in _LOOP},
            **{name: number(rate(*part)) for name, part in loop_parts(loop).items()},
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
