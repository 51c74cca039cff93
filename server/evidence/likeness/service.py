"""Verbs of likeness: a print is kept, what is alike is kept, a photo is judged against what is like it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import Config
from server.evidence.likeness import queries
from server.evidence.likeness.models import Match, Print
from server.evidence.likeness.prints import Bits
from server.evidence.likeness.rules import (
    FLAG,
    FLAGGED,
    Alike,
    Kind,
    Shown,
    Transform,
    is_one_light,
    kind_of,
    later_of,
    transform_of,
)
from server.kit import clock
from server.kit.db import hold
from server.kit.jobs import enqueue
from server.kit.prepared import Prepared
from server.photos import flagging
from server.photos.hooks import StoredPhoto
from server.photos.models import Original, Photo, Renditions
from server.reports.models import Report

_TWIN = Prepared(
    sa.select(sa.literal(1)).where(
        Photo.sha256 == sa.bindparam("sha256", type_=sa.Text()), Photo.id != sa.bindparam("photo", type_=sa.Uuid())
    ).limit(1)
)


def photo_stored(db: Session, photo: StoredPhoto) -> None:
    """Bytes that were here already are told at once: they have their print, and no job will read them again."""
    if _TWIN.first(db, sha256=photo.sha256, photo=photo.id):
        enqueue(db, "likeness-judge", {"photo_id": str(photo.id)}, key=str(photo.id))


def original_read(db: Session, sha256: str) -> None:
    """An original was read: let it be looked for once it has a thumb. One that failed may be tried again and get it."""
    if db.scalar(sa.select(Original.renditions).where(Original.sha256 == sha256)) is Renditions.MADE:
        enqueue(db, "likeness", {"sha256": sha256}, key=sha256)


def keep_print(db: Session, sha256: str, bits: Bits | None) -> int:
    """Write the print of an original, once; its number.

    One after another, so that numbers become visible in their order: of two photos that come at the same moment the one
    with the higher number finds the other, whichever workers have them.
    """
    hold(db, "likeness")
    known = db.scalar(sa.select(Print.seq).where(Print.sha256 == sha256))
    if known is not None:
        return known
    row = Print(sha256=sha256, bits=None if bits is None else bits.tobytes(), made_at=clock.now())
    db.add(row)
    db.flush()
    twins = queries.photos_of(db, sha256)
    for photo_id in twins if len(twins) > 1 else ():  # of before there was likeness; newer ones are told by `photo_stored`
        enqueue(db, "likeness-judge", {"photo_id": str(photo_id)}, key=str(photo_id))
    return row.seq


def keep_matches(db: Session, sha256: str, found: Sequence[dict[str, Any]]) -> None:
    """Write what is like an original, and have its photos judged."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    for values in found:
        made = insert(cast(sa.Table, Match.__table__)).values(sha256=sha256, found_at=clock.now(), **values)
        db.execute(made.on_conflict_do_nothing())
    for photo_id in queries.photos_of(db, sha256):
        enqueue(db, "likeness-judge", {"photo_id": str(photo_id)}, key=f"{photo_id}:{sha256}")


def report_changed(db: Session, report: Report) -> None:
    """A revision got its receipt, or the report is void: for how many visits its photos are given may be another number."""
    for photo_id in queries.to_judge_again(db, report.id):
        key = f"{photo_id}:{report.id}:{report.revision}:{report.state}"
        enqueue(db, "likeness-judge", {"photo_id": str(photo_id)}, key=key)


def judge(db: Session, settings: Config, photo_id: uuid.UUID) -> timedelta | None:
    """Let the flag stand, or not, on a photo and on the later ones that are like it; after how long to look again, where
    a report that shows one of them has yet to come."""
    later, wait = _judge_one(db, settings, photo_id)
    for other in later:
        _judge_one(db, settings, other)
    return wait


def _judge_one(db: Session, settings: Config, photo_id: uuid.UUID) -> tuple[list[uuid.UUID], timedelta | None]:
    """(the later photos on which a flag stands for this one, how long to wait)."""
    sha256 = db.scalar(sa.select(Photo.sha256).where(Photo.id == photo_id))
    if sha256 is None:
        return [], None
    similar = queries.similar_to(db, photo_id, sha256)
    shown = queries.shown(db, [photo_id, *(one.photo_id for one in similar)])
    own = shown[photo_id]
    later: list[uuid.UUID] = []
    numbers = [numbers_of(Kind.SAME_BYTES, None)] * own.again
    for one in similar:
        other = shown[one.photo_id]
        kind = kind_of(own, other, alike_by(one.match, settings), burst_minutes=settings.likeness_burst_minutes)
        if kind in FLAGGED and later_of(own, other)[0] is own:
            numbers.append(numbers_of(kind, one.match))
        elif kind in FLAGGED:
            later.append(one.photo_id)
    report_id, district = own.newest or (None, None)
    flagging.keep_one(
        db, ("report", report_id) if report_id else ("photo", photo_id), photo_id, FLAG, _told(numbers), district=district
    )
    return later, _wait_for(shown.values(), settings)


def _told(numbers: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The strongest first. What the other photo is, and of where, is said by the likeness route alone, which knows who
    asks."""
    if not numbers:
        return None
    strongest = min(numbers, key=lambda one: (one["kind"] != Kind.SAME_BYTES, one["distance"]))
    return {**strongest, "others": len(numbers)}


def alike_by(match: Match | None, settings: Config) -> Alike:
    """Without a match they are of the same bytes."""
    if match is None:
        return Alike(same_bytes=True)
    is_lit_alike = is_one_light(match.light, permille=settings.likeness_light_permille)
    return Alike(copy=match.copy, one_light=match.mirrored or is_lit_alike)  # nobody takes a scene anew mirrored


def numbers_of(kind: Kind, match: Match | None) -> dict[str, Any]:
    """The numbers behind a likeness."""
    if match is None:
        return {
            "kind": kind, "transform": Transform.NONE, "distance": 0, "likeness_percent": 100, "drift": 0.0,
            "light_percent": 0.0,
        }
    return {
        "kind": kind, "transform": transform_of(mirrored=match.mirrored, cut=match.cut),
        "distance": match.distance, "likeness_percent": round(100 * match.likeness), "drift": round(match.drift, 2),
        "light_percent": None if match.light is None else round(100 * match.light, 2),
    }


def _wait_for(shown: Any, settings: Config) -> timedelta | None:
    """A photo may come before its report: as long as one that nothing shows is young, its report may still come."""
    now, patience = clock.now(), timedelta(hours=settings.upload_expiry_hours)
    ages = [now - one.received_at for one in shown if not cast(Shown, one).anywhere]
    young = [age for age in ages if age < patience]
    return min(max(min(young) / 2, timedelta(seconds=30)), timedelta(hours=1)) if young else None
