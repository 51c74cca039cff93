"""Taking a photo in: bytes go to the disk with no connection and no lock held, then one transaction tells of them.

Order: bytes, fsync, rename, fsync of the folder, commit, answer. What came before a cut stays and is resumed.
"""

from __future__ import annotations

import errno
import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from config import Config
from server.errors import Refusal, invalid, not_found
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import Database
from server.kit.ids import new_id
from server.kit.images import Refused, sniff
from server.kit.storage import Store, free_bytes, original_key
from server.kit.streams import Source
from server.photos import again, queries, service, tus
from server.photos.queries import UploadRow
from server.photos.slow import WATCH, Transfer
from server.photos.staging import FencedError, Part, Pen, lay_down

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload stands: `offset` of `length` bytes are durable. `header` is its Upload-Metadata."""

    id: uuid.UUID
    offset: int
    length: int
    expires_at: datetime
    header: str


@dataclass(frozen=True, slots=True)
class Intake:
    """The desk at which photos are handed in, for one request."""

    database: Database
    store: Store
    conf: Config
    folder: Path
    actor: Actor

    # -- the four requests of tus --------------------------------------------------------------------------------

    def create(self, headers: tus.Headers, source: Source) -> Progress:
        """POST: open an upload and take whatever bytes came along; with all of them the photo is stored."""
        asked, vouched = tus.creation(headers), tus.checksum(headers)
        if source.present:
            tus.demand_body_type(headers)
        with self.database.asking() as db:
            found = queries.standing(db, self.actor.id, asked.photo_id, asked.sha256)
            if found.photo_owner not in {None, self.actor.id}:
                raise not_found()
            if queries.is_strangers(db, self.actor, asked.holder_id, found.holders):
                raise not_found()
            expected = queries.expected_bytes(db, self.actor.id, asked.photo_id) if found.holders else set()
        if asked.length > self.conf.max_photo_bytes:
            self._refuse("image-too-large", asked.photo_id, asked.sha256)
        if (source.announced or 0) > asked.length:
            raise Refusal("body-too-large")
        row = self._row(asked)
        if found.photo_sha256 is not None:
            if found.photo_sha256 != asked.sha256:
                raise Refusal("photo-conflict")
            if found.photo_size != asked.length:
                raise invalid("Upload-Length", "与照片大小不符", "is not this photo's")
            return self._stored_already(row, source)
        if expected and asked.sha256 not in expected:
            raise Refusal("checksum-mismatch")  # stored, it would keep the bytes that the report names from coming
        if found.under_way >= self.conf.max_open_uploads:
            raise Refusal("too-many-uploads")
        self._demand_room(asked.length)
        return self._receive(row, source, vouched, removed=found.removed)

    def append(self, upload_id: uuid.UUID, headers: tus.Headers, source: Source) -> Progress:
        """PATCH: add bytes at the offset that the client believes in."""
        tus.demand_body_type(headers)
        offset, vouched = tus.whole(headers, "Upload-Offset"), tus.checksum(headers)
        upload, pen = self._take(upload_id)
        if pen is None:
            if offset != upload.size:
                raise _elsewhere(upload.size)
            if source.present:
                raise Refusal("body-too-large")
            return self._progress(upload, upload.size)
        try:
            here = pen.offset()
            if offset != here:
                pen.sync()
                raise _elsewhere(here)
            if (source.announced or 0) > upload.size - here:
                raise Refusal("body-too-large")
            if source.present:
                self._demand_room(upload.size - here)
                self._pour(source, pen, here, upload.size, vouched=vouched)
            return self._settle(upload, pen)
        except FencedError:
            source.cut = True  # as in _receive; it may be taken over at any line above
            raise Refusal("busy") from None
        finally:
            pen.close()

    def look(self, upload_id: uuid.UUID) -> Progress:
        """HEAD: how far it is. An upload whose bytes are all here but were never verified is finished first."""
        upload, pen = self._take(upload_id)
        if pen is None:
            return self._progress(upload, upload.size)
        try:
            return self._settle(upload, pen)
        finally:
            pen.close()

    def end(self, upload_id: uuid.UUID) -> None:
        """DELETE: forget the upload; a photo that it has brought stays."""
        _, pen = self._take(upload_id, wherever=True)
        self.database.write(lambda db: service.end_upload(db, upload_id))
        Part(self.folder, upload_id).discard()
        if pen is not None:
            pen.close()

    # -- creation with upload ------------------------------------------------------------------------------------

    def _row(self, asked: tus.Creation) -> UploadRow:
        now = clock.now()
        return UploadRow(
            id=new_id(), owner_id=self.actor.id, holder_id=asked.holder_id, photo_id=asked.photo_id,
            sha256=asked.sha256, size=asked.length, filename=asked.filename, metadata_header=asked.header,
            created_at=now, expires_at=now + timedelta(hours=self.conf.upload_expiry_hours),
        )

    def _stored_already(self, upload: UploadRow, source: Source) -> Progress:
        source.drain(self.conf.max_photo_bytes)
        self.database.write(lambda db: service.came_again(db, upload))
        return self._whole(upload)

    def _receive(self, upload: UploadRow, source: Source, vouched: tus.Checksum | None, *, removed: bool) -> Progress:
        """The hot path: one photo in one request and one transaction. Cut short, or slow, it becomes resumable."""
        pen = Pen.new(Part(self.folder, upload.id))
        whole = hashlib.sha256()
        transfer = Transfer(pen, self.database, upload, verified=0 if vouched else None)
        try:
            try:
                with WATCH.over(transfer):
                    self._pour(source, pen, 0, upload.size, vouched=vouched, whole=whole)
            except Refusal as refusal:
                if refusal.code == "disk-full" and pen.offset():
                    transfer.open()  # what was written stays and is resumed once there is room
                elif not transfer.opened:
                    pen.part.discard()
                raise
            if pen.offset() < upload.size:
                if source.cut and not pen.offset() and not transfer.opened:
                    pen.part.discard()  # nothing came, and nobody will hear of it
                    raise Refusal("body-cut-short")
                pen.sync()
                transfer.open()
                return self._progress(upload, pen.offset())
            with pen.alone():
                sha256 = whole.hexdigest()
                self._finish(upload, pen.part, known=transfer.opened, sha256=sha256, transfer=transfer, removed=removed)
            return self._progress(upload, upload.size) if transfer.opened else self._whole(upload)
        except FencedError:
            source.cut = True  # the phone has gone on with another connection: nobody listens to this one
            raise Refusal("busy") from None
        finally:
            pen.close()

    # -- bytes ---------------------------------------------------------------------------------------------------

    def _pour(
        self, source: Source, pen: Pen, start: int, length: int, *, vouched: tus.Checksum | None, whole: Any = None
    ) -> None:
        """Append the body to the part as it comes. Refuses, with nothing of it kept, what is too long or fails its
        checksum; a full disk keeps what was written."""
        check = vouched.start() if vouched else None
        if vouched:
            pen.vouch_from(start)
        here = start
        try:
            while piece := source.read():
                here += len(piece)
                if here > length:
                    pen.rewind(start)
                    raise Refusal("body-too-large")
                pen.append(piece)
                if whole is not None:
                    whole.update(piece)
                if check is not None:
                    check.update(piece)
        except FencedError:
            source.cut = True
            raise Refusal("busy") from None
        except OSError as error:
            if error.errno not in FULL:
                raise
            if vouched:
                pen.rewind(start)
            pen.sync()
            raise Refusal("disk-full") from error
        if vouched and check is not None:
            if source.cut or check.digest() != vouched.digest:
                pen.rewind(start)
                raise Refusal("body-cut-short" if source.cut else "checksum-mismatch")
            pen.settle()

    def _settle(self, upload: UploadRow, pen: Pen) -> Progress:
        """Make what is here durable and say how much; all of it is a photo to be verified and stored."""
        try:
            here = pen.offset()
            if here < upload.size:
                pen.sync()
                return self._progress(upload, here)
            with pen.alone():
                self._finish(upload, pen.part, known=True)
            return self._progress(upload, upload.size)
        except FencedError:
            raise Refusal("busy") from None

    def _finish(
        self, upload: UploadRow, part: Part, *, known: bool, sha256: str | None = None, transfer: Transfer | None = None,
        removed: bool | None = None,
    ) -> None:
        """Verify the whole file and store it: 460 or 4xx throws it away, 2xx means durable."""
        if (sha256 or part.sha256()) != upload.sha256:
            self._forget(upload, part, known=known)
            raise Refusal("checksum-mismatch")
        try:
            seen = sniff(
                part.path, max_bytes=self.conf.max_photo_bytes,
                max_pixels=self.conf.max_photo_megapixels * 1_000_000,
            )
        except Refused as refused:
            part.discard()
            self._refuse(
                refused.code, upload.photo_id, upload.sha256, detail=refused.detail,
                upload_id=upload.id if known else None,
            )
        key, returning = original_key(upload.sha256), again.returning(self.database, upload.sha256, removed)
        try:
            if not returning:
                self.store.adopt(part.path, key)
        except (Refusal, OSError):
            if transfer is not None:
                transfer.open()  # the bytes are all here: once the store is back, asking again finishes it
            raise
        back = (self.store, part) if returning else None
        try:
            self.database.write(lambda db: service.store(db, self.actor, upload, seen, known=known, back=back))
        except Refusal:
            again.announce(self.database, upload.sha256)
            self._forget(upload, part, known=known)
            raise
        except Exception:
            kept = self.store.local(key)
            if known and kept is not None and not part.path.exists():
                part.path.hardlink_to(kept)  # the database went away: the phone need not send it all again
            raise
        if known:
            part.guard.unlink(missing_ok=True)

    def _forget(self, upload: UploadRow, part: Part, *, known: bool) -> None:
        part.discard()
        if known:
            self.database.write(lambda db: service.end_upload(db, upload.id))

    # -- what stands ---------------------------------------------------------------------------------------------

    def _take(self, upload_id: uuid.UUID, *, wherever: bool = False) -> tuple[UploadRow, Pen | None]:
        """One's own upload and the right to write it; no pen where it is finished. 404 or 410 where it has ended, and
        410 where its bytes lie on another machine: were each to count its own, a phone that meets them by turns would be
        sent back and forth for ever. `wherever`: no pen for such a one."""
        with self.database.asking() as db:
            upload = queries.find_upload(db, self.actor, upload_id)
        part = Part(self.folder, upload_id)
        if upload.finished_at is None and self._expires_at(upload, part) <= clock.now():
            raise Refusal("gone")
        if upload.finished_at is not None:
            if upload.expires_at <= clock.now():
                raise Refusal("gone")
            return upload, None
        pen = Pen.take(part)
        with self.database.asking() as db:  # it may have been finished or ended while we waited for the lock
            try:
                upload = queries.find_upload(db, self.actor, upload_id)
            except Refusal:
                lay_down(pen, part)
                raise
        if upload.finished_at is not None:
            lay_down(pen, part)
            return upload, None
        if pen is None and not wherever:
            raise Refusal("gone", ("已传部分不在此服务器，请重新上传", "its bytes are not on this machine; send it anew"))
        return upload, pen

    def _expires_at(self, upload: UploadRow, part: Part) -> datetime:
        """Some hours after its last byte."""
        touched = part.touched_at() or upload.created_at
        return max(upload.expires_at, touched + timedelta(hours=self.conf.upload_expiry_hours))

    def _whole(self, upload: UploadRow) -> Progress:
        """A photo that came in this one request: its own row stands for the upload."""
        return Progress(upload.photo_id, upload.size, upload.size, upload.expires_at, upload.metadata_header)

    def _progress(self, upload: UploadRow, offset: int) -> Progress:
        expires = upload.expires_at
        if offset < upload.size:
            expires = self._expires_at(upload, Part(self.folder, upload.id))
        return Progress(upload.id, offset, upload.size, expires, upload.metadata_header)

    def _demand_room(self, size: int) -> None:
        try:
            free = free_bytes(self.folder)
        except FileNotFoundError:
            self.folder.mkdir(parents=True, exist_ok=True)
            free = free_bytes(self.folder)
        if free < self.conf.min_free_bytes + size:
            raise Refusal("disk-full")

    def _refuse(
        self, code: str, photo_id: uuid.UUID, sha256: str, *, detail: str | None = None,
        upload_id: uuid.UUID | None = None,
    ) -> None:
        def refuse(db: Session) -> None:
            service.refuse(
                db, self.actor, photo_id=photo_id, sha256=sha256, code=code, detail=detail, upload_id=upload_id
            )

        self.database.write(refuse)


def _elsewhere(offset: int) -> Refusal:
    return Refusal("upload-offset", headers={"Upload-Offset": str(offset)})
