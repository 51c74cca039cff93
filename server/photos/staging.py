"""The files of uploads under way, and the fence that lets the newest request take an upload from a dead connection.

Beside `<id>.part` lies `<id>.lock` with the token of whoever may write. A writer checks it under a short flock at
every piece, so once a newer request has put its own token there and read the length, nothing of the older one is
written any more, in whichever process it runs.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import struct
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from server.kit.storage import sync_folder

_RECORD = struct.Struct(">16sq")  # the writer's token; the length that is verified, -1 where all of it counts
_ALL = -1


class FencedError(Exception):
    """A newer request has taken this upload over."""


class Part:
    """Where one upload's bytes and its lock lie. The length of the file is the upload's offset."""

    def __init__(self, folder: Path, upload_id: uuid.UUID) -> None:
        self.folder = folder
        self.path = folder / f"{upload_id}.part"
        self.guard = folder / f"{upload_id}.lock"

    def size(self) -> int:
        """Bytes that are here; a file that is not there (a restored backup) has none."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def touched_at(self) -> datetime | None:
        """When its last byte came."""
        try:
            return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def sha256(self) -> str:
        """Of what is here; hashing lets other threads run."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def discard(self) -> None:
        """Forget the bytes and the lock."""
        self.path.unlink(missing_ok=True)
        self.guard.unlink(missing_ok=True)


class Pen:
    """What one request writes a part with. Until `claim` nobody else can take it; then whoever took it last has it."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self._token = b""  # drawn when others may take the upload: most are over before
        self._file: int | None = None
        self._guard: int | None = None
        self._between_threads = threading.RLock()

    @classmethod
    def new(cls, part: Part) -> Pen:
        """Begin an upload whose id nobody else knows yet."""
        pen = cls(part)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
        try:
            pen._file = os.open(part.path, flags, 0o600)
        except FileNotFoundError:
            part.folder.mkdir(parents=True, exist_ok=True)
            pen._file = os.open(part.path, flags, 0o600)
        return pen

    @classmethod
    def take(cls, part: Part) -> Pen | None:
        """Take an upload over from whoever wrote it; what a checksum had not yet vouched for is cut off. None where its
        bytes are not in this folder."""
        pen = cls(part)
        part.folder.mkdir(parents=True, exist_ok=True)
        pen._open_guard()
        try:
            pen._file = os.open(part.path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        except FileNotFoundError:
            part.guard.unlink(missing_ok=True)
            pen.close()
            return None
        try:
            verified = pen._record()[1]
            if verified != _ALL and os.fstat(pen._file).st_size > verified:
                os.ftruncate(pen._file, verified)
            pen._put(_ALL)
        finally:
            pen._unlock()
        return pen

    def claim(self, verified: int = _ALL) -> None:
        """Make a new upload one that others may take over, before its id is told to anybody."""
        with self._between_threads:
            if self._guard is None:
                self._open_guard()
                try:
                    self._put(verified)
                finally:
                    self._unlock()

    def vouch_from(self, offset: int) -> None:
        """From here on bytes count only once `settle` is called; a crash or takeover before that drops them."""
        with self._mine():
            self._put(offset)
            if self._guard is not None:
                os.fsync(self._guard)

    def settle(self) -> None:
        """All bytes that are here count."""
        with self._mine():
            self._put(_ALL)

    def append(self, piece: bytes) -> None:
        """Add bytes at the end. Raises FencedError once taken over, OSError where the disk is full."""
        with self._mine():
            view = memoryview(piece)
            while view:
                view = view[os.write(self._fd, view):]

    def rewind(self, offset: int) -> None:
        """Drop what came after `offset`."""
        with self._mine():
            os.ftruncate(self._fd, offset)
            self._put(_ALL)

    def sync(self) -> None:
        """Make what is here durable, name included."""
        os.fsync(self._fd)
        sync_folder(self.part.folder)

    def offset(self) -> int:
        """How much is here."""
        with self._mine():
            return os.fstat(self._fd).st_size

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others from taking it over meanwhile: they wait (finishing an upload takes a moment)."""
        with self._mine():
            yield

    def close(self) -> None:
        with self._between_threads:
            for handle in (self._file, self._guard):
                if handle is not None:
                    os.close(handle)
            self._file = self._guard = None

    @property
    def _fd(self) -> int:
        if self._file is None:
            raise FencedError
        return self._file

    @contextmanager
    def _mine(self) -> Iterator[None]:
        with self._between_threads:
            if self._guard is None:
                yield
                return
            fcntl.flock(self._guard, fcntl.LOCK_EX)
            try:
                if self._record()[0] != self._token:
                    raise FencedError
                yield
            finally:
                self._unlock()

    def _open_guard(self) -> None:
        """Open and lock the guard that has the name now: it may have been removed while we waited for it."""
        while True:
            guard = os.open(self.part.guard, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(guard, fcntl.LOCK_EX)
            if os.fstat(guard).st_nlink:
                self._guard = guard
                return
            os.close(guard)

    def _record(self) -> tuple[bytes, int]:
        assert self._guard is not None
        raw = os.pread(self._guard, _RECORD.size, 0)
        return _RECORD.unpack(raw) if len(raw) == _RECORD.size else (b"", _ALL)

    def _put(self, verified: int) -> None:
        if self._guard is not None:
            self._token = self._token or secrets.token_bytes(16)
            os.pwrite(self._guard, _RECORD.pack(self._token, verified), 0)

    def _unlock(self) -> None:
        if self._guard is not None:
            fcntl.flock(self._guard, fcntl.LOCK_UN)


def lay_down(pen: Pen | None, part: Part) -> None:
    """Nothing more is to be written, and nothing of it kept."""
    if pen is not None:
        pen.close()
    part.discard()
