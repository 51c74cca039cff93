"""`flask --app server …`: parse, call a service, print."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Hang every command on the application."""
    from server import backup_cli, schema, serve, worker
    from server.accounts.cli import group as people
    from server.audit.cli import group as audit
    from server.checklists.cli import group as checklists
    from server.programme import cli as programme
    from server.weekly.cli import group as weekly

    app.cli.add_command(schema.group)
    app.cli.add_command(people)
    app.cli.add_command(audit)
    app.cli.add_command(serve.command)
    app.cli.add_command(worker.command)
    app.cli.add_command(worker.jobs)
    app.cli.add_command(backup_cli.make)
    app.cli.add_command(backup_cli.restore)
    app.cli.add_command(checklists)
    app.cli.add_command(programme.districts)
    app.cli.add_command(programme.sample)
    app.cli.add_command(programme.sites)
    app.cli.add_command(weekly)
