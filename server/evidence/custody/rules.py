"""What counts as one opening, how openings are gathered into lines of the trail, what may be wrong with an original."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_PHOTOS = 200  # of one line of the trail
LONGEST = timedelta(hours=1)  # who goes on and on is written down all the same


class How(StrEnum):
    """The way in which an original left the store."""

    OPENED = "opened"  # looked at, one by one
    WEEKLY = "weekly"  # in the ZIP of a weekly report
    EXPORT = "export"  # in an archive of photos
    PACKAGE = "package"  # in an evidence package


class Wrong(StrEnum):
    """What a check found of an original."""

    MISSING = "missing"
    SIZE = "size"  # another length, and so other bytes
    BYTES = "bytes"  # as long as it was, but other bytes
    UNREADABLE = "unreadable"  # the disk gives an error


@dataclass(frozen=True, slots=True)
class Opening:
    """One original that went out: `of` names the report, export or week that it went out with."""

    id: uuid.UUID
    at: datetime
    actor_id: uuid.UUID
    photo_id: uuid.UUID
    sha256: str
    how: How
    of: str | None
    district: str | None = None


def sittings(openings: Iterable[Opening], gap: timedelta) -> Iterator[list[Opening]]:
    """What is one line of the trail each: openings of one person, in order of time, in one way and of one district, each
    less than `gap` after the one before it, of at most MOST_PHOTOS photos."""
    under_way: dict[tuple[uuid.UUID, How, str | None, str | None], list[Opening]] = {}
    for one in openings:
        key = (one.actor_id, one.how, one.of, one.district)
        group = under_way.get(key)
        if group and (
            one.at - group[-1].at >= gap or one.at - group[0].at >= LONGEST
            or len({known.photo_id for known in group} | {one.photo_id}) > MOST_PHOTOS
        ):
            yield under_way.pop(key)
            group = None
        if group is None:
            under_way[key] = group = []
        group.append(one)
    yield from under_way.values()


def is_over(sitting: list[Opening], gap: timedelta, now: datetime) -> bool:
    """Whether nothing more can come to it."""
    whole = len({one.photo_id for one in sitting}) >= MOST_PHOTOS
    return whole or now - sitting[-1].at >= gap or now - sitting[0].at >= LONGEST


def once(sitting: Iterable[Opening]) -> list[Opening]:
    """The first opening of each photo, without those that were pieces of it or went on with it."""
    first: dict[uuid.UUID, Opening] = {}
    for one in sitting:
        first.setdefault(one.photo_id, one)
    return list(first.values())
