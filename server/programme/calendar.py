"""The calendar of working days: what is arranged for a year, and when a finding is due by default."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit.severity import Severity
from server.programme.calendar_rules import Calendar, DayKind, due_on
from server.programme.policy_models import CalendarDay
from server.programme.policy_rules import Policy


def calendar_of(db: Session, since: date, until: date | None = None) -> Calendar:
    """The calendar from `since` on. A year has some forty arranged days, so what lies ahead is read whole."""
    query = sa.select(CalendarDay.day, CalendarDay.kind).where(CalendarDay.day >= since)
    if until is not None:
        query = query.where(CalendarDay.day <= until)
    return Calendar({row.day: row.kind for row in db.execute(query)})


def is_working_day(db: Session, day: date) -> bool:
    """As arranged; else Monday to Friday."""
    return calendar_of(db, day, day).is_working_day(day)


def default_due_on(db: Session, policy: Policy, severity: Severity, found_on: date) -> date:
    """When a finding of that severity is due where nobody says otherwise."""
    calendar = calendar_of(db, found_on) if policy.due_day_kind is DayKind.WORKING else Calendar()
    return due_on(found_on, policy.due_days[severity], policy.due_day_kind, calendar)


def arranged_days(db: Session, year: int) -> Sequence[CalendarDay]:
    """The days of the year's arrangement, and those in that year that another year's names."""
    named = sa.or_(
        CalendarDay.year == year,
        sa.and_(CalendarDay.day >= date(year, 1, 1), CalendarDay.day <= date(year, 12, 31)),
    )
    return db.scalars(sa.select(CalendarDay).where(named).order_by(CalendarDay.day)).all()


def years_with_days(db: Session) -> list[int]:
    """The years whose arrangement is here."""
    return list(db.scalars(sa.select(CalendarDay.year).distinct().order_by(CalendarDay.year)))


def missing_for(db: Session, policy: Policy, today: date) -> list[int]:
    """The years that due days are counted in from today on, and whose arrangement is not here: there weekdays alone
    count. None while natural days are in use."""
    if policy.due_day_kind is not DayKind.WORKING:
        return []
    last = due_on(today, max(policy.due_days.values()), DayKind.WORKING, calendar_of(db, today))
    there = set(years_with_days(db))
    return [year for year in range(today.year, last.year + 1) if year not in there]
