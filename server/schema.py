"""`flask --app server db`: bring the database to this version's shape, by Alembic."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import click
import sqlalchemy as sa
from alembic import command
from alembic.config import Config as AlembicConfig
from flask import current_app
from flask.cli import AppGroup

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
group = AppGroup("db", help="The database's shape.")
LOCK = 7310421906  # any constant: one migration at a time on PostgreSQL


def alembic_config(url: str) -> AlembicConfig:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    settings.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    return settings


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate; whoever comes second waits and finds it done."""
    command.upgrade(alembic_config(url), revision)


@group.command("upgrade")
@click.argument("revision", default="head")
def upgrade_command(revision: str) -> None:
    """Migrate to REVISION (default: the newest)."""
    upgrade(current_app.config["DUDAO"].database, revision)
    click.echo("database is up to date")


@group.command("revision")
@click.argument("message")
def revision_command(message: str) -> None:
    """Write a new migration from what the models say (for developers)."""
    command.revision(alembic_config(current_app.config["DUDAO"].database), message, autogenerate=True)


@group.command("check")
def check_command() -> None:
    """Fail when models and migrations differ."""
    command.check(alembic_config(current_app.config["DUDAO"].database))
    click.echo("models and migrations agree")


@group.command("diagram")
def diagram_command() -> None:
    """Print the tables as the mermaid diagram of docs/data.md."""
    click.echo(diagram())


def diagram() -> str:
    """Every table that has been imported (wiring.tables), with its columns and references, in mermaid's words."""
    from server.kit.db import Base

    lines = ["erDiagram"]
    for table in sorted(Base.metadata.tables.values(), key=lambda one: one.name):
        lines.append(f"  {table.name} {{")
        for column in table.columns:
            kind = type(column.type).__name__.lower()
            marks = [mark for mark, held in (("PK", column.primary_key), ("FK", bool(column.foreign_keys))) if held]
            note = ' "may be null"' if column.nullable else ""
            lines.append(f"    {kind} {column.name}{' ' + ', '.join(marks) if marks else ''}{note}")
        lines.append("  }")
    links = {
        (key.column.table.name, "o|" if key.parent.nullable else "||", column.table.name, column.name)
        for table in Base.metadata.tables.values() for column in table.columns for key in column.foreign_keys
    }
    lines += [f"  {above} {how}--o{{ {below} : {name}" for above, how, below, name in sorted(links)]
    return "\n".join(lines)


@lru_cache(maxsize=1)
def newest() -> str | None:
    """The newest migration that this version knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(alembic_config("sqlite://")).get_current_head()


def is_current(engine: sa.Engine) -> bool:
    """Whether the database stands at the newest migration."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.execute(sa.text("select version_num from alembic_version")).scalar() == newest())
