"""A photo and its flags as the schemas want them, in the asker's language, with links signed for this sign-in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.kit import tokens
from server.kit.actor import Actor
from server.kit.covering import Cover
from server.kit.geo import coarse, coarse_distances
from server.permissions import DESK, may, placed, sees_exact_places
from server.photos import covers, queries, redactions
from server.photos.models import Flag, Original, Photo
from server.photos.rules import words


def links(
    photo_id: uuid.UUID, actor: Actor, minutes: int, cover: Cover | None = None, *, removed: bool = False
) -> dict[str, str]:
    """Signed addresses of the original, the preview, the thumb and the stamped copy. With a cover they are others, so that
    no browser shows what it has kept from before; and the original is not offered to whom it would be refused, nor to
    anybody once it was `removed`."""
    given = {
        name: tokens.sign_link(f"/api/v1/photos/{photo_id}/{name}", actor.session_id, minutes)
        for name in ("original", "preview", "thumb", "stamped")
    }
    if removed or (cover is not None and not actor.has(*DESK)):
        del given["original"]
    if cover is None:
        return given
    mark = f"{'&' if actor.session_id else '?'}cover={cover.name}"
    return {name: address if name == "original" else address + mark for name, address in given.items()}


def shape_flags(db: Session, flags: Iterable[Flag], language: str, *, exact: bool = True) -> list[dict[str, Any]]:
    """Flags with title and detail in `zh` or `en`, and who answered and settled them; positions among their numbers only
    `exact` where one may have them."""
    flags = list(flags)
    ids = {person for flag in flags for person in (flag.settled_by, flag.answered_by) if person}
    names = people.names_of(db, ids) if ids else {}
    return [_shape_flag(flag, language, names, exact=exact) for flag in flags]


def _shape_flag(flag: Flag, language: str, names: Mapping[uuid.UUID, str], *, exact: bool) -> dict[str, Any]:
    numbers = flag.numbers if exact else coarse_distances(coarse(flag.numbers))
    title, detail = words(flag.code, numbers, language)
    return {
        "id": flag.id, "code": flag.code, "title": title, "detail": detail, "numbers": numbers,
        "object_kind": flag.object_kind, "object_id": flag.object_id, "raised_at": flag.raised_at,
        "settled_by": flag.settled_by, "settled_reason": flag.settled_reason, "settled_at": flag.settled_at,
        "settled_by_name": names.get(flag.settled_by) if flag.settled_by else None,
        "answer": flag.answer, "answered_at": flag.answered_at,
        "answered_by_name": names.get(flag.answered_by) if flag.answered_by else None,
    }


def shape_photo(
    db: Session, actor: Actor, photo: Photo, original: Original, *, language: str, minutes: int
) -> dict[str, Any]:
    """The facts of a photo for PhotoOut. `minutes` is the life of its links."""
    facts = placed(actor, original.facts)
    flags = shape_flags(db, queries.flags_of_photo(db, actor, photo.id), language, exact=sees_exact_places(actor))
    cover, at_desk = covers.cover_of(db, photo.sha256), covers.is_seen_at_desk(db, actor, photo.id)
    laid = redactions.all_of(db, photo.sha256) if at_desk else []
    names = people.names_of(db, {one for row in laid for one in (row.by, row.lifted_by) if one}) if laid else {}
    given = links(photo.id, actor, minutes, cover, removed=photo.removed_at is not None)
    if covers.is_withheld(db, actor, photo, cover):
        given.pop("original", None)
    return {
        "id": photo.id, "sha256": photo.sha256, "size": original.size, "media_type": original.media_type,
        "width": original.width, "height": original.height, "filename": photo.filename,
        "received_at": photo.received_at, "unreadable": original.unreadable, "renditions": original.renditions,
        "renditions_why": original.renditions_why,
        "exif": facts if facts and facts.get("has_exif") else None,
        "flags": flags, "cover": cover.name if cover else None, "redactions": redactions.shape(laid, names),
        "may_redact": at_desk and may(actor, "POST /api/v1/photos/{photo_id}/redactions"), "links": given,
        "removed": removal(photo.removed_at, photo.removed_days),
    }


def removal(at: datetime | None, days: int | None) -> dict[str, Any] | None:
    """When and by which rule a photo's original was removed; None where it is kept."""
    return None if at is None else {"at": at, "days": days}
