"""The map: visible sites as GeoJSON, made while it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from server.kit.actor import Actor
from server.kit.db import Database
from server.programme import queries
from server.programme.queries import SiteFilter

BATCH = 500


def feature(row: Any) -> dict[str, Any]:
    """One site as a point; [lng, lat] in WGS-84 as RFC 7946 has it."""
    return {
        "type": "Feature", "id": str(row.id),
        "geometry": {"type": "Point", "coordinates": [row.lng_wgs84, row.lat_wgs84]},
        "properties": {
            "id": str(row.id), "code": row.code, "name": row.name, "district": row.district_code,
            "stage": row.stage.value, "carried_out": row.carried_out, "households": row.households,
            "is_sample": row.is_sample,
            "last_visit_at": row.last_visit_at.isoformat() if row.last_visit_at else None,
        },
    }


def stream(database: Database, actor: Actor, wanted: SiteFilter) -> Iterator[bytes]:
    """The FeatureCollection piece by piece. Each batch has its own connection: a slow reader holds none."""
    yield b'{"type":"FeatureCollection","features":['
    after: str | None = None
    while True:
        with database.read() as db:
            rows = queries.map_batch(db, actor, wanted, after=after, size=BATCH)
        if rows:
            yield (b"," if after is not None else b"") + b",".join(orjson.dumps(feature(row)) for row in rows)
            after = rows[-1].code
        if len(rows) < BATCH:
            break
    yield b"]}"
