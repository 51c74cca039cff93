"""The database: one declarative base, reads that write nothing, writes that are one transaction each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Session

from server.errors import Refusal
from server.kit import sqlite
from server.kit.prepared import Asker
from server.kit.writer import GroupWriter

T = TypeVar("T")

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept as UTC. A naive datetime is a bug and is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC).replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class JsonText(sa.types.TypeDecorator[Any]):
    """JSON kept as text on every database: PostgreSQL's own JSON types refuse U+0000."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else orjson.loads(value)


class Base(DeclarativeBase):
    """All tables hang on this."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {
        datetime: Moment(),
        date: sa.Date(),
        uuid.UUID: sa.Uuid(),
        str: sa.Text(),
        int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        dict[str, Any]: JsonText(),
        list[Any]: JsonText(),
        StrEnum: sa.Enum(StrEnum, native_enum=False, create_constraint=True, length=40,
                         values_callable=lambda kind: [member.value for member in kind]),
    }


class Database:
    """One per process. `read` gives a session that cannot write; `write` runs a verb as one transaction."""

    def __init__(self, url: str, *, pool: int = 16) -> None:
        self.url = sa.make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            path = Path(self.url.database or "")
            path.parent.mkdir(parents=True, exist_ok=True)
            self.engine = sqlite.engine(self.url, pool=pool, writes=False)
            self._write_engine = sqlite.engine(self.url, pool=1, writes=True)
            self._writer = GroupWriter(self._write_engine, path.with_name(path.name + ".write-lock"))
            self._readers = sqlite.Readers(path, self.engine.dialect)
            self._reads = self.engine
        else:
            self.engine = sa.create_engine(
                self.url, pool_size=pool, max_overflow=pool, pool_timeout=20, pool_pre_ping=True,
                connect_args={"connect_timeout": 5, "options": "-c timezone=utc -c lock_timeout=20s"},
            )
            self._write_engine = self.engine
            self._reads = self.engine.execution_options(postgresql_readonly=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one state of the database per statement and cannot write."""
        info = dict(self._readers.info) if self.is_sqlite else {}
        with Session(bind=self._reads, autoflush=False, expire_on_commit=False, info=info) as session:
            yield session

    def asking(self) -> AbstractContextManager[Asker]:
        """As `read`, for prepared statements alone: on SQLite it costs no session."""
        return nullcontext(self._readers) if self.is_sqlite else self.read()

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """As `read`, but all its statements see one and the same moment (figures, exports, backups)."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")  # ended by the pool's rollback when the connection goes back
            with Session(bind=connection, autoflush=False, expire_on_commit=False) as session:
                yield session

    def write(self, verb: Callable[[Session], T]) -> T:
        """Run `verb` in one transaction and return once it is durable.

        Raises what the verb raises, after rolling its work back; a Refusal with `keep` is committed first.
        A clash with a concurrent transaction runs the verb once more, so a verb must not do anything
        outside its session that cannot be done twice.
        """
        try:
            return self._write_once(verb)
        except (sa.exc.IntegrityError, sa.exc.OperationalError) as clash:
            if not _worth_another_try(clash):
                raise
            return self._write_once(verb)

    def _write_once(self, verb: Callable[[Session], T]) -> T:
        if self.is_sqlite:
            return self._writer.run(verb)
        with Session(self.engine, expire_on_commit=False) as session:
            try:
                result = verb(session)
            except Refusal as refusal:
                if refusal.keep:
                    session.commit()
                raise
            session.commit()
            return result

    def lock(self, session: Session, name: str) -> None:
        """Hold others with the same `name` until this transaction ends. SQLite has one writer anyway."""
        if not self.is_sqlite:
            hold(session, name)

    def dispose(self) -> None:
        if self.is_sqlite:
            self._writer.close()
            self._readers.close()
        for engine in {self.engine, self._write_engine}:
            # What a thread still holds comes back to a pool that nobody looks at any more: close it then.
            event.listen(engine.pool, "checkin", lambda connection, record: connection and record.invalidate())
            engine.dispose()


def hold(session: Session, name: str) -> None:
    """An advisory lock on PostgreSQL until the transaction ends; nothing on SQLite."""
    if "driver" not in session.info and session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def _worth_another_try(error: sa.exc.DBAPIError) -> bool:
    if isinstance(error, sa.exc.IntegrityError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in {"40001", "40P01"}
