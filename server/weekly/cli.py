"""`flask --app server weekly`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from server.errors import Refusal
from server.kit import clock
from server.weekly import files, rules, service
from server.weekly.models import WeeklyReport

group = AppGroup("weekly", help="Weekly reports.")


@group.command("make")
@click.option("--year", type=click.IntRange(2000, 2200), help="ISO year (default: of the last whole week).")
@click.option("--week", "number", type=click.IntRange(1, 53), help="ISO week (default: the last whole week).")
@click.option("--district", help="GB code of a district (default: the whole city).")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Also copy the files into this folder.")
def make(year: int | None, number: int | None, district: str | None, out: Path | None) -> None:
    """Make the report of a week here and now."""
    conf, database = current_app.config["DUDAO"], current_app.extensions["dudao"].database
    store = current_app.extensions["dudao-store"]
    if (year is None) != (number is None):
        raise click.UsageError("give --year and --week together, or neither")
    last = rules.week_of(clock.today(), starts_on=conf.week_starts_on).previous()
    asked = (year or last.iso_year, number or last.iso_week)
    try:
        weekly_id = database.write(lambda db: service.request(db, None, conf, *asked, district, by_job=False).id)
        made = service.make(database, conf, store, weekly_id)
    except Refusal as refusal:
        raise click.ClickException(str(refusal.problem("en")["detail"])) from None
    except rules.StockBrokenError as broken:
        raise click.ClickException(f"the issues do not add up: {broken}") from None
    if not made:
        raise click.ClickException("a newer request took over")
    with database.read() as db:
        weekly = db.get_one(WeeklyReport, weekly_id)
    click.echo(f"{weekly.iso_year}-W{weekly.iso_week:02d} {district or 'city'}: {weekly.id}")
    click.echo(f"figures sha256 {weekly.figures_digest}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        week = rules.week(weekly.iso_year, weekly.iso_week, starts_on=conf.week_starts_on)
        for form in files.FORMATS:
            target = out / f"{rules.ascii_stem(week, district)}.{form}"
            with target.open("wb") as copy:
                for piece in store.read(files.key(weekly.id, weekly.figures_digest or "", form, "zh")):
                    copy.write(piece)
            click.echo(str(target))
