"""The document of one report: its photos made small, a signature drawn, then typeset as PDF or built as DOCX."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from .pictures import shrink

_SOURCE = Path(__file__).with_name("report.typ")
_SIGNATURE, _SIDE, _EDGE, _PEN = "signature.png", 600, 20, 7  # pixels


def make(job: dict[str, Any]) -> dict[str, Any]:
    """Write the document of `job["paper"]` to `job["out"]`; equal input gives equal bytes."""
    paper = job["paper"]
    sizes = shrink(job["pictures"], job["pixels"], job["quality"])
    for photo, picture, size in zip(paper["photos"], job["pictures"], sizes, strict=True):
        photo["file"], photo["size"] = (picture["out"], size) if size else (None, None)
    if paper["signature"]:
        _sign(paper["signature"].pop("strokes"))
        paper["signature"]["file"] = _SIGNATURE
    if job["form"] == "docx":
        from .report_word import build

        build(paper, job["made_at"], Path(job["out"]))
        return {}
    return _typeset(job)


def _typeset(job: dict[str, Any]) -> dict[str, Any]:
    import typst

    Path("paper.json").write_text(json.dumps(job["paper"]))
    Path("report.typ").write_bytes(_SOURCE.read_bytes())
    try:
        typst.compile(
            "report.typ", output=job["out"], format="pdf", root=".", ignore_system_fonts=True, font_paths=job["fonts"],
            timestamp=datetime.fromisoformat(job["made_at"]).astimezone(UTC).replace(microsecond=0),
        )
    except typst.TypstError as error:
        return {"error": "typeset", "detail": str(error)[:1000]}
    return {}


def _sign(strokes: list[list[list[float]]]) -> None:
    """What was written by hand, cut to what is written; its points are parts of a square."""
    points = [point for stroke in strokes for point in stroke]
    left, top = (min(point[axis] for point in points) for axis in (0, 1))
    wide, high = (max(point[axis] for point in points) - low for axis, low in ((0, left), (1, top)))
    image = Image.new("L", (round(wide * _SIDE) + 2 * _EDGE, round(high * _SIDE) + 2 * _EDGE), 255)
    pen = ImageDraw.Draw(image)
    for stroke in strokes:
        drawn = [((x - left) * _SIDE + _EDGE, (y - top) * _SIDE + _EDGE) for x, y in stroke]
        if len(drawn) > 1:
            pen.line(drawn, fill=0, width=_PEN, joint="curve")
        for x, y in (drawn[0], drawn[-1]):
            pen.ellipse((x - _PEN / 2, y - _PEN / 2, x + _PEN / 2, y + _PEN / 2), fill=0)
    image.save(_SIGNATURE)
