"""Days late: from the plan to what happened, or to today while it has not."""

from __future__ import annotations

from datetime import date

import pytest

from server.programme.lateness import Late, Span, lateness
from server.programme.rules import Stage

TODAY = date(2026, 11, 25)
START, END = date(2026, 11, 1), date(2026, 11, 20)


def d(day: int) -> date:
    return date(2026, 11, day)


@pytest.mark.parametrize(("span", "start", "end", "late"), [
    (Span(START, END, d(1), d(20), Stage.COMPLETED), 0, 0, ()),
    (Span(START, END, d(4), d(22), Stage.ACCEPTED), 3, 2, (Late.STARTED_LATE, Late.FINISHED_LATE)),
    (Span(START, END, date(2026, 10, 30), d(18), Stage.COMPLETED), -2, -2, ()),
    (Span(START, END, d(1), None, Stage.IN_PROGRESS), 0, 5, (Late.RUNNING_LATE,)),
    (Span(START, END, d(1), None, Stage.SUSPENDED), 0, 5, (Late.RUNNING_LATE,)),
    (Span(START, END, None, None, Stage.NOT_STARTED), 24, 5, (Late.START_OVERDUE, Late.RUNNING_LATE)),
    (Span(START, date(2026, 12, 1), None, None, Stage.NOT_STARTED), 24, None, (Late.START_OVERDUE,)),
    # the planned day itself is still in time
    (Span(TODAY, TODAY, None, None, Stage.NOT_STARTED), None, None, ()),
    # begun, or done, on a day that nobody entered: nothing can be said
    (Span(START, END, None, None, Stage.COMPLETED), None, None, ()),
    (Span(START, END, None, None, Stage.IN_PROGRESS), None, 5, (Late.RUNNING_LATE,)),
    (Span(None, None, d(4), d(22), Stage.COMPLETED), None, None, ()),
    (Span(None, None, None, None, Stage.NOT_STARTED), None, None, ()),
])
def test_how_late_a_site_is(span: Span, start: int | None, end: int | None, late: tuple[Late, ...]) -> None:
    found = lateness(span, TODAY)
    assert (found.start_days_late, found.end_days_late, found.late) == (start, end, late)
    assert found.days_late == max(start or 0, end or 0, 0)
