"""A request's body, piece by piece: who reads it never takes a cut one for a whole one."""

from __future__ import annotations

from typing import Any

PIECE = 64 * 1024


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

    @property
    def present(self) -> bool:
        """Whether there is a body at all."""
        return self.announced is None or self.announced > 0

    def read(self, at_most: int = PIECE) -> bytes:
        """The next bytes; b"" at the end, which may be a cut."""
        if self.ended:
            return b""
        wanted = at_most if self.announced is None else min(at_most, self.announced - self.taken)
        try:
            piece: bytes = self._stream.read(wanted)
        except Exception:  # noqa: BLE001 - each web server has its own error for a line that broke
            piece, self.cut = b"", True
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
            left -= len(self.read(min(PIECE, left)))
