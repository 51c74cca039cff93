"""PNG by its chunks: IHDR and eXIf. No inflating."""

from dataclasses import dataclass

from .window import Window

_CHUNKS = 20_000  # 50 MB in the usual 8 kB of IDAT are 6,400
_EXIF_BYTES = 1 << 20
_LARGEST_SIDE = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Picture:
    """Stored size in pixels, and the bytes Pillow's decoded pixels take each."""

    width: int
    height: int
    memory_per_pixel: float


def dimensions(window: Window) -> Picture | str:
    """What IHDR says, or `no-frame-header` (cut, or another chunk first), `no-dimensions` (zero or out of range)."""
    raw = window.at(8, 21)
    if len(raw) < 21 or raw[4:8] != b"IHDR":
        return "no-frame-header"
    width, height = int.from_bytes(raw[8:12], "big"), int.from_bytes(raw[12:16], "big")
    if not (0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE):
        return "no-dimensions"
    depth, colour = raw[16], raw[17]
    if colour in (0, 3):  # grey or palette
        return Picture(width, height, 2.0 if depth == 16 else 1.0)
    return Picture(width, height, 4.0)


def exif(window: Window) -> bytes | None:
    """The eXIf chunk, wherever it stands; None where there is none or it is over 1 MB."""
    offset = 8
    for _ in range(_CHUNKS):
        length, kind = window.number(offset, 4), window.at(offset + 4, 4)
        if length is None or kind in (b"", b"IEND"):
            return None
        if kind == b"eXIf":
            return window.at(offset + 8, length) if length <= _EXIF_BYTES else None
        offset += 12 + length
    return None
