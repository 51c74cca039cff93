"""Positions for whoever needs no more than the neighbourhood: about a hundred metres, wherever they stand in an answer."""

from __future__ import annotations

from typing import Any

DECIMALS, LEAST_M = 3, 100.0
_DEGREES = frozenset({"lat", "lng", "lon", "latitude", "longitude", "lat_wgs84", "lng_wgs84"})
_METRES = frozenset({"accuracy_m", "gps_error_m"})  # they would promise more than is told
_LISTS = frozenset({"coordinates", "polygon"})  # of GeoJSON and of fences


def coarse(value: Any) -> Any:
    """The same with every position in it rounded to 3 decimals, and its accuracy never below 100 m."""
    match value:
        case dict():
            return {key: _of(key, one) for key, one in value.items()}
        case list() | tuple():
            return [coarse(one) for one in value]
        case _:
            return value


def coarse_distances(value: dict[str, Any]) -> dict[str, Any]:
    """The same with distances in hundreds of metres: from three of them to the metre a place can be worked out."""
    return {
        key: max(int(LEAST_M), round(one, -2)) if key.endswith("distance_m") and _is_number(one) else one
        for key, one in value.items()
    }


def _of(key: Any, value: Any) -> Any:
    if key in _DEGREES and _is_number(value):
        return round(value, DECIMALS)
    if key in _METRES and _is_number(value):
        return max(LEAST_M, value)
    return _rounded(value) if key in _LISTS else coarse(value)


def _rounded(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return round(value, DECIMALS) if _is_number(value) else coarse(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
