"""Verbs of people: add, change, disable, reset a password, cut off a lost phone, hand over; and organisations."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts import codes, hooks, passwords, queries, rules, service
from server.accounts.codes import Code
from server.accounts.models import Device, Organisation, Person, PersonDistrict, PersonRole
from server.audit import service as audit
from server.errors import Refusal, invalid
from server.kit import changes as phones
from server.kit import clock
from server.kit.actor import Actor, Role
from server.kit.db import hold
from server.kit.ids import new_id

# What a person sees follows from these; who is disabled is told nothing meanwhile, and begins afresh afterwards.
SCOPE = frozenset({"roles", "districts", "organisation_id", "active"})


@dataclass(frozen=True, slots=True)
class Hired:
    """A new person, and the code to hand them where they set their own password."""

    person: Person
    invite: Code | None


def add(
    db: Session, conf: Config, actor: Actor | None, *, username: str, name: str, roles: Collection[Role],
    districts: Collection[str] = (), phone: str | None = None, email: str | None = None,
    organisation_id: uuid.UUID | None = None, password_hash: str | None = None,
) -> Hired:
    """Take a person on. `actor` None is somebody at the server's own command line.

    409 `username-taken`; 422 naming a district or organisation that is not there, or the scope a role lacks.
    `password_hash` is made by the caller, outside this transaction.
    """
    if queries.by_username(db, username) is not None:
        raise Refusal("username-taken", errors={"username": ["已被使用 / is taken"]})
    _refuse_misfit(db, roles, districts, organisation_id)
    person = Person(
        id=new_id(), username=username, name=name, phone=phone, email=email, organisation_id=organisation_id,
        password_hash=password_hash, active=True, created_at=clock.now(),
        roles=[PersonRole(role=role) for role in roles],
        districts=[PersonDistrict(district_code=code) for code in districts],
    )
    db.add(person)
    db.flush()
    db.refresh(person)  # with the organisation, which the answer shows after this transaction
    audit.record(
        db, actor, "person_added", "person", person.id, username=username, roles=person.role_names,
        districts=person.district_codes, organisation_id=_text(organisation_id),
    )
    return Hired(person, None if password_hash else codes.issue(db, conf, person.id))


def change(db: Session, actor: Actor | None, person: Person, changes: Mapping[str, Any]) -> Person:
    """Change what `changes` names; it takes effect with the person's next request. `active` False ends every sign-in.

    409 `last-admin` where nobody would be left who can administer.
    """
    hold(db, f"person:{person.id}")
    db.refresh(person)
    roles = set(changes.get("roles", [entry.role for entry in person.roles]))
    districts = set(changes.get("districts", person.district_codes))
    organisation_id = changes.get("organisation_id", person.organisation_id)
    active = changes.get("active", person.active)
    _refuse_misfit(db, roles, districts, organisation_id, known=person.district_codes)
    if not (active and Role.ADMIN in roles):
        _refuse_last_admin(db, person)
    before = _facts(person)
    if not active and person.active:
        service.end_all(db, person.id, "disabled")
    for field in ("name", "phone", "email", "organisation_id", "active"):
        if field in changes:
            setattr(person, field, changes[field])
    _exchange(person.roles, "role", roles, PersonRole)
    _exchange(person.districts, "district_code", districts, PersonDistrict)
    db.flush()
    db.refresh(person)
    after = _facts(person)
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changed:
        audit.record(db, actor, "person_changed", "person", person.id, changed=changed)
    if SCOPE & changed.keys():
        phones.note_access(db, person.id)
    return person


def reset_password(db: Session, conf: Config, actor: Actor | None, person: Person) -> Code:
    """End every sign-in and the password itself; the code lets the person set a new one."""
    hold(db, f"person:{person.id}")
    person.password_hash = None
    service.end_all(db, person.id, "password")
    audit.record(db, actor, "password_reset", "person", person.id)
    return codes.issue(db, conf, person.id)


def devices_of(db: Session, person: Person) -> list[dict[str, Any]]:
    """The person's phones and browsers, last seen first, and whether a sign-in of each still stands."""
    return [
        {"id": device.id, "name": device.name, "first_seen_at": device.first_seen_at,
         "last_seen_at": device.last_seen_at, "revoked_at": device.revoked_at, "signed_in": signed_in}
        for device, signed_in in queries.devices(db, person.id)
    ]


