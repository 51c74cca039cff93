"""From what a phone sent and what its photos' files say to what is judged. Whatever cannot be read is not there."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from config import Config
from server.evidence.facts.rules import Exif, Fix, Limits, Shot
from server.kit import clock
from server.kit.geo import Fence, Point, to_wgs84
from server.photos.models import Original
from server.programme.models import Site
from server.reports.schemas import PositionIn

_POSITION = PositionIn()


def limits_of(conf: Config) -> Limits:
    """The settings as thresholds."""
    return Limits(
        outside_m=conf.evidence_outside_m, apart_m=conf.evidence_apart_m, datum_m=conf.evidence_datum_m,
        travel_kmh=conf.evidence_travel_kmh, travel_m=conf.evidence_travel_m,
        clock_minutes=conf.evidence_clock_minutes, times_minutes=conf.evidence_times_minutes,
        visit_minutes=conf.evidence_visit_minutes, no_exif_photos=conf.evidence_no_exif_photos,
        editors=tuple(_listed(conf.evidence_editors.lower())),
        screens=frozenset((min(pair), max(pair)) for pair in map(_size, _listed(conf.evidence_screens))),
        messenger_sides=frozenset(map(int, _listed(conf.evidence_messenger_sides))),
    )


def _listed(setting: str) -> list[str]:
    return [one.strip() for one in setting.split(",") if one.strip()]


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def moment(text: Any) -> datetime | None:
    """A moment that a phone wrote, aware; None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        found = clock.read(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def fix_of(said: Any) -> Fix | None:
    """A position as a phone gave it, in WGS-84."""
    if not isinstance(said, Mapping):
        return None
    try:
        position = _POSITION.load(said)
        point = to_wgs84(position["lat"], position["lng"], position["crs"])
    except (ValidationError, ValueError):
        return None
    return Fix(point, position["accuracy_m"], position["captured_at"])


def fence_of(site: Site, conf: Config) -> Fence | None:
    """The site's fence, or the circle that the settings give every site; None where it is nowhere."""
    try:
        if site.fence_polygon:
            return Fence.polygon(site.fence_polygon)
        if site.lat_wgs84 is None or site.lng_wgs84 is None:
            return None
        return Fence.circle(site.lat_wgs84, site.lng_wgs84, site.fence_radius_m or conf.fence_default_m)
    except ValueError:
        return None


def exif_of(facts: Mapping[str, Any] | None) -> Exif | None:
    """What the file says; None until it was read."""
    if facts is None:
        return None
    lat, lng = facts.get("lat"), facts.get("lng")
    fix = None if lat is None or lng is None else Fix(Point(lat, lng), facts.get("gps_error_m"))
    return Exif(
        taken_at=_camera_time(facts.get("taken_at")), gps_at=moment(facts.get("gps_at")), fix=fix,
        make=facts.get("make"), model=facts.get("model"), software=facts.get("software"),
    )


def _camera_time(text: str | None) -> datetime | None:
    """A camera's clock mostly names no zone: then it is that of the city."""
    if not text:
        return None
    taken = datetime.fromisoformat(text)
    return taken if taken.tzinfo else taken.replace(tzinfo=clock.SHANGHAI)


def shot_of(entry: Mapping[str, Any], original: Original | None) -> Shot:
    """A photo as the report names it, with what is known of its bytes."""
    source = entry.get("source")
    return Shot(
        id=uuid.UUID(entry["id"]), source=source.strip().lower() if isinstance(source, str) else None,
        live=entry.get("live") is True, captured_at=moment(entry.get("captured_at")),
        fix=fix_of(entry.get("location")), exif=exif_of(original.facts) if original else None,
        media_type=original.media_type if original else "", width=original.width if original else None,
        height=original.height if original else None, size=original.size if original else 0,
        is_damaged=original.unreadable if original else False,
    )
