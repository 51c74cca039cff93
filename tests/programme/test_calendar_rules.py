"""Days that count: what holds of every due day, whatever is arranged."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.programme.calendar_rules import Calendar, DayKind, SpecialDay, days_late, days_left, due_on

HOLIDAY, WORKDAY = SpecialDay.HOLIDAY, SpecialDay.WORKDAY
NATURAL, WORKING = DayKind.NATURAL, DayKind.WORKING
START = date(2026, 1, 1)
DAYS = st.integers(0, 400).map(lambda n: START + timedelta(days=n))
COUNTS = st.integers(0, 60)
CALENDARS = st.dictionaries(DAYS, st.sampled_from(SpecialDay), max_size=120).map(Calendar)

NATIONAL_DAY = Calendar({
    **{date(2026, 10, day): HOLIDAY for day in range(1, 8)}, date(2026, 10, 10): WORKDAY, date(2026, 9, 20): WORKDAY,
})


def test_natural_days_are_counted_from_the_day_after() -> None:
    found = date(2026, 9, 30)
    assert due_on(found, 7, NATURAL, NATIONAL_DAY) == date(2026, 10, 7)
    assert due_on(found, 0, NATURAL, NATIONAL_DAY) == found


def test_working_days_pass_over_a_holiday_and_count_the_weekend_that_is_worked() -> None:
    found = date(2026, 9, 30)  # the Wednesday before
    assert due_on(found, 1, WORKING, NATIONAL_DAY) == date(2026, 10, 8)
    assert due_on(found, 3, WORKING, NATIONAL_DAY) == date(2026, 10, 10)  # a Saturday, worked
    assert due_on(found, 4, WORKING, NATIONAL_DAY) == date(2026, 10, 12)
    assert due_on(found, 1, WORKING, Calendar()) == date(2026, 10, 1)


def test_days_left_and_late_are_natural_ones() -> None:
    due = date(2026, 11, 20)  # a Friday
    assert [(days_left(due + timedelta(days=n), due), days_late(due + timedelta(days=n), due)) for n in (-1, 0, 1, 3)] \
        == [(1, 0), (0, 0), (-1, 1), (-3, 3)]


@given(DAYS, COUNTS, CALENDARS)
def test_a_working_day_is_never_a_day_off(found: date, days: int, calendar: Calendar) -> None:
    due = due_on(found, days, WORKING, calendar)
    assert due == found if days == 0 else calendar.is_working_day(due)


@given(DAYS, COUNTS, CALENDARS)
def test_exactly_so_many_working_days_lie_between(found: date, days: int, calendar: Calendar) -> None:
    due = due_on(found, days, WORKING, calendar)
    between = [found + timedelta(days=n + 1) for n in range((due - found).days)]
    assert sum(map(calendar.is_working_day, between)) == days


@given(DAYS, COUNTS, CALENDARS, st.sampled_from(DayKind))
def test_more_days_are_later_and_a_later_finding_is_not_due_earlier(
    found: date, days: int, calendar: Calendar, kind: DayKind
) -> None:
    due = due_on(found, days, kind, calendar)
    assert due < due_on(found, days + 1, kind, calendar)
    assert due <= due_on(found + timedelta(days=1), days, kind, calendar)


@given(DAYS, COUNTS, CALENDARS)
def test_working_days_never_end_before_natural_ones(found: date, days: int, calendar: Calendar) -> None:
    assert due_on(found, days, WORKING, calendar) >= due_on(found, days, NATURAL, calendar)


@given(DAYS, COUNTS, CALENDARS, DAYS)
def test_another_day_off_never_makes_it_earlier_and_another_worked_one_never_later(
    found: date, days: int, calendar: Calendar, changed: date
) -> None:
    due = due_on(found, days, WORKING, calendar)
    assert due_on(found, days, WORKING, Calendar({**calendar.special, changed: HOLIDAY})) >= due
    assert due_on(found, days, WORKING, Calendar({**calendar.special, changed: WORKDAY})) <= due


@given(DAYS, COUNTS, CALENDARS, DAYS)
def test_what_is_arranged_outside_the_span_changes_nothing(
    found: date, days: int, calendar: Calendar, changed: date
) -> None:
    due = due_on(found, days, WORKING, calendar)
    if not found < changed <= due:
        assert due_on(found, days, WORKING, Calendar({**calendar.special, changed: HOLIDAY})) == due
    assert due_on(found, days, NATURAL, calendar) == found + timedelta(days=days)


@given(DAYS, DAYS)
def test_late_and_left_are_two_sides_of_one_number(today: date, due: date) -> None:
    assert days_late(today, due) == max(0, -days_left(today, due))
    assert (days_late(today, due) > 0) == (today > due)
