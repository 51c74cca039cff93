"""Noting that an original goes out: to one who looks at it, or packed into what somebody fetches."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import partial

from config import Config
from server.evidence.custody import service
from server.evidence.custody.rules import How, Opening
from server.evidence.custody.spool import Spool, spool
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import Database
from server.kit.ids import new_id

Noted = Callable[[uuid.UUID, str], None]  # (photo, SHA-256): it goes out now


def make_spool(conf: Config, database: Database) -> Spool:
    """The spool of an application, in its data folder."""
    return Spool(conf.data_dir / "custody", partial(service.settle, database))


def looked_at(actor: Actor, photo_id: uuid.UUID, sha256: str) -> None:
    """A person is given an original, or a piece of it."""
    spool().note([_opening(actor.id, photo_id, sha256, How.OPENED, None)])


def packing(actor_id: uuid.UUID, how: How, of: str | uuid.UUID) -> Noted:
    """What to call for each photo as it goes into a file for this person; good outside the application's context too."""
    into = spool()
    return lambda photo_id, sha256: into.note([_opening(actor_id, photo_id, sha256, how, str(of))])


def _opening(actor_id: uuid.UUID, photo_id: uuid.UUID, sha256: str, how: How, of: str | None) -> Opening:
    return Opening(new_id(), clock.now(), actor_id, photo_id, sha256, how, of)


def noting(pieces: Iterator[bytes], noted: Callable[[], None]) -> Iterator[bytes]:
    """The pieces, with `noted` called once the first of them is there: what the store has lost goes out to nobody."""
    first = next(pieces, None)
    noted()
    if first is not None:
        yield first
    yield from pieces
