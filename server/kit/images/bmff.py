"""HEIC, HEIF and AVIF by their boxes (ISO-BMFF): kind, size, turn and EXIF of the primary picture. No decoding."""

from collections.abc import Iterator
from dataclasses import dataclass

from .window import Window

_BOXES = 4096  # a 48-megapixel grid has some 200 items
_TABLE_BYTES = 1 << 17  # the most that is read of iloc and ipma; 200 items take 5 kB
_EXIF_BYTES = 1 << 20
_HEVC = frozenset({b"heic", b"heix", b"heim", b"heis"})
_SEQUENCES = frozenset({b"hevc", b"hevx", b"hevm", b"hevs", b"msf1", b"avis"})
_STILLS = _HEVC | {b"mif1", b"avif"}

# Where the corners of the stored picture (0 top left, then clockwise) stand once shown, as an EXIF number.
_EXIF_NUMBER = {
    (0, 1, 2, 3): 1, (1, 0, 3, 2): 2, (2, 3, 0, 1): 3, (3, 2, 1, 0): 4,
    (0, 3, 2, 1): 5, (3, 0, 1, 2): 6, (2, 1, 0, 3): 7, (1, 2, 3, 0): 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Picture:
    """Stored size in pixels (after cropping, before turning), and the turn as an EXIF number 1 to 8."""

    width: int
    height: int
    orientation: int


def still_type(window: Window) -> str | None:
    """`image/heic`, `image/heif` or `image/avif` by the brands of `ftyp`; None for video and all else."""
    size = window.number(0, 4)
    if size is None or size < 12 or window.at(4, 4) != b"ftyp":
        return None
    raw = window.at(8, min(size, 1024) - 8)
    major, brands = raw[:4], {raw[:4]} | {raw[i : i + 4] for i in range(8, len(raw) - 3, 4)}
    # A burst or a live picture has a sequence brand first and is still a picture where a still brand is named too;
    # a video may name `heic` among its compatible brands, but never first.
    if major not in _STILLS and not (major in _SEQUENCES and brands & _STILLS):
        return None
    if major == b"avif" or (b"avif" in brands and not brands & _HEVC):
        return "image/avif"
    return "image/heic" if brands & _HEVC else "image/heif"


def primary(window: Window) -> Picture | str:
    """The primary item's size and turn, or `no-frame-header` (no meta box, no primary item), `no-dimensions`."""
    meta = _meta(window)
    item = _primary_id(window, meta)
    if item is None:
        return "no-frame-header"
    width = height = 0
    corners = (0, 1, 2, 3)
    for kind, begin, end in _properties(window, meta, item):
        raw = window.at(begin, min(end - begin, 40))
        if kind == b"ispe" and len(raw) >= 12:
            width, height = int.from_bytes(raw[4:8], "big"), int.from_bytes(raw[8:12], "big")
        elif kind == b"clap" and len(raw) >= 16:
            width, height = _cropped(width, raw[0:8]), _cropped(height, raw[8:16])
        elif kind == b"irot" and raw:
            for _ in range(raw[0] & 3):  # quarter turns, anti-clockwise
                corners = corners[1], corners[2], corners[3], corners[0]
        elif kind == b"imir" and raw:
            a, b, c, d = corners
            corners = (b, a, d, c) if raw[0] & 1 else (d, c, b, a)
    return Picture(width, height, _EXIF_NUMBER[corners]) if width and height else "no-dimensions"


def exif(window: Window) -> bytes | None:
    """The first `Exif` item without its offset field; None where there is none or it is over 1 MB."""
    meta = _meta(window)
    item = _exif_id(window, meta)
    if item is None:
        return None
    raw = b""
    for begin, length in _extents(window, meta, item):
        if len(raw) + length > _EXIF_BYTES:
            return None
        raw += window.at(begin, length)
    skip = int.from_bytes(raw[:4], "big")
    return raw[4 + skip :] if len(raw) > 4 + skip else None


def ends_itself(window: Window) -> bool:
    """Whether the last box ends where the file does; of other formats, no."""
    if window.at(4, 4) != b"ftyp":
        return False
    ends = [end for _, _, end in _boxes(window, 0, 1 << 62)]
    return bool(ends) and ends[-1] == window.size


def _boxes(window: Window, begin: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, begin, end) of each box's payload between two positions."""
    for _ in range(_BOXES):
        size, kind, head = window.number(begin, 4), window.at(begin + 4, 4), 8
        if size is None or begin + 8 > end:
            return
        if size == 1:
            size, head = window.number(begin + 8, 8) or 0, 16
        elif size == 0:
            size = end - begin
        if size < head:
            return
        yield kind, begin + head, min(begin + size, end)
        begin += size


def _child(window: Window, span: tuple[int, int], kind: bytes) -> tuple[int, int] | None:
    return next(((begin, end) for name, begin, end in _boxes(window, *span) if name == kind), None)


def _meta(window: Window) -> tuple[int, int]:
    """Where the boxes inside the file's `meta` stand; an empty span where there is none."""
    found = _child(window, (0, window.size), b"meta")
    return (found[0] + 4, found[1]) if found else (0, 0)


def _primary_id(window: Window, meta: tuple[int, int]) -> int | None:
    box = _child(window, meta, b"pitm")
    return window.number(box[0] + 4, 4 if window.number(box[0], 1) else 2) if box else None


def _cropped(side: int, raw: bytes) -> int:
    over, under = int.from_bytes(raw[:4], "big"), int.from_bytes(raw[4:], "big")
    return over // under if under and 0 < over // under <= side else side


def _properties(window: Window, meta: tuple[int, int], item: int) -> list[tuple[bytes, int, int]]:
    """The property boxes of an item in the order in which they apply."""
    span = _child(window, meta, b"iprp")
    shared = _child(window, span, b"ipco") if span else None
    table = _child(window, span, b"ipma") if span else None
    if shared is None or table is None:
        return []
    known = list(_boxes(window, *shared))
    raw = window.at(table[0], min(table[1] - table[0], _TABLE_BYTES))
    wide_id, wide_index = bool(raw[:1] > b"\0"), bool(raw[3:4] and raw[3] & 1)
    at, id_bytes, index_bytes = 8, 4 if wide_id else 2, 2 if wide_index else 1
    while at + id_bytes < len(raw):
        owner = int.from_bytes(raw[at : at + id_bytes], "big")
        count = raw[at + id_bytes]
        at += id_bytes + 1
        if owner == item:
            mask = 0x7FFF if wide_index else 0x7F
            cells = (raw[at + i * index_bytes : at + (i + 1) * index_bytes] for i in range(count))
            indices = (int.from_bytes(cell, "big") & mask for cell in cells)
            return [known[index - 1] for index in indices if 0 < index <= len(known)]
        at += count * index_bytes
    return []


def _exif_id(window: Window, meta: tuple[int, int]) -> int | None:
    box = _child(window, meta, b"iinf")
    if box is None:
        return None
    entries = box[0] + (8 if window.number(box[0], 1) else 6)
    for kind, begin, _ in _boxes(window, entries, box[1]):
        version = window.number(begin, 1)
        if kind == b"infe" and version in (2, 3):
            id_bytes = 2 if version == 2 else 4
            if window.at(begin + 4 + id_bytes + 2, 4) == b"Exif":
                return window.number(begin + 4, id_bytes)
    return None


def _extents(window: Window, meta: tuple[int, int], item: int) -> list[tuple[int, int]]:
    """(offset, length) in the file of each piece of an item, by the `iloc` table."""
    box = _child(window, meta, b"iloc")
    if box is None:
        return []
    table = _Reader(window.at(box[0], min(box[1] - box[0], _TABLE_BYTES)))
    version = table.take(1)
    table.take(3)
    sizes = table.take(2)
    offset_bytes, length_bytes, base_bytes = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_bytes = sizes & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    if not offset_bytes + length_bytes:
        return []  # pieces of no width would be counted for ever without the table coming to its end
    for _ in range(min(table.take(wide), _BOXES)):
        owner = table.take(wide)
        method = table.take(2) & 15 if version in (1, 2) else 0
        table.take(2)
        base = table.take(base_bytes)
        pieces = []
        for _ in range(table.take(2)):
            table.take(index_bytes)
            pieces.append((base + table.take(offset_bytes), table.take(length_bytes)))
            if table.ended:
                return []
        if owner == item:
            return _in_file(window, meta, method, pieces)
    return []


def _in_file(
    window: Window, meta: tuple[int, int], method: int, pieces: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    if method == 0:
        return pieces
    stored = _child(window, meta, b"idat") if method == 1 else None
    return [(stored[0] + begin, length) for begin, length in pieces] if stored else []


class _Reader:
    """Big-endian numbers one after another; zeros, and `ended`, once the bytes are used up."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    @property
    def ended(self) -> bool:
        return self._at > len(self._raw)

    def take(self, count: int) -> int:
        self._at += count
        return int.from_bytes(self._raw[self._at - count : self._at], "big") if not self.ended else 0
