"""Alembic's entry: one connection, foreign tables left alone, batch mode for SQLite, a lock on PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from server import schema, wiring
from server.kit.db import Base, JsonText, Moment

wiring.tables()


def include(item: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Tables of others (a map extension's, say) are not ours to drop."""
    return not (kind == "table" and reflected and compare_to is None)


def render(kind: str, item: Any, _context: Any) -> Any:
    """Our own column types as plain ones: a migration must not change when the code does."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JsonText):
        return "sa.Text()"
    return False


url = context.config.get_main_option("sqlalchemy.url") or ""
engine = sa.create_engine(url)
with engine.connect() as connection:
    if engine.dialect.name == "postgresql":
        connection.execute(sa.text("select pg_advisory_lock(:key)"), {"key": schema.LOCK})
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        include_object=include,
        render_item=render,
        compare_type=False,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
