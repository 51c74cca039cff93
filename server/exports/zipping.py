"""A ZIP written entry by entry: the list of its entries waits in a file, so that a million of them need no memory.

Python's own writer keeps an object for each entry until the end. Entries are stored as they are, for photos do not get
smaller; names are UTF-8 and marked so; what is beyond 4 GB or 65,535 entries is said in ZIP64.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import zlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

_UTF8 = 0x0800
_UNIX = (3 << 8) | 45  # made by: with a Unix mode, by a program that knows ZIP64
_READABLE = (0o100644 << 16)
_NEEDS, _NEEDS_64 = 20, 45
_MOST_16, _MOST_32 = 0xFFFF, 0xFFFFFFFF


class Added(NamedTuple):
    """What went in."""

    size: int
    sha256: str


class Archive:
    """Writes `path`; beside it lies the list of entries until the end."""

    def __init__(self, path: Path) -> None:
        self._out = path.open("wb")
        self._listed = path.with_suffix(".entries")
        self._list = self._listed.open("w+b")
        self._count = 0

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._out.close()
            self._list.close()
            self._listed.unlink(missing_ok=True)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._out.tell()

    def add(self, name: str, pieces: Iterable[bytes], moment: datetime) -> Added:
        """One entry, whose bytes may come piece by piece; `moment` is shown as it stands. ValueError beyond 4 GB.

        Where reading a piece fails, the entry is taken out again and the error goes on.
        """
        at, raw = self._out.tell(), name.encode()
        stamp = _stamp(moment)
        self._out.write(_local(raw, stamp, 0, 0))
        crc, size, digest = 0, 0, hashlib.sha256()
        try:
            for piece in pieces:
                crc, size = zlib.crc32(piece, crc), size + len(piece)
                digest.update(piece)
                self._out.write(piece)
            if size >= _MOST_32:
                raise ValueError("entry-too-large")
        except BaseException:
            self._out.seek(at)
            self._out.truncate()
            raise
        end = self._out.tell()
        self._out.seek(at)
        self._out.write(_local(raw, stamp, crc, size))
        self._out.seek(end)
        self._list.write(_central(raw, stamp, crc, size, at))
        self._count += 1
        return Added(size, digest.hexdigest())

    def _finish(self) -> None:
        at = self._out.tell()
        self._list.seek(0)
        shutil.copyfileobj(self._list, self._out, 1 << 20)
        length, end = self._out.tell() - at, self._out.tell()
        if self._count >= _MOST_16 or at >= _MOST_32 or length >= _MOST_32:
            self._out.write(struct.pack(
                "<4sQ2H2L4Q", b"PK\x06\x06", 44, _UNIX, _NEEDS_64, 0, 0, self._count, self._count, length, at
            ))
            self._out.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1))
        count = min(self._count, _MOST_16)
        self._out.write(struct.pack(
            "<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, min(length, _MOST_32), min(at, _MOST_32), 0
        ))


def _stamp(moment: datetime) -> tuple[int, int]:
    """Time and date as DOS wrote them, which knew no year before 1980 and has none after 2107."""
    year = min(max(moment.year, 1980), 2107)
    return moment.hour << 11 | moment.minute << 5 | moment.second // 2, (year - 1980) << 9 | moment.month << 5 | moment.day


def _local(raw: bytes, stamp: tuple[int, int], crc: int, size: int) -> bytes:
    return struct.pack("<4s5H3L2H", b"PK\x03\x04", _NEEDS, _UTF8, 0, *stamp, crc, size, size, len(raw), 0) + raw


def _central(raw: bytes, stamp: tuple[int, int], crc: int, size: int, at: int) -> bytes:
    far = struct.pack("<2HQ", 1, 8, at) if at >= _MOST_32 else b""
    return struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", _UNIX, _NEEDS_64 if far else _NEEDS, _UTF8, 0, *stamp, crc, size, size, len(raw),
        len(far), 0, 0, 0, _READABLE, min(at, _MOST_32),
    ) + raw + far
