"""`flask --app server checklists`."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from server.checklists import files, service
from server.checklists.burden import asks_known
from server.checklists.rules import Checklist
from server.errors import Refusal

group = AppGroup("checklists", help="Checklists and their versions.")


@group.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default=files.DATA)
def load(folder: Path) -> None:
    """Publish the versions in FOLDER (default: those that come with the product) that are not published yet."""
    try:
        versions = files.read_all(folder)
        count = current_app.extensions["dudao"].database.write(lambda db: service.publish(db, versions))
    except Refusal as refusal:
        raise click.ClickException(str(refusal.problem("en")["detail"])) from None
    click.echo(f"{count.new} published, {count.known} were already there")
    for version in versions:
        checklist = Checklist.of(version.content)
        for asked in asks_known(checklist.index.values()):
            known = asked.known
            click.echo(f"{asked.item.code} {asked.item.zh}: 不必询问，{known.zh} / need not be asked, {known.en}", err=True)
