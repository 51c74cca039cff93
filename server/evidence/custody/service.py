"""Verbs of custody: openings are settled into the table, and written into the trail once a sitting is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.evidence.custody import queries
from server.evidence.custody.models import OriginalOpening
from server.evidence.custody.rules import How, Opening, is_over, once, sittings
from server.kit import clock
from server.kit.db import Database, hold
from server.kit.prepared import insert
from server.photos import queries as photos

_ROW = insert(OriginalOpening, ["id", "at", "actor_id", "photo_id", "sha256", "how", "of"], unless_there=True)
VERBS = {How.OPENED: "originals_opened"}
EXPORTED = "originals_exported"
AT_ONCE = 500


def settle(database: Database, openings: Sequence[Opening]) -> None:
    """Have these in the table; done twice it changes nothing."""
    rows: list[dict[str, Any]] = [
        {"id": one.id, "at": one.at, "actor_id": one.actor_id, "photo_id": one.photo_id, "sha256": one.sha256,
         "how": one.how, "of": one.of}
        for one in openings
    ]
    database.write(partial(_ROW.write_all, rows=rows))


def write_trail(database: Database, gap: timedelta) -> int:
    """Write every sitting that is over into the trail; how many lines that were."""
    total = 0
    while written := database.write(partial(_write_some, gap=gap)):
        total += written
    return total


def _write_some(db: Session, *, gap: timedelta) -> int:
    hold(db, "custody-trail")
    now, written = clock.now(), 0
    waiting = queries.waiting(db, now, gap)
    districts = photos.districts_of(db, {one.photo_id for one in waiting})
    placed = [replace(one, district=districts.get(one.photo_id)) for one in waiting]
    for sitting in sittings(placed, gap):
        if is_over(sitting, gap, now):
            _write(db, sitting)
            written += 1
    return written


def _write(db: Session, sitting: list[Opening]) -> None:
    """One line of the trail names the photos of a sitting, each once."""
    kept = once(sitting)
    first = kept[0]
    event_id = audit.record_later(
        db, first.actor_id, VERBS.get(first.how, EXPORTED), "photo", first.photo_id, district=first.district,
        how=first.how.value, of=first.of, first_at=first.at.isoformat(), last_at=sitting[-1].at.isoformat(),
        count=len(kept),
        photos=[{"id": str(one.photo_id), "sha256": one.sha256, "at": one.at.isoformat()} for one in kept],
    )
    # pieces too: a row that went would come back with a file that is settled twice
    ids = [one.id for one in sitting]
    for start in range(0, len(ids), AT_ONCE):
        some = OriginalOpening.id.in_(ids[start:start + AT_ONCE])
        db.execute(sa.update(OriginalOpening).where(some).values(event_id=event_id))
