"""A form with files sent over HTTP, read piece by piece within limits: fields into memory, files onto the disk."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO, cast

from flask import Request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from server.errors import Refusal
from server.kit.bodies import HEARD
from server.kit.streams import Source

MAX_FIELDS_BYTES, MAX_PARTS = 256 * 1024, 12  # the first must hold one piece of the body


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file of a form, as it came; it lies there for the length of the block."""

    path: Path
    size: int

    def sha256(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name, the first of each; files that hold something, by name."""

    fields: dict[str, str]
    files: dict[str, list[FormFile]]


class _Limited:
    """The body as the parser reads it; ends with a refusal where it is too long, too slow or cut off."""

    def __init__(self, source: Source, limit: int, seconds: float) -> None:
        self._source, self._limit, self._until = source, limit, monotonic() + seconds

    def read(self, _size: int = -1) -> bytes:
        piece = self._source.read()
        if self._source.cut or monotonic() > self._until:
            raise Refusal("body-cut-short")
        if self._source.taken > self._limit:
            raise Refusal("body-too-large")
        return piece


@contextmanager
def received_form(request: Request, folder: Path, *, limit: int, seconds: float) -> Iterator[Form]:
    """The `multipart/form-data` of a request of at most `limit` bytes; its files lie in a folder of their own below
    `folder` until the block ends, and then nowhere."""
    if request.mimetype != "multipart/form-data":
        raise Refusal("unsupported-media-type")
    source = Source(request.environ)
    if source.announced is not None and source.announced > limit:
        raise Refusal("body-too-large")
    folder.mkdir(parents=True, exist_ok=True)
    opened: list[tuple[BinaryIO, Path]] = []
    # The name is one that the hourly sweep of uploads takes away where a crash leaves it.
    with tempfile.TemporaryDirectory(prefix="making-", dir=folder) as own:
        def to_disk(**_size: object) -> BinaryIO:
            path = Path(own) / str(len(opened))
            opened.append((path.open("w+b"), path))
            return opened[-1][0]

        try:
            yield _parsed(request, _Limited(source, limit, seconds), to_disk, opened)
        finally:
            for file, _ in opened:
                file.close()


def _parsed(request: Request, body: _Limited, to_disk: Any, opened: list[tuple[BinaryIO, Path]]) -> Form:
    parser = FormDataParser(to_disk, max_form_memory_size=MAX_FIELDS_BYTES, max_form_parts=MAX_PARTS, silent=False)
    try:
        _, fields, files = parser.parse(
            cast(BinaryIO, body), request.mimetype, request.content_length, request.mimetype_params
        )
    except RequestEntityTooLarge:
        raise Refusal("body-too-large") from None
    except (ValueError, HTTPException):
        raise Refusal("bad-request") from None
    request.environ[HEARD] = True
    paths = {id(file): path for file, path in opened}
    found: dict[str, list[FormFile]] = {}
    for name, many in files.lists():
        for one in many:
            one.stream.flush()
            path = paths[id(one.stream)]
            if path.stat().st_size:  # a form sends an empty file where none was chosen
                found.setdefault(name, []).append(FormFile(path, path.stat().st_size))
    return Form(fields.to_dict(), found)
