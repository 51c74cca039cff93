"""What accounts asks of the features above it; server/wiring.py fills these in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping

from sqlalchemy.orm import Session

from server.kit.actor import Actor

HandOver = Callable[[Session, Actor | None, uuid.UUID, uuid.UUID], Mapping[str, int]]
DistrictNames = Callable[[Session], Mapping[str, Collection[str]]]

# Each passes a leaver's things of one kind on: (db, actor, leaver, successor) → what → how many, such as {"sites": 3}.
handover_hooks: list[HandOver] = []
# The districts there are: code → the names people write for it. Programme knows them.
district_hooks: list[DistrictNames] = []


def district_names(db: Session) -> dict[str, Collection[str]]:
    """Code → names of every district."""
    return {code: names for hook in district_hooks for code, names in hook(db).items()}
