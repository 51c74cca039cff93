"""The documents of reports in the store: drawn when first asked for, kept under the digest of what they say, swept."""

from __future__ import annotations

import hashlib
import json
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.documents.drawing import Format
from server.documents.files import shown, stored_photos
from server.kit import clock
from server.kit.covering import Covers, mark_of
from server.kit.db import Database
from server.kit.i18n import Language
from server.kit.prepared import insert
from server.kit.storage import Store
from server.photos import covers
from server.reports.models import ReportPaper
from server.reports.paper.drawing import VERSION, draw

_LONGEST = 100  # characters of a file's name
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('\\/:*?"<>|\n\t', "_"))
_FRESH = timedelta(days=1)  # asked for again within a day, nothing is written
_KEEP = insert(ReportPaper, ["key", "report_id", "used_at"], unless_there=True)


class Drawn(NamedTuple):
    """Where the file lies; `data` instead where a photo was not to be had, so that it was not kept."""

    key: str
    data: bytes | None


def key(report_id: uuid.UUID, paper: dict[str, Any], form: Format, covered: Covers) -> str:
    """Where the file lies: what it says is in its name, how it is drawn, and what of its photos is covered."""
    digest = hashlib.sha256(json.dumps(paper, sort_keys=True).encode()).hexdigest()
    return f"report-papers/{report_id}/{digest[:32]}-v{VERSION}{mark_of(covered, covered)}.{paper['language']}.{form}"


def drawn(  # noqa: PLR0917 - a file is made of all of these
    database: Database, store: Store, folder: Path, report_id: uuid.UUID, paper: dict[str, Any], form: Format
) -> Drawn:
    """The file, drawn if need be; `folder` is on the same disk as the store. 503 `papers-busy`."""
    with database.read() as db:
        covered = covers.mapping(db, list(shown(paper["photos"])))
    where = key(report_id, paper, form, covered)
    if store.size(where) is not None and _used(database, where):
        return Drawn(where, None)
    folder.mkdir(parents=True, exist_ok=True)
    with stored_photos(store, folder, covered) as photos, tempfile.TemporaryDirectory(prefix="paper-", dir=folder) as home:
        data = draw(paper, form, photos.find, folder=folder)
        if photos.missed:
            return Drawn(where, data)
        # the row first: a file that no row names would stay for ever
        database.write(lambda db: _KEEP.write(db, {"key": where, "report_id": report_id, "used_at": clock.now()}))
        path = Path(home) / f"report.{form}"
        path.write_bytes(data)
        store.adopt(path, where)
    return Drawn(where, None)


def _used(database: Database, where: str) -> bool:
    """Remember that it was asked for; False where the sweep has just taken its row."""
    with database.read() as db:
        used_at = db.scalar(sa.select(ReportPaper.used_at).where(ReportPaper.key == where))
    if used_at is None or used_at > clock.now() - _FRESH:
        return used_at is not None

    def again(db: Session) -> bool:
        told = db.execute(sa.update(ReportPaper).where(ReportPaper.key == where).values(used_at=clock.now()))
        return bool(told.rowcount)  # type: ignore[attr-defined]

    return database.write(again)


def name(number: str, site: str, form: Format, language: Language) -> str:
    """What the file is called: 现场检查报告_140106-20261120-0001_老军营小区.pdf."""
    title = "现场检查报告" if language == "zh" else "Inspection report"
    stem = f"{title}_{number}_{site}".translate(_NOT_IN_NAMES)
    return f"{stem[: _LONGEST - len(form) - 1]}.{form}"
