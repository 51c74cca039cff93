"""Verbs of covering: boxes are laid over a photo's renditions, and lifted again. The original is never touched."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Refusal, not_found
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.ids import new_id
from server.kit.jobs import enqueue
from server.photos import covers, queries
from server.photos.models import Photo, Redaction

KIND = "redaction"


def cover(db: Session, actor: Actor, photo: Photo, boxes: Sequence[Sequence[float]], reason: str) -> Redaction:
    """Lay boxes over every rendition of these bytes; several redactions add up. The uncovered renditions are given out
    no more from this moment on. Asked again for the same boxes, the one that stands there."""
    _demand_desk(db, actor, photo)
    hold(db, f"original:{photo.sha256}")
    wanted = [list(map(float, box)) for box in boxes]
    standing = sa.select(Redaction).where(Redaction.sha256 == photo.sha256, Redaction.lifted_at.is_(None))
    for one in db.scalars(standing):
        if one.boxes == wanted and one.by == actor.id and one.reason == reason:
            return one
    made = Redaction(
        id=new_id(), sha256=photo.sha256, photo_id=photo.id, boxes=wanted, reason=reason, by=actor.id, at=clock.now(),
    )
    db.add(made)
    db.flush()
    _told(db, actor, "photo_redacted", photo, redaction=str(made.id), count=len(wanted), reason=reason)
    draw_later(db, photo.sha256)
    return made


def lift(db: Session, actor: Actor, photo: Photo, redaction_id: uuid.UUID, reason: str) -> Redaction:
    """Take one redaction's boxes away again; those of others stay. Lifted already, nothing changes."""
    _demand_desk(db, actor, photo)
    hold(db, f"original:{photo.sha256}")
    found = db.scalar(sa.select(Redaction).where(Redaction.id == redaction_id, Redaction.sha256 == photo.sha256))
    if found is None:
        raise not_found()
    if found.lifted_at is None:
        found.lifted_at, found.lifted_by, found.lifted_reason = clock.now(), actor.id, reason
        db.flush()
        _told(db, actor, "photo_redaction_lifted", photo, redaction=str(found.id), reason=reason)
        draw_later(db, photo.sha256)
    return found


def _told(db: Session, actor: Actor, verb: str, photo: Photo, **facts: Any) -> None:
    audit.record(db, actor, verb, "photo", photo.id, district=queries.district_of(db, photo.id), **facts)


def draw_later(db: Session, sha256: str) -> None:
    """Have the covered renditions made, if there is a cover. What is drawn is what stands when the job runs: so each
    time it is asked for anew, since the same boxes may have been lifted again before a job of theirs ran."""
    if covers.cover_of(db, sha256) is not None:
        enqueue(db, KIND, {"sha256": sha256})


def all_of(db: Session, sha256: str) -> list[Redaction]:
    """Every redaction of these bytes, lifted ones too, oldest first."""
    return list(db.scalars(sa.select(Redaction).where(Redaction.sha256 == sha256).order_by(Redaction.at, Redaction.id)))


def shape(rows: Sequence[Redaction], names: dict[uuid.UUID, str]) -> list[dict[str, Any]]:
    """For RedactionOut."""
    def person(one: uuid.UUID | None) -> dict[str, Any] | None:
        return None if one is None else {"id": one, "name": names.get(one, "")}

    return [
        {
            "id": one.id, "boxes": [dict(zip(("x", "y", "w", "h"), box, strict=True)) for box in one.boxes],
            "reason": one.reason, "by": person(one.by), "at": one.at, "lifted_by": person(one.lifted_by),
            "lifted_at": one.lifted_at, "lifted_reason": one.lifted_reason,
        }
        for one in rows
    ]


def _demand_desk(db: Session, actor: Actor, photo: Photo) -> None:
    """Who sees it only as the one who took it, or was assigned there, has no say in another district."""
    if not covers.is_seen_at_desk(db, actor, photo.id):
        raise Refusal("not-allowed")
