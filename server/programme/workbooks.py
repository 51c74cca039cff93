"""A list as a workbook to be downloaded: written to the disk, then sent piece by piece, and gone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Response

from server.kit import clock, here
from server.kit.http import Call
from server.kit.i18n import Language, language
from server.kit.serving import disposition

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PIECE = 64 * 1024


def workbook(call: Call, names: tuple[str, str], write: Callable[[Language, Path], None]) -> Response:
    """The answer with what `write` puts into a file, called as `names` say in Chinese and in English, with the day."""
    spoken: Language = call.query["lang"] or language(call.request.accept_languages)
    here.staging().mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix="workbook-", suffix=".xlsx", dir=here.staging())
    os.close(handle)
    path = Path(made)
    try:
        write(spoken, path)
        size, pieces = path.stat().st_size, _pieces(path)
        next(pieces)  # opened: from here on it needs no name
    finally:
        path.unlink()
    response = Response(pieces, content_type=XLSX)
    response.content_length = size
    name = f"{names[0 if spoken == 'zh' else 1]}-{clock.today().isoformat()}.xlsx"
    response.headers["Content-Disposition"] = disposition(name, kind="attachment")
    response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
    response.headers["Cache-Control"] = "private, no-store"
    response.vary.add("Accept-Language")
    return response


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield b""
        while piece := file.read(PIECE):
            yield piece
