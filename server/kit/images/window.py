"""A file read by position and whole only where it is small, so that a header costs the same in 3 MB as in 50."""

import os
from pathlib import Path
from typing import Self

_WHOLE = 512 * 1024  # read at once: each read lets other threads of the web process go first
_HEAD = 65_536  # of a larger file: most of what a header says stands there
_BLOCK = 8192  # one read serves the small fields that stand side by side further on


class Window:
    """Bytes of a file by position; a read past the end gives less or nothing, never an error."""

    def __init__(self, path: str | Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self._fd).st_size
        self._head = os.pread(self._fd, self.size if self.size <= _WHOLE else _HEAD, 0)
        self._start = 0
        self._block = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`; shorter at the end of the file, empty outside it."""
        if offset < 0 or count <= 0 or offset >= self.size:
            return b""
        if offset + count <= len(self._head):
            return self._head[offset : offset + count]
        if count >= _BLOCK:
            return os.pread(self._fd, count, offset)
        begin = offset - self._start
        if begin < 0 or begin + count > len(self._block):
            self._start, self._block = offset, os.pread(self._fd, _BLOCK, offset)
            begin = 0
        return self._block[begin : begin + count]

    def number(self, offset: int, count: int) -> int | None:
        """A big-endian whole number of `count` bytes, or None where the file ends before it."""
        raw = self.at(offset, count)
        return int.from_bytes(raw, "big") if len(raw) == count else None
