"""SQLite as this house opens it: durable at each commit, patient, and with connections that cannot write."""

from __future__ import annotations

import sqlite3
from collections import deque
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import NullPool, QueuePool

BUSY_S = 15
IDLE_READERS = 16  # kept open; a rush of requests needs more for a moment
MAP_BYTES = 256 * 1024 * 1024


class Readers:
    """Reading connections for prepared statements, each lent for one statement: most requests need no other."""

    def __init__(self, path: Path, dialect: sa.Dialect) -> None:
        self.info = {"driver": self.run, "dialect": dialect}
        self._path = path
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False

    def run(self, text: str, parameters: tuple[Any, ...]) -> tuple[int, list[Any]]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = sqlite3.connect(
                self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            _pragmas(connection, writes=False)
        try:
            cursor = connection.execute(text, parameters)
            return cursor.rowcount, cursor.fetchall()
        finally:
            if self._closed or len(self._idle) >= IDLE_READERS:
                connection.close()
            else:
                self._idle.append(connection)

    def connection(self) -> sa.Connection:
        """Never asked for: `info` names a way that needs none."""
        raise NotImplementedError

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()


def _pragmas(connection: Any, *, writes: bool, maps: bool = False) -> None:
    """`maps` for connections that read much: the map is thrown away whenever somebody has written meanwhile."""
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_S * 1000}",
        "temp_store=MEMORY", "cache_size=-65536", f"mmap_size={MAP_BYTES if maps else 0}", "wal_autocheckpoint=8000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    if not writes:
        connection.execute("PRAGMA query_only=ON")


def engine(url: sa.URL, *, pool: int, writes: bool) -> sa.Engine:
    """Connections of one file: a pool of reading ones, or the one that writes."""
    made = sa.create_engine(
        url,
        poolclass=QueuePool if writes or url.database else NullPool,
        pool_size=pool,
        max_overflow=0 if writes else pool * 4,
        pool_timeout=20,
        connect_args={"check_same_thread": False, "timeout": BUSY_S, "cached_statements": 256},
    )

    @event.listens_for(made, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves; the driver's own guess breaks savepoints
        _pragmas(connection, writes=writes, maps=not writes)

    return made
