"""`flask --app server backup DIR` and `restore DIR`."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from server import backup
from server.errors import Refusal


@contextmanager
def serving(folder: Path, *, alone: bool) -> Iterator[None]:
    """Servers share a lock on the data folder; a restore takes it alone, and so never runs beneath a server."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serving.lock").open("w") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException("a server is running here; stop it first") from None
        yield


def _why(error: Exception) -> str:
    """What is told of it: of a store that went away, the sentence of the refusal."""
    return f"{error.code}: {error.problem('en')['detail']}" if isinstance(error, Refusal) else str(error)


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@with_appcontext
def make(folder: Path) -> None:
    """Copy the database and every file into FOLDER while the server runs; again into the same FOLDER is quicker."""
    try:
        done = backup.make(current_app.extensions["dudao"].database, current_app.extensions["dudao-store"], folder)
    except (RuntimeError, Refusal) as error:
        raise click.ClickException(_why(error)) from error
    click.echo(f"{done.files} files, {done.bytes} bytes, {done.copied} of them new, in {folder}")
    if done.damaged:
        raise click.ClickException("these originals are damaged at their place: " + ", ".join(done.damaged[:20]))


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put the data that is here aside (SQLite) or replace it (PostgreSQL).")
@with_appcontext
def restore(folder: Path, force: bool) -> None:
    """Put the backup in FOLDER back into an empty place, checking every byte."""
    conf = current_app.config["DUDAO"]
    try:
        with serving(conf.data_dir, alone=True):
            database, store = current_app.extensions["dudao"].database, current_app.extensions["dudao-store"]
            done = backup.restore(conf, database, store, folder, force=force)
    except (RuntimeError, Refusal) as error:
        raise click.ClickException(_why(error)) from error
    click.echo(f"{done.files} files, {done.bytes} bytes restored and verified")
