"""Lists by cursor: stable under inserts, no offsets, no counting."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from zlib import crc32

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import invalid

T = TypeVar("T")

MAX_LIMIT = 200
DEFAULT_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and the opaque cursor of the next ones, or None at the end."""

    items: Sequence[T]
    next_cursor: str | None


def encode(values: Sequence[Any], *, of: str | None = None) -> str:
    """An opaque cursor that holds the sort key of the last row shown, and the name of the list it is of."""
    named = [*values] if of is None else [*values, _mark(of)]
    return base64.urlsafe_b64encode(orjson.dumps(named)).rstrip(b"=").decode()


def decode(cursor: str, kinds: Sequence[type], *, of: str | None = None) -> list[Any]:
    """The sort key in `cursor`, one value per kind (int, str, datetime, UUID). Refuses with 422 one that is forged or
    that another list gave: read as this list's, it would begin somewhere in the middle."""
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        if of is not None and (not isinstance(values, list) or not values or values.pop() != _mark(of)):
            raise ValueError
        if not isinstance(values, list) or len(values) != len(kinds):
            raise ValueError
        return [_as(kind, value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, UnicodeError, OverflowError):
        raise invalid("cursor", "分页游标无效", "not a cursor of this list") from None


def _mark(name: str) -> str:
    """A list's name, short enough to ride in a cursor."""
    return f"{crc32(name.encode()):08x}"


def _as(kind: type, value: Any) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC)  # one at the end of time fits no database in another zone
    if kind is uuid.UUID:
        return uuid.UUID(value)
    if kind is int and (isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63):
        raise ValueError
    if not isinstance(value, kind) or (isinstance(value, str) and "\x00" in value):
        raise ValueError
    return value


def page(
    db: Session,
    query: sa.Select[Any],
    keys: Sequence[tuple[Any, type, bool]],
    *,
    cursor: str | None,
    limit: int,
    shape: Callable[[Any], T] = lambda row: row,
    among: Sequence[sa.ColumnElement[bool]] = (),
) -> Page[T]:
    """Run `query` sorted by `keys` and cut one page.

    `keys` are (column, kind, descending) and must end in a unique column that the query selects;
    each is read from a row by the column's name. They also name the list in its cursors.
    `among` are conditions of which a row fits exactly one, such as one per district. An index walks each in the order
    of `keys`, and the page is merged from what they give; an `in` over all of them would be read and sorted as a whole.
    """
    name = ", ".join(f"{column} desc" if down else str(column) for column, _, down in keys)
    if cursor:
        query = query.where(_after(keys, decode(cursor, [kind for _, kind, _ in keys], of=name)))
    order = [column.desc() if down else column.asc() for column, _, down in keys]
    if len(among) > 1:
        columns = [column for column, _, _ in keys]
        walks = [
            query.where(one).with_only_columns(*columns).order_by(*order).limit(limit + 1).subquery() for one in among
        ]
        merged = sa.union_all(*(sa.select(walk) for walk in walks)).subquery()
        down = [merged.c[column.key].desc() if down else merged.c[column.key].asc() for column, _, down in keys]
        first = sa.select(merged).order_by(*down).limit(limit + 1).subquery()
        query = sa.select(*query.selected_columns).join(first, first.c[columns[-1].key] == columns[-1])
    else:
        query = query.where(*among)
    query = query.order_by(*order).limit(limit + 1)
    result = db.execute(query)
    rows: Sequence[Any] = result.scalars().all() if len(query.column_descriptions) == 1 else result.all()
    more = len(rows) > limit
    rows = rows[:limit]
    last = [_plain(getattr(rows[-1], column.key)) for column, _, _ in keys] if more else []
    next_cursor = encode(last, of=name) if more else None
    return Page([shape(row) for row in rows], next_cursor)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, uuid.UUID) else value


def _after(keys: Sequence[tuple[Any, type, bool]], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """(a, b) after (x, y): a beyond x, or a = x and b beyond y. Both databases use the index for this form."""
    column, _, down = keys[0]
    beyond: sa.ColumnElement[bool] = column < values[0] if down else column > values[0]
    if len(keys) == 1:
        return beyond
    edge = column <= values[0] if down else column >= values[0]
    return sa.and_(edge, sa.or_(beyond, _after(keys[1:], values[1:])))
