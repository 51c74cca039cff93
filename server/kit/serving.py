"""Giving out stored files: ranges, validators and names, the same from a folder and from object storage."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import quote

from flask import Request, Response
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import FileWrapper

from server.errors import Refusal
from server.kit.storage import Store

_ONE_RANGE = re.compile(r"bytes\s*=\s*(?:\d+\s*-\s*\d*|-\s*\d+)", re.IGNORECASE | re.ASCII)
SMALL = 1024 * 1024  # up to this many bytes a file is read at once instead of while it is sent


class StoredFile(io.RawIOBase):
    """A stored key as a file that can be read from any place, fetched as it is read."""

    def __init__(self, store: Store, key: str, size: int) -> None:
        self._store, self._key, self._size = store, key, size
        self._at = 0
        self._pieces: Iterator[bytes] | None = None
        self._rest = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at, self._pieces, self._rest = base + offset, None, b""
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        if self._pieces is None:
            self._pieces = self._store.read(self._key, self._at)
        wanted = self._size - self._at if size is None or size < 0 else size
        while len(self._rest) < wanted:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        given, self._rest = self._rest[:wanted], self._rest[wanted:]
        self._at += len(given)
        return given


class _Body(FileWrapper):
    """Closes its file at the end, whether or not the web server remembers to."""

    def __next__(self) -> bytes:
        piece: bytes = self.file.read(self.buffer_size)
        if not piece:
            self.close()
            raise StopIteration
        return piece


def stored_file(
    store: Store, key: str, request: Request, *, media_type: str, etag: str, name: str, seconds: int = 3600
) -> Response:
    """The bytes under `key`, whole or the ranges asked for; 304 where the asker has them.

    `etag` names these very bytes. Browsers of the person who asked may keep them for `seconds`, nobody between.
    Raises FileNotFoundError where there is no such key.
    """
    size = store.size(key)
    if size is None:
        raise FileNotFoundError(key)
    path = store.local(key)
    file: BinaryIO
    if size <= SMALL:
        file = io.BytesIO(b"".join(store.read(key)))
    else:
        file = path.open("rb") if path is not None else cast(BinaryIO, StoredFile(store, key, size))
    response = Response(_Body(file, 64 * 1024), content_type=media_type, direct_passthrough=True)
    response.content_length = size
    response.set_etag(etag)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Cache-Control"] = f"private, max-age={seconds}"
    environ = dict(request.environ)
    if not _ONE_RANGE.fullmatch(environ.get("HTTP_RANGE", "").strip()):
        environ.pop("HTTP_RANGE", None)  # another unit, several ranges, nonsense: RFC 9110 has us send the whole
    try:
        response.make_conditional(environ, accept_ranges=True, complete_length=size)
    except RequestedRangeNotSatisfiable:
        file.close()
        raise Refusal("range-not-satisfiable", headers={"Content-Range": f"bytes */{size}"}) from None
    if response.status_code == 412:
        file.close()
        raise Refusal("precondition-failed")
    if response.status_code == 304 or request.method == "HEAD":
        file.close()  # werkzeug sends no body and so never gets to closing it
        response.response = ()
    return response


def passing_file(path: Path, media_type: str) -> Response:
    """The bytes of a file that was made for this answer alone: it is read on although its name may be gone by then."""
    file = path.open("rb")
    response = Response(_Body(file, 64 * 1024), content_type=media_type, direct_passthrough=True)
    response.content_length = path.stat().st_size
    response.call_on_close(file.close)
    return response


def unless_known(response: Response, request: Request) -> Response:
    """304 without a body where the asker has this already; refuses where If-Match names another version."""
    response.make_conditional(request)
    if response.status_code == 412:
        raise Refusal("precondition-failed")
    return response


def disposition(name: str, *, kind: str = "inline") -> str:
    """Content-Disposition with any name: plain ASCII for old programs, `filename*` for the rest."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name).strip() or "file"
    given = f'{kind}; filename="{plain}"'
    return given if plain == name else f"{given}; filename*=UTF-8''{quote(name, safe='')}"


def named(name: str, plain: str, *, kind: str = "attachment") -> str:
    """Content-Disposition of a file: `name` for whoever reads `filename*`, `plain` ASCII for the rest."""
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
