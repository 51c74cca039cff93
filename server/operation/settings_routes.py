"""What the pages must know of this installation: whose tiles their maps are drawn on."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from server.kit import fields as kit
from server.kit.here import conf
from server.kit.http import Call, Routes

routes = Routes("settings", __name__)


class MapOut(kit.Answer):
    """The ground of every map. Positions are WGS-84 everywhere; the page moves them to `datum` as it draws them."""

    tiles_urls = fields.List(fields.String(), metadata={"description": (
        "templates with {x} {y} {z} and perhaps {s} (1 to 4), the lowest first; none: maps have no tiles"
    )})
    datum = fields.String(metadata={"description": "wgs84 | gcj02: what the tiles are drawn in"})
    attribution = fields.String(metadata={"description": "to be shown on the map, as plain text"})
    max_zoom = fields.Integer(metadata={"description": "the highest zoom that the tiles are there for"})


class SettingsOut(kit.Answer):
    map = fields.Nested(MapOut)


@routes.endpoint("GET", "/settings", answer=SettingsOut)
def get_settings(_call: Call) -> Any:
    """What the pages must know of this installation."""
    here = conf()
    return {"map": {
        "tiles_urls": here.tiles, "datum": here.tiles_datum, "attribution": here.tiles_attribution,
        "max_zoom": here.tiles_max_zoom,
    }}
