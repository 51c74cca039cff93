"""Photos made small enough for a cell, in the process that draws pictures; a few hundred at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from server.documents.printing import NotDrawnError, ask

Photo = Callable[[str], bytes | None]  # a small rendition by the original's SHA-256
Link = Callable[[str], str | None]  # the address of the original by the photo's id

MOST = 2_000  # pictures of a workbook; more of them make it slow to open
_PIXELS, _QUALITY = 112, 70
_SECONDS, _MIB = 60, 500
Sized = tuple[Path, int, int] | None


def nothing(_name: str) -> None:
    """Neither a picture nor an address."""


def small(given: Sequence[bytes | None], home: Path) -> list[Sized]:
    """Small copies as (file, width, height) below `home`; None where there is none or it cannot be read."""
    if not any(given):
        return [None] * len(given)
    here = Path(tempfile.mkdtemp(dir=home))
    wanted = []
    for at, data in enumerate(given):
        if data:
            (here / f"{at}.given").write_bytes(data)
            wanted.append({"at": at, "path": str((here / f"{at}.given").resolve()), "out": f"{at}.jpg"})
    made: list[Sized] = [None] * len(given)
    for picture, size in zip(wanted, _sizes(wanted, here), strict=True):
        at = int(str(picture["at"]))
        made[at] = (here / f"{at}.jpg", *size) if size else None
    for left in here.glob("*.given"):
        left.unlink()
    return made


def _sizes(wanted: list[dict[str, object]], home: Path) -> list[tuple[int, int] | None]:
    """The sizes of the copies. A picture that brings the process down costs the report that picture and no other."""
    job = {"do": "shrink", "pictures": wanted, "pixels": _PIXELS, "quality": _QUALITY}
    try:
        sizes: list[tuple[int, int] | None] = ask(home, job, seconds=_SECONDS, memory_mib=_MIB)["sizes"]
    except NotDrawnError:
        if len(wanted) == 1:
            return [None]
        half = len(wanted) // 2
        return _sizes(wanted[:half], home) + _sizes(wanted[half:], home)
    return sizes
