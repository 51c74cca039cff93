"""One moment of the database as a file, and back: SQLite by its online backup, PostgreSQL by pg_dump at a snapshot."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from server.kit import clock
from server.kit.db import Database

GOODBYES = 20


@contextmanager
def moment(database: Database, target: Path) -> Iterator[sa.Connection]:
    """Write the database to `target` and give a connection that sees just what is in that file."""
    partial = target.with_name(target.name + ".partial")
    if database.is_sqlite:
        _dump_sqlite(database, partial)
        _durable(partial, target)
        engine = sa.create_engine(f"sqlite:///file:{target}?mode=ro&uri=true")
        with engine.connect() as connection:
            yield connection
        engine.dispose()
        return
    with database.engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    ) as connection:
        snapshot = connection.scalar(sa.text("select pg_export_snapshot()"))
        _run(["pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={partial}"], database.url)
        _durable(partial, target)
        yield connection


def _dump_sqlite(database: Database, target: Path) -> None:
    """All pages in one step: it reads one state while others go on writing to the log."""
    target.unlink(missing_ok=True)
    source = sqlite3.connect(f"file:{database.url.database}?mode=ro", uri=True)
    copy = sqlite3.connect(target)
    with closing(source), closing(copy):
        source.backup(copy)
        copy.execute("pragma journal_mode=delete")
        wrong = copy.execute("pragma quick_check(1)").fetchone()[0]
    if wrong != "ok":
        raise RuntimeError(f"the copy of the database is damaged: {wrong}")


def _durable(partial: Path, target: Path) -> None:
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(target)


def holds_data(database: Database) -> bool:
    """Whether there is a person in the database. A place that was only migrated is still empty."""
    if database.is_sqlite and not Path(database.url.database or "").exists():
        return False
    with database.read() as db:
        tables = sa.inspect(db.connection()).get_table_names()
        return "person" in tables and db.execute(sa.text("select 1 from person limit 1")).first() is not None


def others(database: Database) -> int:
    """How many connections others have to the database: servers of other machines, whose data folder is not ours. On
    SQLite the lock of the data folder says it."""
    if database.is_sqlite:
        return 0
    database.engine.dispose()  # our own; the server takes a moment to let them go
    for _ in range(GOODBYES):
        with database.engine.connect() as connection:
            found = connection.scalar(_OTHERS) or 0
        if not found:
            break
        time.sleep(0.1)
    return int(found)


_OTHERS = sa.text(
    "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    " and backend_type = 'client backend'"
)


def load(database: Database, dump: Path) -> None:
    """Replace the database by the one in `dump`. A SQLite file that is there is put aside under another name."""
    if not database.is_sqlite:
        _run(["pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", "--single-transaction",
              "--dbname", _plain(database.url), str(dump)], database.url)
        return
    path = Path(database.url.database or "")
    database.dispose()
    stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
    for part in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if part.exists():
            part.rename(path.with_name(f"{path.name}.before-{stamp}{part.name.removeprefix(path.name)}"))
    with closing(sqlite3.connect(f"file:{dump}?mode=ro", uri=True)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _plain(url: sa.URL) -> str:
    """The address as libpq takes it, without the password, which others on this machine could read."""
    return sa.URL.create(
        "postgresql", username=url.username, host=url.host, port=url.port, database=url.database, query=url.query
    ).render_as_string(hide_password=False)


def _run(command: list[str], url: sa.URL) -> None:
    environment = {**os.environ, **({"PGPASSWORD": url.password} if url.password else {})}
    if command[0] == "pg_dump":
        command = [*command, f"--dbname={_plain(url)}"]
    try:
        done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        raise RuntimeError(f"{command[0]} is not installed (postgresql-client, of the server's version)") from None
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()[-2000:]}")
