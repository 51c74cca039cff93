"""Where: a position against the fence, against another one, and against what a forgotten datum would make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from server.evidence.facts.rules import Fix, Found, Limits, Numbers, Shot, Source, Visit
from server.kit.geo import ACCURACY_CAP_M, Crs, Fence, Point, distance_m, from_wgs84, to_wgs84

SHIFTS = (Crs.GCJ02, Crs.BD09)
LEAST_PART = 0.25  # of the shift: one who stands just outside a wide fence is outside it, though a shift would lead in
AT_ONCE_S = 1.0  # two positions of one moment: what lies between them was travelled in a second


def of_report(visit: Visit, limits: Limits) -> Found:
    """Of the position that the report itself gives. One without any says with it how many of its photos have one."""
    if visit.fix is None:
        placed = sum(shot.place is not None for shot in visit.shots)
        return {"no-position": {"photos": len(visit.shots), "with_position": placed}}
    return against_fence(visit.fence, visit.fix, limits)


def of_shot(visit: Visit, shot: Shot, limits: Limits) -> Found:
    """Of one photo. Where the report has no position either it is said of the report alone, once."""
    where = shot.place
    if where is None:
        if (visit.fix is None and visit.is_report) or shot.exif is None:
            return {}
        return {"no-position": {"photos": 1, "with_position": 0}}
    found = against_fence(visit.fence, where, limits)
    own = shot.exif.fix if shot.exif else None
    # one from the gallery was taken elsewhere than where it was chosen, and nobody says otherwise
    if own is not None and shot.fix is not None and shot.source != Source.GALLERY:
        for code, numbers in against_each_other(own, shot.fix, limits).items():
            found.setdefault(code, numbers)
    return found


def against_fence(fence: Fence | None, fix: Fix, limits: Limits) -> Found:
    """Outside the fence, or where a forgotten datum would put one who is inside."""
    if fence is None:
        return {}
    verdict = fence.inside(fix.point.lat, fix.point.lng, fix.accuracy_m)
    if verdict.distance_m - verdict.allowed_m <= limits.outside_m:
        return {}
    beyond = verdict.distance_m - (fence.radius_m or 0.0)

    def left(point: Point) -> float:
        other = fence.inside(point.lat, point.lng, fix.accuracy_m)
        return max(0.0, other.distance_m - other.allowed_m)

    doubt = _datum(fix.point, left, limits.datum_m)
    if doubt and beyond >= doubt["offset_m"] * LEAST_PART:
        return {"datum-suspect": {"distance_m": round(beyond), **doubt}}
    numbers: Numbers = {"distance_m": round(beyond), "accuracy_m": _metres(fix.accuracy_m)}
    if fence.radius_m is not None:
        numbers["fence_m"] = round(fence.radius_m)
    return {"outside-fence": numbers}


def against_each_other(own: Fix, phone: Fix, limits: Limits) -> Found:
    """What the photo says against what the phone said of the same moment."""
    distance, blur = distance_m(own.point, phone.point), own.blur_m + phone.blur_m
    if distance - blur <= limits.apart_m:
        return {}

    def left(point: Point) -> float:
        return max(0.0, distance_m(point, phone.point) - min(blur, ACCURACY_CAP_M))

    doubt = _datum(own.point, left, limits.datum_m)
    if doubt:
        return {"datum-suspect": {"distance_m": round(distance), **doubt}}
    return {"position-mismatch": {"distance_m": round(distance), "accuracy_m": round(blur)}}


def _datum(point: Point, left: Callable[[Point], float], most_m: float) -> Numbers | None:
    """The shift that explains a position best, where one does: its system, how far it moves, what stays unexplained."""
    best: tuple[float, Crs, float] | None = None
    for system, moved in _moved(point):
        offset = distance_m(point, moved)
        if offset <= most_m:  # outside China nothing moves, and nothing is explained by it
            continue
        stays = left(moved)
        if stays <= most_m and (best is None or stays < best[0]):
            best = (stays, system, offset)
    if best is None:
        return None
    stays, system, offset = best
    return {"offset_m": round(offset), "left_m": round(stays), "system": system.value}


def _moved(point: Point) -> Iterator[tuple[Crs, Point]]:
    """Where it would be had it been given in another system than it was said to be, either way round."""
    for system in SHIFTS:
        yield system, to_wgs84(point.lat, point.lng, system)
        yield system, from_wgs84(point.lat, point.lng, system)


def travel(before: Fix, after: Fix, limits: Limits) -> Numbers | None:
    """Between two positions of one phone, one after the other: too far in the time, whatever their accuracies."""
    if before.at is None or after.at is None:
        return None
    distance = distance_m(before.point, after.point)
    apart = distance - before.blur_m - after.blur_m
    if apart <= limits.travel_m:
        return None
    took = _seconds(before.at, after.at)
    speed = apart / max(took, AT_ONCE_S) * 3.6
    if speed <= limits.travel_kmh:
        return None
    return {
        "distance_m": round(distance), "minutes": round(took / 60), "speed_kmh": round(speed),
        "before_at": before.at.isoformat(),
    }


def _seconds(start: datetime, end: datetime) -> float:
    return max(0.0, (end - start).total_seconds())


def _metres(value: float | None) -> int | None:
    return None if value is None else round(value)
