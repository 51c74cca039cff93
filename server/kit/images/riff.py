"""WebP by its RIFF chunks: the canvas and the EXIF chunk. No decoding."""

from .window import Window

_CHUNKS = 4096
_EXIF_BYTES = 1 << 20


def dimensions(window: Window) -> tuple[int, int] | str:
    """(width, height) in pixels, or `no-frame-header`, `no-dimensions`."""
    kind, body = window.at(12, 4), window.at(20, 10)
    if len(body) < 10:
        return "no-frame-header"
    size = (0, 0)
    if kind == b"VP8X":
        size = (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
    elif kind == b"VP8L" and body[0] == 0x2F:
        bits = int.from_bytes(body[1:5], "little")
        size = (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        size = (int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF)
    else:
        return "no-frame-header"
    return size if size[0] and size[1] else "no-dimensions"


def exif(window: Window) -> bytes | None:
    """The EXIF chunk; None where there is none or it is over 1 MB."""
    offset = 12
    for _ in range(_CHUNKS):
        head = window.at(offset, 8)
        if len(head) < 8:
            return None
        length = int.from_bytes(head[4:8], "little")
        if head[:4] == b"EXIF":
            return window.at(offset + 8, length) if length <= _EXIF_BYTES else None
        offset += 8 + length + (length & 1)
    return None
