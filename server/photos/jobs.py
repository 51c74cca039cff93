"""Jobs of photos: facts, preview and thumb of an original; sweeping uploads that nobody finished."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.kit import clock, covering
from server.kit.db import Database
from server.kit.here import conf, staging, store
from server.kit.images import Limits, RenditionResult, make_renditions
from server.kit.jobs import LaterError, Work, every, handles, on_every_machine, on_parked
from server.kit.storage import Store, original_key, rendition_key
from server.photos import covers, hooks, redactions, service
from server.photos.models import Original, Photo, Renditions, Upload
from server.photos.staging import Part

HOURLY = 3600
GAVE_UP = "job-parked"
BATCH = 500
MADE_IN = "making-"  # folders in staging in which renditions are made


@handles("renditions", background=True)
def renditions(work: Work) -> None:
    """Read the facts of an original and make its preview and thumb. The file decides; its name says nothing."""
    sha256 = str(work.payload["sha256"])
    with work.database.read() as db:
        original = db.get(Original, sha256)
    if original is None or not (original.renditions is Renditions.PENDING or original.renditions_why == GAVE_UP):
        return
    limits = Limits(
        max_pixels=conf().max_photo_megapixels * 1_000_000, max_bytes=conf().max_photo_bytes,
        lock_path=conf().data_dir / "heavy-picture.lock",
    )
    conf().data_dir.mkdir(parents=True, exist_ok=True)
    with _workshop() as folder, _on_disk(store(), sha256, folder) as path:
        result = make_renditions(path, folder, limits=limits)
        if result.state == "not_made" and result.reason == "busy":
            raise LaterError("another large picture is being decoded")
        for kind, made in (("preview", result.preview), ("thumb", result.thumb)):
            if made is not None:
                store().adopt(made.path, rendition_key(sha256, kind))
    work.database.write(lambda db: _tell(db, sha256, result))


@on_parked("renditions")
def give_up(db: Session, payload: dict[str, Any], _why: str) -> None:
    """Nobody is to wait for previews that failed five times; the office sees why, and may have them tried again."""
    db.execute(
        sa.update(Original)
        .where(Original.sha256 == str(payload["sha256"]), Original.renditions == Renditions.PENDING)
        .values(renditions=Renditions.NOT_MADE, renditions_why=GAVE_UP)
    )


def _tell(db: Session, sha256: str, result: RenditionResult) -> None:
    """Write what was found. A damaged picture of which something shows has its preview, and is still called damaged."""
    unreadable = result.state == "unreadable"
    state = Renditions.MADE if result.preview is not None else Renditions(result.state)
    facts = result.facts.as_dict() | {"dhash": result.dhash, "partial": result.partial}
    db.execute(
        sa.update(Original).where(Original.sha256 == sha256).values(
            facts=facts, renditions=state, renditions_why=result.reason or None,
            unreadable=sa.or_(Original.unreadable, sa.literal(unreadable)),
            # Intake reads the header alone; the facts know how the camera was held, as the preview does.
            width=sa.func.coalesce(sa.literal(result.facts.width), Original.width),
            height=sa.func.coalesce(sa.literal(result.facts.height), Original.height),
        )
    )
    redactions.draw_later(db, sha256)  # boxes may have been laid over bytes known from before
    for hook in hooks.READ:
        hook(db, sha256)
    if unreadable:
        size = db.scalar(sa.select(Original.size).where(Original.sha256 == sha256))
        for photo_id in db.scalars(sa.select(Photo.id).where(Photo.sha256 == sha256)).all():
            service.raise_flag(
                db, "unreadable", "photo", photo_id, report_id=service.first_report(db, photo_id), numbers={"size": size}
            )


@handles(redactions.KIND)
def draw_cover(work: Work) -> None:
    """Draw the covered preview and thumb of a photo, with the boxes that stand on it now."""
    sha256 = str(work.payload["sha256"])
    with work.database.read() as db:
        cover, original = covers.cover_of(db, sha256), db.get(Original, sha256)
    if cover is None or original is None or original.renditions is not Renditions.MADE:
        return  # of one whose renditions are still to be made, reading it asks for this again
    keys = {kind: rendition_key(sha256, cover.rendition(kind)) for kind in ("preview", "thumb")}
    if all(store().size(key) is not None for key in keys.values()):
        return
    with _workshop() as folder:
        made = {kind: folder / f"covered-{kind}.jpg" for kind in keys}
        plain = b"".join(store().read(rendition_key(sha256, "preview")))
        covering.draw(plain, cover, made["preview"], made["thumb"])
        for kind, key in keys.items():
            store().adopt(made[kind], key)


_OWN = threading.local()  # .folder, .pid


@contextmanager
def _workshop() -> Iterator[Path]:
    """A folder of this job alone, on the disk of the store, so that adopting is a rename.

    A thread keeps its own from job to job: on ext4 each file or folder that goes makes new ones slow for minutes, those
    of photos that come in too. One whose worker has ended is swept.
    """
    staging().mkdir(parents=True, exist_ok=True)
    folder: Path | None = getattr(_OWN, "folder", None)
    if folder is None or _OWN.pid != os.getpid() or folder.parent != staging():
        folder = Path(tempfile.mkdtemp(prefix=MADE_IN, dir=staging()))
        _OWN.folder, _OWN.pid = folder, os.getpid()
    else:
        folder.mkdir(mode=0o700, exist_ok=True)
        os.utime(folder)  # the sweep takes old ones
    try:
        yield folder
    finally:
        for left in folder.iterdir():
            left.unlink(missing_ok=True)


@contextmanager
def _on_disk(files: Store, sha256: str, folder: Path) -> Iterator[Path]:
    """The original as a file: the store's own, or fetched into `folder`."""
    path = files.local(original_key(sha256))
    if path is None:
        path = folder / "original"
        with path.open("wb") as file:
            for piece in files.read(original_key(sha256)):
                file.write(piece)
    yield path


