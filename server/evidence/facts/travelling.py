"""The way of a phone: the positions that a report brings to it, and between which of them nobody could have travelled."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from server.evidence.facts import place
from server.evidence.facts.queries import Stop
from server.evidence.facts.rules import Fix, Limits, Numbers, Source, Visit

_SINCE, _UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def stops_of(visit: Visit) -> list[Stop]:
    """Where the phone was by this report, each place and moment once, in the order of time.

    A photo that was chosen from the gallery says nothing of where the phone was when.
    """
    said: list[tuple[uuid.UUID, Fix | None, datetime | None]] = [(visit.id, visit.fix, visit.finished_at)]
    said += [(shot.id, shot.fix, shot.captured_at) for shot in visit.shots if shot.source != Source.GALLERY]
    stops: dict[tuple[datetime, float, float], Stop] = {}
    for object_id, fix, otherwise in said:
        at = _put_right(fix.at or otherwise, visit.skew_s) if fix else None
        if fix is None or at is None:
            continue
        stop = Stop(visit.id, object_id, Fix(fix.point, fix.accuracy_m, at))
        stops.setdefault((at, fix.point.lat, fix.point.lng), stop)
    return in_order(stops.values())


def _put_right(at: datetime | None, skew_s: float | None) -> datetime | None:
    """By the right time; None for what no phone can have meant."""
    if at is None or not _SINCE <= at <= _UNTIL or abs(skew_s or 0.0) > 100 * 365 * 86400:
        return None
    right = at.astimezone(UTC) - timedelta(seconds=skew_s or 0.0)
    return right if _SINCE <= right <= _UNTIL else None


def in_order(stops: Iterable[Stop]) -> list[Stop]:
    return sorted(stops, key=lambda stop: (stop.fix.at or _SINCE, stop.object_id))


def impossible(own: Sequence[Stop], others: Sequence[Stop], limits: Limits) -> dict[uuid.UUID, Numbers]:
    """By report or photo of one's own where the phone was too fast from the place before, whosever report gave that."""
    way = in_order([*own, *others])
    found: dict[uuid.UUID, Numbers] = {}
    mine = {stop.object_id for stop in own}
    for before, after in pairwise(way):
        if after.object_id in mine and after.report_id == own[0].report_id:
            numbers = place.travel(before.fix, after.fix, limits)
            if numbers:
                found[after.object_id] = numbers
    return found


def followers(own: Iterable[Stop], others: Sequence[Stop]) -> set[uuid.UUID]:
    """The other reports that stand right behind one of these on the way: what they came from is another place now."""
    way = in_order([*own, *others])
    theirs = {id(stop) for stop in others}
    return {
        after.report_id for before, after in pairwise(way)
        if id(after) in theirs and id(before) not in theirs
    }
