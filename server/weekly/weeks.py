"""The weeks of this installation: its first day, its cut-off, and those that begin where an earlier one was frozen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from config import Config
from server.errors import invalid
from server.kit import clock
from server.weekly import queries, rules
from server.weekly.rules import Week


def named(conf: Config, iso_year: int, iso_week: int) -> Week:
    """The week that bears this number. ValueError where the year has no such week."""
    return rules.week(iso_year, iso_week, starts_on=conf.week_starts_on, cutoff=conf.week_cutoff_minutes)


def asked_for(conf: Config, iso_year: int, iso_week: int) -> Week:
    """The same for a request: 422 naming the field for a week that the year has not, and one that has not begun."""
    try:
        asked = named(conf, iso_year, iso_week)
    except ValueError:
        raise invalid("iso_week", f"{iso_year}年没有第{iso_week}周", f"{iso_year} has no week {iso_week}") from None
    if asked.start > clock.now():
        raise invalid("iso_week", "该周尚未开始", "this week has not begun")
    return asked


def last_over(conf: Config) -> Week:
    """The newest week that has ended."""
    week = rules.week_of(clock.today(), starts_on=conf.week_starts_on, cutoff=conf.week_cutoff_minutes)
    while week.end > clock.now():
        week = week.previous()
    return week


def counted(db: Session, conf: Config, iso_year: int, iso_week: int, scope: str) -> Week:
    """The week as its report counts it: where the one before was frozen while it still ran, from that moment on, so that
    nothing falls between two reports."""
    week = named(conf, iso_year, iso_week)
    before = week.previous()
    frozen_to = queries.frozen_to(db, before.iso_year, before.iso_week, scope)
    return week if frozen_to is None or frozen_to >= week.start else week._replace(start=frozen_to)


def before(db: Session, conf: Config, scope: str) -> Callable[[Week], Week]:
    """Gives the week before a week as its report counts it."""

    def the_one_before(week: Week) -> Week:
        calendar = week.previous()
        return counted(db, conf, calendar.iso_year, calendar.iso_week, scope)._replace(end=calendar.end)

    return the_one_before


def runs_at(conf: Config, week: Week) -> datetime | None:
    """When the report of a week is frozen and sent by itself: at the first such weekday and time after its end. None:
    never."""
    if conf.week_runs_at is None:
        return None
    weekday, minute = conf.week_runs_at
    day = week.ends_on
    while True:
        at = clock.start_of(day) + timedelta(minutes=minute)
        if day.isoweekday() == weekday and at >= week.end:
            return at
        day += timedelta(days=1)
