"""Draws the sites of the sample, one after the other, from one stream of random numbers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from server.kit.geo import Point
from server.programme.rules import Stage
from server.programme.sample.city import MODEL, PLANS, STREET_OF, Plan, area_names
from server.programme.sample.money import STEP_FEN, fit_total, funds, whole
from server.programme.sample.shapes import SampleSite
from server.programme.sample.works import Size, work_items

SEED = 20220914
AS_OF = date(2022, 8, 31)
TOTAL_SITES = 3_259
CARRIED_OUT = 922
HOUSEHOLDS_BENEFITING = 179_000
INVESTED_FEN = 316_500_000_000

_LEAST_FEN, _MOST_FEN = 600_000_00, 10_000_000_00  # planned investment of a site
_LEAST_DONE_FEN, _MOST_DONE_FEN = 150_000_00, 9_000_000_00  # spent on a site that has money
_SPENT_PART = {
    Stage.NOT_STARTED: (0.0, 0.0),
    Stage.IN_PROGRESS: (0.35, 0.9),
    Stage.SUSPENDED: (0.25, 0.6),
    Stage.COMPLETED: (0.96, 1.0),
    Stage.ACCEPTED: (1.0, 1.0),
}
_KINDS_OF_PLACE = ("小区", "小区", "小区", "宿舍", "家属院")


class _Span(NamedTuple):
    """When a site was to be built and when it was."""

    plan_year: int
    planned_start_on: date
    planned_end_on: date
    started_on: date | None
    ended_on: date | None


@dataclass(slots=True)
class _Draft:
    """A site before the totals are settled."""

    plan: Plan
    number: int
    stage: Stage
    households: int
    spent_part: float
    wish_fen: float
    done_fen: int = 0


def sites(seed: int = SEED) -> Iterator[SampleSite]:
    """Every site of the plan, by code; the same for the same seed. Takes a good half second for all."""
    rng = Random(seed)
    drafts = [draft for plan in PLANS for draft in _drafts(rng, plan)]
    _settle([draft for draft in drafts if draft.stage is not Stage.NOT_STARTED])
    for draft in drafts:
        yield _site(rng, draft)


def _drafts(rng: Random, plan: Plan) -> Iterator[_Draft]:
    """The sites of a district; those carried out have the first numbers, the places known by name first of all."""
    stages = _stages(rng, plan)
    for number in range(1, plan.sites + 1):
        stage = stages[number - 1] if number <= plan.carried_out else Stage.NOT_STARTED
        # a usual size with a long tail upwards
        households = min(600, max(60, round(rng.lognormvariate(math.log(190), 0.5))))
        wish_fen = min(_MOST_FEN, max(_LEAST_FEN, households * rng.uniform(18_000_00, 27_000_00)))
        yield _Draft(plan, number, stage, households, rng.uniform(*_SPENT_PART[stage]), wish_fen)


def _stages(rng: Random, plan: Plan) -> list[Stage]:
    """One stage for each site carried out: visited places in progress, models accepted, the rest by fixed shares."""
    fixed = [Stage.ACCEPTED if place in MODEL else Stage.IN_PROGRESS for place in plan.places]
    rest = plan.carried_out - len(fixed)
    suspended, completed, accepted = rest * 4 // 100, rest * 22 // 100, rest * 18 // 100
    drawn = [Stage.SUSPENDED] * suspended + [Stage.COMPLETED] * completed + [Stage.ACCEPTED] * accepted
    drawn += [Stage.IN_PROGRESS] * (rest - len(drawn))
    rng.shuffle(drawn)
    return fixed + drawn


def _settle(carried: Sequence[_Draft]) -> None:
    """Make the households and the money of the sites carried out add up to the account's figures."""
    households = fit_total([draft.households for draft in carried], HOUSEHOLDS_BENEFITING, 60, 600)
    spent = fit_total(
        [round(draft.wish_fen * draft.spent_part) // STEP_FEN for draft in carried],
        INVESTED_FEN // STEP_FEN,
        _LEAST_DONE_FEN // STEP_FEN,
        _MOST_DONE_FEN // STEP_FEN,
    )
    for draft, settled, steps in zip(carried, households, spent, strict=True):
        draft.households, draft.done_fen = settled, steps * STEP_FEN
        draft.wish_fen = min(_MOST_FEN, max(_LEAST_FEN, draft.done_fen / draft.spent_part))


def _site(rng: Random, draft: _Draft) -> SampleSite:
    """The site in full."""
    plan, known = draft.plan, draft.plan.places
    names, where, span = area_names(plan), _scatter(rng, plan.middle), _span(rng, draft.stage)
    area = rng.choice(names) if rng.random() < 0.12 else None
    street = rng.choice(plan.streets) if plan.streets else None
    name = f"示例{rng.choice(_KINDS_OF_PLACE)}{plan.district.zh[:-1]}{draft.number:04d}"
    if draft.number <= len(known):
        name = known[draft.number - 1]
        area, street = name if name in names else None, STREET_OF.get(name)
    buildings = min(20, max(2, round(draft.households / rng.uniform(24, 48))))
    planned_fen = max(draft.done_fen, whole(draft.wish_fen))
    return SampleSite(
        code=f"{plan.district.code}-{draft.number:04d}",
        name=name,
        district_code=plan.district.code,
        area=area,
        street=street,
        lat=where.lat,
        lng=where.lng,
        fence_radius_m=rng.choice((150, 200, 200, 200, 300)),
        stage=draft.stage,
        carried_out=draft.stage is not Stage.NOT_STARTED,
        model=name in MODEL,
        households=draft.households,
        buildings=buildings,
        floor_area_m2=draft.households * rng.randint(62, 92),
        built_year=rng.randint(1975, 2000),
        plan_year=span.plan_year,
        planned_start_on=span.planned_start_on,
        planned_end_on=span.planned_end_on,
        started_on=span.started_on,
        ended_on=span.ended_on,
        investment_planned_fen=planned_fen,
        investment_done_fen=draft.done_fen,
        funds=funds(rng, planned_fen, draft.done_fen),
        work_items=work_items(rng, Size(draft.households, buildings, draft.stage, planned_fen, draft.done_fen)),
        contractor=plan.contractor,
        client="client",
        supervision_firm="supervision-firm",
    )


def _span(rng: Random, stage: Stage) -> _Span:
    """The days of a site: nothing actual lies after AS_OF, nothing unstarted was planned before it."""
    if stage is Stage.NOT_STARTED:
        year = rng.choices((2022, 2023, 2024, 2025), (1, 4, 4, 3))[0]
        first, days = (date(year, 10, 1), 60) if year == AS_OF.year else (date(year, 3, 1), 150)
        planned_start = first + timedelta(days=rng.randrange(days))
        return _Span(year, planned_start, planned_start + timedelta(days=rng.randint(120, 270)), None, None)
    ended = stage in (Stage.COMPLETED, Stage.ACCEPTED)
    year = 2021 if ended and rng.random() < 0.8 else 2022
    planned_start = date(year, 3, 15) + timedelta(days=rng.randrange(45))
    lasts = rng.randint(90, 110) if ended and year == AS_OF.year else rng.randint(150, 230)
    planned_end = planned_start + timedelta(days=lasts)
    started_on = planned_start + timedelta(days=rng.randint(-5, 20))
    ended_on = min(AS_OF, planned_end + timedelta(days=rng.randint(-15, 25))) if ended else None
    return _Span(year, planned_start, planned_end, started_on, ended_on)


def _scatter(rng: Random, middle: Point, reach_m: float = 3_000) -> Point:
    """A point within the reach of the middle, evenly over the disc, to six decimals."""
    distance, angle = reach_m * math.sqrt(rng.random()), rng.random() * 2 * math.pi
    lat = middle.lat + distance * math.sin(angle) / 111_000
    lng = middle.lng + distance * math.cos(angle) / (111_320 * math.cos(math.radians(middle.lat)))
    return Point(round(lat, 6), round(lng, 6))
