"""A photo and its flags as the schemas want them, in the asker's language, with links signed for this sign-in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from server.accounts.queries import names_of
from server.kit import tokens
from server.kit.actor import Actor
from server.photos import queries
from server.photos.models import Flag, Original, Photo
from server.photos.rules import words


def links(photo_id: uuid.UUID, actor: Actor, minutes: int) -> dict[str, str]:
    """Signed addresses of the original, the preview and the thumb."""
    return {
        name: tokens.sign_link(f"/api/v1/photos/{photo_id}/{name}", actor.session_id, minutes)
        for name in ("original", "preview", "thumb")
    }


def shape_flags(db: Session, flags: Iterable[Flag], language: str) -> list[dict[str, Any]]:
    """Flags with title and detail in `zh` or `en`, and who answered and settled them."""
    flags = list(flags)
    ids = {person for flag in flags for person in (flag.settled_by, flag.answered_by) if person}
    names = names_of(db, ids) if ids else {}
    return [_shape_flag(flag, language, names) for flag in flags]


def _shape_flag(flag: Flag, language: str, names: Mapping[uuid.UUID, str]) -> dict[str, Any]:
    title, detail = words(flag.code, flag.numbers, language)
    return {
        "id": flag.id, "code": flag.code, "title": title, "detail": detail, "numbers": flag.numbers,
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
    facts = original.facts
    return {
        "id": photo.id, "sha256": photo.sha256, "size": original.size, "media_type": original.media_type,
        "width": original.width, "height": original.height, "filename": photo.filename,
        "received_at": photo.received_at, "unreadable": original.unreadable, "renditions": original.renditions,
        "renditions_why": original.renditions_why,
        "exif": facts if facts and facts.get("has_exif") else None,
        "flags": shape_flags(db, queries.flags_of_photo(db, actor, photo.id), language),
        "links": links(photo.id, actor, minutes),
    }
