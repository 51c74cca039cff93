"""`make run`: what a fresh clone lacks is made once and kept (secret, tables, sample programme); then it serves."""

from __future__ import annotations

import os
import secrets
import signal
import sys
from collections.abc import Iterable

import click
from flask import Flask
from flask.cli import ScriptInfo

import config as settings
from server import create_app, sample_people, schema, serve
from server.backup_cli import serving
from server.kit.db import Database
from server.kit.processes import die_with_parent

HOST = "127.0.0.1"
# Each may be repeated and then does nothing.
# A new version of the product brings new checklists, and a new year's days off.
ALWAYS = (("districts", "load"), ("checklists", "load"), ("calendar", "load"))
SAMPLE = (("sample", "load"),)


def keep_secret() -> None:
    """A secret of this installation, unless the environment names one."""
    if os.environ.get(settings.variable("secret_key")):
        return
    path = settings.load(env="test").data_dir / "secret"
    if not path.exists():
        sample_people.keep(path, secrets.token_urlsafe(48))


def prepare(app: Flask) -> str | None:
    """Tables, districts, checklists; sample programme and people. Returns the password of the sample people, or None
    where real people work here: then there is no sample."""
    conf: settings.Config = app.config["DUDAO"]
    database: Database = app.extensions["dudao"].database
    if not schema.is_current(database.engine):
        say("正在建立数据表 / making the tables")
        schema.upgrade(conf.database)
    say("正在检查各区与检查单 / districts and checklists")
    _load(app, ALWAYS)
    if sample_people.has_others(database):
        return None
    say("正在检查示例项目 / the sample programme")
    _load(app, SAMPLE)
    password = sample_people.password(conf)
    sample_people.prepare(database, conf, password)
    return password


def _load(app: Flask, commands: Iterable[tuple[str, ...]]) -> None:
    for arguments in commands:
        app.cli.main(list(arguments), prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))


def say(line: str) -> None:
    click.echo(f"dudao: {line}")


def announce(port: int, conf: settings.Config, password: str | None) -> None:
    """The one line that a newcomer looks for."""
    if password is None:
        say(f"http://{HOST}:{port} 已就绪 / is ready")
        return
    told = f"${settings.variable('demo_password')}" if conf.demo_password else password
    names = " ".join(sample_people.NAMES)
    say(f"http://{HOST}:{port} 已就绪 / is ready · 示例账号 / sample names: {names} · 密码 / password: {told}")


def main() -> None:
    die_with_parent(os.getppid(), signal.SIGTERM)
    try:
        port = int(os.environ.get("PORT") or 8000)
        keep_secret()
        app = create_app()
        serve.refuse_taken_port(HOST, port)
        password = prepare(app)
    except (click.ClickException, settings.ConfigError, ValueError) as error:
        click.echo(f"dudao: {getattr(error, 'message', error)}", err=True)
        sys.exit(1)
    database: Database = app.extensions["dudao"].database
    serve.refuse_old_database(database)
    database.dispose()
    conf = app.config["DUDAO"]
    with serving(conf.data_dir, alone=False):
        worker = "worker" in app.cli.commands
        serve.run(HOST, port, worker=worker, announce=lambda: announce(port, conf, password))


if __name__ == "__main__":
    main()
