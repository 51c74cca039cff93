"""Which renditions may be shown: the black boxes that stand on bytes now, and who may have the original all the same."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal
from server.kit.actor import Actor
from server.kit.covering import Cover, Covers
from server.kit.prepared import Asker, Prepared, among
from server.permissions import DESK
from server.photos import queries
from server.photos.models import Photo, Redaction

_STANDING = sa.select(Redaction.sha256, Redaction.boxes).where(Redaction.lifted_at.is_(None))
_ON = Prepared(
    sa.select(Redaction.sha256, Redaction.boxes)
    .where(Redaction.lifted_at.is_(None), Redaction.sha256 == sa.bindparam("sha256", type_=sa.Text()))
)

_ON_PHOTOS = Prepared(
    lambda dialect: sa.select(Photo.id, Redaction.sha256, Redaction.boxes)
    .join(Redaction, Redaction.sha256 == Photo.sha256)
    .where(Redaction.lifted_at.is_(None), among(Photo.id, "photos", dialect))
)


def cover_of(db: Asker, sha256: str) -> Cover | None:
    """The boxes that stand on these bytes."""
    return _gathered(_ON.all(db, sha256=sha256)).get(sha256)


def on_photos(db: Asker, photo_ids: list[uuid.UUID]) -> dict[uuid.UUID, Cover]:
    """The covers on these photos."""
    rows = _ON_PHOTOS.all(db, photos=photo_ids) if photo_ids else []
    found = _gathered([(sha256, boxes) for _, sha256, boxes in rows])
    return {photo_id: found[sha256] for photo_id, sha256, _ in rows}


def standing(db: Session | sa.Connection) -> dict[str, Cover]:
    """Every cover that stands: there are few, and whoever prints many photos asks once."""
    return _gathered(db.execute(_STANDING).all())


def _gathered(rows: Sequence[Any]) -> dict[str, Cover]:
    boxes: dict[str, set[Any]] = {}
    for sha256, some in rows:
        boxes.setdefault(sha256, set()).update((float(x), float(y), float(w), float(h)) for x, y, w, h in some)
    return {sha256: Cover(tuple(sorted(found))) for sha256, found in boxes.items()}


def is_seen_at_desk(db: Session, actor: Actor, photo_id: uuid.UUID) -> bool:
    """Whether the photo is held by what the actor sees as supervisor of the district, office or administrator; that one
    took it or was assigned there does not count."""
    desk = dataclasses.replace(actor, roles=actor.roles & DESK)
    query = sa.select(sa.literal(1)).where(Photo.id == photo_id, queries.held_by_visible(desk))
    return bool(desk.roles) and db.execute(query).first() is not None


def demand_original(db: Session, actor: Actor, photo: Photo) -> None:
    """Refuse the very bytes of a covered photo: they are for the desk alone."""
    if is_withheld(db, actor, photo, cover_of(db, photo.sha256)):
        raise Refusal("original-withheld", ("照片部分内容已遮盖", "parts of the photo are covered"))


def is_withheld(db: Session, actor: Actor, photo: Photo, cover: Cover | None) -> bool:
    """Whether the actor may see renditions alone."""
    return cover is not None and not is_seen_at_desk(db, actor, photo.id)


def mapping(db: Session, shown: Sequence[str]) -> Covers:
    """The covers on these bytes."""
    wanted = set(shown)
    return {sha256: cover for sha256, cover in standing(db).items() if sha256 in wanted} if wanted else {}
