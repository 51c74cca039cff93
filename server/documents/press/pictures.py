"""Photos as papers show them: upright, small, with the marks drawn in; one that cannot be read is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageOps

_COLOURS = {"red": (229, 57, 53), "yellow": (255, 214, 0)}  # as the client draws them (web/src/photos/marks.ts)
_EDGE = (0, 0, 0)
_FORMATS = ("JPEG", "PNG", "WEBP")  # previews and what is like them: anything else is made a preview first
Size = tuple[int, int]


def shrink(pictures: list[dict[str, Any]], pixels: int, quality: int) -> list[Size | None]:
    """Draw each `{"path", "marks", "out"}` anew; its size, or None where it could not be read. One with a `size` is ours
    and drawn already, at `out`.
    """
    return [
        (picture["size"][0], picture["size"][1]) if "size" in picture else _shrunk(picture, pixels, quality)
        for picture in pictures
    ]


def _shrunk(picture: dict[str, Any], pixels: int, quality: int) -> Size | None:
    if picture["path"] is None:
        return None
    try:
        with Image.open(picture["path"], formats=_FORMATS) as opened:
            smaller = max(*opened.size, pixels) / pixels
            # JPEG can leave out pixels while decoding, which takes a quarter of the time
            opened.draft("RGB", (int(opened.width / smaller), int(opened.height / smaller)))
            image = opened if opened.mode == "RGB" else opened.convert("RGB")
            image.thumbnail((pixels, pixels), Image.Resampling.LANCZOS)
            ImageOps.exif_transpose(image, in_place=True)
            if picture.get("marks"):
                _mark(image, picture["marks"])
            image.save(picture["out"], "JPEG", quality=quality, comment=b"")  # else Pillow copies that of the phone
            return image.size
    except Exception:  # noqa: BLE001 - decoders raise SyntaxError, struct.error, EOFError and more; a paper goes without it
        Path(picture["out"]).unlink(missing_ok=True)
        return None


def _mark(image: Image.Image, marks: list[dict[str, Any]]) -> None:
    """Strokes on a darker edge, which keeps red readable on brick and yellow on plaster."""
    over = ImageDraw.Draw(image, "RGBA")
    for mark in marks:
        points = [(x * image.width, y * image.height) for x, y in mark["points"]]
        wide = max(2.0, mark["width"] * image.width)
        _stroke(over, points, wide * 1.5, (*_EDGE, 136))
        _stroke(over, points, wide, (*_COLOURS.get(mark["colour"], _COLOURS["red"]), 255))


def _stroke(over: ImageDraw.ImageDraw, points: list[tuple[float, float]], wide: float, colour: tuple[int, ...]) -> None:
    if len(points) > 1:
        over.line(points, fill=colour, width=round(wide), joint="curve")
    for x, y in (points[0], points[-1]):  # round ends; a single point is a dot
        over.ellipse((x - wide / 2, y - wide / 2, x + wide / 2, y + wide / 2), fill=colour)
