"""`flask --app server calendar`: the calendar of working days at the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from server.errors import Refusal
from server.kit.db import Database
from server.kit.table_upload import open_table
from server.programme import calendar, calendar_importing
from server.programme.calendar_rules import SpecialDay

group = AppGroup("calendar", help="The days off and the worked weekends of a year.")
WEEKDAYS = ("周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun")
KINDS = {SpecialDay.HOLIDAY: "节假日 holiday", SpecialDay.WORKDAY: "工作日 workday"}


def _database() -> Database:
    database: Database = current_app.extensions["dudao"].database
    return database


@group.command("load")
def load() -> None:
    """Write the arrangements that come with the product, of years that have none yet."""
    years = _database().write(calendar_importing.load_bundled)
    click.echo(f"{len(years)} years added{': ' if years else ''}{', '.join(map(str, years))}")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--replace", is_flag=True, help="FILE is the whole arrangement of its years: take out all else.")
def import_days(file: Path, *, dry_run: bool, replace: bool) -> None:
    """Enter a year's arrangement from FILE, a CSV or XLSX; all rows or none."""
    most = current_app.config["DUDAO"].max_table_bytes
    try:
        with file.open("rb") as stream:
            table = open_table(stream.read(most + 1), file.name, most)
        done = calendar_importing.import_days(_database(), None, table, dry_run=dry_run, replace=replace)
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
        f"{done['total']} rows: {done['created']} days {verb} added, {done['updated']} updated, "
        f"{done['unchanged']} unchanged, {done['removed']} removed; {done['errors']} rows wrong"
    )
    if done["errors"]:
        raise SystemExit(1)


@group.command("show")
@click.argument("year", type=click.IntRange(1990, 2199))
def show(year: int) -> None:
    """The arranged days of YEAR; every other day is as its weekday says."""
    with _database().read() as db:
        days = calendar.arranged_days(db, year)
    for one in days:
        click.echo(f"{one.day}  {WEEKDAYS[one.day.weekday()]}  {KINDS[one.kind]}  {one.name}")
    if not days:
        click.echo(f"{year}: 尚未导入，按周一至周五计 / nothing is here: Monday to Friday count")
