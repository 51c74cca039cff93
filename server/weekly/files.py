"""The files of a weekly report in the store: printed once from the bulletin, and again where the store has lost them.

What is printed is named by the bulletin's digest, so that a change of a word is another file, and a frozen report always
the same one. The ZIP holds the photos too and is written while it is sent; it is not kept.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from config import Config
from server.kit.i18n import Language
from server.kit.storage import Store
from server.weekly import archive, bulletin, render, rules
from server.weekly.bulletin import Bulletin
from server.weekly.figures import canonical
from server.weekly.models import WeeklyReport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "zip"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Made(NamedTuple):
    """What is printed of a report: whose it is, all that it says, and the digest of that."""

    weekly_id: uuid.UUID
    bulletin: Bulletin
    digest: str


class Format(NamedTuple):
    """A form of the report: its media type, how it is written, and whether it is written in a language."""

    media_type: str
    write: Callable[[Made, Language, Path], None]
    spoken: bool


def made(db: Session, weekly: WeeklyReport, counted: tuple[dict[str, Any], str] | None = None) -> Made:
    """What the report says now; `counted` are figures that are not kept yet."""
    told = bulletin.of(db, weekly, counted)
    return Made(weekly.id, told, bulletin.digest_of(told))


FORMATS: dict[str, Format] = {
    "xlsx": Format(XLSX, lambda made, language, path: render.xlsx(made.bulletin["figures"], language, path), True),
    "csv": Format(
        "text/csv; charset=utf-8", lambda made, language, path: render.csv(made.bulletin["figures"], language, path), True
    ),
    "json": Format(
        "application/json", lambda made, _language, path: _keep(path, canonical(made.bulletin["figures"])), False
    ),
}


def _keep(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def printed() -> list[tuple[str, Language]]:
    """Every form in every language that is kept."""
    return [(form, language) for form, about in FORMATS.items() for language in (LANGUAGES if about.spoken else ("zh",))]


def key(made: Made, form: str, language: Language) -> str:
    """Where the file lies. The digest names what is in it, the version how it is printed."""
    spoken = f".{language}" if FORMATS[form].spoken else ""
    return f"weekly/{made.weekly_id}/{made.digest}-v{render.VERSION}{spoken}.{form}"


def put(conf: Config, store: Store, made: Made, form: str, language: Language) -> str:
    """Where the file lies, printed and made durable where it was not there."""
    where, folder = key(made, form, language), conf.uploads_dir / "staging"
    if store.size(where) is not None:
        return where
    folder.mkdir(parents=True, exist_ok=True)  # on the same disk as the store
    with tempfile.TemporaryDirectory(prefix="weekly-", dir=folder) as home:
        path = Path(home) / f"report.{form}"
        FORMATS[form].write(made, language, path)
        store.adopt(path, where)
    return where


def zipped(conf: Config, store: Store, made: Made, language: Language) -> Iterator[bytes]:
    """Everything in one ZIP, piece by piece: every form, every table as CSV, and the photos."""
    folder = conf.uploads_dir / "staging"
    with tempfile.TemporaryDirectory(prefix="weekly-", dir=folder) as home:
        path = Path(home) / "report.zip"
        archive.write(made.bulletin["figures"], language, path)
        with path.open("rb") as packed:
            while piece := packed.read(1 << 16):
                yield piece


def names(made: Made, district: dict[str, str], form: str, language: Language) -> tuple[str, str]:
    """What the file is called: for people, and for programs that know ASCII alone."""
    told = made.bulletin["figures"]["week"]
    week = rules.Week(
        told["iso_year"], told["iso_week"], date.fromisoformat(told["starts_on"]),
        datetime.fromisoformat(told["start_at"]), datetime.fromisoformat(told["end_at"]),
    )
    plain = f"{rules.ascii_stem(week, district.get('code'))}.{form}"
    return (f"{rules.stem(week, district.get('name'))}.{form}" if language == "zh" else plain), plain
