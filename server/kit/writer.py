"""One writer for SQLite: requests take turns inside a shared transaction, and the last one waiting commits for all.

A commit with synchronous=FULL waits for the disk; with one commit per request the disk, not the work,
sets the rate, and SQLite's busy polling gives the unlucky seconds of waiting. So within a process threads take
turns by a mutex, each inside its own savepoint, and between processes a blocking file lock hands the
database over without polling. Nobody is answered before the commit that holds their work is durable.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal

T = TypeVar("T")

MAX_GROUP = 64
MAX_AGE_S = 0.05


class _Group:
    """Those who share the transaction that is open now and wait for it to be durable."""

    def __init__(self) -> None:
        self.opened_at = monotonic()
        self.size = 0
        self.durable = threading.Event()
        self.failure: BaseException | None = None


class _Desk:
    """The one writing connection of this process, as the driver knows it and, where a verb needs the ORM, as
    SQLAlchemy does. It stays open: taking it from a pool and giving it back costs as much as a photo's rows."""

    def __init__(self, engine: sa.Engine) -> None:
        self.connection = engine.connect()
        self.raw: Any = self.connection.connection.dbapi_connection
        self.pid = os.getpid()
        self.session = _VerbSession(self)  # closed, and so emptied, after each verb that used it

    def run(self, text: str, parameters: tuple[Any, ...]) -> tuple[int, list[Any]]:
        """For prepared statements."""
        cursor = self.raw.execute(text, parameters)
        return cursor.rowcount, cursor.fetchall()

    def begin_anew(self) -> None:
        """Undo what was done so far; others may go on in a fresh transaction."""
        self.connection.rollback()
        self.raw.rollback()
        self.raw.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Durable when it returns. Raises where the transaction was lost meanwhile."""
        if not self.raw.in_transaction:
            raise sa.exc.OperationalError("COMMIT", {}, RuntimeError("the transaction was lost"))
        try:
            self.raw.commit()
        except sqlite3.Error as error:
            raise sa.exc.DBAPIError.instance("COMMIT", {}, error, sqlite3.Error) from error
        if self.connection.in_transaction():
            self.connection.commit()  # of what SQLAlchemy believes alone

    def close(self) -> None:
        """Whatever was not committed is undone."""
        if self.pid == os.getpid():
            self.session.close()
            self.connection.close()


class _VerbSession(Session):
    """A session within the writer's transaction; SQLAlchemy is told of that transaction when it is first asked."""

    def __init__(self, desk: _Desk) -> None:
        super().__init__(
            join_transaction_mode="create_savepoint", expire_on_commit=False,
            info={"driver": desk.run, "dialect": desk.connection.dialect},
        )
        self._desk = desk

    def get_bind(self, *_args: Any, **_options: Any) -> sa.Connection:
        connection = self._desk.connection
        if not connection.in_transaction():
            connection.begin()
        return connection


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
        self._desk: _Desk | None = None
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
        """Run `verb` so that its failure undoes its own work alone: ours is the outer savepoint, the session's, where
        the verb needs the ORM, lies within. The first of a group needs none: there is nothing else to be undone."""
        desk = self._sit_down()
        alone = group.size == 1
        if not alone:
            desk.raw.execute("SAVEPOINT verb")
        session = desk.session
        result, kept = None, None
        try:
            try:
                result = verb(session)
            except Refusal as refusal:
                if not refusal.keep:
                    raise
                kept = refusal
            if session.in_transaction():  # else it was never asked for anything, and is as new
                session.commit()
                session.close()
        except BaseException as error:
            session.close()
            # A full disk or a read error makes SQLite roll back the whole transaction, the work of
            # those before us included; the driver would then "commit" nothing and report success.
            if not desk.raw.in_transaction:
                group.failure = error
            elif alone:
                desk.begin_anew()
            else:
                desk.raw.execute("ROLLBACK TO verb")
                desk.raw.execute("RELEASE verb")
            raise
        if not alone:
            desk.raw.execute("RELEASE verb")
        return result, kept

    def _is_last(self, group: _Group) -> bool:
        if group.failure is not None:
            return True
        with self._count:
            nobody_waits = self._waiting == 0
        return nobody_waits or group.size >= MAX_GROUP or monotonic() - group.opened_at > MAX_AGE_S

    def _sit_down(self) -> _Desk:
        if self._desk is None or self._desk.pid != os.getpid():
            self._desk = _Desk(self._engine)
        return self._desk

    def _stand_up(self) -> None:
        desk, self._desk = self._desk, None
        if desk is not None:
            desk.close()

    def _open(self) -> _Group:
        self._hold_between_processes()
        try:
            self._sit_down().raw.execute("BEGIN IMMEDIATE")
        except BaseException as error:
            self._stand_up()
            self._release_between_processes()
            if isinstance(error, sqlite3.Error):
                raise sa.exc.DBAPIError.instance("BEGIN IMMEDIATE", {}, error, sqlite3.Error) from error
            raise
        self._group = _Group()
        return self._group

    def _commit(self, group: _Group) -> None:
        self._group = None
        try:
            if group.failure is None:
                self._sit_down().commit()
        except BaseException as failure:  # noqa: BLE001 - raised in every thread that waits for this commit
            group.failure = failure
        finally:
            try:
                if group.failure is not None:
                    self._stand_up()
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
            self._stand_up()
            if self._lock_fd is not None:
                os.close(self._lock_fd)
                self._lock_fd = None
