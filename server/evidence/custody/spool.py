"""The spool: each original that goes out is one line in a file of this process, and the lines go into the table in batches.

A line is with the kernel before the answer goes out, so that kill -9 loses none; the disk is told at most FSYNC_S later,
which is all that a power cut can cost. What cannot be noted is not given out. A file is held by the lock of whoever
writes or settles it: those of a dead process are settled by the next one that comes by. Lines have ids, so that a file
settled twice changes nothing.
"""

from __future__ import annotations

import fcntl
import os
import threading
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any, cast

import orjson
import structlog
from flask import current_app

from server.evidence.custody.rules import How, Opening
from server.kit.ids import new_id
from server.kit.storage import sync_folder

FSYNC_S = 1.0
SETTLE_S = 5.0
PATIENCE_S = 60.0  # between tries while the database is away
BATCH = 500
ENDING = ".lines"
Settle = Callable[[Sequence[Opening]], None]  # writes rows; those that are there already stay as they are
log = structlog.get_logger()


def spool() -> Spool:
    """That of the running application."""
    return cast(Spool, current_app.extensions["dudao-custody"])


class Spool:
    """One per application and process. `note` may be called by any thread."""

    def __init__(self, folder: Path, settle: Settle) -> None:
        self.folder = folder
        self._settle = settle
        self._lock = threading.Lock()
        self._fd: int | None = None
        self._path = folder
        self._length = 0
        self._unsynced = False
        self._pid = os.getpid()
        self._sealed: list[tuple[Path, int]] = []  # with the descriptors that hold their locks
        self._keeper: threading.Thread | None = None
        self._settle_at = 0.0
        self._pause = SETTLE_S
        self._closing = threading.Event()

    def note(self, openings: Iterable[Opening]) -> None:
        """Write them down. Raises OSError where that cannot be done, and then none of them stands there."""
        text = b"".join(_line(one) for one in openings)
        if not text:
            return
        with self._lock:
            self._after_fork()
            fd = self._open()
            try:
                written = 0
                while written < len(text):
                    written += os.write(fd, text[written:])
            except OSError:
                os.ftruncate(fd, self._length)
                raise
            self._length += len(text)
            self._unsynced = True
            if self._keeper is None:
                self._settle_at = monotonic() + SETTLE_S
                given = (weakref.ref(self), self._closing)
                self._keeper = threading.Thread(target=_keep, args=given, name="custody", daemon=True)
                self._keeper.start()

    def settle(self) -> int:
        """Put what stands in the files of this process and of dead ones into the table; how many lines that were."""
        self._sync()
        with self._lock:
            self._after_fork()
            if self._fd is not None:
                self._sealed.append((self._path, self._fd))
                self._fd = None
            sealed, self._sealed = self._sealed, []
        settled = 0
        try:
            while sealed:
                settled += self._settle_file(*sealed[0])
                del sealed[0]
            for path in self._orphans():
                fd = _held(path)
                if fd is not None:
                    try:
                        settled += self._settle_file(path, fd)
                    except BaseException:
                        os.close(fd)
                        raise
        finally:
            with self._lock:
                self._sealed = sealed + self._sealed
        return settled

    def close(self) -> None:
        """End what this application does here: its files stay, for whoever comes next."""
        self._closing.set()
        with self._lock:
            keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.join()
        with self._lock:
            for fd in [self._fd, *(held for _, held in self._sealed)]:
                if fd is not None and self._pid == os.getpid():
                    os.close(fd)
            self._fd, self._sealed = None, []
        self._closing.clear()

    def _after_fork(self) -> None:
        """A child has the parent's file and no thread: it leaves both to the parent."""
        if self._pid != os.getpid():
            self._pid, self._fd, self._sealed, self._keeper, self._unsynced = os.getpid(), None, [], None, False

    def _open(self) -> int:
        if self._fd is None:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path, self._fd = _new(self.folder)
            self._length = 0
            sync_folder(self.folder)
        return self._fd

    def _sync(self) -> None:
        """Tell the disk, while others go on writing."""
        with self._lock:
            if not self._unsynced or self._fd is None or self._pid != os.getpid():
                return
            fd, self._unsynced = os.dup(self._fd), False
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _turn(self) -> bool:
        """What is due now; True where nothing is left to be done."""
        try:
            self._sync()
            if monotonic() < self._settle_at:
                return False
            self.settle()
            self._pause = SETTLE_S
        except Exception as error:  # noqa: BLE001 - whatever is away comes back; the lines wait for it in their file
            self._pause = min(PATIENCE_S, self._pause * 2)
            log.warning("custody-waits", error=f"{type(error).__name__}: {error}"[:300])
        with self._lock:
            self._settle_at = monotonic() + self._pause
            if self._fd is None and not self._sealed:
                self._keeper = None
                return True
        return False

    def _orphans(self) -> Iterator[Path]:
        if self.folder.is_dir():
            with self._lock:
                own = {self._path} if self._fd is not None else set()
            yield from sorted(path for path in self.folder.glob(f"*{ENDING}") if path not in own)

    def _settle_file(self, path: Path, fd: int) -> int:
        """Its lines into the table, and the file away; whoever is killed in between leaves it to be done again."""
        openings, torn = _read(fd)
        for start in range(0, len(openings), BATCH):
            self._settle(openings[start:start + BATCH])
        if torn:
            log.error("custody-torn", file=path.name, bytes=torn)
        path.unlink(missing_ok=True)
        sync_folder(path.parent)
        os.close(fd)
        return len(openings)


def _keep(whose: weakref.ref[Spool], closing: threading.Event) -> None:
    """The thread of a spool: there while something waits, gone with its application."""
    while not closing.wait(FSYNC_S):
        found = whose()
        if found is None or found._turn():
            return
        del found


def _new(folder: Path) -> tuple[Path, int]:
    """A file of one's own, and the descriptor that holds its lock. Between its making and its locking another process may
    have taken it for one that a dead process left, and away: lines in it would be with nobody after a kill."""
    while True:
        path = folder / f"{new_id()}{ENDING}"
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(fd, fcntl.LOCK_EX)
        if os.fstat(fd).st_nlink:
            return path, fd
        os.close(fd)


def _held(path: Path) -> int | None:
    """A descriptor that holds the file's lock; None where its process lives, or it is gone."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    if not path.exists():  # settled by another while we opened it
        os.close(fd)
        return None
    return fd


def _line(one: Opening) -> bytes:
    return orjson.dumps({
        "id": str(one.id), "at": one.at.isoformat(), "by": str(one.actor_id), "photo": str(one.photo_id),
        "sha256": one.sha256, "how": one.how.value, "of": one.of,
    }) + b"\n"


def _read(fd: int) -> tuple[list[Opening], int]:
    """The whole lines, and how many bytes are no line: what a power cut tore."""
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(os.dup(fd), "rb") as file:
        text = file.read()
    found, torn = [], 0
    for line in text.splitlines(keepends=True):
        try:
            found.append(_opening(orjson.loads(line)))
        except (ValueError, KeyError, TypeError):
            torn += len(line)
    return found, torn


def _opening(said: dict[str, Any]) -> Opening:
    return Opening(
        uuid.UUID(said["id"]), datetime.fromisoformat(said["at"]), uuid.UUID(said["by"]), uuid.UUID(said["photo"]),
        said["sha256"], How(said["how"]), said["of"],
    )
