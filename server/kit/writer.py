"""One writer for SQLite: requests take turns inside a shared transaction, and the last one waiting commits for all.

A commit with synchronous=FULL waits for the disk; with one commit per request the disk, not the work,
sets the rate, and SQLite's busy polling gives the unlucky seconds of waiting. So within a process threads take
turns by a mutex, each inside its own savepoint, and between processes a blocking file lock hands the
database over without polling. Nobody is answered before the commit that holds their work is durable.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal

T = TypeVar("T")

MAX_GROUP = 64
MAX_AGE_S = 0.05


class _Group:
    """The transaction that is open now, and those who wait for it to be durable."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.opened_at = monotonic()
        self.size = 0
        self.durable = threading.Event()
        self.failure: BaseException | None = None


def _in_transaction(connection: sa.Connection) -> bool:
    return bool(getattr(connection.connection.dbapi_connection, "in_transaction", False))


class GroupWriter:
    """Runs verbs one after another on the only writing connection of this process."""

    def __init__(self, engine: sa.Engine, lock_file: Path) -> None:
        self._engine = engine
        self._lock_file = lock_file
        self._lock_fd: int | None = None
        self._lock_pid = 0
        self._turn = threading.Lock()
        self._count = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None
        self._mine = threading.local()

    def run(self, verb: Callable[[Session], T]) -> T:
        """Run `verb(session)` in its own savepoint; return when the shared commit is durable."""
        if getattr(self._mine, "inside", False):
            raise RuntimeError("a verb must not open a second transaction")
        with self._count:
            self._waiting += 1
        with self._turn:
            with self._count:
                self._waiting -= 1
            self._mine.inside = True
            group: _Group | None = None
            try:
                group = self._group or self._open()
                group.size += 1
                result, refusal = self._savepoint(group, verb)
            finally:
                self._mine.inside = False
                # Also after an error: those before us in the group wait for this commit.
                if group is not None and self._is_last(group):
                    self._commit(group)
        group.durable.wait()
        if group.failure is not None:
            raise group.failure
        if refusal is not None:
            raise refusal
        return result  # type: ignore[return-value]

    def _savepoint(self, group: _Group, verb: Callable[[Session], T]) -> tuple[T | None, Refusal | None]:
        with Session(
            bind=group.connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as session:
            try:
                result = verb(session)
                session.commit()
            except Refusal as refusal:
                if not refusal.keep:
                    raise
                session.commit()
                return None, refusal
            except BaseException as error:
                # A full disk or a read error makes SQLite roll back the whole transaction, the work of
                # those before us included; the driver would then "commit" nothing and report success.
                if not _in_transaction(group.connection):
                    group.failure = error
                raise
            return result, None

    def _is_last(self, group: _Group) -> bool:
        if group.failure is not None:
            return True
        with self._count:
            nobody_waits = self._waiting == 0
        return nobody_waits or group.size >= MAX_GROUP or monotonic() - group.opened_at > MAX_AGE_S

    def _open(self) -> _Group:
        self._hold_between_processes()
        try:
            connection = self._engine.connect()
            connection.begin()
        except BaseException:
            self._release_between_processes()
            raise
        self._group = _Group(connection)
        return self._group

    def _commit(self, group: _Group) -> None:
        self._group = None
        try:
            if group.failure is None and not _in_transaction(group.connection):
                raise sa.exc.OperationalError("COMMIT", {}, RuntimeError("the transaction was lost"))
            group.connection.commit()
        except BaseException as failure:  # noqa: BLE001 - raised in every thread that waits for this commit
            group.failure = group.failure or failure
        finally:
            try:
                group.connection.close()
            finally:
                self._release_between_processes()
                group.durable.set()

    def _hold_between_processes(self) -> None:
        if self._lock_fd is None or self._lock_pid != os.getpid():
            self._lock_fd = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._lock_pid = os.getpid()
        fcntl.flock(self._lock_fd, fcntl.LOCK_EX)

    def _release_between_processes(self) -> None:
        if self._lock_fd is not None:
            fcntl.flock(self._lock_fd, fcntl.LOCK_UN)

    def close(self) -> None:
        with self._turn:
            if self._lock_fd is not None:
                os.close(self._lock_fd)
                self._lock_fd = None
