"""JPEG by its markers: the frame's size, whether it comes in one scan, and the EXIF block. No decoding."""

from collections.abc import Iterator
from dataclasses import dataclass

from .window import Window

_SOS, _EOI, _APP1 = 0xDA, 0xD9, 0xE1
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0..15 without DHT, JPG, DAC
_ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}  # RSTn, SOI, TEM carry no length
_SEGMENTS = 4096  # a phone writes 5 to 60; Ultra HDR with extended XMP a few hundred
_GARBAGE = 1024  # bytes between segments that are skipped; Pillow skips little, libjpeg any number


@dataclass(frozen=True, slots=True)
class Frame:
    """Stored size in pixels; samples per pixel after chroma subsampling (1.5 for 4:2:0, 3 for 4:4:4)."""

    width: int
    height: int
    samples_per_pixel: float
    one_scan: bool


def segments(window: Window) -> Iterator[tuple[int, int, int]]:
    """(marker, offset of its payload, length of it) from the start to the first scan, the scan's header included."""
    offset, skipped = 2, 0
    for _ in range(_SEGMENTS):
        marker, offset, passed = _next_marker(window, offset)
        skipped += passed
        if marker is None or skipped > _GARBAGE:
            return
        if marker in _ALONE:
            continue
        length = window.number(offset, 2)
        if length is None or length < 2:
            return
        yield marker, offset + 2, length - 2
        if marker in (_SOS, _EOI):
            return
        offset += length


def _next_marker(window: Window, offset: int) -> tuple[int | None, int, int]:
    """The marker at or after offset, where its payload begins, and how many bytes of garbage stood before it."""
    passed = 0
    while passed <= _GARBAGE:
        chunk = window.at(offset, 64)
        if len(chunk) < 2:
            break
        found = chunk.find(b"\xff")
        if found < 0:
            offset, passed = offset + len(chunk), passed + len(chunk)
            continue
        code = chunk[found + 1] if found + 1 < len(chunk) else 0xFF
        if code in (0x00, 0xFF):  # a stuffed byte is garbage here, a second FF is padding
            offset, passed = offset + found + 1, passed + found + 1
            continue
        return code, offset + found + 2, passed + found
    return None, offset, passed


def frame(window: Window) -> Frame | str:
    """The frame header, or a reason: `no-frame-header` (cut or broken before it), `no-dimensions` (zero)."""
    found: tuple[int, bytes] | None = None
    for marker, offset, length in segments(window):
        if marker in _FRAMES and found is None:
            found = marker, window.at(offset, min(length, 6 + 3 * 4))
        elif marker == _SOS and found is not None:
            return _frame(found[0], found[1], window.number(offset, 1))
    return _frame(found[0], found[1], None) if found else "no-frame-header"


def _frame(marker: int, raw: bytes, scan_components: int | None) -> Frame | str:
    if len(raw) < 6:
        return "no-frame-header"
    height, width, components = int.from_bytes(raw[1:3], "big"), int.from_bytes(raw[3:5], "big"), raw[5]
    if not width or not height:
        return "no-dimensions"
    factors = [(byte >> 4, byte & 15) for byte in raw[7 : 6 + 3 * components : 3]]
    across, down = max((f[0] for f in factors), default=1), max((f[1] for f in factors), default=1)
    samples = sum(h * v for h, v in factors) / (across * down) if across and down else 4.0
    one_scan = marker in (0xC0, 0xC1) and scan_components == components
    return Frame(width, height, samples, one_scan)


def exif(window: Window) -> bytes | None:
    """The payload of the first APP1 that begins with "Exif", at most 64 kB."""
    for marker, offset, length in segments(window):
        if marker == _APP1 and window.at(offset, 6) == b"Exif\0\0":
            return window.at(offset, length)
    return None
