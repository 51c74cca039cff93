"""A ZIP written as a stream: piece by piece for whoever reads while it is made, nothing held but what was not taken yet.

Sizes and check sums stand behind each entry and not before it, which every unpacker of files knows how to read. Equal
input gives equal bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Self

from server.kit.sheets import printable

_EPOCH = (2000, 1, 1, 0, 0, 0)  # a fixed moment: an unpacked file says nothing of when it was packed
_READABLE = 0o644 << 16  # else what is unpacked on Linux may not be opened
_PIECE = 256 * 1024


class Pipe(io.RawIOBase):
    """What was written since it was last taken. It cannot be sought in, which tells zipfile to write a stream."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held.append(bytes(data))
        return len(data)

    def taken(self) -> Iterator[bytes]:
        """What there is, at most once."""
        held, self._held = self._held, []
        whole = b"".join(held)
        if whole:
            yield whole


class Packer:
    """Writes entries one after the other, and stops after each piece so that it can be sent."""

    def __init__(self, out: io.RawIOBase | io.BufferedIOBase) -> None:
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._zip.close()
        else:  # torn it is: a closed one would look whole. GeneratorExit, where the client has gone, comes here too
            self._zip.fp = None

    def put(self, name: str, pieces: Iterable[bytes], *, packed: bool = True) -> Iterator[None]:
        """An entry. Pictures and PDFs hold compressed data already and are stored as they are."""
        entry = _entry(name, zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)
        with self._zip.open(entry, "w") as out:
            for piece in pieces:
                for start in range(0, len(piece), _PIECE):
                    out.write(piece[start:start + _PIECE])
                    yield
        yield

    @property
    def last_size(self) -> int:
        """Bytes of the last entry, unpacked."""
        return self._zip.infolist()[-1].file_size


def _entry(name: str, method: int) -> zipfile.ZipInfo:
    """Python marks a name that is not ASCII as UTF-8, which is what Chinese Windows needs to show it."""
    entry = zipfile.ZipInfo(printable(name), date_time=_EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = method, 3, _READABLE
    return entry
