"""EXIF as it is written, a small TIFF: the few tags we use, bounded in number and length, no judgement of values."""

import struct
from dataclasses import dataclass, field

_ENTRIES = 1024  # of one directory; real ones have 10 to 80
_VALUE_BYTES = 1024  # the longest value of use is a model's name
_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8}
_TEXT, _SHORT, _LONG, _RATIONAL, _SRATIONAL = 2, 3, 4, 5, 10

MAKE, MODEL, ORIENTATION, SOFTWARE = 0x010F, 0x0110, 0x0112, 0x0131
EXIF_OFFSET, GPS_OFFSET = 0x8769, 0x8825
TAKEN, TAKEN_OFFSET, TAKEN_SUBSECOND = 0x9003, 0x9011, 0x9291
LAT_REF, LAT, LNG_REF, LNG, ALTITUDE_REF, ALTITUDE, GPS_TIME, GPS_DATE, GPS_ERROR = 1, 2, 3, 4, 5, 6, 7, 29, 31

_FIRST = frozenset({MAKE, MODEL, ORIENTATION, SOFTWARE, EXIF_OFFSET, GPS_OFFSET})
_CAMERA = frozenset({TAKEN, TAKEN_OFFSET, TAKEN_SUBSECOND})
_GPS = frozenset({LAT_REF, LAT, LNG_REF, LNG, ALTITUDE_REF, ALTITUDE, GPS_TIME, GPS_DATE, GPS_ERROR})


@dataclass(frozen=True, slots=True)
class Value:
    """One value as stored: its TIFF type, its bytes (cut at 1 kB), its byte order ("<" or ">")."""

    kind: int
    raw: bytes
    order: str

    def text(self) -> bytes | None:
        """The bytes up to the first NUL of a text (or, as some phones write it, undefined) value."""
        return self.raw.split(b"\0", 1)[0] if self.kind in (1, _TEXT, 7) else None

    def whole(self) -> int | None:
        """The first whole number, or None for a value of another type."""
        if self.kind in (1, 7) and self.raw:
            return self.raw[0]
        if self.kind in (_SHORT, _LONG):
            return next(iter(self._numbers("H" if self.kind == _SHORT else "L", _WIDTHS[self.kind])), None)
        return None

    def fractions(self) -> list[tuple[int, int]] | None:
        """(numerator, denominator) pairs; whole numbers count as over 1; None for a value of another type."""
        if self.kind in (_RATIONAL, _SRATIONAL):
            numbers = self._numbers("L" if self.kind == _RATIONAL else "l", 4)
            return list(zip(numbers[::2], numbers[1::2], strict=False))
        if self.kind in (_SHORT, _LONG):
            return [(n, 1) for n in self._numbers("H" if self.kind == _SHORT else "L", _WIDTHS[self.kind])]
        return None

    def _numbers(self, letter: str, width: int) -> tuple[int, ...]:
        count = len(self.raw) // width
        return struct.unpack(f"{self.order}{count}{letter}", self.raw[: count * width])


@dataclass(slots=True)
class Exif:
    """The wanted tags of the first, the camera's and the GPS directory; `broken` where one could not be followed."""

    first: dict[int, Value] = field(default_factory=dict)
    camera: dict[int, Value] = field(default_factory=dict)
    gps: dict[int, Value] = field(default_factory=dict)
    broken: bool = False


def parse(raw: bytes) -> Exif:
    """Read a TIFF block; any bytes give an Exif, what cannot be read is left out and marked `broken`."""
    exif = Exif()
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(raw[:4])
    if order is None or len(raw) < 8:
        exif.broken = True
        return exif
    start = int(struct.unpack(order + "L", raw[4:8])[0])
    exif.first, whole = _directory(raw, start, order, _FIRST)
    exif.broken = not whole
    for tag, wanted in ((EXIF_OFFSET, _CAMERA), (GPS_OFFSET, _GPS)):
        pointer = exif.first[tag].whole() if tag in exif.first else 0
        if pointer == 0:
            continue
        values, whole = _directory(raw, pointer if pointer is not None else -1, order, wanted)
        exif.broken = exif.broken or not whole
        if tag == EXIF_OFFSET:
            exif.camera = values
        else:
            exif.gps = values
    return exif


def _directory(raw: bytes, offset: int, order: str, wanted: frozenset[int]) -> tuple[dict[int, Value], bool]:
    """The wanted tags of one directory, and whether all of it and of them could be read."""
    if offset < 0 or offset + 2 > len(raw):
        return {}, False
    count = int(struct.unpack(order + "H", raw[offset : offset + 2])[0])
    found: dict[int, Value] = {}
    whole = count <= _ENTRIES
    for at in range(offset + 2, offset + 2 + 12 * min(count, _ENTRIES), 12):
        entry = raw[at : at + 12]
        if len(entry) < 12:
            return found, False
        tag, kind, items = struct.unpack(order + "HHL", entry[:8])
        if tag not in wanted or tag in found:
            continue
        size = _WIDTHS.get(kind, 0) * items
        begin = at + 8 if size <= 4 else int(struct.unpack(order + "L", entry[8:])[0])
        if not size or begin + min(size, _VALUE_BYTES) > len(raw):
            whole = whole and not items  # a tag with no value at all is odd, not damage
            continue
        found[tag] = Value(kind, raw[begin : begin + min(size, _VALUE_BYTES)], order)
    return found, whole
