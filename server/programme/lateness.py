"""Plan against actual: how many days late a site started, ended, or is by today. Plain Python."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from server.programme.rules import FINISHED, Stage


class Late(StrEnum):
    """The ways to be behind the plan; a site may be so in several."""

    START_OVERDUE = "start_overdue"  # not started though the day of it has passed
    STARTED_LATE = "started_late"
    RUNNING_LATE = "running_late"  # not finished though the day of it has passed
    FINISHED_LATE = "finished_late"


class Span(NamedTuple):
    """The days of a site as planned and as they were, and where it stands."""

    planned_start_on: date | None
    planned_end_on: date | None
    started_on: date | None
    ended_on: date | None
    stage: Stage


class Lateness(NamedTuple):
    """Days behind the plan: less than none is early, None where a day is not known. `late` says in which ways."""

    start_days_late: int | None
    end_days_late: int | None
    late: tuple[Late, ...]

    @property
    def days_late(self) -> int:
        """The worst of them; 0 where the site is not behind."""
        return max(self.start_days_late or 0, self.end_days_late or 0, 0)


def lateness(span: Span, today: date) -> Lateness:
    """How a site stands against its plan on a day of Asia/Shanghai. The planned day itself is still in time."""
    started = span.started_on is not None or span.stage is not Stage.NOT_STARTED
    finished = span.ended_on is not None or span.stage in FINISHED
    start = _behind(span.planned_start_on, span.started_on, today, done=started)
    end = _behind(span.planned_end_on, span.ended_on, today, done=finished)
    late = []
    if start is not None and start > 0:
        late.append(Late.STARTED_LATE if started else Late.START_OVERDUE)
    if end is not None and end > 0:
        late.append(Late.FINISHED_LATE if finished else Late.RUNNING_LATE)
    return Lateness(start, end, tuple(late))


def _behind(planned: date | None, actual: date | None, today: date, *, done: bool) -> int | None:
    """Days from the planned day to the actual one, or to today while it is not done and the day has passed."""
    if planned is None:
        return None
    if actual is not None:
        return (actual - planned).days
    if done or today <= planned:  # done on a day that nobody entered; or there is time yet
        return None
    return (today - planned).days
