"""Site fences: a circle or a polygon in WGS-84, and what it says of a fix.

The rule is that of china_facts.md §1: a fix is inside when its distance is at most the radius plus its accuracy,
the accuracy counted up to 100 m. Outside is a fact to show, never a reason to refuse a report.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeGuard

import shapely

from server.kit.geo.points import EARTH_RADIUS_M, Point, check_point, distance_m, is_finite

DEFAULT_RADIUS_M = 200.0
ACCURACY_CAP_M = 100.0
MIN_RADIUS_M, MAX_RADIUS_M = 10.0, 5_000.0
MAX_FENCE_POINTS = 500
MIN_FENCE_AREA_M2, MAX_FENCE_AREA_M2 = 50.0, 10_000_000.0


class FenceVerdict(NamedTuple):
    """What a fence says of a fix: `distance_m` from the centre (radius) or from the edge (polygon, 0 within)."""

    inside: bool
    distance_m: float
    allowed_m: float


@dataclass(frozen=True, slots=True)
class Fence:
    """Where a site is, in WGS-84: a circle, or a polygon of [lng, lat] pairs. Build it with `circle` or `polygon`."""

    centre: Point
    radius_m: float | None
    ring: tuple[tuple[float, float], ...] | None
    _shape: shapely.Polygon | None = field(default=None, repr=False, compare=False)

    @classmethod
    def circle(cls, lat: float, lng: float, radius_m: float = DEFAULT_RADIUS_M) -> "Fence":
        """A circle of 10 m to 5 km; ValueError `fence-radius-out-of-range`."""
        centre = check_point(lat, lng)
        if isinstance(radius_m, bool) or not isinstance(radius_m, int | float) or not is_finite(radius_m):
            raise ValueError("fence-radius-out-of-range")
        if not MIN_RADIUS_M <= radius_m <= MAX_RADIUS_M:
            raise ValueError("fence-radius-out-of-range")
        return cls(centre, float(radius_m), None)

    @classmethod
    def polygon(cls, shape: object) -> "Fence":
        """A polygon from a ring [[lng, lat], …] or a GeoJSON Polygon of one ring.

        ValueError keys: `fence-malformed`, `fence-has-holes`, `fence-too-many-points`, `fence-not-closed`,
        `fence-not-simple`, `fence-area-out-of-range` (50 m² to 10 km²) and those of `check_point`.
        """
        ring = _ring(shape)
        centre = Point(
            (min(lat for _, lat in ring) + max(lat for _, lat in ring)) / 2,
            (min(lng for lng, _ in ring) + max(lng for lng, _ in ring)) / 2,
        )
        flat = shapely.Polygon([_flatten(centre, lat, lng) for lng, lat in ring])
        if not flat.is_valid:
            raise ValueError("fence-not-simple")
        if not MIN_FENCE_AREA_M2 <= flat.area <= MAX_FENCE_AREA_M2:
            raise ValueError("fence-area-out-of-range")
        return cls(centre, None, ring, flat)

    def inside(self, lat: float, lng: float, accuracy_m: float | None = None) -> FenceVerdict:
        """Judge a WGS-84 fix. Allowed: the radius (nothing for a polygon) plus the fix's accuracy, 100 m at most.

        An unknown accuracy counts as nothing. ValueError `accuracy-out-of-range` when negative or not finite.
        """
        point = check_point(lat, lng)
        blur = min(_accuracy(accuracy_m), ACCURACY_CAP_M)
        if self._shape is None:
            allowed = (self.radius_m or 0.0) + blur
            distance = distance_m(self.centre, point)
        else:
            allowed = blur
            distance = self._beyond_edge_m(self._shape, point)
        return FenceVerdict(distance <= allowed, distance, allowed)

    def _beyond_edge_m(self, shape: shapely.Polygon, point: Point) -> float:
        """Metres from the polygon, 0 within it; the nearest edge is found on a plane, the length on the ellipsoid."""
        flat = shapely.Point(_flatten(self.centre, point.lat, point.lng))
        if shape.covers(flat):
            return 0.0
        edge = shape.exterior.interpolate(shape.exterior.project(flat))
        return distance_m(point, _unflatten(self.centre, edge.x, edge.y))


def _accuracy(value: float | None) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_finite(value) or value < 0:
        raise ValueError("accuracy-out-of-range")
    return float(value)


def _ring(shape: object) -> tuple[tuple[float, float], ...]:
    """The checked [lng, lat] pairs of the one ring."""
    if isinstance(shape, Mapping):
        rings = shape.get("coordinates")
        if shape.get("type") != "Polygon" or not _is_list(rings) or not rings:
            raise ValueError("fence-malformed")
        if len(rings) > 1:
            raise ValueError("fence-has-holes")
        shape = rings[0]
    if not _is_list(shape) or len(shape) < 4:
        raise ValueError("fence-malformed")
    if len(shape) > MAX_FENCE_POINTS:
        raise ValueError("fence-too-many-points")
    pairs = []
    for pair in shape:
        if not _is_list(pair) or len(pair) != 2:
            raise ValueError("fence-malformed")
        point = check_point(*_numbers(pair[1], pair[0]))
        pairs.append((point.lng, point.lat))
    if pairs[0] != pairs[-1]:
        raise ValueError("fence-not-closed")
    return tuple(pairs)


def _numbers(lat: object, lng: object) -> tuple[float, float]:
    if not isinstance(lat, int | float) or not isinstance(lng, int | float):
        raise ValueError("coordinate-not-a-number")
    return lat, lng


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _flatten(origin: Point, lat: float, lng: float) -> tuple[float, float]:
    """Metres east and north of the origin; good to 0.1 % over the few kilometres of a site."""
    return (
        math.radians(lng - origin.lng) * EARTH_RADIUS_M * math.cos(math.radians(origin.lat)),
        math.radians(lat - origin.lat) * EARTH_RADIUS_M,
    )


def _unflatten(origin: Point, x: float, y: float) -> Point:
    lat = origin.lat + math.degrees(y / EARTH_RADIUS_M)
    return Point(lat, origin.lng + math.degrees(x / (EARTH_RADIUS_M * math.cos(math.radians(origin.lat)))))
