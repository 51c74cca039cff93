"""Pictures that are also something else: an archive behind the picture, a page or a script in its head.

Only the first and the last 64 kB are looked at, so it costs the same for every size; but a file that does not end where
its picture does is searched whole for RAR and 7z, which open from their own first bytes wherever these stand. What
legitimately follows a picture (MPO's second image, gain maps, Samsung's SEFT, the MP4 of a motion photo) carries none
of these marks. It stands beside serving photos under their own media type with `nosniff`, it does not replace that.
"""

import re

from . import bmff
from .window import Window

_HEAD, _TAIL = 65_536, 65_536 + 22  # a ZIP's end record stands at most a 64 kB comment before the end
# Six bytes or more each: over compressed data a shorter mark (`<svg `) would hit one honest photo in 200,000.
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<iframe", b"<?php")
_OPENING = re.compile(rb"<[!hHsSiI?][a-zA-Z]{2}")  # hardly ever in a photo, so most are looked through once
_AFTER = re.compile(rb"[\s>/]")
_ARCHIVES = ((b"Rar!\x1a\x07", "rar"), (b"7z\xbc\xaf\x27\x1c", "7z"))  # six bytes: once by chance in 280,000 GB
_ENDS = (b"\xff\xd9", b"IEND\xae\x42\x60\x82")  # of a JPEG, of a PNG
_PIECE = 1 << 20


def polyglot(window: Window) -> str | None:
    """What else the file is (`zip`, `rar`, `7z`, `pdf`, `html`, `svg`, `script`), or None for a picture and nothing else."""
    head = window.at(0, _HEAD)
    tail = window.at(max(0, window.size - _TAIL), _TAIL)
    if head[:6] == b"\xff\xd8\xff\xe0/*":  # the JFIF length spells the opening of a script's comment
        return "script"
    if re.search(rb"%PDF-\d", head[:1024]) or (b"%%EOF" in tail[-1024:] and b"startxref" in tail):
        return "pdf"
    if _is_zip(window, tail):
        return "zip"
    return _archive(window, tail) or _markup(head) or _markup(tail)


def _is_zip(window: Window, tail: bytes) -> bool:
    """True where a ZIP's end record points back at a directory: four bytes alone would come up by chance."""
    at = tail.rfind(b"PK\x05\x06") if b"PK\x05\x06" in tail else -1  # Python looks forward ten times as fast as back
    while at >= 0:
        directory_bytes = int.from_bytes(tail[at + 12 : at + 16], "little")
        end = window.size - len(tail) + at
        if directory_bytes and window.at(end - directory_bytes, 4) == b"PK\x01\x02":
            return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


def _archive(window: Window, tail: bytes) -> str | None:
    """Which other archive stands behind the picture. `copy /b photo.jpg+x.rar` makes what is known as a 图种."""
    for mark, name in _ARCHIVES:
        if mark in tail:
            return name
    if _ends_itself(window, tail):
        return None
    overlap = len(_ARCHIVES[0][0]) - 1  # a mark may lie across two pieces
    for offset in range(0, window.size, _PIECE):
        piece = window.at(offset, _PIECE + overlap)
        for mark, name in _ARCHIVES:
            if mark in piece:
                return name
    return None


def _ends_itself(window: Window, tail: bytes) -> bool:
    """Whether the file ends as its picture does, so that nothing was put behind it: nearly all photos do."""
    if tail.rstrip(b"\0").endswith(_ENDS):
        return True
    if window.at(0, 4) == b"RIFF":
        return 8 + int.from_bytes(window.at(4, 4), "little") >= window.size
    return bmff.ends_itself(window)


def _markup(window: bytes) -> str | None:
    if not _OPENING.search(window):
        return None
    lowered = window.lower()
    for mark in _MARKUP:
        at = lowered.find(mark)
        while at >= 0:
            if _AFTER.match(lowered, at + len(mark)):
                return "script" if mark in (b"<script", b"<?php") else "html"
            at = lowered.find(mark, at + 1)
    return "svg" if b"<svg" in lowered and b"http://www.w3.org/2000/svg" in lowered else None
