"""`flask --app server districts | sample | sites`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from server.errors import Refusal
from server.kit.db import Database
from server.kit.table_upload import open_table
from server.programme import importing, loading

districts = AppGroup("districts", help="The districts of the city.")
sample = AppGroup("sample", help="The sample programme, for trying things out.")
sites = AppGroup("sites", help="The sites of the programme.")


def _database() -> Database:
    database: Database = current_app.extensions["dudao"].database
    return database


@districts.command("load")
def load_districts() -> None:
    """Write the districts that are not there yet: the start of an empty programme."""
    click.echo(f"{_database().write(loading.load_districts)} districts added")


@sample.command("load")
def load_sample() -> None:
    """Write the sample programme, once; refused where real sites are there."""
    drawn = loading.prepare_sample()
    try:
        count = _database().write(lambda db: loading.load_sample(db, drawn))
    except Refusal as refusal:
        raise click.ClickException(str(refusal.problem("en")["detail"])) from None
    click.echo(f"{count} sample sites added")


@sites.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def import_sites(file: Path, *, dry_run: bool) -> None:
    """Add and update sites from FILE, a CSV or XLSX; all rows or none."""
    most = current_app.config["DUDAO"].max_table_bytes
    try:
        with file.open("rb") as stream:
            table = open_table(stream.read(most + 1), file.name, most)
        done = importing.import_sites(_database(), None, importing.read_sheet(table), dry_run=dry_run)
    except Refusal as refusal:
        problem = refusal.problem("en")
        for field, messages in problem.get("errors", {}).items():
            click.echo(f"{field}: {'; '.join(map(str, messages))}", err=True)
        raise click.ClickException(str(problem["detail"])) from None
    for row in done["rows"]:
        for error in row["errors"]:
            click.echo(f"row {row['row']} {error['field'] or ''}: {error['message']}", err=True)
    if done["ignored_columns"]:
        click.echo(f"columns not read: {', '.join(done['ignored_columns'])}", err=True)
    verb = "would be" if dry_run else "were"
    click.echo(
        f"{done['total']} rows: {done['created']} {verb} added, {done['updated']} updated, "
        f"{done['unchanged']} unchanged, {done['errors']} wrong"
    )
    if done["errors"]:
        raise SystemExit(1)
