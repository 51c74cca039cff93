"""What every count of the week stands on: the span that is counted, and sums by district."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.weekly.rules import Week

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
        """The week, on a column of moments."""
        return sa.and_(moment >= self.week.start, moment < self.week.end)


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
