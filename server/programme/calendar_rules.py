"""Days that count: natural or working ones, when something is due, and how late it is. Plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)
_SATURDAY = 5


class DayKind(StrEnum):
    """What a number of days counts: every day, or those on which offices work."""

    NATURAL = "natural"
    WORKING = "working"


class SpecialDay(StrEnum):
    """What a year's arrangement makes of a day: one off, or a day of a weekend that is worked instead (调休)."""

    HOLIDAY = "holiday"
    WORKDAY = "workday"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that an arrangement names; every other one is as its weekday says."""

    special: Mapping[date, SpecialDay] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """As arranged; else Monday to Friday."""
        named = self.special.get(day)
        return day.weekday() < _SATURDAY if named is None else named is SpecialDay.WORKDAY


def due_on(found: date, days: int, kind: DayKind, calendar: Calendar) -> date:
    """The day that is `days` after the day of finding, which itself does not count; 0 is that same day, worked or not.

    Working days end on one: what would fall into a holiday falls on the first working day behind it.
    """
    if kind is DayKind.NATURAL:
        return found + timedelta(days=days)
    day = found
    for _ in range(days):
        day += _DAY
        while not calendar.is_working_day(day):  # the days that are arranged come to an end, so this does
            day += _DAY
    return day


def days_left(today: date, due: date) -> int:
    """Natural days until the last day on which it is in time: 0 on that day, negative behind it. What is late is late
    on Sundays too, whatever its days were counted in."""
    return (due - today).days


def days_late(today: date, due: date) -> int:
    """Natural days behind the day it was due, 0 while it is in time."""
    return max(0, -days_left(today, due))
