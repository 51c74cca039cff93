"""The files of a weekly report in the store: made once from the figures, and again where the store has lost them."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from server.kit.i18n import Language
from server.kit.storage import Store
from server.weekly import archive, render
from server.weekly.figures import canonical

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Made = tuple[str, dict[str, Any]]  # the digest of figures, and the figures


class Format(NamedTuple):
    """A form of the report: its media type, how it is written, and whether it is written in a language."""

    media_type: str
    write: Callable[[dict[str, Any], Language, Path], None]
    spoken: bool


FORMATS: dict[str, Format] = {
    "xlsx": Format(XLSX, render.xlsx, True),
    "csv": Format("text/csv; charset=utf-8", render.csv, True),
    "json": Format("application/json", lambda figures, _language, path: _keep(path, canonical(figures)), False),
    "zip": Format("application/zip", archive.write, True),
}
LATER = frozenset({"docx", "pdf"})  # of the contract, not made yet


def _keep(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def key(weekly_id: uuid.UUID, digest: str, form: str, language: Language) -> str:
    """Where the file lies. The digest names what is in it, the version how it is printed."""
    spoken = f".{language}" if FORMATS[form].spoken else ""
    return f"weekly/{weekly_id}/{digest}-v{render.VERSION}{spoken}.{form}"


def put(  # noqa: PLR0917 - a file is known by all of these
    store: Store, folder: Path, weekly_id: uuid.UUID, made: Made, form: str, language: Language
) -> str:
    """Write the file, make it durable and return where it lies; `folder` is on the same disk as the store."""
    digest, figures = made
    where = key(weekly_id, digest, form, language)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="weekly-", dir=folder) as home:
        path = Path(home) / f"report.{form}"
        FORMATS[form].write(figures, language, path)
        store.adopt(path, where)
    return where