def cut_off(db: Session, actor: Actor | None, device: Device) -> None:
    """A phone is lost: its sign-ins end at once. Doing it again changes nothing."""
    hold(db, f"person:{device.person_id}")
    service.end_all(db, device.person_id, "device", device_id=device.id)
    if device.revoked_at is None:
        device.revoked_at = clock.now()
        audit.record(db, actor, "device_cut_off", "person", device.person_id, device=device.id)


def cut_off_all(db: Session, actor: Actor | None, person: Person) -> None:
    """All that a person ever signed in from is lost, or may be: every sign-in ends at once."""
    for device, _ in queries.devices(db, person.id):
        cut_off(db, actor, device)
    if service.end_all(db, person.id, "device"):  # those that named no device
        audit.record(db, actor, "device_cut_off", "person", person.id, device=None)


def hand_over(db: Session, actor: Actor | None, leaver: Person, to: uuid.UUID) -> dict[str, int]:
    """Pass the leaver's work to `to`, an active person; what is handed over is counted by kind."""
    successor = db.get(Person, to)
    if successor is None or not successor.active:
        raise invalid("to", "没有此人或已停用", "nobody active has this id")
    if successor.id == leaver.id:
        raise invalid("to", "不能移交给本人", "cannot be the same person")
    for one in sorted((leaver.id, successor.id)):
        hold(db, f"person:{one}")
    handed: dict[str, int] = {}
    for hook in hooks.handover_hooks:
        for kind, count in hook(db, actor, leaver.id, successor.id).items():
            handed[kind] = handed.get(kind, 0) + count
    audit.record(db, actor, "handed_over", "person", leaver.id, to=str(successor.id), what=handed)
    return handed


def add_organisation(
    db: Session, actor: Actor | None, *, name: str, kind: str, credit_code: str | None = None
) -> Organisation:
    """A firm or authority; 409 `organisation-taken` for a name that is there."""
    if db.scalar(sa.select(Organisation.id).where(Organisation.name == name)):
        raise Refusal("organisation-taken", errors={"name": ["已有同名单位 / is taken"]})
    organisation = Organisation(id=new_id(), name=name, kind=kind, credit_code=credit_code)
    db.add(organisation)
    db.flush()
    audit.record(db, actor, "organisation_added", "organisation", organisation.id, name=name, organisation_kind=kind)
    return organisation


def password_hash(password: str | None, username: str, name: str) -> str | None:
    """The hash of a password that an administrator gives; slow, so before the transaction. 422 where it is weak."""
    if password is None:
        return None
    passwords.refuse_weak(password, username, name=name, field="password")
    return passwords.make(password)


def _refuse_misfit(
    db: Session, roles: Collection[Role], districts: Collection[str], organisation_id: uuid.UUID | None,
    *, known: Collection[str] = (),
) -> None:
    """422 naming the scope that is missing or that is not there. `known` districts need not be looked up."""
    wrong = rules.misfits(roles, districts, organisation_id is not None)
    if organisation_id is not None and db.get(Organisation, organisation_id) is None:
        wrong["organisation_id"] = "没有此单位 / no such organisation"
    new = set(districts) - set(known)
    if new and (unknown := sorted(new - hooks.district_names(db).keys())):
        wrong["districts"] = f"没有此区 / no such district: {', '.join(unknown)}"
    if wrong:
        raise Refusal("invalid", errors={field: [why] for field, why in wrong.items()})


def _refuse_last_admin(db: Session, person: Person) -> None:
    if not person.active or Role.ADMIN.value not in person.role_names:
        return
    hold(db, "last-admin")
    others = (
        sa.select(Person.id).join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.active, PersonRole.role == Role.ADMIN, Person.id != person.id).limit(1)
    )
    if db.scalar(others) is None:
        raise Refusal("last-admin")


def _exchange(rows: list[Any], key: str, wanted: Collection[Any], make: type) -> None:
    """Make `rows` hold exactly `wanted`, touching only what differs."""
    for row in [row for row in rows if getattr(row, key) not in wanted]:
        rows.remove(row)
    present = {getattr(row, key) for row in rows}
    rows.extend(make(**{key: value}) for value in sorted(set(wanted) - present))


def _facts(person: Person) -> dict[str, Any]:
    return {
        "name": person.name, "phone": person.phone, "email": person.email, "active": person.active,
        "roles": person.role_names, "districts": person.district_codes,
        "organisation_id": _text(person.organisation_id),
    }


def _text(value: uuid.UUID | None) -> str | None:
    return None if value is None else str(value)
