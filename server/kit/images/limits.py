"""How much one picture may cost, and how much a given one will."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .header import Header

MIB = 1 << 20
_BASE = 48 * MIB  # the file, the strips, the preview and its encoding, whatever the picture


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in pixels of the long edge, JPEG qualities, memory in bytes beyond the idle child, times in seconds.

    A picture that needs more than `memory`, or failed with that much, is decoded one at a time on this machine, held
    by a lock on `lock_path`, and may take up to `heavy_memory`; one that needs more than that is not decoded at all.
    """

    preview_px: int = 1600
    thumb_px: int = 320
    preview_quality: int = 80
    thumb_quality: int = 75
    max_pixels: int = 200_000_000
    max_bytes: int = 50 * MIB
    memory: int = 320 * MIB
    heavy_memory: int = 1400 * MIB
    cpu_seconds: int = 60
    wall_seconds: float = 120.0
    lock_seconds: float = 300.0
    lock_path: Path = Path(tempfile.gettempdir()) / f"dudao-heavy-picture-{os.getuid()}.lock"


def memory_needed(header: Header, preview_px: int) -> int:
    """Bytes the decoder is expected to take for a picture of that header, an estimate from above."""
    width, height = header.width or 0, header.height or 0
    if header.scalable:  # the decoder itself reduces, by 8 at the most
        scale = next((s for s in (8, 4, 2, 1) if max(width, height) // preview_px >= s), 1)
        return _BASE + int(width * height / scale**2 * header.memory_per_pixel)
    return _BASE + int(width * height * header.memory_per_pixel)
