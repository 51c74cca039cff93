"""Coordinate systems met in China: WGS-84, CGCS2000, GCJ-02 (AMap, Tencent) and BD-09 (Baidu), to and fro.

Written from the public formulas with the constants in china_facts.md §1. In Taiyuan the shifts are some 560 m and
1,350 m, more than any site's fence.
"""

import math
from collections.abc import Callable
from enum import StrEnum

from server.kit.geo.points import Box, Point, check_point

_CHINA = Box(72.004, 0.8293, 137.8347, 55.8271)  # where the GCJ-02 formula applies
_GCJ_A = 6_378_245.0  # Krasovsky 1940 semi-major axis, as the formula has it
_GCJ_EE = 0.00669342162296594323
_BD_X_PI = math.pi * 3000.0 / 180.0
_BD_LAT, _BD_LNG = 0.006, 0.0065
_ROUNDS = 12  # five already give 1e-8 m; more cost nothing and hold near the border


class Crs(StrEnum):
    """The coordinate systems a client may name."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"
    CGCS2000 = "cgcs2000"


def check_crs(crs: str) -> Crs:
    """The named system, else ValueError `crs-unknown`."""
    try:
        return Crs(crs)
    except ValueError:
        raise ValueError("crs-unknown") from None


def to_wgs84(lat: float, lng: float, crs: str) -> Point:
    """The WGS-84 position of a point given in `crs`.

    CGCS2000 is taken as equal (they differ by 0.1 mm); GCJ-02 and BD-09 are undone by fixed-point rounds, because
    the forward formula has no closed inverse. Outside China nothing is shifted.
    """
    point = check_point(lat, lng)
    match check_crs(crs):
        case Crs.GCJ02:
            return _undo(_wgs84_to_gcj02, point)
        case Crs.BD09:
            return _undo(_wgs84_to_gcj02, _undo(_gcj02_to_bd09, point))
        case _:
            return point


def from_wgs84(lat: float, lng: float, crs: str) -> Point:
    """The position in `crs` of a WGS-84 point, the other way round of `to_wgs84`."""
    point = check_point(lat, lng)
    match check_crs(crs):
        case Crs.GCJ02:
            return _wgs84_to_gcj02(point)
        case Crs.BD09:
            return _gcj02_to_bd09(_wgs84_to_gcj02(point))
        case _:
            return point


def _undo(shift: Callable[[Point], Point], shifted: Point) -> Point:
    """The point that `shift` moves onto `shifted`: walk back by what is still missing."""
    guess = shifted
    for _ in range(_ROUNDS):
        landed = shift(guess)
        guess = Point(guess.lat + shifted.lat - landed.lat, guess.lng + shifted.lng - landed.lng)
    return guess


def _wgs84_to_gcj02(point: Point) -> Point:
    if not _CHINA.contains(point.lat, point.lng):
        return point
    x, y = point.lng - 105.0, point.lat - 35.0
    ripple = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + ripple
    north += _waves(y, ((20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30)))
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + ripple
    east += _waves(x, ((20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30)))
    phi = math.radians(point.lat)
    magic = 1 - _GCJ_EE * math.sin(phi) ** 2
    meridian_m = _GCJ_A * (1 - _GCJ_EE) / magic**1.5
    parallel_m = _GCJ_A / math.sqrt(magic) * math.cos(phi)
    return Point(point.lat + math.degrees(north / meridian_m), point.lng + math.degrees(east / parallel_m))


def _waves(t: float, terms: tuple[tuple[float, float], ...]) -> float:
    """Two thirds of the sum of amplitude · sin(frequency · π · t)."""
    return sum(amplitude * math.sin(frequency * math.pi * t) for amplitude, frequency in terms) * 2 / 3


def _gcj02_to_bd09(point: Point) -> Point:
    if not _CHINA.contains(point.lat, point.lng):
        return point
    reach = math.hypot(point.lng, point.lat) + 0.00002 * math.sin(point.lat * _BD_X_PI)
    angle = math.atan2(point.lat, point.lng) + 0.000003 * math.cos(point.lng * _BD_X_PI)
    return Point(reach * math.sin(angle) + _BD_LAT, reach * math.cos(angle) + _BD_LNG)
