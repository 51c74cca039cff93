"""`flask --app server worker` does jobs until told to stop; `flask --app server jobs …` looks after them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import uuid

import click
import sqlalchemy as sa
import structlog
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from server.kit import apart, leases
from server.kit.db import Database
from server.kit.jobs import Job, JobState
from server.kit.runner import Runner

NICENESS = 10  # previews can wait; whoever sends a report should not
# Whoever holds the database's one writer needs Python's lock at each step, and may wait for it as long as this while another
# thread of this process works; every phone waits too. At the usual 5 ms they did, when it still counted: bench/README.md.
SWITCH_S = 0.0005
log = structlog.get_logger()


@click.command("worker")
@with_appcontext
def command() -> None:
    """Do jobs until SIGTERM or Ctrl-C."""
    os.nice(NICENESS)
    sys.setswitchinterval(SWITCH_S)
    apart.switch_on()
    told = threading.Event()
    for what in (signal.SIGTERM, signal.SIGINT):
        signal.signal(what, lambda *_: told.set())
    runner = Runner(current_app._get_current_object())  # type: ignore[attr-defined]
    runner.start()
    log.info("worker-started", name=runner.name)
    told.wait()
    runner.stop()
    log.info("worker-stopped", name=runner.name)


jobs = AppGroup("jobs", help="Work that is done later.")


@jobs.command("parked")
def parked() -> None:
    """List the jobs that were given up, with the reason."""
    database: Database = current_app.extensions["dudao"].database
    with database.read() as db:
        for job in db.scalars(sa.select(Job).where(Job.state == JobState.PARKED).order_by(Job.finished_at)):
            click.echo(f"{job.id}  {job.kind}  {job.key}  {job.why}")


@jobs.command("retry")
@click.argument("job_id", type=click.UUID)
def retry(job_id: uuid.UUID) -> None:
    """Give a parked job five new tries."""
    database: Database = current_app.extensions["dudao"].database
    if not database.write(lambda db: leases.retry(db, job_id)):
        raise click.ClickException("no parked job has this id")
    click.echo("queued again")
