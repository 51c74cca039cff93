"""Creations that take long: after a moment they get their row, so that a phone whose line died silently can resume."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import structlog

from server.kit.db import Database
from server.photos import service
from server.photos.queries import UploadRow
from server.photos.staging import Pen

SLOW_S = 2.0
LOOK_S = 0.5
log = structlog.get_logger()


class Transfer:
    """One creation-with-upload under way. `verified`: how many bytes count before its checksum was seen (None: all)."""

    def __init__(self, pen: Pen, database: Database, row: UploadRow, *, verified: int | None) -> None:
        self.pen, self.opened = pen, False
        self.since = monotonic()
        self._database, self._row, self._verified = database, row, verified
        self._lock = threading.Lock()
        self._over = False

    def open(self, *, while_running: bool = False) -> None:
        """Write its row, once, so that it can be found and resumed; fenced first, so that it can be taken over."""
        with self._lock:
            if self.opened or (while_running and self._over):
                return
            if while_running and self._verified is not None:
                self.pen.claim(self._verified)
            else:
                self.pen.claim()
            self._database.write(lambda db: service.open_upload(db, self._row))
            self.opened = True

    def ended(self) -> None:
        """No more bytes come; from here on its own request decides what becomes of it."""
        with self._lock:
            self._over = True


class Watch:
    """One thread per process that looks for slow creations; started by the first one, so after any fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[Transfer] = set()
        self._pid = 0

    @contextmanager
    def over(self, transfer: Transfer) -> Iterator[None]:
        """Watch it for the length of the block."""
        if self._pid != os.getpid():
            self._start()
        self._running.add(transfer)
        try:
            yield
        finally:
            self._running.discard(transfer)
            transfer.ended()

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._running = set()
                threading.Thread(target=self._look, name="slow-uploads", daemon=True).start()
                self._pid = os.getpid()

    def _look(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_S):
            for transfer in list(self._running):
                if not transfer.opened and monotonic() - transfer.since > SLOW_S:
                    try:
                        transfer.open(while_running=True)
                    except Exception as error:  # noqa: BLE001 - a database that is away is tried again, others go on
                        log.warning("slow-upload-not-opened", error=str(error)[:300])


WATCH = Watch()
