"""Setting a password: the first one or a new one with a code, or one's own in place of the old.

Both take the database and not a session: hashing happens between a short read and a short write.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from config import Config
from server.accounts import codes, guesses, passwords, service
from server.accounts.models import Person
from server.audit import service as audit
from server.errors import Refusal
from server.kit.actor import Actor
from server.kit.db import Database, hold


def set_with_code(database: Database, conf: Config, *, code: str, new_password: str, address: str) -> None:
    """Set the password of the person whose one-time code this is; their sign-ins end.

    422 `code-invalid` or `password-weak`; 429 after many wrong codes from one address.
    """
    counted = guesses.keys(conf, address)
    try:
        with database.read() as db:
            guesses.refuse(db, conf, counted)
            owner = codes.owner(db, code)
            person_id, username, name = owner.id, owner.username, owner.name
    except Refusal as refusal:
        if refusal.code == "code-invalid":
            database.write(lambda db: guesses.count(db, conf, counted))
        raise
    passwords.refuse_weak(new_password, username, name=name)
    hashed = passwords.make(new_password)

    def keep(db: Session) -> None:
        hold(db, f"person:{person_id}")
        person = codes.owner(db, code)
        codes.use(db, code)
        person.password_hash = hashed
        guesses.forget(db, person.username, address)
        service.end_all(db, person.id, "password")
        audit.record(db, None, "password_set", "person", person.id)

    database.write(keep)


def change_own(
    database: Database, conf: Config, actor: Actor, *, old_password: str, new_password: str, address: str
) -> None:
    """Put a new password in place of the old; every other sign-in of the person ends.

    422 `password-wrong` (counted as a guess, so that a stolen phone cannot try for long) or `password-weak`.
    """
    counted = guesses.keys(conf, address, actor.username)
    with database.read() as db:
        guesses.refuse(db, conf, counted)
        person = db.get(Person, actor.id)
        stored = person.password_hash if person else None
    right = passwords.matches(stored, old_password)
    if right:
        passwords.refuse_weak(new_password, actor.username, name=actor.name)
    hashed = passwords.make(new_password) if right else None

    def keep(db: Session) -> None:
        guesses.refuse_exactly(db, conf, counted)
        hold(db, f"person:{actor.id}")
        person = db.get(Person, actor.id)
        if person is None or hashed is None or person.password_hash != stored:
            guesses.count(db, conf, counted)
            audit.record(db, actor, "password_change_refused", "person", actor.id)
            raise Refusal("password-wrong", errors={"old_password": ["不正确 / is wrong"]}, keep=True)
        person.password_hash = hashed
        guesses.forget(db, actor.username, address)
        service.end_all(db, actor.id, "password", but=actor.session_id)
        audit.record(db, actor, "password_changed", "person", actor.id)

    database.write(keep)
