"""Verbs of photos: an upload is opened, ended, refused, its photo stored; a holder holds photos; a flag is raised."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Refusal, not_found
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.ids import new_id
from server.kit.images import Sniffed
from server.kit.jobs import enqueue
from server.kit.prepared import Prepared, among, insert
from server.kit.storage import Store
from server.photos import again, hooks, queries
from server.photos.models import Flag, Original, Photo, PhotoHolder, Renditions, Upload
from server.photos.queries import UploadRow
from server.photos.rules import FLAGS
from server.photos.staging import Part

_OPEN = insert(Upload, [column.name for column in Upload.__table__.columns])
_ORIGINAL = insert(Original, [
    "sha256", "size", "media_type", "width", "height", "unreadable", "stored_at", "renditions", "renditions_why",
], unless_there=True)
_PHOTO = insert(
    Photo, ["id", "owner_id", "sha256", "filename", "received_at", "upload_header", "upload_expires_at"],
    unless_there=True,
)
_HOLD = insert(PhotoHolder, ["photo_id", "kind", "holder_id"], unless_there=True)
_FLAG = insert(
    Flag, ["id", "code", "object_kind", "object_id", "report_id", "numbers", "raised_at"], unless_there=True
)


def open_upload(db: Session, upload: UploadRow) -> None:
    """Write the row of an upload, so that it can be resumed."""
    _OPEN.write(db, upload.values())


def store(
    db: Session, actor: Actor, upload: UploadRow, seen: Sniffed, *, known: bool, back: tuple[Store, Part] | None = None
) -> None:
    """The bytes are durable and verified: write original and photo, and tell whoever waited for the photo.

    `known` says that the upload has a row already; else the photo's own says that it came. `back` are bytes that the rule
    of retention had taken, and that are put back with this. Repeating it does no harm.
    Refuses with 404 or photo-conflict where the photo's id has been taken meanwhile.
    """
    now = clock.now()
    hold(db, f"person:{actor.id}")  # a report and its last photo may come at the same moment
    if known:
        _finish_known(db, upload, now)
    if back is not None:
        again.put_back(db, *back, upload.sha256, now)
    unreadable = _write_original(db, upload, seen, now)
    photo = hooks.StoredPhoto(upload.photo_id, actor.id, upload.sha256)
    if not _PHOTO.write(db, {
        "id": photo.id, "owner_id": photo.owner_id, "sha256": photo.sha256, "filename": upload.filename,
        "received_at": now, "upload_header": None if known else upload.metadata_header,
        "upload_expires_at": None if known else upload.expires_at,
    }):
        _demand_same(db, actor, photo)
        if not known:
            came_again(db, upload)
        return
    if unreadable:
        raise_flag(
            db, "unreadable", "photo", photo.id, report_id=first_report(db, photo.id), numbers={"size": upload.size}
        )
    audit.record(
        db, actor, "photo_stored", "photo", photo.id, district=queries.district_of(db, photo.id), sha256=photo.sha256,
        size=upload.size, began_at=upload.created_at.isoformat(),
    )
    for hook in hooks.STORED:
        hook(db, photo)


def came_again(db: Session, upload: UploadRow) -> None:
    """The photo is stored already: let it be found as a finished upload, under its own id."""
    db.execute(
        sa.update(Photo).where(Photo.id == upload.photo_id, Photo.owner_id == upload.owner_id)
        .values(upload_header=upload.metadata_header, upload_expires_at=upload.expires_at)
    )


def _finish_known(db: Session, upload: UploadRow, now: datetime) -> None:
    done = db.execute(
        sa.update(Upload).where(Upload.id == upload.id, Upload.owner_id == upload.owner_id)
        .values(finished_at=sa.func.coalesce(Upload.finished_at, now))
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise Refusal("gone")  # ended by its owner while the last bytes came


def _write_original(db: Session, upload: UploadRow, seen: Sniffed, now: datetime) -> bool:
    """Write the row of the bytes unless they are known; whether the picture is damaged as far as is known."""
    new = _ORIGINAL.write(db, {
        "sha256": upload.sha256, "size": upload.size, "media_type": seen.media_type, "width": seen.width,
        "height": seen.height, "unreadable": seen.unreadable, "stored_at": now,
        "renditions": Renditions.PENDING, "renditions_why": seen.reason or None,
    })
    if new:
        enqueue(db, "renditions", {"sha256": upload.sha256}, key=upload.sha256)
        return seen.unreadable
    return again.demand_kept(db, upload.sha256)


def _demand_same(db: Session, actor: Actor, photo: hooks.StoredPhoto) -> None:
    """The photo's id is taken: fine where it is the same photo of the same person."""
    owner_id, sha256 = db.execute(sa.select(Photo.owner_id, Photo.sha256).where(Photo.id == photo.id)).one()
    if owner_id != actor.id:
        raise not_found()
    if sha256 != photo.sha256:
        raise Refusal("photo-conflict")


