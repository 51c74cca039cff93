"""`flask --app server …`: parse, call a service, print."""

from __future__ import annotations

import copy
import sys
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask, current_app

import config as settings
from server import schema

OLD_TABLES = (
    "数据库尚未建立或不是本版本，请先运行 / the database is not at this version's newest migration; first run: "
    "flask --app server db upgrade"
)


def load_settings() -> settings.Config:
    """The settings from the environment; for whoever typed a command what is wrong with them is one line."""
    try:
        return settings.load()
    except settings.ConfigError as error:
        if click.get_current_context(silent=True) is None:
            raise
        click.echo(f"dudao: {error}", err=True)
        sys.exit(1)  # flask shows any other exception with its traceback, at least below --help


def register(app: Flask) -> None:
    """Hang every command on the application."""
    from server import backup_cli, serve, worker
    from server.accounts.cli import group as people
    from server.audit.cli import group as audit
    from server.checklists.cli import group as checklists
    from server.evidence.custody.cli import group as evidence
    from server.operation.cli import command as openapi
    from server.programme import cli as programme
    from server.programme.calendar_cli import group as calendar
    from server.retention.cli import group as retention
    from server.weekly.cli import group as weekly

    for command in (
        schema.group, people, audit, serve.command, worker.command, worker.jobs, backup_cli.make, backup_cli.restore,
        checklists, programme.districts, programme.sample, programme.sites, calendar, evidence, retention, weekly, openapi,
    ):
        app.cli.add_command(_plainly(command))


def _plainly(command: click.Command) -> click.Command:
    """The command, saying in one line what it lacks of the database."""
    said = copy.copy(command)  # it is shared by all applications of the process

    def invoke(context: click.Context) -> Any:
        try:
            return command.invoke(context)
        except sa.exc.DBAPIError as error:
            raise click.ClickException(_why(error)) from None

    said.invoke = invoke  # type: ignore[assignment, method-assign]
    return said


def _why(error: sa.exc.DBAPIError) -> str:
    try:
        if not schema.is_current(current_app.extensions["dudao"].database.engine):
            return OLD_TABLES
    except sa.exc.DBAPIError as away:
        error = away
    return f"数据库不可用 / the database cannot be used: {str(error.orig).strip().splitlines()[0]}"
