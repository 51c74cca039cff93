"""What each class of data has to say: what would go page by page, whether it still would, and how it goes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.ids import new_id
from server.retention.models import Removal
from server.retention.queries import Holds
from server.retention.rules import Due

T = TypeVar("T")


class Terms(NamedTuple):
    """What counts from before `cutoff` is due. `refresh_days` is the life of a sign-in that nobody uses."""

    cutoff: datetime
    refresh_days: int


class Run(NamedTuple):
    """Under which run and rule something is removed."""

    id: uuid.UUID
    name: str
    days: int


Page = tuple[list[Due], Any]  # what is due among some rows, and where the next ones begin; None at the end


class Source(NamedTuple):
    """One class. `page` and `again` only look; `again` is asked inside the transaction that removes, and locks."""

    page: Callable[[Session, Terms, Any, Holds], Page]
    again: Callable[[Session, Terms, Sequence[Any], Holds], list[Due]]
    remove: Callable[[Session, Run, Sequence[Due]], None]


def record(db: Session, run: Run, lines: Iterable[dict[str, Any]]) -> None:
    """Lines of the record, which say what was removed beyond the rows that are gone."""
    now = clock.now()
    empty = dict.fromkeys(("sha256", "size", "site_id", "report_id", "person_id", "day"))
    rows = [
        {"id": new_id(), "run_id": run.id, "name": run.name, "days": run.days, "removed_at": now, **empty, **line}
        for line in lines
    ]
    if rows:
        db.execute(sa.insert(Removal), rows)


def whole(rows: Sequence[T], limit: int, key: Callable[[T], Any]) -> Sequence[T]:
    """Without the last of the groups where the page may have cut it: it begins the next page. A group that fills a page
    is taken as far as it goes."""
    if len(rows) < limit:
        return rows
    last = key(rows[-1])
    kept = [row for row in rows if key(row) != last]
    return kept or rows
