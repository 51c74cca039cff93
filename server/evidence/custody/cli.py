"""`flask --app server evidence`: hash originals again, show and replace the key that signs evidence packages."""

from __future__ import annotations

import secrets
import sys
from datetime import date
from time import monotonic

import click
from flask import current_app
from flask.cli import AppGroup

from server.errors import Refusal
from server.evidence.custody import keys, verifying
from server.evidence.custody.verifying import Difference, Plan, Tally
from server.kit import clock
from server.kit.db import Database
from server.kit.here import conf, store

group = AppGroup("evidence", help="Originals and evidence packages.")
SAY_EVERY_S = 2.0


def _database() -> Database:
    database: Database = current_app.extensions["dudao"].database
    return database


@group.command("verify")
@click.option("--sample", type=click.IntRange(1, 1_000_000), help="Only so many originals, drawn by --seed.")
@click.option("--seed", help="Draws the same sample again; without it a new one is drawn and its seed printed.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only originals stored on or after this day (Shanghai).")
@click.option("--strays", is_flag=True, help="List files in the store that no row names, too.")
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True, help="Originals read at once.")
def verify(sample: int | None, seed: str | None, since: object, strays: bool, threads: int) -> None:
    """Hash originals again; name each that is missing or changed, and end with exit code 1 where there is one."""
    if seed is not None and sample is None:
        raise click.BadParameter("goes with --sample", param_hint="--seed")
    drawn = seed if seed is not None else secrets.token_hex(8)
    day = since.date() if hasattr(since, "date") else None
    plan = Plan(clock.start_of(day) if isinstance(day, date) else None, sample, drawn, strays, threads)
    if sample is not None:
        click.echo(f"seed {drawn}", err=True)
    try:
        tally = verifying.verify(
            _database(), store(), plan, differs=_differs, stray=_stray, progress=_Progress(),
        )
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.problem('en')['detail']}") from None
    click.echo(
        f"{tally.checked} originals, {tally.bytes} bytes, {len(tally.differences)} differences"
        + (f", {tally.removed} removed by rule" if tally.removed else "")
        + (f", {tally.strays} strays" if tally.strays is not None else "")
    )
    if tally.differences:
        sys.exit(1)


def _differs(one: Difference) -> None:
    found = "-" if one.found_size is None else str(one.found_size)
    click.echo(f"{one.wrong.value}\t{one.kept.sha256}\t{one.kept.size}\t{found}\t{one.found_sha256 or '-'}")


def _stray(key: str, size: int) -> None:
    click.echo(f"stray\t{key}\t-\t{size}\t-")


class _Progress:
    """Says on stderr how far it is, now and then."""

    def __init__(self) -> None:
        self._said_at = monotonic()

    def __call__(self, tally: Tally) -> None:
        if monotonic() - self._said_at >= SAY_EVERY_S:
            self._said_at = monotonic()
            click.echo(f"{tally.checked} originals, {tally.bytes // 1_000_000} MB, "
                       f"{len(tally.differences)} differences so far", err=True)


@group.command("key")
@click.option("--replace", is_flag=True, help="Put the key aside and sign with a new one from now on.")
def key(replace: bool) -> None:
    """Print the public key that evidence packages are checked by, and its fingerprint; made where there is none yet."""
    try:
        if replace:
            signer, aside = keys.replace(conf(), _database())
            click.echo(f"the old key is now {aside}", err=True)
        else:
            signer = keys.signer(conf(), _database())
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.code}: {refusal.problem('en')['detail']}") from None
    click.echo(signer.public_pem.decode(), nl=False)
    click.echo(f"fingerprint {signer.fingerprint}")
