"""Points on the globe: the checks every position passes, distances in metres, bounding boxes in degrees."""

import math
from typing import NamedTuple

from geographiclib.geodesic import Geodesic

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


class Point(NamedTuple):
    """A position in degrees."""

    lat: float
    lng: float


class Box(NamedTuple):
    """A bounding box in degrees; west ≤ east and south ≤ north."""

    west: float
    south: float
    east: float
    north: float

    def contains(self, lat: float, lng: float) -> bool:
        """Whether the point lies in the box, edges included."""
        return self.south <= lat <= self.north and self.west <= lng <= self.east


TAIYUAN = Box(111.50, 37.45, 113.15, 38.42)


def check_point(lat: float, lng: float) -> Point:
    """The point itself when it is on the globe, else ValueError.

    Keys: `coordinate-not-a-number`, `coordinate-not-finite`, `latitude-out-of-range`, `longitude-out-of-range`.
    """
    for value in (lat, lng):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("coordinate-not-a-number")
        if not is_finite(value):
            raise ValueError("coordinate-not-finite")
    if not -90 <= lat <= 90:
        raise ValueError("latitude-out-of-range")
    if not -180 <= lng <= 180:
        raise ValueError("longitude-out-of-range")
    return Point(float(lat), float(lng))


def distance_m(a: Point, b: Point) -> float:
    """Metres along the WGS-84 ellipsoid between two WGS-84 points."""
    a, b = check_point(*a), check_point(*b)
    return float(Geodesic.WGS84.Inverse(a.lat, a.lng, b.lat, b.lng, Geodesic.DISTANCE)["s12"])


def quick_distance_m(a: Point, b: Point) -> float:
    """Metres along a sphere: within 0.6 % of `distance_m` and some twenty times faster, for sorting lists."""
    half_lat = math.radians(b.lat - a.lat) / 2
    half_lng = math.radians(b.lng - a.lng) / 2
    chord = (
        math.sin(half_lat) ** 2
        + math.cos(math.radians(a.lat)) * math.cos(math.radians(b.lat)) * math.sin(half_lng) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, chord)))


def box_around(lat: float, lng: float, radius_m: float) -> Box:
    """The smallest box that surely holds the circle, for a cheap first filter in SQL.

    Near a pole or over the date line it widens to all longitudes. ValueError `radius-out-of-range` when negative.
    """
    point = check_point(lat, lng)
    if not is_finite(radius_m) or radius_m < 0:
        raise ValueError("radius-out-of-range")
    slack = 1.01  # the sphere stands for the ellipsoid here
    d_lat = math.degrees(radius_m * slack / EARTH_RADIUS_M)
    south, north = max(-90.0, point.lat - d_lat), min(90.0, point.lat + d_lat)
    narrowest = math.cos(math.radians(max(abs(south), abs(north))))
    d_lng = d_lat / narrowest if narrowest > 1e-9 else 360.0
    west, east = point.lng - d_lng, point.lng + d_lng
    if west < -180 or east > 180:
        west, east = -180.0, 180.0
    return Box(west, south, east, north)


def parse_bbox(text: str) -> Box:
    """`west,south,east,north` in degrees as a Box; ValueError `bbox-malformed` for anything else."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
        check_point(south, west)
        check_point(north, east)
    except ValueError:
        raise ValueError("bbox-malformed") from None
    if west > east or south > north:
        raise ValueError("bbox-malformed")
    return Box(west, south, east, north)


def in_taiyuan(lat: float, lng: float) -> bool:
    """Whether a point lies in the box round Taiyuan; catches 0,0 and swapped axes."""
    return TAIYUAN.contains(*check_point(lat, lng))


def looks_swapped(lat: float, lng: float) -> bool:
    """Whether the pair lies in Taiyuan only when latitude and longitude change places."""
    return not TAIYUAN.contains(lat, lng) and TAIYUAN.contains(lng, lat)


def is_finite(value: float) -> bool:
    """`math.isfinite`, but an integer too big for a float is simply not finite."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
