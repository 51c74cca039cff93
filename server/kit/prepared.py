"""Statements of the hot path: compiled once for each database, then handed to the driver as they are.

SQLAlchemy's own execution costs some 0.1 ms a statement, ten times what SQLite needs for it, and holds the
interpreter meanwhile; a photo takes a dozen statements. Types are bound and read by SQLAlchemy's processors all the
same, and errors are raised as its own. Nothing pending in the session is flushed first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite


class Asker(Protocol):
    """Whom a prepared statement asks: a session, or SQLite's reading connections by themselves."""

    @property
    def info(self) -> dict[Any, Any]: ...

    def connection(self) -> sa.Connection: ...


Convert = Callable[[Any], Any]
Row = tuple[Any, ...]
# Executes past SQLAlchemy: (text, parameters by position) → rows written, rows read. SQLite's sessions carry one.
Driver = Callable[[str, tuple[Any, ...]], tuple[int, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement for one dialect: its text, how each parameter is bound, how each column is read."""

    text: str
    slots: tuple[tuple[str, Convert | None], ...]  # each parameter and how it is bound, in the order of the text
    fixed: Mapping[str, Any]  # literals of the statement itself, bound already
    read: tuple[Convert | None, ...]

    def by_name(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self.fixed[name] if name in self.fixed else bind(given[name]) if bind else given[name]
            for name, bind in self.slots
        }

    def by_position(self, given: Mapping[str, Any]) -> Row:
        fixed = self.fixed
        return tuple([
            fixed[name] if name in fixed else bind(given[name]) if bind else given[name] for name, bind in self.slots
        ])

    def row(self, raw: Sequence[Any]) -> Row:
        return tuple([
            value if read is None or value is None else read(value)
            for read, value in zip(self.read, raw, strict=True)
        ])


class Prepared:
    """A select, insert, update or delete whose parameters are all named; expanding ones (`IN`) are not for it.

    `statement` may depend on the dialect's name. An insert names the columns that it writes: column defaults of the
    model are not filled in.
    """

    def __init__(
        self, statement: sa.Executable | Callable[[str], sa.Executable], *, columns: Sequence[str] = ()
    ) -> None:
        self._statement = statement
        self._columns = list(columns)
        self._plans: dict[str, _Plan] = {}

    def first(self, db: Asker, **values: Any) -> Row | None:
        """The first row, or None."""
        plan, _, rows = self._execute(db, values)
        return plan.row(rows[0]) if rows else None

    def all(self, db: Asker, **values: Any) -> list[Row]:
        """Every row."""
        plan, _, rows = self._execute(db, values)
        return [plan.row(raw) for raw in rows]

    def write(self, db: Asker, values: Mapping[str, Any]) -> int:
        """How many rows were written."""
        return self._execute(db, values)[1]

    def write_all(self, db: Asker, rows: Iterable[Mapping[str, Any]]) -> None:
        """The same statement for each of `rows`; on PostgreSQL, whose every statement is a journey, all together."""
        if "driver" in db.info:
            for row in rows:
                self._execute(db, row)
            return
        connection = _connection(db)
        plan = self._plan(connection.dialect)
        if given := [plan.by_position(row) if connection.dialect.positional else plan.by_name(row) for row in rows]:
            connection.exec_driver_sql(plan.text, given)

    def _execute(self, db: Asker, values: Mapping[str, Any]) -> tuple[_Plan, int, Sequence[Any]]:
        straight: Driver | None = db.info.get("driver")
        if straight is None:
            connection = _connection(db)
            plan = self._plan(connection.dialect)
            found = connection.exec_driver_sql(
                plan.text, plan.by_position(values) if connection.dialect.positional else plan.by_name(values),
                execution_options={"preserve_rowcount": True},
            )
            return plan, found.rowcount, found.fetchall() if found.returns_rows else ()
        plan = self._plans.get("sqlite") or self._plan(db.info["dialect"])
        given = plan.by_position(values)
        try:
            return plan, *straight(plan.text, given)
        except sqlite3.Error as error:
            raise sa.exc.DBAPIError.instance(plan.text, given, error, sqlite3.Error) from error

    def _plan(self, dialect: sa.Dialect) -> _Plan:
        plan = self._plans.get(dialect.name)
        if plan is None:
            statement = self._statement(dialect.name) if callable(self._statement) else self._statement
            plan = self._plans[dialect.name] = _compile(statement, dialect, self._columns)
        return plan


def _connection(db: Asker) -> sa.Connection:
    found: sa.Connection | None = db.info.get("connection")
    if found is None:
        found = db.info["connection"] = db.connection()  # one session is one transaction here
    return found


class _Ids(sa.types.TypeDecorator[Any]):
    """Many UUIDs as one parameter: an array on PostgreSQL, JSON text on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.ARRAY(sa.Uuid()) if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return list(value) if dialect.name == "postgresql" else orjson.dumps([one.hex for one in value]).decode()


def among(column: Any, name: str, dialect: str) -> sa.ColumnElement[bool]:
    """`column` is one of the UUIDs given as `name`: what IN is elsewhere, in a text that does not depend on how many."""
    ids = sa.bindparam(name, type_=_Ids())
    if dialect == "postgresql":
        return column == sa.func.any(ids, type_=sa.Uuid())  # type: ignore[no-any-return]
    return column.in_(  # type: ignore[no-any-return]
        sa.select(sa.column("value", sa.Uuid())).select_from(sa.func.json_each(ids))
    )


def insert(table: type[Any], columns: Sequence[str], *, unless_there: bool = False) -> Prepared:
    """A row with these columns; with `unless_there`, nothing where one with its key is there already."""
    def statement(dialect: str) -> sa.Executable:
        made = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table.__table__)
        return made.on_conflict_do_nothing() if unless_there else made

    return Prepared(statement, columns=columns)


def _compile(statement: Any, dialect: sa.Dialect, columns: list[str]) -> _Plan:
    compiled = statement.compile(dialect=dialect, column_keys=columns or None)
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise ValueError(f"its text depends on its values: {compiled}")
    bind: dict[str, Convert | None] = {}
    fixed: dict[str, Any] = {}
    for parameter, name in compiled.bind_names.items():
        convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
        bind[name] = convert
        if not parameter.required:
            value = parameter.effective_value
            fixed[name] = convert(value) if convert else value
    read = [
        column.type.dialect_impl(dialect).result_processor(dialect, None)
        for column in getattr(statement, "selected_columns", [])
    ]
    names = compiled.positiontup if dialect.positional else list(bind)
    return _Plan(
        text=str(compiled), slots=tuple((name, bind[name]) for name in names), fixed=fixed, read=tuple(read)
    )
