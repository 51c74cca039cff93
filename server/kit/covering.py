"""Black boxes over parts of a photo's renditions: how they are named, where the covered copies lie, how they are drawn.

A cover belongs to the bytes and not to one photo: where the same bytes are shown a second time, the same face is in them.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from server.kit.images import Limits

Box = tuple[float, float, float, float]  # x, y, width and height in parts of the upright picture
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Cover:
    """All boxes that stand on a photo now."""

    boxes: tuple[Box, ...]

    @property
    def name(self) -> str:
        """16 digits that are others as soon as a box is."""
        said = json.dumps(sorted(set(self.boxes)))
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def rendition(self, kind: str) -> str:
        """The kind under which the covered copy is kept, as `rendition_key` takes it."""
        return f"{kind}-{self.name}"


Covers = Mapping[str, Cover]  # by the SHA-256 of the original


def kind_of(cover: Cover | None, kind: str) -> str:
    """Under which kind of rendition the copy lies that may be shown."""
    return kind if cover is None else cover.rendition(kind)


def mark_of(covers: Covers, shown: Iterable[str]) -> str:
    """What the name of a file says of the covers on the photos that it shows; nothing where there are none."""
    found = sorted(f"{sha256}{covers[sha256].name}" for sha256 in set(shown) if sha256 in covers)
    return f"-c{hashlib.sha256(''.join(found).encode()).hexdigest()[:16]}" if found else ""


def draw(plain: Path | bytes, cover: Cover, preview: Path, thumb: Path) -> None:
    """Write the covered preview and thumb of our own plain preview. Boxes grow to whole pixels, never less than one."""
    from PIL import Image, ImageDraw

    from server.kit.images.pixels import as_jpeg, fitted

    with Image.open(io.BytesIO(plain) if isinstance(plain, bytes) else plain, formats=("JPEG",)) as opened:
        image = opened.convert("RGB")
    over = ImageDraw.Draw(image)
    for x, y, width, height in cover.boxes:
        left, top = math.floor(x * image.width), math.floor(y * image.height)
        right, bottom = math.ceil((x + width) * image.width), math.ceil((y + height) * image.height)
        left, top = min(left, image.width - 1), min(top, image.height - 1)
        over.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=(0, 0, 0))
    # The thumb is made of the covered preview: nothing of what lies below can bleed into it.
    small = image.resize(fitted(image.size, _LIMITS.thumb_px), Image.Resampling.BICUBIC, reducing_gap=2.0)
    preview.write_bytes(as_jpeg(image, _LIMITS.preview_quality))
    thumb.write_bytes(as_jpeg(small, _LIMITS.thumb_quality))
