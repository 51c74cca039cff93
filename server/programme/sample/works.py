"""The sample's work items: which kinds a site gets, how much of each, at what price, and how far they are."""

from random import Random
from typing import NamedTuple

from server.programme.rules import Stage, WorkType
from server.programme.sample.money import STEP_FEN
from server.programme.sample.shapes import SampleWorkItem


class _Habit(NamedTuple):
    """How often a kind is chosen, how heavy its price weighs, and its quantity: low…high, times what."""

    often: int
    heavy: int
    low: float
    high: float
    times: str


_HABITS = {
    WorkType.FACADE: _Habit(10, 9, 900, 2_200, "buildings"),
    WorkType.CABLE_BURIAL: _Habit(8, 4, 60, 180, "buildings"),
    WorkType.ILLEGAL_DEMOLITION: _Habit(5, 1, 8, 70, "buildings"),
    WorkType.GREENING: _Habit(7, 2, 60, 320, "buildings"),
    WorkType.ROAD: _Habit(9, 5, 180, 520, "buildings"),
    WorkType.ENERGY_RETROFIT: _Habit(6, 9, 700, 1_900, "buildings"),
    WorkType.WATER_DRAINAGE: _Habit(9, 5, 50, 190, "buildings"),
    WorkType.POWER_LOW_VOLTAGE: _Habit(7, 4, 60, 220, "buildings"),
    WorkType.LIFT: _Habit(4, 8, 0.1, 0.5, "buildings"),
    WorkType.PARKING: _Habit(6, 2, 0.08, 0.35, "households"),
    WorkType.EBIKE_SHED: _Habit(6, 1, 0.1, 0.3, "buildings"),
    WorkType.AGE_FRIENDLY: _Habit(5, 1, 0.5, 2, "buildings"),
    WorkType.SERVICE_CENTRE: _Habit(2, 3, 1, 1, "site"),
    WorkType.PUBLIC_SQUARE: _Habit(2, 2, 120, 900, "site"),
    WorkType.PARK: _Habit(2, 2, 200, 1_800, "site"),
}
_CONTRACT_PERCENT = 94  # of the planned investment; the rest is survey, design, supervision


class Size(NamedTuple):
    """What quantities and prices follow from."""

    households: int
    buildings: int
    stage: Stage
    planned_fen: int
    done_fen: int


def work_items(rng: Random, size: Size) -> tuple[SampleWorkItem, ...]:
    """Two to six kinds of work whose prices add up to 94 % of the planned investment."""
    wanted = rng.randint(2, 6)
    # weighted choice without repetition: the largest of u^(1/weight) win (Efraimidis and Spirakis, 2006)
    keys = {kind: rng.random() ** (1 / habit.often) for kind, habit in _HABITS.items()}
    drawn = set(sorted(keys, key=keys.__getitem__, reverse=True)[:wanted])
    chosen = [kind for kind in WorkType if kind in drawn]
    weights = [_HABITS[kind].heavy * rng.uniform(0.7, 1.3) for kind in chosen]
    contract_fen, heavy = size.planned_fen * _CONTRACT_PERCENT // 100, sum(weights)
    prices = [int(contract_fen * weight / heavy) // STEP_FEN * STEP_FEN for weight in weights]
    prices[0] += contract_fen - sum(prices)
    return tuple(_work_item(rng, size, kind, price) for kind, price in zip(chosen, prices, strict=True))


def _work_item(rng: Random, size: Size, kind: WorkType, price_fen: int) -> SampleWorkItem:
    """One kind of work; reported follows the money spent, verified stays 0 (see the package)."""
    habit = _HABITS[kind]
    base = {"buildings": size.buildings, "households": size.households, "site": 1}[habit.times]
    quantity = max(1, round(base * rng.uniform(habit.low, habit.high)))
    stage, reported = size.stage, 0
    if stage in (Stage.COMPLETED, Stage.ACCEPTED):
        reported = quantity
    elif stage is not Stage.NOT_STARTED:
        spent = size.done_fen / size.planned_fen
        reported = min(quantity, int(quantity * max(0.0, spent + rng.uniform(-0.25, 0.15))))
        if stage is Stage.IN_PROGRESS and reported in (0, quantity):
            stage = Stage.COMPLETED if reported else Stage.NOT_STARTED
    return SampleWorkItem(kind, quantity, kind.unit, price_fen, quantity, reported, 0, stage)
