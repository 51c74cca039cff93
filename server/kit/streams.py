"""A request's body, piece by piece: who reads it never takes a cut one for a whole one."""

from __future__ import annotations

from time import perf_counter
from typing import Any

PIECE = 64 * 1024
SMALL = 4 * 1024
SLOW_S, QUICK_S = 0.02, 0.002


class Source:
    """The body behind `wsgi.input`. `announced` is its Content-Length, None where it comes in chunks."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._stream = environ["wsgi.input"]
        given = environ.get("CONTENT_LENGTH") or ""
        self.announced: int | None = int(given) if given.isascii() and given.isdigit() else None
        chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if self.announced is None and not chunked:
            self.announced = 0
        self.taken = 0
        self.cut = False  # it ended before it should have, or the line broke
        self.ended = self.announced == 0
        self._piece = 4 * SMALL

    @property
    def present(self) -> bool:
        """Whether there is a body at all."""
        return self.announced is None or self.announced > 0

    def read(self) -> bytes:
        """The next bytes; b"" at the end, which may be a cut.

        The web server hands out a piece only when all of it has come, so on a slow line pieces are small: what
        has come is on the disk soon, and little of it is lost when the line dies.
        """
        if self.ended:
            return b""
        wanted = self._piece if self.announced is None else min(self._piece, self.announced - self.taken)
        began = perf_counter()
        try:
            piece: bytes = self._stream.read(wanted)
        except Exception:  # noqa: BLE001 - each web server has its own error for a line that broke
            piece, self.cut = b"", True
        took = perf_counter() - began
        self._piece = SMALL if took > SLOW_S else min(PIECE, self._piece * 2) if took < QUICK_S else self._piece
        self.taken += len(piece)
        if self.announced is not None and self.taken >= self.announced:
            self.ended = True
        elif not piece:
            self.ended = True
            self.cut = self.cut or self.announced is not None
        return piece

    def drain(self, at_most: int) -> None:
        """Read and forget up to `at_most` bytes: a client that is still sending does not hear a refusal."""
        if self.announced is not None and self.announced - self.taken > at_most:
            return
        left = at_most
        while left > 0 and not self.ended:
            left -= len(self.read())
