"""What photos tells those above it, and asks them: lists that server/wiring.py fills once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit.actor import Actor
from server.photos.models import Photo

Hook = TypeVar("Hook")

# (db, photo): stored and verified, in the same transaction, under hold(db, "person:<owner>")
STORED: list[Callable[[Session, Photo], Any]] = []
# (db, owner_id, photo_id, sha256, code): its bytes were refused for good
REFUSED: list[Callable[[Session, uuid.UUID, uuid.UUID, str, str], Any]] = []
# (db, actor, holder_id): True where the holder is the actor's own, False where somebody else's, None where not known
HOLDER_OF: list[Callable[[Session, Actor, uuid.UUID], bool | None]] = []
# kind of holder → the ids of those that an actor may see
HOLDERS: dict[str, Callable[[Actor], sa.Select[Any]]] = {}


def on_stored(hook: Callable[[Session, Photo], Any]) -> None:
    """Be told, in the same transaction, of every photo that is stored and verified."""
    _once(STORED, hook)


def on_refused(hook: Callable[[Session, uuid.UUID, uuid.UUID, str, str], Any]) -> None:
    """Be told of a photo whose bytes were refused: hook(db, owner_id, photo_id, sha256, code)."""
    _once(REFUSED, hook)


def on_holder_of(hook: Callable[[Session, Actor, uuid.UUID], bool | None]) -> None:
    """Answer whose a report or reply is: True the actor's own, False somebody else's, None unknown here."""
    _once(HOLDER_OF, hook)


def register_holder(kind: str, visible: Callable[[Actor], sa.Select[Any]]) -> None:
    """Whoever sees a holder of `kind` sees its photos; `visible(actor)` selects the ids of those."""
    HOLDERS[kind] = visible


def _once(hooks: list[Hook], hook: Hook) -> None:
    if hook not in hooks:  # several applications may be made in one process
        hooks.append(hook)
