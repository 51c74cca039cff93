"""Bulletin numbers: 第N期 per scope and year, 总第N期 per scope, without gaps or repeats."""

from __future__ import annotations

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.weekly.models import WeeklySeries

_ALL_YEARS = 0


def take(db: Session, scope: str, year: int) -> tuple[int, int]:
    """The next number of the year and of all years, with the caller's transaction: rolled back, they go to the next.

    Two at once wait for each other at the rows until commit.
    """
    return _next(db, scope, year), _next(db, scope, _ALL_YEARS)


def _next(db: Session, scope: str, year: int) -> int:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    counted = (
        insert(WeeklySeries).values(scope=scope, year=year, last=1)
        .on_conflict_do_update(index_elements=["scope", "year"], set_={"last": WeeklySeries.last + 1})
        .returning(WeeklySeries.last)
    )
    return int(db.execute(counted).scalar_one())
