"""What photos tells those above it, and asks them: lists that server/wiring.py fills once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit.actor import Actor
from server.kit.prepared import Asker

Hook = TypeVar("Hook")


class StoredPhoto(NamedTuple):
    """A photo whose bytes are stored and verified."""

    id: uuid.UUID
    owner_id: uuid.UUID
    sha256: str


# (db, photo): stored and verified, in the same transaction, under hold(db, "person:<owner>")
STORED: list[Callable[[Session, StoredPhoto], Any]] = []
# (db, sha256): the facts of an original were read and its previews made, or it turned out that they cannot be
READ: list[Callable[[Session, str], Any]] = []
# (db, owner_id, photo_id, sha256, code): its bytes were refused for good
REFUSED: list[Callable[[Session, uuid.UUID, uuid.UUID, str, str], Any]] = []
# (db, actor, holder_id): True where the holder is the actor's own, False where somebody else's, None where not known
HOLDER_OF: list[Callable[[Asker, Actor, uuid.UUID], bool | None]] = []
# (db, owner_id, photo_id): the SHA-256 sums under which what this person has sent waits for the photo
EXPECTED: list[Callable[[Asker, uuid.UUID, uuid.UUID], set[str]]] = []
# (actor, photo_id, sha256): the very bytes are about to be given to this person; whoever raises keeps them from it
OPENED: list[Callable[[Actor, uuid.UUID, str], Any]] = []
# kind of holder → the ids of those that an actor may see
HOLDERS: dict[str, Callable[[Actor], sa.Select[Any]]] = {}
# kind of holder → of the rows of photo_holder those that such a holder shows to an actor who may see it; all, unless said
SHOWN: dict[str, Callable[[Actor], sa.ColumnElement[bool]]] = {}
# kind of holder → their ids and districts
PLACES: dict[str, sa.Select[uuid.UUID, str]] = {}


def on_stored(hook: Callable[[Session, StoredPhoto], Any]) -> None:
    """Be told, in the same transaction, of every photo that is stored and verified."""
    _once(STORED, hook)


def on_read(hook: Callable[[Session, str], Any]) -> None:
    """Be told, in the same transaction, of every original whose facts were read; perhaps more than once."""
    _once(READ, hook)


def on_refused(hook: Callable[[Session, uuid.UUID, uuid.UUID, str, str], Any]) -> None:
    """Be told of a photo whose bytes were refused: hook(db, owner_id, photo_id, sha256, code)."""
    _once(REFUSED, hook)


def on_holder_of(hook: Callable[[Asker, Actor, uuid.UUID], bool | None]) -> None:
    """Answer whose a report or reply is: True the actor's own, False somebody else's, None unknown here."""
    _once(HOLDER_OF, hook)


def on_expected(hook: Callable[[Asker, uuid.UUID, uuid.UUID], set[str]]) -> None:
    """Answer which bytes are waited for under a photo's id: hook(db, owner_id, photo_id)."""
    _once(EXPECTED, hook)


def on_opened(hook: Callable[[Actor, uuid.UUID, str], Any]) -> None:
    """Be told, before the answer goes out, of every original that is given to somebody, whole or in pieces."""
    _once(OPENED, hook)


def register_holder(
    kind: str, visible: Callable[[Actor], sa.Select[Any]], places: sa.Select[uuid.UUID, str],
    shown: Callable[[Actor], sa.ColumnElement[bool]] | None = None,
) -> None:
    """Whoever sees a holder of `kind` sees its photos; `visible(actor)` selects the ids of those. `places` as with
    `register_place`; `shown(actor)` where some of its photos are not for everybody who sees it."""
    HOLDERS[kind] = visible
    if shown is not None:
        SHOWN[kind] = shown
    register_place(kind, places)


def register_place(kind: str, places: sa.Select[uuid.UUID, str]) -> None:
    """Of which district a photo is that a holder of `kind` shows; `places` selects `id` and `district_code`."""
    PLACES[kind] = places


def _once(hooks: list[Hook], hook: Hook) -> None:
    if hook not in hooks:  # several applications may be made in one process
        hooks.append(hook)
