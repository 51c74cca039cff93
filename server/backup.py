"""`flask --app server backup` and `restore`: the database as of one moment, then every file that its rows name.

Files are never altered once their row stands, so copying them after the database can miss none of them.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import sqlalchemy as sa

from config import Config
from server import backup_database, schema
from server.audit import service as audit
from server.documents.models import DocumentTemplate
from server.documents.templates import key as template_key
from server.kit import changes, clock
from server.kit.db import Base, Database
from server.kit.storage import Store, original_key, rendition_key, sync_folder
from server.photos import covers
from server.photos.models import Original, Renditions, Upload
from server.residents.models import FOLDER, Picture, picture_key

FORMAT = 1
MANIFEST, LIST = "manifest.json", "files.sha256"
KINDS = ("preview", "thumb")


class BackupError(RuntimeError):
    """The copy is not whole, or the place is not fit; the message says which file or why."""


@dataclass(frozen=True, slots=True)
class File:
    """One file that the rows name. A rendition has neither hash nor size there: it can be made again."""

    key: str
    sha256: str | None = None
    size: int = 0


@dataclass(slots=True)
class Tally:
    """What one run did."""

    files: int = 0
    bytes: int = 0
    copied: int = 0
    damaged: list[str] = field(default_factory=list)


def make(database: Database, store: Store, folder: Path) -> Tally:
    """Copy everything into `folder`; files that an earlier run left there are kept. Raises BackupError."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    name = f"database-{stamp}.{'sqlite' if database.is_sqlite else 'pgdump'}"
    tally = Tally()
    with tempfile.TemporaryFile("w+", dir=folder) as keys:
        with backup_database.moment(database, folder / name) as rows:
            counts = {table.name: rows.scalar(sa.select(sa.func.count()).select_from(table)) for table in _tables()}
            keys.writelines(f"{one.key} {one.sha256 or '-'} {one.size}\n" for one in wanted(rows))
            removed = list(rows.scalars(sa.select(Original.sha256).where(Original.removed_at.is_not(None))))
        keys.seek(0)
        with _replacing(folder / LIST) as listing:
            for line in keys:
                key, sha256, size = line.split()
                digest = _fetch(store, File(key, None if sha256 == "-" else sha256, int(size)), folder / key, tally)
                if digest is not None:
                    listing.write(f"{digest}  {key}\n")
    tally.damaged = _without_removed(database, tally.damaged)
    manifest = {
        "format": FORMAT, "made_at": clock.now().isoformat(), "migration": schema.newest(), "rows": counts,
        "database": {"file": name, "sha256": digest_of(folder / name), "kind": database.url.get_backend_name()},
        "files": {"list": LIST, "sha256": digest_of(folder / LIST), "count": tally.files, "bytes": tally.bytes},
        "damaged": tally.damaged,
    }
    with _replacing(folder / MANIFEST) as out:
        out.write(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n")
    _forget_erased(folder, removed)
    for old in folder.glob("database-*"):
        if old.name != name:
            old.unlink()
    done = tally
    database.write(lambda db: audit.record(
        db, None, "backed_up", "database", stamp, files=done.files, bytes=done.bytes, damaged=len(done.damaged)
    ))
    return tally


def _without_removed(database: Database, damaged: list[str]) -> list[str]:
    """Without originals that the rule of retention removed while the files were copied: they are no damage."""
    missing = {one.removesuffix(": missing") for one in damaged if one.startswith("originals/")}
    if not missing:
        return damaged
    with database.read() as db:
        query = sa.select(Original.sha256).where(
            Original.removed_at.is_not(None), Original.sha256.in_([key.rsplit("/", 1)[-1] for key in missing])
        )
        gone = {f"{original_key(sha256)}: missing" for sha256 in db.scalars(query)}
    return [one for one in damaged if one not in gone]


def _forget_erased(folder: Path, removed: list[str]) -> None:
    """A resident's photo that was deleted in time, and an original that the rule of retention had removed when the
    database was copied, must not live on in the copy."""
    for sha256 in removed:
        (folder / original_key(sha256)).unlink(missing_ok=True)
    with (folder / LIST).open(encoding="utf-8") as listing:
        kept = {line.rstrip("\n").partition("  ")[2] for line in listing if f"  {FOLDER}/" in line}
    for path in (folder / FOLDER).glob("*"):
        if f"{FOLDER}/{path.name}" not in kept:
            path.unlink()


def _tables() -> list[sa.Table]:
    return Base.metadata.sorted_tables


def wanted(rows: sa.Connection) -> Iterator[File]:
    """Every file that the rows name."""
    query = sa.select(Original.sha256, Original.size, Original.renditions, Original.removed_at).order_by(Original.sha256)
    for sha256, size, renditions, removed_at in rows.execution_options(stream_results=True, yield_per=1000).execute(query):
        if removed_at is None:
            yield File(original_key(sha256), sha256, size)
        if renditions is Renditions.MADE:
            for kind in KINDS:
                yield File(rendition_key(sha256, kind))
    for sha256, cover in sorted(covers.standing(rows).items()):
        for kind in KINDS:
            yield File(rendition_key(sha256, cover.rendition(kind)))
    for picture_id in rows.scalars(sa.select(Picture.id).order_by(Picture.id)):
        yield File(picture_key(picture_id))
    kept = sa.select(DocumentTemplate.sha256, DocumentTemplate.size).where(DocumentTemplate.sha256.is_not(None))
    for template, size in rows.execute(kept.distinct().order_by(DocumentTemplate.sha256)):
        if template is not None:
            yield File(template_key(template), template, size)


def _fetch(store: Store, file: File, target: Path, tally: Tally) -> str | None:
    """Have `file` at `target`, and return its SHA-256. A damaged or missing original is told, not passed over."""
    tally.files += 1
    there = target.stat().st_size if target.exists() else None
    if there is not None and (there == file.size or file.sha256 is None):
        tally.bytes += there
        return file.sha256 or digest_of(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    try:
        digest, length = _copy(store.read(file.key), partial)
    except FileNotFoundError:
        if file.sha256 is None:
            tally.files -= 1
            return None
        tally.damaged.append(f"{file.key}: missing")
        return None
    if file.sha256 not in {None, digest}:
        partial.unlink()
        tally.damaged.append(f"{file.key}: its bytes are not those of its name")
        return None
    partial.replace(target)
    sync_folder(target.parent)
    tally.copied += 1
    tally.bytes += length
    return digest


def restore(conf: Config, database: Database, store: Store, folder: Path, *, force: bool = False) -> Tally:
    """Put the backup in `folder` back. Refuses a place that holds data, unless `force`. Raises BackupError."""
    manifest = _manifest(folder)
    dump = folder / manifest["database"]["file"]
    _same(dump, manifest["database"]["sha256"])
    _same(folder / manifest["files"]["list"], manifest["files"]["sha256"])
    if not force and backup_database.holds_data(database):
        raise BackupError("there is data in this place already; --force puts it aside")
    if connected := backup_database.others(database):
        raise BackupError(f"{connected} other connections to this database; stop the servers of every machine first")
    if manifest["database"]["kind"] != database.url.get_backend_name():
        raise BackupError(f"the backup is of {manifest['database']['kind']}; DUDAO_DATABASE_URL names another kind")
    tally = Tally()
    conf.uploads_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="restoring-", dir=conf.uploads_dir) as staging:
        for line in (folder / manifest["files"]["list"]).read_text().splitlines():
            digest, _, key = line.partition("  ")
            tally.bytes += _put_back(store, folder / key, File(key, digest), Path(staging) / "file")
            tally.files += 1
    backup_database.load(database, dump)
    schema.upgrade(conf.database)
    database.write(lambda db: _after(db, manifest))
    return tally


def _put_back(store: Store, source: Path, file: File, staging: Path) -> int:
    """Copy, check, and only then store; returns the length."""
    try:
        with source.open("rb") as bytes_of:
            found, length = _copy(iter(lambda: bytes_of.read(1 << 20), b""), staging)
    except FileNotFoundError:
        raise BackupError(f"{file.key} is missing from the backup") from None
    if found != file.sha256:
        raise BackupError(f"{file.key} is damaged in the backup")
    store.adopt(staging, file.key, replace=True)  # what is there may be torn; these bytes are verified
    return length


def _after(db: Any, manifest: dict[str, Any]) -> None:
    """Uploads under way are not in a backup: their phones begin anew. Every phone pulls everything once."""
    db.execute(sa.delete(Upload).where(Upload.finished_at.is_(None)))
    changes.begin_life(db)
    audit.record(db, None, "restored", "database", manifest["made_at"], files=manifest["files"]["count"])


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        raise BackupError(f"{folder} holds no finished backup") from None
    if manifest.get("format") != FORMAT:
        raise BackupError("the backup is of a format that this version does not know")
    return manifest


def _same(path: Path, digest: str) -> None:
    if not path.exists() or digest_of(path) != digest:
        raise BackupError(f"{path.name} is missing or damaged")


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    """Write a text file that appears under its name only once it is whole and durable."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
    partial.replace(path)
    sync_folder(path.parent)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(chunks: Iterator[bytes], target: Path) -> tuple[str, int]:
    """Write the chunks durably; SHA-256 and length of what was written."""
    found, length = hashlib.sha256(), 0
    with target.open("wb") as out:
        for chunk in chunks:
            found.update(chunk)
            length += out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return found.hexdigest(), length
