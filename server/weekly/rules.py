"""The week as the office counts it, and the formulas of its figures. Rates are exact until they are rounded.

All formulas are those of weekly_report.md §4: per cent with one decimal, halves up; None for a zero denominator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from server.kit import clock

DAYS, DAY_MINUTES = 7, 24 * 60
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
PARTS = ("start_rate", "completion_rate", "invest_rate", "on_time_rate", "first_pass_rate")


class WeeklyState(StrEnum):
    """How far the making of a weekly report is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


UNDER_WAY = frozenset({WeeklyState.QUEUED, WeeklyState.RUNNING})


class Week(NamedTuple):
    """Seven days of Asia/Shanghai under the number of an ISO week; moments in [start, end)."""

    iso_year: int
    iso_week: int
    starts_on: date
    start: datetime
    end: datetime

    @property
    def ends_on(self) -> date:
        """The last day."""
        return self.starts_on + timedelta(days=DAYS - 1)

    @property
    def year_starts_on(self) -> date:
        """Where cumulative counting begins: 1 January of the ISO year, or the week's first day if that is earlier."""
        return min(date(self.iso_year, 1, 1), self.starts_on)

    def previous(self) -> Week:
        """The seven days before; it ends no later than this one begins, which may be early (see `weeks.counted`)."""
        day = self.starts_on - timedelta(days=DAYS)
        before, spare = week_of(day, starts_on=day.isoweekday()), self._spare
        return before._replace(start=before.start - spare, end=min(before.end - spare, self.start))

    @property
    def _spare(self) -> timedelta:
        """What the last day has left after the cut-off."""
        return clock.start_of(self.starts_on + timedelta(days=DAYS)) - self.end


def week(iso_year: int, iso_week: int, *, starts_on: int = 1, cutoff: int = DAY_MINUTES) -> Week:
    """The week that bears this ISO number. ValueError where the year has no such week.

    An office whose week starts on another weekday (1 = Monday … 7 = Sunday) counts the seven days of which most lie
    in the ISO week: with 5, the Friday before the ISO week to its Thursday. `cutoff` is the minute of the last day at
    which the week ends; what comes after it belongs to the next one.
    """
    return _week(date.fromisocalendar(iso_year, iso_week, 1), starts_on, cutoff)


def week_of(day: date, *, starts_on: int = 1, cutoff: int = DAY_MINUTES) -> Week:
    """The week that has `day` among its seven."""
    shifted = day - timedelta(days=_shift(starts_on))
    return _week(shifted - timedelta(days=shifted.isoweekday() - 1), starts_on, cutoff)


def _shift(starts_on: int) -> int:
    """Days from the Monday of the ISO week to the first day of the office's: -3 to 3."""
    return starts_on - 1 if starts_on <= 4 else starts_on - 8


def _week(monday: date, starts_on: int, cutoff: int = DAY_MINUTES) -> Week:
    year, number, _ = monday.isocalendar()
    first = monday + timedelta(days=_shift(starts_on))
    spare = timedelta(minutes=DAY_MINUTES - cutoff)
    return Week(year, number, first, clock.start_of(first) - spare, clock.start_of(first + timedelta(days=DAYS)) - spare)


def half_up(value: Fraction, decimals: int = 1) -> Decimal:
    """The exact value at so many decimals, halves away from zero."""
    scaled = abs(value) * 10**decimals
    whole = (scaled + Fraction(1, 2)).__floor__()
    return Decimal(whole if value >= 0 else -whole).scaleb(-decimals)


def ratio(part: int, whole: int, decimals: int = 2) -> Decimal | None:
    """`part` ÷ `whole`, such as issues per visit; None where there is no whole."""
    return half_up(Fraction(part, whole), decimals) if whole else None


def rate(part: int, whole: int) -> Decimal | None:
    """`part` of `whole` in per cent with one decimal; None where there is no whole, printed as a dash and not as 0."""
    return half_up(Fraction(100 * part, whole)) if whole else None


