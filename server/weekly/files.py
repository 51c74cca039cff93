"""The files of a weekly report in the store: made once from the figures, and again where the store has lost them."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from server.kit.i18n import Language
from server.kit.storage import CHUNK, Store, original_key, rendition_key
from server.weekly import archive, bulletin, render
from server.weekly.figures import canonical

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Made = tuple[str, dict[str, Any]]  # the digest of figures, and the figures


class Format(NamedTuple):
    """A form of the report: its media type, how it is written, and whether it is written in a language."""

    media_type: str
    write: Callable[[Store, Made, Language, Path], None]
    spoken: bool


def _xlsx(store: Store, made: Made, language: Language, path: Path) -> None:
    render.xlsx(bulletin.of(made[1], made[0]), language, path, lambda sha256: _thumb(store, sha256), folder=path.parent)


def _csv(_store: Store, made: Made, language: Language, path: Path) -> None:
    render.csv(bulletin.of(made[1], made[0]), language, path)


def _json(_store: Store, made: Made, _language: Language, path: Path) -> None:
    path.write_bytes(canonical(made[1]))


def _zip(store: Store, made: Made, language: Language, path: Path) -> None:
    workbook = path.with_suffix(".xlsx")
    _xlsx(store, made, language, workbook)
    archive.write(
        bulletin.of(made[1], made[0]), language, path, {"xlsx": lambda: pieces(workbook)},
        lambda sha256: store.read(original_key(sha256)),
    )


def pieces(path: Path) -> Iterator[bytes]:
    """A file, read as it is asked for."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _thumb(store: Store, sha256: str) -> bytes | None:
    try:
        return b"".join(store.read(rendition_key(sha256, "thumb")))
    except FileNotFoundError:
        return None


FORMATS: dict[str, Format] = {
    "xlsx": Format(XLSX, _xlsx, True),
    "csv": Format("text/csv; charset=utf-8", _csv, True),
    "json": Format("application/json", _json, False),
    "zip": Format("application/zip", _zip, True),
}
LATER = frozenset({"docx", "pdf"})  # of the contract, not made yet


def key(weekly_id: uuid.UUID, digest: str, form: str, language: Language) -> str:
    """Where the file lies. The digest names what is in it, the version how it is printed."""
    spoken = f".{language}" if FORMATS[form].spoken else ""
    return f"weekly/{weekly_id}/{digest}-v{render.VERSION}{spoken}.{form}"


def put(  # noqa: PLR0917 - a file is known by all of these
    store: Store, folder: Path, weekly_id: uuid.UUID, made: Made, form: str, language: Language
) -> str:
    """Write the file, make it durable and return where it lies; `folder` is on the same disk as the store."""
    where = key(weekly_id, made[0], form, language)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="weekly-", dir=folder) as home:
        path = Path(home) / f"report.{form}"
        FORMATS[form].write(store, made, language, path)
        store.adopt(path, where)
    return where
