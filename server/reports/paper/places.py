"""Positions as the document says them."""

from __future__ import annotations

from typing import Any

from server.documents.words import moment, pick
from server.kit.geo import Crs, Point, distance_m, to_wgs84
from server.kit.i18n import Language
from server.programme.models import Site
from server.reports.paper import words


def place(said: dict[str, Any] | None, site: Site, language: Language) -> str:
    """A position as the phone gave it, with its datum, its accuracy and how far from the site's it is."""
    if not said:
        return ""
    crs = Crs(said.get("crs") or Crs.WGS84)
    text = f"{said['lat']:.6f}, {said['lng']:.6f} ({crs.value.upper()})"
    if said.get("accuracy_m") is not None:
        text += pick(words.ACCURACY, language).format(metres=f"{said['accuracy_m']:g}")
    if site.lat_wgs84 is not None and site.lng_wgs84 is not None:
        try:
            metres = distance_m(to_wgs84(said["lat"], said["lng"], crs), Point(site.lat_wgs84, site.lng_wgs84))
        except ValueError:  # outside what a datum is defined for
            return text
        text += pick(words.AWAY, language).format(metres=round(metres))
    return text


def said_place(said: dict[str, Any] | None, site: Site, language: Language) -> str:
    """As `place`, and when it was measured."""
    text = place(said, site, language)
    at = moment(said.get("captured_at")) if said else ""
    return f"{text}{pick(words.SHUT, language)}{at}" if text and at else text
