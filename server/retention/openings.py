"""The index of openings of originals: who looked at which photo when. Each is in the audit trail as well, which stays."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.evidence.custody.models import OriginalOpening
from server.retention import queries
from server.retention.queries import Holds
from server.retention.rules import Due
from server.retention.sources import Page, Run, Source, Terms, record

AT_ONCE = 500


def _photos(terms: Terms) -> Any:
    """By photo what is in the trail and old enough; one that waits for the trail stays, be it ever so old."""
    rows = OriginalOpening
    return (
        sa.select(rows.photo_id, sa.func.count().label("count"), sa.func.max(rows.at).label("last"))
        .where(rows.event_id.is_not(None), rows.at < terms.cutoff).group_by(rows.photo_id).order_by(rows.photo_id)
    )


def page(db: Session, terms: Terms, after: uuid.UUID | None, holds: Holds) -> Page:
    query = _photos(terms)
    if after is not None:
        query = query.where(OriginalOpening.photo_id > after)
    rows = db.execute(query.limit(AT_ONCE)).all()
    return _dues(db, terms, rows, holds), rows[-1].photo_id if len(rows) == AT_ONCE else None


def again(db: Session, terms: Terms, photo_ids: Sequence[uuid.UUID], holds: Holds) -> list[Due]:
    rows = db.execute(_photos(terms).where(OriginalOpening.photo_id.in_(photo_ids))).all()
    return _dues(db, terms, rows, holds)


def _dues(db: Session, terms: Terms, rows: Sequence[Any], holds: Holds) -> list[Due]:
    held = queries.held_photos(db, holds, [row.photo_id for row in rows])
    # what is settled late from a file of a dead process is of before the cutoff, too: the key says how many there were
    return [
        Due(f"photo:{row.photo_id}:{row.count}", row.last, row.count, row.photo_id in held, row.photo_id, about=terms.cutoff)
        for row in rows
    ]


def remove(db: Session, run: Run, dues: Sequence[Due]) -> None:
    """One line for each photo, so that its chain of custody says what it lacks."""
    record(db, run, [
        {"object_kind": "photo", "object_id": str(due.what), "count": due.rows, "counted_from": due.since} for due in dues
    ])
    cutoffs: dict[Any, list[uuid.UUID]] = defaultdict(list)
    for due in dues:
        cutoffs[due.about].append(due.what)
    for cutoff, photo_ids in cutoffs.items():
        db.execute(sa.delete(OriginalOpening).where(
            OriginalOpening.photo_id.in_(photo_ids), OriginalOpening.event_id.is_not(None), OriginalOpening.at < cutoff
        ))


SOURCE = Source(page, again, remove)
