"""Whether a photo shows what was done: taken later than the notice, and near the site. Facts to ask about, not scores."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from server.kit.geo import Fence, to_wgs84
from server.programme.models import Site

EARLY, FAR = "after-photo-early", "after-photo-far"
NO_TIME, NO_POSITION = "after-photo-no-time", "after-photo-no-position"
DEMANDS_REASON = frozenset({EARLY, FAR})  # what contradicts; what is only unknown is said and not asked about

CLOCKS = timedelta(minutes=1)  # a camera tells whole seconds, by the phone's own clock

Doubt = dict[str, Any]


class Since(NamedTuple):
    """After which moment a photo must be taken: the notice, the visit's beginning for what was fixed on the spot, or
    the last rejection: what was shown and refused in one round shows nothing in the next."""

    at: datetime
    rejection: bool = False


def doubts_of(
    site: Site, photos: Sequence[Mapping[str, Any]], *, since: Since, default_radius_m: float,
    extra_m: float = 0,
) -> list[Doubt]:
    """What stands against closing by these after-photos; nothing where one of them is beyond doubt.

    `photos` as they were sent: id, captured_at (moment or None), location ({lat, lng, crs, accuracy_m} or None).
    `extra_m` is how far beyond the fence is still near.
    """
    fence = _fence(site, default_radius_m)
    found: list[Doubt] = []
    for photo in photos:
        against = [one for one in (_time(photo, since), _place(photo, fence, extra_m)) if one is not None]
        if not against:
            return []
        found += against
    return found


def demand_reason(doubts: Sequence[Doubt]) -> bool:
    return any(doubt["code"] in DEMANDS_REASON for doubt in doubts)


def _time(photo: Mapping[str, Any], since: Since) -> Doubt | None:
    taken = photo.get("captured_at")
    if taken is None:
        return _doubt(NO_TIME, photo)
    if since.at - taken >= CLOCKS:
        minutes = round((since.at - taken).total_seconds() / 60)
        return _doubt(EARLY, photo, minutes=minutes, rejection=int(since.rejection))
    return None


def _place(photo: Mapping[str, Any], fence: Fence | None, extra_m: float) -> Doubt | None:
    where = photo.get("location")
    if fence is None:
        return None  # the register knows no position of the site to hold it against
    if where is None:
        return _doubt(NO_POSITION, photo)
    point = to_wgs84(where["lat"], where["lng"], where["crs"])
    verdict = fence.inside(point.lat, point.lng, where.get("accuracy_m"))
    allowed = verdict.allowed_m + extra_m
    if verdict.distance_m <= allowed:
        return None
    return _doubt(FAR, photo, distance_m=round(verdict.distance_m), allowed_m=round(allowed))


def _doubt(code: str, photo: Mapping[str, Any], **numbers: int) -> Doubt:
    photo_id = photo["id"]
    return {"code": code, "photo": str(photo_id) if isinstance(photo_id, uuid.UUID) else photo_id, "numbers": numbers}


def _fence(site: Site, default_radius_m: float) -> Fence | None:
    if site.fence_polygon:
        return Fence.polygon(site.fence_polygon)
    if site.lat_wgs84 is None or site.lng_wgs84 is None:
        return None
    return Fence.circle(site.lat_wgs84, site.lng_wgs84, site.fence_radius_m or default_radius_m)
