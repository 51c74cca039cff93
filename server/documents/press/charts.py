"""Charts drawn from Vega-Lite specifications of our own, as SVG and PNG; equal input gives equal bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import vl_convert


def plot(job: dict[str, Any]) -> dict[str, Any]:
    """Draw every `{"spec", "out"}` of `job["charts"]` to `out`.svg and `out`.png, with the open fonts of `job["fonts"]` alone.

    Nothing is fetched: a specification may name no address.
    """
    for folder in job["fonts"]:
        vl_convert.register_font_directory(folder)
    for chart in job["charts"]:
        svg = vl_convert.vegalite_to_svg(chart["spec"], allowed_base_urls=[])
        Path(f"{chart['out']}.svg").write_text(svg, encoding="utf-8")
        if job["png"]:
            Path(f"{chart['out']}.png").write_bytes(vl_convert.svg_to_png(svg, scale=job["scale"]))
    return {}