def capped_rate(part: int, whole: int) -> Decimal | None:
    """As `rate`, but at most 100: of all rates only the start rate may exceed the plan."""
    return rate(min(part, whole), whole)


def points(now: tuple[int, int], before: tuple[int, int]) -> Decimal | None:
    """The change of a rate in percentage points, from the unrounded rates; None where one of them has no whole."""
    if not now[1] or not before[1]:
        return None
    return half_up(100 * (Fraction(*now) - Fraction(*before)))


def growth(now: int, before: int) -> Decimal | None:
    """环比: the change of a count in per cent of the week before; None where that week had none."""
    return half_up(Fraction(100 * (now - before), before)) if before else None


def parse_weights(text: str) -> dict[str, int]:
    """Five whole numbers such as `25,20,20,20,15`, in the order of PARTS. ValueError where they are not."""
    numbers = [int(part) for part in text.split(",")]
    if len(numbers) != len(PARTS) or min(numbers) < 0 or sum(numbers) == 0:
        raise ValueError("five whole numbers, not all 0")
    return dict(zip(PARTS, numbers, strict=True))


def score(parts: Mapping[str, tuple[int, int] | None], weights: Mapping[str, int]) -> Decimal | None:
    """综合得分, 0 to 100: each part (counted, of) at most 1 by its weight; a part that is missing or has no whole
    shares its weight out over the others. None where every part is missing.
    """
    there = {
        name: min(Fraction(1), Fraction(*part))
        for name, part in parts.items()
        if part is not None and part[1] and weights[name]
    }
    total = sum(weights[name] for name in there)
    if not total:
        return None
    return half_up(100 * sum((weights[name] * value for name, value in there.items()), Fraction(0)) / total)


def ranks(scores: Sequence[Decimal | None]) -> list[int | None]:
    """The place of each score, the highest first; equal ones share a place and the next is left out (1, 1, 3).

    Scores are compared as they are printed, so that two districts with the same figure never stand apart.
    """
    return [
        None if one is None else 1 + sum(other is not None and other > one for other in scores) for one in scores
    ]


@dataclass(frozen=True, slots=True)
class Stock:
    """The open issues at both ends of a week and what moved them; each is counted on its own."""

    open_start: int = 0
    new: int = 0
    reopened: int = 0
    closed: int = 0
    void: int = 0
    open_end: int = 0

    @property
    def expected(self) -> int:
        """What the week must end with."""
        return self.open_start + self.new + self.reopened - self.closed - self.void


class StockBrokenError(Exception):
    """The issues do not add up; no report may be printed from them. `where` is a district's code."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where


def check_stock(where: str, stock: Stock) -> None:
    """Raise StockBrokenError unless open_end = open_start + new + reopened - closed - void."""
    if stock.open_end != stock.expected:
        raise StockBrokenError(
            where,
            f"{stock.open_start} + {stock.new} + {stock.reopened} - {stock.closed} - {stock.void} "
            f"= {stock.expected}, but {stock.open_end} are open",
        )


def stem(week: Week, district: str | None = None) -> str:
    """A document's name without its ending: `太原市老旧小区改造督导周报_2026年第47周_20261116-20261122`."""
    scope = f"{_NOT_IN_FILE_NAMES.sub('_', district)}_" if district else ""
    return f"太原市老旧小区改造督导周报_{scope}{week.iso_year}年第{week.iso_week}周_{_span(week)}"


def ascii_stem(week: Week, district_code: str | None = None) -> str:
    """The same for programs that know no Chinese names: `weekly-report_2026-W47_20261116-20261122`."""
    scope = f"{district_code}_" if district_code else ""
    return f"weekly-report_{scope}{week.iso_year}-W{week.iso_week:02d}_{_span(week)}"


def _span(week: Week) -> str:
    return f"{week.starts_on:%Y%m%d}-{week.ends_on:%Y%m%d}"
