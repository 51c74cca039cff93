"""Selects over custody: what waits for the trail, originals page by page, the last check of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.evidence.custody.models import OriginalCheck, OriginalOpening
from server.evidence.custody.rules import LONGEST, MOST_PHOTOS, Opening
from server.photos.models import Original

T = TypeVar("T")
AT_ONCE = 500
ROWS = 20_000  # of openings, looked at in one transaction


def has_waiting(db: Session) -> bool:
    """Whether an opening is not in the trail yet: a cheap look before work."""
    return db.scalar(sa.select(OriginalOpening.id).where(OriginalOpening.event_id.is_(None)).limit(1)) is not None


def waiting(db: Session, now: datetime, gap: timedelta) -> list[Opening]:
    """Openings of people whose sitting may be over, in order of time."""
    rows = OriginalOpening
    over = (
        sa.select(rows.actor_id).where(rows.event_id.is_(None)).group_by(rows.actor_id)
        .having(sa.or_(
            sa.func.min(rows.at) <= now - min(LONGEST, gap), sa.func.count() >= MOST_PHOTOS,
        ))
        .order_by(sa.func.min(rows.at)).limit(AT_ONCE)
    )
    query = (
        sa.select(rows.id, rows.at, rows.actor_id, rows.photo_id, rows.sha256, rows.how, rows.of)
        .where(rows.event_id.is_(None), rows.actor_id.in_(list(db.scalars(over))))
        .order_by(rows.at, rows.id).limit(ROWS)
    )
    return [Opening(*row) for row in db.execute(query)]


class Kept(NamedTuple):
    """An original as it was stored."""

    sha256: str
    size: int


def originals_after(db: Session, after: str, since: datetime | None, limit: int) -> list[Kept]:
    """The next originals by SHA-256: from page to page through any number of them."""
    query = sa.select(Original.sha256, Original.size).where(Original.sha256 > after, Original.removed_at.is_(None))
    if since is not None:
        query = query.where(Original.stored_at >= since)
    return [Kept(*row) for row in db.execute(query.order_by(Original.sha256).limit(limit))]


def known_originals(db: Session, sums: Sequence[str], *, going: bool = False) -> dict[str, int]:
    """Of these SHA-256 sums those that a row names as kept, with their sizes; `going`: those too that the rule of
    retention has taken and whose file the worker has not deleted yet."""
    kept = Original.removed_at.is_(None)
    named = sa.or_(kept, Original.gone_at.is_(None)) if going else kept
    query = sa.select(Original.sha256, Original.size).where(Original.sha256.in_(sums), named)
    return {row.sha256: row.size for row in db.execute(query)} if sums else {}


def removed_originals(db: Session, since: datetime | None) -> int:
    """How many the rule of retention has removed: no file is looked for, and none is missing."""
    query = sa.select(sa.func.count()).select_from(Original).where(Original.removed_at.is_not(None))
    return db.scalar(query if since is None else query.where(Original.stored_at >= since)) or 0


def last_check(db: Session) -> OriginalCheck | None:
    """The newest check that went through to its end."""
    query = sa.select(OriginalCheck).where(OriginalCheck.finished_at.is_not(None))
    return db.scalar(query.order_by(OriginalCheck.started_at.desc()).limit(1))


def some_of(things: Iterable[T], size: int = AT_ONCE) -> Iterator[list[T]]:
    """As many at a time as one statement takes."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
