"""Files that mails of a kind bring along: each feature says how its own are had, when the mail goes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from config import Config
from server.kit.db import Database
from server.kit.storage import Store


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it is attached; `name` may be Chinese."""

    name: str
    media_type: str
    data: bytes


Finder = Callable[[Database, Config, Store, Mapping[str, Any]], list[Attachment]]
FINDERS: dict[str, Finder] = {}


def brings(kind: str) -> Callable[[Finder], Finder]:
    """Register what finds the files of a kind of message, from its facts; it is asked again at every try."""

    def register(found: Finder) -> Finder:
        FINDERS[kind] = found
        return found

    return register


def of(kind: str, database: Database, conf: Config, store: Store, facts: Mapping[str, Any]) -> list[Attachment]:
    """The files of a message; none for most kinds."""
    finder = FINDERS.get(kind)
    return [] if finder is None else finder(database, conf, store, facts)