def refuse(
    db: Session, actor: Actor, *, photo_id: uuid.UUID, sha256: str, code: str,
    detail: str | tuple[str, str] | None = None, upload_id: uuid.UUID | None = None,
) -> None:
    """These bytes are not taken in, now or later: remember it for the report, end the upload, and refuse."""
    hold(db, f"person:{actor.id}")
    if upload_id is not None:
        db.execute(sa.delete(Upload).where(Upload.id == upload_id))
    for hook in hooks.REFUSED:
        hook(db, actor.id, photo_id, sha256, code)
    audit.record(
        db, actor, "photo_refused", "photo", photo_id, district=queries.district_of(db, photo_id), sha256=sha256, code=code
    )
    raise Refusal(code, detail, keep=True)


def end_upload(db: Session, upload_id: uuid.UUID) -> None:
    """Forget an upload. A photo that it brought stays: it is evidence."""
    db.execute(sa.delete(Upload).where(Upload.id == upload_id))
    db.execute(sa.update(Photo).where(Photo.id == upload_id).values(upload_header=None, upload_expires_at=None))


def hold_photo(db: Session, photo_id: uuid.UUID, kind: str, holder_id: uuid.UUID) -> None:
    """As `hold_photos`, for one."""
    hold_photos(db, [photo_id], kind, holder_id)


def hold_photos(db: Session, photo_ids: Iterable[uuid.UUID], kind: str, holder_id: uuid.UUID) -> None:
    """A report, reply or issue shows these photos, which may still be on their way. Repeating it does no harm."""
    ids = list(dict.fromkeys(photo_ids))
    if not ids:
        return
    _HOLD.write_all(db, [{"photo_id": photo_id, "kind": kind, "holder_id": holder_id} for photo_id in ids])
    if kind == "report":  # flags raised before the report came are found by it from now on
        _ADOPT_FLAGS.write(db, {"photos": ids, "report": holder_id})


_ADOPT_FLAGS = Prepared(
    lambda dialect: sa.update(Flag.__table__)  # type: ignore[arg-type]
    .where(Flag.object_kind == "photo", among(Flag.object_id, "photos", dialect), Flag.report_id.is_(None))
    .values(report_id=sa.bindparam("report", type_=sa.Uuid()))
)


def first_report(db: Session, photo_id: uuid.UUID) -> uuid.UUID | None:
    """The report by which the flags of a photo are found."""
    query = sa.select(PhotoHolder.holder_id).where(PhotoHolder.photo_id == photo_id, PhotoHolder.kind == "report")
    return db.scalar(query.order_by(PhotoHolder.holder_id).limit(1))


def raise_flag(
    db: Session, code: str, object_kind: str, object_id: uuid.UUID, *, report_id: uuid.UUID | None = None,
    numbers: Mapping[str, Any] | None = None,
) -> None:
    """Let a flag stand on a photo or report; one that stands there already is left as it is, settled or not."""
    if code not in FLAGS:
        raise ValueError(f"no such flag: {code}")
    if not _FLAG.write(db, {
        "id": new_id(), "code": code, "object_kind": object_kind, "object_id": object_id, "report_id": report_id,
        "numbers": dict(numbers or {}), "raised_at": clock.now(),
    }):
        db.execute(
            sa.update(Flag)
            .where(Flag.object_kind == object_kind, Flag.object_id == object_id, Flag.code == code,
                   Flag.withdrawn_at.is_not(None))
            .values(withdrawn_at=None, numbers=dict(numbers or {}), raised_at=clock.now())
        )
