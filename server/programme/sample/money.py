"""The sample's money: exact totals from random wishes, and the sources that pay for a site."""

from collections.abc import Sequence
from random import Random

from server.programme.rules import FundSource
from server.programme.sample.shapes import SampleFund

STEP_FEN = 10_000  # investments are whole hundreds of yuan

_SHARES = ((FundSource.CENTRAL, 30), (FundSource.PROVINCIAL, 12), (FundSource.CITY, 28), (FundSource.DISTRICT, 24))


def fit_total(values: Sequence[int], total: int, low: int, high: int) -> list[int]:
    """The values scaled, then nudged within low…high, until they add up to the total exactly.

    ValueError `total-out-of-reach` when no values within the bounds could.
    """
    if not low * len(values) <= total <= high * len(values):
        raise ValueError("total-out-of-reach")
    scale = total / max(1, sum(values))
    fitted = [min(high, max(low, round(value * scale))) for value in values]
    missing = total - sum(fitted)
    while missing:
        edge = high if missing > 0 else low
        movable = [i for i, value in enumerate(fitted) if value != edge]
        share = max(1, abs(missing) // len(movable))
        for i in movable:
            step = min(share, abs(missing), abs(edge - fitted[i]))
            step = step if missing > 0 else -step
            fitted[i] += step
            missing -= step
    return fitted


def whole(fen: float) -> int:
    """Rounded to hundreds of yuan."""
    return round(fen / STEP_FEN) * STEP_FEN


def funds(rng: Random, planned_fen: int, done_fen: int) -> tuple[SampleFund, ...]:
    """Sources that add up to the plan; received is never less than spent, and nothing before the site starts."""
    received_fen = whole(done_fen + (planned_fen - done_fen) * rng.uniform(0, 0.5)) if done_fen else 0
    made, planned_left, received_left = [], planned_fen, received_fen
    for source, share in _SHARES:
        part, got = planned_fen * share // 100, received_fen * share // 100
        made.append(SampleFund(source, part, got))
        planned_left, received_left = planned_left - part, received_left - got
    made.append(SampleFund(FundSource.RESIDENTS, planned_left, received_left))
    return tuple(made)
