"""`flask --app server openapi`: the interface as a document, for programs that are made from it."""

from __future__ import annotations

import click
import orjson
from flask.cli import with_appcontext

from server.kit.http import edge
from server.operation import openapi


@click.command("openapi")
@with_appcontext
def command() -> None:
    """Print the OpenAPI document."""
    click.echo(orjson.dumps(openapi.describe(edge()), option=orjson.OPT_INDENT_2, default=str).decode())
