"""Verbs of signing in: authenticate, sign_in, refresh, sign_out."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts import guesses, passwords, queries
from server.accounts.models import Device, Person, RefreshToken, SignIn
from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock, text, tokens
from server.kit.actor import Actor
from server.kit.db import Database, hold
from server.kit.prepared import Asker

if TYPE_CHECKING:
    from flask import Request


def authenticate(db: Asker, request: Request, linkable: bool) -> Actor:
    """The actor behind a request: by its access token, or by a signed link where the route takes one."""
    header = request.headers.get("Authorization")
    if header is None and linkable and "sig" in request.args:
        actor = queries.actor_of(db, tokens.read_link(request.path, request.args["sig"]))
        if actor is None:
            raise Refusal("link-invalid")
        return actor
    claims = tokens.read(bearer(header), "access")
    actor = queries.actor_of(db, claims.sign_in_id)
    if actor is None or actor.id != claims.person_id:
        raise Refusal("session-revoked")
    return actor


def bearer(header: str | None) -> str:
    """The token of an Authorization header; 401 without one."""
    if not header:
        raise Refusal("not-signed-in")
    kind, _, token = header.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Refusal("token-invalid")
    return token.strip()


def sign_in(
    database: Database, conf: Config, *, username: str, password: str, address: str,
    device_id: str | None = None, device_name: str | None = None,
) -> dict[str, object]:
    """A new family of tokens for the right password. A wrong one is counted; too many have to wait (429).

    Takes the database and not a session: the password is checked between a short read and a short write,
    since a check inside the write would keep SQLite's only writer for tens of milliseconds.
    """
    name = text.code(username).lower()
    counted = guesses.keys(conf, address, name)
    with database.read() as db:
        guesses.refuse(db, conf, counted)
        person_id, stored = queries.password_of(db, name)
    right = passwords.matches(stored, password)
    renewed = passwords.make(password) if right and passwords.is_outdated(stored or "") else None

    def admit(db: Session) -> dict[str, object]:
        guesses.refuse_exactly(db, conf, counted)
        person = _still(db, person_id, stored) if right else None
        if person is None:
            if person_id is not None or not guesses.is_full(db, conf, counted):  # else names out of the air fill the trail
                audit.record(db, None, "sign_in_refused", "person", person_id or "unknown")
            guesses.count(db, conf, counted)
            raise Refusal("credentials-wrong", keep=True)
        if renewed:
            person.password_hash = renewed
        guesses.forget(db, name, address)
        family = SignIn(person_id=person.id, device_id=device_id, created_at=clock.now())
        db.add(family)
        if device_id:
            _meet_device(db, person, device_id, device_name)
        db.flush()
        token = _issue(db, conf, family)
        audit.record(db, None, "signed_in", "person", person.id, device=device_id)
        return _pair(conf, person, family, token)

    return database.write(admit)


def _still(db: Session, person_id: uuid.UUID | None, stored: str | None) -> Person | None:
    """The person, unless disabled or given another password while theirs was checked."""
    if person_id is None:
        return None
    hold(db, f"person:{person_id}")
    person = db.get(Person, person_id)
    return person if person and person.active and person.password_hash == stored else None


def refresh(db: Session, conf: Config, header: str | None) -> dict[str, object]:
    """Swap a refresh token for its successor. One that was used before ends the whole family, but for the
    short grace in which the reply may have been lost and the successor was not used yet."""
    claims = tokens.read(bearer(header), "refresh")
    family = db.get(SignIn, claims.sign_in_id, with_for_update=True)
    token = db.get(RefreshToken, claims.jti, with_for_update=True)
    person = db.get(Person, claims.person_id)
    if family is None or token is None or person is None or token.sign_in_id != family.id:
        raise Refusal("token-invalid")
    if family.revoked_at is not None or not person.active:
        raise Refusal("session-revoked")
    now = clock.now()
    if token.expires_at <= now:
        raise Refusal("token-expired")
    if token.used_at is None:
        successor = _issue(db, conf, family)
        token.used_at, token.successor = now, successor.jti
        if family.device_id:
            _meet_device(db, person, family.device_id, None)
        return _pair(conf, person, family, successor)
    heir = db.get(RefreshToken, token.successor) if token.successor else None
    if heir and heir.used_at is None and now - token.used_at <= timedelta(seconds=conf.refresh_grace_s):
        return _pair(conf, person, family, heir)
    end(family, "reuse")
    audit.record(db, None, "token_reused", "person", person.id)
    raise Refusal("token-reused", keep=True)


def sign_out(db: Session, actor: Actor) -> None:
    """End this sign-in; its access and refresh tokens stop at once."""
    family = db.get(SignIn, actor.session_id) if actor.session_id else None
    if family:
        end(family, "logout")
    audit.record(db, actor, "signed_out", "person", actor.id)


def end(family: SignIn, why: str) -> None:
    if family.revoked_at is None:
        family.revoked_at, family.revoked_why = clock.now(), why


def end_all(
    db: Session, person_id: uuid.UUID, why: str, *, device_id: str | None = None, but: uuid.UUID | None = None
) -> int:
    """End every sign-in of a person, or those of one device, or all but the one that asks for it; how many there were."""
    query = sa.update(SignIn).where(SignIn.person_id == person_id, SignIn.revoked_at.is_(None))
    if device_id is not None:
        query = query.where(SignIn.device_id == device_id)
    if but is not None:
        query = query.where(SignIn.id != but)
    done = db.execute(query.values(revoked_at=clock.now(), revoked_why=why))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _meet_device(db: Session, person: Person, device_id: str, name: str | None) -> None:
    now = clock.now()
    device = db.get(Device, (person.id, device_id))
    if device is None:
        db.add(Device(person_id=person.id, id=device_id, name=name, first_seen_at=now, last_seen_at=now))
        return
    # A phone that was lost and found again is let in by a fresh password; the old sign-ins stay ended.
    device.last_seen_at, device.revoked_at, device.name = now, None, name or device.name


def _issue(db: Session, conf: Config, family: SignIn) -> RefreshToken:
    now = clock.now().replace(microsecond=0)
    token = RefreshToken(sign_in_id=family.id, issued_at=now, expires_at=now + timedelta(days=conf.refresh_token_days))
    db.add(token)
    db.flush()
    return token


def _pair(conf: Config, person: Person, family: SignIn, token: RefreshToken) -> dict[str, object]:
    return {
        "access_token": tokens.access_token(person.id, family.id),
        "refresh_token": tokens.refresh_token(person.id, family.id, token.jti, token.issued_at, token.expires_at),
        "token_type": "Bearer",
        "expires_in": conf.access_token_minutes * 60,
        "user": person,
    }
