"""A photo and its flags as the schemas want them, in the asker's language, with links signed for this sign-in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy.orm import Session

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


def shape_flags(flags: Iterable[Flag], language: str) -> list[dict[str, Any]]:
    """Flags with title and detail in `zh` or `en`."""
    shaped = []
    for flag in flags:
        title, detail = words(flag.code, flag.numbers, language)
        shaped.append({
            "id": flag.id, "code": flag.code, "title": title, "detail": detail, "numbers": flag.numbers,
            "settled_by": flag.settled_by, "settled_reason": flag.settled_reason,
        })
    return shaped


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
        "flags": shape_flags(queries.flags_of(db, "photo", [photo.id]), language),
        "links": links(photo.id, actor, minutes),
    }
