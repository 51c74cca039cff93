"""`flask --app server weekly`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from config import Config
from server.errors import Refusal
from server.kit.db import Database
from server.kit.storage import Store
from server.weekly import files, freezing, queries, rules, sending, service, weeks
from server.weekly.models import WeeklyReport

group = AppGroup("weekly", help="Weekly reports.")
_YEAR = click.option("--year", type=click.IntRange(2000, 2200), help="ISO year (default: of the last whole week).")
_WEEK = click.option("--week", "number", type=click.IntRange(1, 53), help="ISO week (default: the last whole week).")
_DISTRICT = click.option("--district", help="GB code of a district (default: the whole city).")


@group.command("make")
@_YEAR
@_WEEK
@_DISTRICT
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Also copy the files into this folder.")
def make(year: int | None, number: int | None, district: str | None, out: Path | None) -> None:
    """Make the report of a week here and now; a frozen one is only printed again."""
    conf, database, store = _house()
    asked = _asked(conf, year, number)
    with _said_plainly():
        weekly_id = database.write(lambda db: service.request(db, None, conf, *asked, district, by_job=False).id)
        if _read(database, weekly_id).frozen_at is None and not service.make(database, conf, weekly_id):
            raise click.ClickException("a newer request took over")
        service.print_now(database, conf, store, weekly_id)
    weekly = _read(database, weekly_id)
    _say(weekly, district)
    if out is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    with database.read() as db:
        made = files.made(db, db.get_one(WeeklyReport, weekly_id))
    week = weeks.named(conf, weekly.iso_year, weekly.iso_week)
    for form in files.FORMATS:
        target = out / f"{rules.ascii_stem(week, district)}.{form}"
        with target.open("wb") as copy:
            copy.writelines(store.read(files.put(files.House(conf, store), made, form, "zh")))
        click.echo(str(target))


@group.command("freeze")
@_YEAR
@_WEEK
@_DISTRICT
def freeze(year: int | None, number: int | None, district: str | None) -> None:
    """Freeze the report of a week under the next number, and print it."""
    conf, database, store = _house()
    with _said_plainly():
        weekly_id = _begun(database, conf, year, number, district)
        freezing.freeze(database, conf, weekly_id, None)
        service.print_now(database, conf, store, weekly_id)
    _say(_read(database, weekly_id), district)


@group.command("send")
@_YEAR
@_WEEK
@_DISTRICT
def send(year: int | None, number: int | None, district: str | None) -> None:
    """Mail a frozen report to those of its recipients who have not been sent it; the worker delivers."""
    conf, database, _ = _house()
    asked = _asked(conf, year, number)
    with database.read() as db:
        weekly = queries.of_week(db, *asked, district or queries.CITY)
    if weekly is None:
        raise click.ClickException("there is no report of that week yet: weekly freeze")
    with _said_plainly():
        count = database.write(lambda db: sending.send(db, None, conf, db.get_one(WeeklyReport, weekly.id)))
    click.echo(f"{count} mails to go out")


def _house() -> tuple[Config, Database, Store]:
    found = current_app.extensions
    return current_app.config["DUDAO"], found["dudao"].database, found["dudao-store"]


def _asked(conf: Config, year: int | None, number: int | None) -> tuple[int, int]:
    if year is not None and number is not None:
        return year, number
    if year is not None or number is not None:
        raise click.UsageError("give --year and --week together, or neither")
    last = weeks.last_over(conf)
    return last.iso_year, last.iso_week


def _begun(
    database: Database, conf: Config, year: int | None, number: int | None, district: str | None
) -> uuid.UUID:
    asked = _asked(conf, year, number)
    return database.write(lambda db: service.begun(db, None, conf, *asked, district).id)


def _read(database: Database, weekly_id: uuid.UUID) -> WeeklyReport:
    with database.read() as db:
        return db.get_one(WeeklyReport, weekly_id)


def _say(weekly: WeeklyReport, district: str | None) -> None:
    click.echo(f"{weekly.iso_year}-W{weekly.iso_week:02d} {district or 'city'}: {weekly.id}")
    click.echo(f"figures sha256 {weekly.figures_digest}")
    if weekly.frozen_at is not None:
        numbered = f"no. {weekly.serial} of {weekly.bulletin_year}, {weekly.total} in all"
        click.echo(f"frozen {weekly.frozen_at.isoformat()}: {numbered}")


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise click.ClickException(str(refusal.problem("en")["detail"])) from None
    except rules.StockBrokenError as broken:
        raise click.ClickException(f"the issues do not add up: {broken}") from None
