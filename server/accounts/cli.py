"""`flask --app server people`: what administrators do, for whoever has a shell on the server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from config import Config
from server.accounts import people, queries, table
from server.accounts import people_schemas as shapes
from server.accounts.codes import Code
from server.accounts.models import Device, Organisation, Person
from server.errors import Refusal
from server.kit import http
from server.kit.actor import Role
from server.kit.db import Database
from server.kit.table_upload import open_table
from server.kit.text import code, one_line

T = TypeVar("T")

group = AppGroup("people", help="People: add, import, disable, reset a password, cut off a phone, hand over.")


@contextmanager
def _plainly() -> Iterator[None]:
    """A refusal as a line for people and exit code 1."""
    try:
        yield
    except Refusal as refusal:
        problem = refusal.problem("en")
        fields = [f"\n  {field}: {'; '.join(why)}" for field, why in (refusal.errors or {}).items()]
        raise click.ClickException(f"{problem['detail']} ({problem['code']}){''.join(fields)}") from None


def _write(verb: Callable[[Session, Config], T]) -> T:
    database: Database = current_app.extensions["dudao"].database
    conf: Config = current_app.config["DUDAO"]
    with _plainly():
        return database.write(lambda db: verb(db, conf))


def _named(db: Session, username: str) -> Person:
    person = queries.by_username(db, code(username).lower())
    if person is None:
        raise Refusal("not-found", f"nobody is called {username!r}")
    return person


def _show_code(username: str, given: Code) -> None:
    click.echo(f"{username}: one-time code {given.code} (until {given.expires_at.isoformat(timespec='minutes')})")


@group.command("add")
@click.option("--username", required=True)
@click.option("--name", required=True)
@click.option("--role", "roles", required=True, multiple=True, type=click.Choice([role.value for role in Role]))
@click.option("--district", "districts", multiple=True, help="GB/T 2260 code, such as 140106; may be repeated.")
@click.option("--organisation", help="Name of the firm; a contractor's is added where it is not there yet.")
@click.option("--phone")
@click.option("--email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(  # noqa: PLR0917 - click passes every option by name
    username: str, name: str, roles: tuple[str, ...], districts: tuple[str, ...], organisation: str | None,
    phone: str | None, email: str | None, password_stdin: bool,
) -> None:
    """Add a person; prints a one-time code with which they set their password, unless one is given."""
    given = {"username": username, "name": name, "roles": list(roles), "districts": list(districts),
             "phone": phone, "email": email}
    if password_stdin:
        given["password"] = sys.stdin.readline().rstrip("\r\n")
    with _plainly():
        loaded: dict[str, Any] = http.load(shapes.PersonIn(), given)
        hashed = people.password_hash(loaded.pop("password"), loaded["username"], loaded["name"])

    def verb(db: Session, conf: Config) -> people.Hired:
        if organisation:
            loaded["organisation_id"] = _organisation(db, one_line(organisation)).id
        return people.add(db, conf, None, password_hash=hashed, **loaded)

    hired = _write(verb)
    if hired.invite:
        _show_code(hired.person.username, hired.invite)
    else:
        click.echo(f"{hired.person.username}: added")


def _organisation(db: Session, name: str) -> Organisation:
    found = db.scalar(sa.select(Organisation).where(Organisation.name == name))
    return found or people.add_organisation(db, None, name=name, kind="contractor")


@group.command("list")
def list_people() -> None:
    """Everybody: user name, name, roles, districts, organisation, and whether they can sign in."""
    with current_app.extensions["dudao"].database.read() as db:
        for person in db.scalars(sa.select(Person).order_by(Person.username)):
            state = "disabled" if not person.active else "active" if person.has_password else "invited"
            firm = person.organisation.name if person.organisation else "-"
            click.echo("\t".join((
                person.username, person.name, ",".join(person.role_names), ",".join(person.district_codes) or "-",
                firm, state,
            )))


@group.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """End a person's access at once; what they did stays."""
    _write(lambda db, _conf: people.change(db, None, _named(db, username), {"active": False}))
    click.echo(f"{username}: disabled")


@group.command("enable")
@click.argument("username")
def enable(username: str) -> None:
    """Let a disabled person sign in again."""
    _write(lambda db, _conf: people.change(db, None, _named(db, username), {"active": True}))
    click.echo(f"{username}: enabled")


@group.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """End a person's sign-ins and password; prints a one-time code with which they set a new one."""
    _show_code(username, _write(lambda db, conf: people.reset_password(db, conf, None, _named(db, username))))


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check every row and write nothing.")
def import_people(file: Path, dry_run: bool) -> None:
    """Add the people of a CSV or XLSX, all or none; prints a one-time code for each."""
    with _plainly():
        found = open_table(file.read_bytes(), file.name, current_app.config["DUDAO"].max_table_bytes)
    schema = shapes.PersonIn()
    result = _write(lambda db, conf: table.take_on(db, conf, None, found, schema, dry_run=dry_run))
    for row in result.rows:
        for name, why in row.errors.items():
            click.echo(f"row {row.row}: {name}: {'; '.join(why)}", err=True)
        if row.invite:
            _show_code(str(row.username), row.invite)
    if result.refused:
        raise click.ClickException(f"{result.refused} rows are wrong; nothing was imported")
    click.echo(f"{result.created} people {'would be added' if dry_run else 'added'}")


@group.command("handover")
@click.argument("leaver")
@click.argument("successor")
def hand_over(leaver: str, successor: str) -> None:
    """Pass the sites of LEAVER to SUCCESSOR."""
    handed = _write(lambda db, _conf: people.hand_over(db, None, _named(db, leaver), _named(db, successor).id))
    said = ", ".join(f"{count} {kind}" for kind, count in handed.items()) or "nothing"
    click.echo(f"{leaver} → {successor}: {said} handed over")


@group.command("devices")
@click.argument("username")
def devices(username: str) -> None:
    """The phones and browsers that a person signed in from."""
    with _plainly(), current_app.extensions["dudao"].database.read() as db:
        for one in people.devices_of(db, _named(db, username)):
            state = "cut off" if one["revoked_at"] else "signed in" if one["signed_in"] else "signed out"
            click.echo(f"{one['id']}\t{one['name'] or '-'}\t{one['last_seen_at'].isoformat()}\t{state}")


@group.command("cut-off")
@click.argument("username")
@click.argument("device")
def cut_off(username: str, device: str) -> None:
    """End the sign-ins of a lost phone at once."""
    def verb(db: Session, _conf: Config) -> None:
        found = db.get(Device, (_named(db, username).id, one_line(device)))
        if found is None:
            raise Refusal("not-found", f"{username} never signed in from {device!r}")
        people.cut_off(db, None, found)

    _write(verb)
    click.echo(f"{username}: {device} is cut off")
