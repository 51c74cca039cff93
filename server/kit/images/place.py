"""Where a photo says it was taken: degrees, minutes and seconds as fractions, turned into numbers or refused."""

from collections.abc import Mapping
from typing import Any

from . import exif as tags
from .exif import Value

_LOWEST_M, _HIGHEST_M = -500.0, 9000.0  # the Dead Sea's shore and Everest, with room
_WORST_ERROR_M = 1_000_000.0


def read_place(gps: Mapping[int, Value], problems: list[str]) -> dict[str, Any]:
    """`lat`, `lng`, `altitude_m`, `gps_error_m`, each a float or None; adds codes to problems."""
    lat, lng = _position(gps, problems)
    return {
        "lat": lat,
        "lng": lng,
        "altitude_m": _altitude(gps, problems),
        "gps_error_m": _error(gps, problems) if lat is not None else None,
    }


def _position(gps: Mapping[int, Value], problems: list[str]) -> tuple[float | None, float | None]:
    if tags.LAT not in gps and tags.LNG not in gps:
        return None, None
    lat, lng = _degrees(gps.get(tags.LAT), 90), _degrees(gps.get(tags.LNG), 180)
    if lat is None or lng is None:
        problems.append("gps-broken")
        return None, None
    if lat == 0 and lng == 0:  # what a phone writes that had no fix
        problems.append("gps-zero")
        return None, None
    south, west = _side(gps.get(tags.LAT_REF), b"NS"), _side(gps.get(tags.LNG_REF), b"EW")
    if south is None or west is None:  # half the earth to choose from: a guess would be no fact
        problems.append("gps-no-ref")
        return None, None
    return (-lat if south else lat), (-lng if west else lng)


def _degrees(value: Value | None, most: int) -> float | None:
    """Degrees to 1e-8 (a millimetre); None for a zero denominator, a negative part, 60 minutes and more, too far."""
    parts = (value.fractions() if value else None) or []
    if not parts or any(under <= 0 or over < 0 for over, under in parts[:3]):
        return None
    degrees, minutes, seconds = ([over / under for over, under in parts[:3]] + [0.0, 0.0])[:3]
    if minutes > 60 or seconds > 60:
        return None
    total = round(degrees + minutes / 60 + seconds / 3600, 8)
    return total if total <= most else None


def _side(value: Value | None, letters: bytes) -> bool | None:
    """False for north or east, True for south or west, None where the photo does not say."""
    letter = ((value.text() if value else None) or b"").strip().upper()[:1]
    return letters.index(letter) == 1 if letter and letter in letters else None


def _altitude(gps: Mapping[int, Value], problems: list[str]) -> float | None:
    if tags.ALTITUDE not in gps:
        return None
    metres = _one(gps[tags.ALTITUDE])
    below = gps[tags.ALTITUDE_REF].whole() if tags.ALTITUDE_REF in gps else 0
    if metres is not None and below == 1:
        metres = -abs(metres)
    if metres is None or not _LOWEST_M <= metres <= _HIGHEST_M:
        problems.append("altitude-broken")
        return None
    return metres


def _error(gps: Mapping[int, Value], problems: list[str]) -> float | None:
    if tags.GPS_ERROR not in gps:
        return None
    metres = _one(gps[tags.GPS_ERROR])
    if metres is None or not 0 <= metres <= _WORST_ERROR_M:
        problems.append("gps-error-broken")
        return None
    return metres


def _one(value: Value) -> float | None:
    parts = value.fractions() or []
    return round(parts[0][0] / parts[0][1], 3) if parts and parts[0][1] else None
