"""What every count of the week stands on: the span that is counted, and sums by district."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.weekly.rules import Week

PORTION = 10_000  # of the 32,766 that SQLite takes in a statement; fewer at once read the same tables more often
T = TypeVar("T")
Sums = dict[str, int]
AnyRows = sa.Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Span:
    """A week up to `cutoff` (its end, or now where it still runs), in the city or in one district."""

    week: Week
    cutoff: datetime
    today: date  # the day of the cut-off: what was due before it is overdue
    district: str | None = None

    def covers(self, district: Any) -> sa.ColumnElement[bool]:
        """The scope, on a column of district codes."""
        return sa.true() if self.district is None else district == self.district

    def holds(self, moment: Any) -> sa.ColumnElement[bool]:
        """The week, on a column of moments: from its start, which need be no midnight, up to the cut-off."""
        return sa.and_(moment >= self.week.start, moment < self.cutoff)

    @property
    def due_days(self) -> list[date]:
        """The days that end in the span, for what falls due: seven, or fewer while the week runs. A day that a cut-off
        divides is the next week's, so that a reply on its evening is in time in that one and lost in none."""
        first = clock.day_of(self.week.start)
        return [first + timedelta(days=n) for n in range((self.today - first).days)]

    def falls_due(self, day: Any) -> sa.ColumnElement[bool]:
        """Whether it was to be done on one of these days, on a column of days."""
        return sa.and_(day >= clock.day_of(self.week.start), day < self.today)


def span_of(week: Week, cutoff: datetime, district: str | None = None) -> Span:
    """The week up to the cut-off."""
    return Span(week, cutoff, clock.day_of(cutoff), district)


def weeks_before(week: Week, past: Callable[[Week], Week], count: int) -> list[Week]:
    """So many weeks before this one, the newest first; each ends where the next one starts, so that no moment falls
    between two of them, however they were cut."""
    found: list[Week] = []
    for _ in range(count):
        start = week.start
        week = past(week)._replace(end=start)
        found.append(week)
    return found


def at_once(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    """The ids in portions that a statement can name."""
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))


def plain_plans(db: Session) -> None:
    """Tell PostgreSQL not to compile the plans of this transaction: it takes the long ones for expensive, and compiling
    them takes longer than running them."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.text("set local jit = off"))


def worked_out_once(query: AnyRows, name: str) -> sa.CTE:
    """The query as a table of its own: inlined, its subqueries would run again for every count that reads them."""
    return query.cte(name).prefix_with("MATERIALIZED")


def count_if(condition: Any) -> sa.ColumnElement[int]:
    """How many rows meet the condition; 0 where there are none."""
    return sum_if(condition, 1)


def sum_if(condition: Any, column: Any) -> sa.ColumnElement[int]:
    """The sum of a column over the rows that meet the condition."""
    return sa.func.coalesce(sa.func.sum(sa.case((condition, column), else_=0)), 0)


def by_district(db: Session, query: AnyRows) -> dict[str, Sums]:
    """Rows with a district_code, as {district: {label: whole number}}."""
    found: dict[str, Sums] = {}
    for row in db.execute(query):
        counts = {str(name): value for name, value in row._mapping.items()}
        found[str(counts.pop("district_code"))] = {name: int(value) for name, value in counts.items()}
    return found


def total(rows: Iterable[Sums]) -> Sums:
    """The sum of each count over the districts."""
    added: Sums = {}
    for row in rows:
        for name, value in row.items():
            added[name] = added.get(name, 0) + value
    return added