@handles("uploads-sweep")
def sweep_uploads(work: Work) -> None:
    """Forget what nobody finished."""
    sweep(work.database, conf(), staging())


every(HOURLY, "uploads-sweep")


@on_every_machine(HOURLY, "uploads-leftovers")
def sweep_own_folder(database: Database) -> None:
    """Files of uploads whose rows another machine has swept."""
    _orphans(database, staging(), timedelta(hours=conf().upload_expiry_hours))


def sweep(database: Database, settings: Config, folder: Path) -> int:
    """Delete uploads that expired or whose photo came another way, and files without an upload; how many rows went.

    An upload expires some hours after its last byte, which the file knows and the row does not.
    """
    swept, now = 0, clock.now()
    life = timedelta(hours=settings.upload_expiry_hours)
    while True:
        with database.read() as db:
            late = db.execute(
                sa.select(Upload.id, Upload.finished_at).where(Upload.expires_at <= now)
                .order_by(Upload.expires_at).limit(BATCH)
            ).all()
        alive: dict[uuid.UUID, datetime] = {}
        for upload_id, finished_at in late:
            touched = None if finished_at else Part(folder, upload_id).touched_at()
            if touched and touched + life > now:
                alive[upload_id] = touched + life
        dead = [upload_id for upload_id, _ in late if upload_id not in alive]
        database.write(partial(_settle, alive=alive, dead=dead))
        for upload_id in dead:
            Part(folder, upload_id).discard()
        swept += len(dead)
        if len(late) < BATCH:
            break
    swept += _overtaken(database, folder)
    _orphans(database, folder, life)
    return swept


def _settle(db: Session, *, alive: dict[uuid.UUID, datetime], dead: list[uuid.UUID]) -> None:
    for upload_id, expires_at in alive.items():
        db.execute(sa.update(Upload).where(Upload.id == upload_id).values(expires_at=expires_at))
    if dead:
        db.execute(sa.delete(Upload).where(Upload.id.in_(dead)))


def _overtaken(database: Database, folder: Path) -> int:
    """Unfinished uploads whose photo is stored, and that have been still for an hour."""
    still = clock.now() - timedelta(hours=1)
    query = (
        sa.select(Upload.id).join(Photo, Photo.id == Upload.photo_id)
        .where(Upload.finished_at.is_(None), Upload.created_at < still, Photo.owner_id == Upload.owner_id)
        .limit(BATCH)
    )
    with database.read() as db:
        found = [
            upload_id for upload_id in db.scalars(query)
            if (Part(folder, upload_id).touched_at() or still) <= still
        ]
    if found:
        database.write(lambda db: db.execute(sa.delete(Upload).where(Upload.id.in_(found))))
    for upload_id in found:
        Part(folder, upload_id).discard()
    return len(found)


def _orphans(database: Database, folder: Path, life: timedelta) -> None:
    """Files that a crash left: of no upload, and older than any could be."""
    before = (clock.now() - life).timestamp()
    old: dict[uuid.UUID, list[Path]] = {}
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        if entry.stat().st_mtime >= before:
            continue
        if entry.is_dir() and entry.name.startswith(MADE_IN):
            shutil.rmtree(entry.path, ignore_errors=True)
            continue
        try:
            upload_id = uuid.UUID(Path(entry.name).stem)
        except ValueError:
            continue
        old.setdefault(upload_id, []).append(Path(entry.path))
    ids = list(old)
    for start in range(0, len(ids), BATCH):
        some = ids[start:start + BATCH]
        with database.read() as db:
            known = set(db.scalars(sa.select(Upload.id).where(Upload.id.in_(some), Upload.finished_at.is_(None))))
        for upload_id in some:
            if upload_id not in known:
                for path in old[upload_id]:
                    path.unlink(missing_ok=True)


