"""Makes the file of an export: one look at the database, page by page into a file, then into the store."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from config import Config
from server.accounts import queries as people
from server.documents.files import stored_photos
from server.evidence.custody.opened import packing
from server.evidence.custody.rules import How
from server.exports import archive, issues, photos, reports, service, sites, tables
from server.exports.models import Export
from server.exports.rules import Format, Kind, RowsOf, title
from server.exports.schemas import filters_of
from server.issues import register
from server.kit.actor import Actor
from server.kit.changes import losses
from server.kit.db import Database
from server.kit.i18n import Language
from server.kit.storage import Store, free_bytes
from server.photos import covers
from server.programme import queries as programme
from server.reports import queries as report_queries

T = TypeVar("T")
FOLDER = "export-"  # of one making, in staging
SAY_EVERY_S = 1.0
_LAST = 95  # per cent once everything is written


class UnwantedError(Exception):
    """Nobody waits for it any more."""


class HopelessError(Exception):
    """Trying again would end the same way; the message is for its maker."""


def make(  # noqa: PLR0917 - a file is made of all of these
    database: Database, conf: Config, store: Store, export: Export, filters: dict[str, Any],
    tell: Callable[..., bool],
) -> str:
    """Make the file, put it into the store, and return where it lies. `tell(**values)` writes to the row; False: nobody
    waits for it.

    Raises UnwantedError and HopelessError.
    """
    folder = conf.uploads_dir / "staging"
    with _workshop(folder, export.id) as home:
        path = home / f"export.{export.format.value}"
        with database.snapshot() as db:
            actor = people.actor_now(db, export.requested_by)
            if actor is None:
                raise HopelessError("账号已停用 / the account is disabled")
            lost = losses(db, actor.id)  # of the very moment that the file shows, however long it takes to make
            _Maker(db, conf, store, actor, export, filters, _Progress(tell)).write(path)
        sha256, size = _digest(path), path.stat().st_size
        if export.key is not None:
            store.delete(export.key)  # of a making that a crash ended: it may say what is not true any more
        key = f"exports/{export.id}-{sha256[:16]}.{export.format.value}"
        if not tell(key=key, sha256=sha256, size=size, losses=lost):
            raise UnwantedError
        store.adopt(path, key)
        return key


class _Progress:
    """Says how far it is, at most once a second."""

    def __init__(self, tell: Callable[..., bool]) -> None:
        self._tell = tell
        self._last = float("-inf")
        self.rows = 0

    def say(self, rows: int, done: int, whole: int, *, now: bool = False) -> None:
        self.rows = rows
        if not now and time.monotonic() - self._last < SAY_EVERY_S:
            return
        self._last = time.monotonic()
        if not self._tell(rows=rows, progress=max(1, min(_LAST, _LAST * done // max(whole, 1)))):
            raise UnwantedError

    def through(self, rows: Iterable[T], whole: int) -> Iterator[T]:
        """The rows, counted as they go by."""
        self.say(0, 0, whole, now=True)
        count = 0
        for count, row in zip(itertools.count(1), rows):
            yield row
            if count % 100 == 0:
                self.say(count, count, whole)
        self.say(count, 1, 1, now=True)


class _Maker:
    """Writes one file, of what the actor sees."""

    def __init__(  # noqa: PLR0917
        self, db: Session, conf: Config, store: Store, actor: Actor, export: Export, filters: dict[str, Any],
        progress: _Progress,
    ) -> None:
        self._db, self._conf, self._store, self._actor = db, conf, store, actor
        self._export, self._filters, self._progress = export, filters, progress
        self._language: Language = "en" if export.language == "en" else "zh"

    def write(self, path: Path) -> None:
        match self._export.kind:
            case Kind.REPORTS:
                self._reports(path)
            case Kind.SITES:
                self._sites(path)
            case Kind.ISSUES:
                self._issues(path)
            case Kind.PHOTOS:
                self._photos(path)

    def _reports(self, path: Path) -> None:
        whole = report_queries.count_reports(self._db, self._actor, self._filters)
        given = (self._db, self._actor, self._filters, self._language)
        if self._export.rows_of is RowsOf.ANSWERS:
            # how many answers there are is not known before: about those of the first reports each
            self._table(path, reports.ANSWERS, reports.answers(*given), whole * 20)
        else:
            self._table(path, reports.COLUMNS, reports.rows(*given), whole)

    def _sites(self, path: Path) -> None:
        given = (self._db, self._actor, self._filters, self._language)
        whole = programme.count_sites(self._db, self._actor, sites.filter_of(self._filters))
        self._table(path, sites.COLUMNS, sites.rows(*given), whole)

    def _table(self, path: Path, columns: tuple[tables.Col, ...], rows: Iterator[Any], whole: int) -> None:
        said = title(self._export.kind, self._export.rows_of)[0 if self._language == "zh" else 1]
        counted = self._progress.through(rows, whole)
        tables.write(path, self._export.format, tables.Table(said, columns, counted), self._language)

    def _issues(self, path: Path) -> None:
        whole = register.count(self._db, self._actor, self._filters)
        pictured = self._export.format is Format.XLSX and whole <= issues.PICTURED
        shown = stored_photos(self._store, path.parent, covers.standing(self._db)) if pictured else nullcontext()
        with shown as pictures:
            rows = issues.rows(self._db, self._actor, self._filters, self._language, self._export.address, pictures)
            issues.write(path, self._export.format, self._progress.through(rows, whole), self._language)

    def _photos(self, path: Path) -> None:
        _count, size = photos.total(self._db, self._actor, self._filters)
        room = free_bytes(path.parent) - self._conf.min_free_bytes
        if size > room:
            needed = -(-size // 1_000_000)
            raise HopelessError(
                f"磁盘空间不足，需要{needed} MB，请缩小范围 / the disk has no room for {needed} MB: narrow it down"
            )
        self._progress.say(0, 0, 1, now=True)
        covered = covers.standing(self._db)
        with stored_photos(self._store, path.parent, covered) as pictures:
            archive.write(
                path, self._db, self._actor, self._filters, self._language,
                archive.Source(self._store, covered, pictures),
                lambda count, written: self._progress.say(count, written, size),
                packing(self._actor.id, How.EXPORT, self._export.id),
            )
        self._progress.say(self._progress.rows, 1, 1, now=True)


def shows_what_was_covered(db: Session, actor: Actor, export: Export) -> bool:
    """Whether boxes were laid over a photo after the file was asked for, which may show it without them: what was frozen
    so is given out no more. One that has no pictures is never out of date."""
    if export.kind is Kind.PHOTOS:
        return photos.covered_since(db, actor, filters_of(export.kind, export.filters), export.created_at)
    if export.kind is Kind.ISSUES and export.format is Format.XLSX:
        return issues.covered_since(db, actor, export.created_at)
    return False


@contextmanager
def _workshop(staging: Path, export_id: uuid.UUID) -> Iterator[Path]:
    """A folder of this making, on the disk of the store; what a making before left goes first."""
    staging.mkdir(parents=True, exist_ok=True)
    for left in staging.glob(f"{FOLDER}{export_id}-*"):
        shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{export_id}-", dir=staging))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _digest(path: Path) -> str:
    with path.open("rb") as made:
        return hashlib.file_digest(made, "sha256").hexdigest()


def teller(database: Database, export_id: uuid.UUID, job_id: uuid.UUID) -> Callable[..., bool]:
    """A way to write to the export's row."""
    return lambda **values: database.write(partial(service.tell, export_id=export_id, job_id=job_id, **values))
