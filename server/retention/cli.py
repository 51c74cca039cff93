"""`flask --app server retention`: show what the rules would remove, and remove exactly that."""

from __future__ import annotations

import json
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from server.errors import Refusal
from server.kit.db import Database
from server.kit.here import conf, store
from server.retention import applying, files
from server.retention.rules import BY_NAME, CLASSES, By, DataClass, Plan

group = AppGroup("retention", help="How long data is kept: plans, and removal by them.")
NAME = click.Choice([one.name for one in CLASSES])


def _database() -> Database:
    database: Database = current_app.extensions["dudao"].database
    return database


@group.command("plan")
@click.option("--class", "name", type=NAME, help="Only this class of data.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def plan(name: str | None, as_json: bool) -> None:
    """Print what each class would remove now, and the digest by which `apply` is told so. Nothing is removed."""
    classes = [BY_NAME[name]] if name else CLASSES
    plans = [applying.plan(_database(), conf(), one.name) for one in classes]
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in plans], ensure_ascii=False, indent=1))
        return
    for one, found in zip(classes, plans, strict=True):
        _say(one, found)


def _say(one: DataClass, found: Plan) -> None:
    click.echo(f"{one.name}: {one.what[0]} / {one.what[1]}")
    if not found.days:
        click.echo(f"  kept for ever: {one.variable} is not set")
        return
    figures = found.figures
    click.echo(f"  {one.variable}={found.days}, counted from: {one.counted[1]}; due: before {found.cutoff.isoformat()}")
    click.echo(f"  {figures.rows} rows, {figures.files} files, {figures.bytes} bytes; {figures.held} rows kept by a hold")
    if figures.oldest and figures.newest:
        click.echo(f"  oldest {figures.oldest.isoformat()}, newest {figures.newest.isoformat()}")
    click.echo(f"  plan {found.digest}")


def _as_json(found: Plan) -> dict[str, Any]:
    figures = found.figures
    return {
        "class": found.name, "setting": BY_NAME[found.name].variable, "days": found.days or None,
        "cutoff": found.cutoff.isoformat() if found.days else None,
        "rows": figures.rows, "files": figures.files, "bytes": figures.bytes, "held": figures.held,
        "oldest": figures.oldest.isoformat() if figures.oldest else None,
        "newest": figures.newest.isoformat() if figures.newest else None,
        "plan": found.digest if found.days else None,
    }


@group.command("apply")
@click.option("--class", "name", type=NAME, required=True, help="The class of data.")
@click.option("--plan", "digest", required=True, help="The digest that `retention plan` printed.")
def apply(name: str, digest: str) -> None:
    """Remove what the plan shows, and nothing else; where it has changed meanwhile, nothing at all."""
    if not applying.days_of(conf(), name):
        raise click.ClickException(f"{name} is kept for ever: {BY_NAME[name].variable} is not set")
    try:
        done = applying.apply(_database(), conf(), name, By.COMMAND, digest=digest)
    except applying.PlanChangedError:
        raise click.ClickException(
            "the plan has changed: nothing was removed; look at it anew with: retention plan --class " + name
        ) from None
    try:
        deleted = files.finish(_database(), store())
    except Refusal as refusal:
        raise click.ClickException(
            f"{refusal.code}: the rows are marked; the worker deletes the files once the store is back"
        ) from None
    gone = done.gone
    click.echo(f"{gone.rows} rows, {gone.files} files, {gone.bytes} bytes removed; {gone.held} rows kept by a hold")
    if deleted:
        click.echo(f"{deleted} files deleted")
