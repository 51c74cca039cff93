"""Originals of photos: due when everything in which their bytes stand was decided long ago. Previews, facts, prints stay.

Bytes are kept once however many photos show them, so they go together or not at all. What no report or issue holds is
nobody's decision yet, and what has no preview would leave nothing to be seen: both stay.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.photos.models import Original, Photo, Renditions, Upload
from server.retention import queries
from server.retention.queries import Holds, Use
from server.retention.rules import Due
from server.retention.sources import Page, Run, Source, Terms, record

AT_ONCE = 200
_SEEN = (Renditions.MADE, Renditions.UNREADABLE)  # nothing is still to be made of the bytes
_ROW = (Original.sha256, Original.stored_at, Original.size)


def page(db: Session, terms: Terms, after: tuple[datetime, str] | None, holds: Holds) -> Page:
    # what was decided before the cutoff was stored before it, so that an index leads to the few that may be due
    query = sa.select(*_ROW).where(
        Original.removed_at.is_(None), Original.stored_at < terms.cutoff, Original.renditions.in_(_SEEN)
    )
    if after is not None:
        stored_at, sha256 = after
        query = query.where(Original.stored_at >= stored_at, sa.or_(
            Original.stored_at > stored_at, Original.sha256 > sha256
        ))
    rows = db.execute(query.order_by(Original.stored_at, Original.sha256).limit(AT_ONCE)).all()
    end = (rows[-1].stored_at, rows[-1].sha256) if len(rows) == AT_ONCE else None
    return _judge(db, terms, rows, holds), end


def again(db: Session, terms: Terms, sums: Sequence[str], holds: Holds) -> list[Due]:
    """The lock keeps away whoever brings the same bytes with another photo just now."""
    query = sa.select(*_ROW).where(
        Original.sha256.in_(sums), Original.removed_at.is_(None), Original.renditions.in_(_SEEN)
    )
    return _judge(db, terms, db.execute(query.order_by(Original.sha256).with_for_update()).all(), holds)


def _judge(db: Session, terms: Terms, rows: Sequence[Any], holds: Holds) -> list[Due]:
    sums = [row.sha256 for row in rows]
    shown: dict[str, list[uuid.UUID]] = defaultdict(list)
    for photo_id, sha256 in db.execute(
        sa.select(Photo.id, Photo.sha256).where(Photo.sha256.in_(sums), Photo.removed_at.is_(None)).order_by(Photo.id)
    ):
        shown[sha256].append(photo_id)
    uses = queries.uses_of(db, [photo_id for ids in shown.values() for photo_id in ids])
    coming = set(db.scalars(sa.select(Upload.sha256).where(Upload.finished_at.is_(None), Upload.sha256.in_(sums))))
    found = []
    for row in rows:
        since = _decided(shown[row.sha256], uses)
        if since is not None and since < terms.cutoff and row.sha256 not in coming:
            found.append(_due(row, since, shown[row.sha256], uses, holds))
    return found


def _decided(photo_ids: list[uuid.UUID], uses: dict[uuid.UUID, list[Use]]) -> datetime | None:
    """When the last of all that show these bytes was decided; None where something is not, or nobody shows them."""
    moments: list[datetime] = []
    for photo_id in photo_ids:
        ended = [use.ended_at for use in uses.get(photo_id, [])]
        if not ended or None in ended:
            return None
        moments += [one for one in ended if one is not None]
    return max(moments, default=None)


def _due(row: Any, since: datetime, photo_ids: list[uuid.UUID], uses: dict[uuid.UUID, list[Use]], holds: Holds) -> Due:
    held = any(
        photo_id in holds.photos or any(holds.keep(use.kind, use.id, use.site_id) for use in uses[photo_id])
        for photo_id in photo_ids
    )
    about = [(photo_id, _place(uses[photo_id])) for photo_id in photo_ids]
    return Due(row.sha256, since, len(photo_ids), held, row.sha256, files=1, size=row.size, about=about)


def _place(uses: list[Use]) -> tuple[uuid.UUID, uuid.UUID | None]:
    """The site, and the first report where there is one."""
    by_report = sorted((use for use in uses if use.kind == "report"), key=lambda use: use.id)
    return (by_report[0].site_id, by_report[0].id) if by_report else (uses[0].site_id, None)


def remove(db: Session, run: Run, dues: Sequence[Due]) -> None:
    """Say so of photo and bytes. The files go afterwards, by `files.finish`: whoever is killed in between loses nothing
    that is not written down, and no row names a file that is not there."""
    now = clock.now()
    lines = [
        {"object_kind": "photo", "object_id": str(photo_id), "count": 1, "sha256": due.key, "size": due.size,
         "site_id": site_id, "report_id": report_id, "counted_from": due.since}
        for due in dues for photo_id, (site_id, report_id) in due.about
    ]
    record(db, run, lines)
    ids = [photo_id for due in dues for photo_id, _ in due.about]
    db.execute(sa.update(Photo).where(Photo.id.in_(ids)).values(removed_at=now, removed_days=run.days))
    db.execute(
        sa.update(Original).where(Original.sha256.in_([due.key for due in dues])).values(removed_at=now, gone_at=None)
    )


SOURCE = Source(page, again, remove)
