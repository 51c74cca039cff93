"""`flask --app server audit`: check the chain, show its end."""

from __future__ import annotations

import re

import click
from flask import current_app
from flask.cli import AppGroup

from server.audit import chain
from server.kit.db import Database

group = AppGroup("audit", help="The audit trail and its hash chain.")
_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})", re.ASCII)


def _database() -> Database:
    database: Database = current_app.extensions["dudao"].database
    return database


@group.command("head")
def head() -> None:
    """Print the chain's end as POSITION:DIGEST; kept elsewhere, it proves later that nothing before it was touched."""
    with _database().read() as db:
        click.echo(str(chain.head(db)))


@group.command("chain")
def forge() -> None:
    """Link every event that has no link yet; the worker does so by itself."""
    click.echo(f"{chain.forge_all(_database(), whole=True)} events linked")


@group.command("verify")
@click.option("--head", "written", help="POSITION:DIGEST as `audit head` once printed it.")
def verify(written: str | None) -> None:
    """Walk the whole chain; name the first broken link and end with exit code 1 where there is one."""
    expected = None
    if written is not None:
        found = _HEAD.fullmatch(written.strip())
        if found is None:
            raise click.BadParameter("must be POSITION:DIGEST", param_hint="--head")
        expected = chain.Head(int(found[1]), found[2])
    with _database().snapshot() as db:
        verdict = chain.verify(db, expected)
    if verdict.unchained:
        click.echo(f"warning: {verdict.unchained} events older than 10 minutes have no link; is the worker running?",
                   err=True)
    if verdict.broken:
        raise click.ClickException(f"broken at {verdict.broken}")
    click.echo(f"the chain holds: {verdict.head.position} links, head {verdict.head}")
