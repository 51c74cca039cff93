"""Selects over people and sign-ins."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Device, Organisation, Person, PersonDistrict, PersonRole, SignIn
from server.errors import not_found
from server.kit import paging, text
from server.kit.actor import Actor, Role
from server.kit.prepared import Asker, Prepared
from server.permissions import Reach, reaches


def _actor(dialect: str) -> sa.Select[Any]:
    joined = sa.func.string_agg if dialect == "postgresql" else sa.func.group_concat
    roles = (
        sa.select(joined(sa.cast(PersonRole.role, sa.Text), ","))
        .where(PersonRole.person_id == Person.id).correlate(Person).scalar_subquery()
    )
    districts = (
        sa.select(joined(PersonDistrict.district_code, ","))
        .where(PersonDistrict.person_id == Person.id).correlate(Person).scalar_subquery()
    )
    return sa.select(
        Person.id, Person.username, Person.name, Person.organisation_id, SignIn.id, SignIn.device_id, roles, districts,
    ).where(
        Person.id == SignIn.person_id, SignIn.id == sa.bindparam("sign_in", type_=sa.Uuid()),
        SignIn.revoked_at.is_(None), Person.active,
    )


_ACTOR = Prepared(_actor)


def actor_of(db: Asker, sign_in_id: uuid.UUID) -> Actor | None:
    """The person behind a sign-in as they are at this moment; None once either has ended. One statement."""
    row = _ACTOR.first(db, sign_in=sign_in_id)
    if row is None:
        return None
    person_id, username, name, organisation_id, session_id, device_id, roles, districts = row
    return Actor(
        id=person_id, username=username, name=name,
        roles=frozenset(Role(role) for role in (roles or "").split(",") if role),
        districts=frozenset(code for code in (districts or "").split(",") if code),
        organisation_id=organisation_id, session_id=session_id, device_id=device_id,
    )


def actor_now(db: Session, person_id: uuid.UUID) -> Actor | None:
    """A person as they are at this moment, without a sign-in, for work that is done later in their name; None for one
    who is disabled or gone."""
    person = db.scalar(sa.select(Person).where(Person.id == person_id, Person.active))
    if person is None:
        return None
    return Actor(
        id=person.id, username=person.username, name=person.name, roles=frozenset(one.role for one in person.roles),
        districts=frozenset(one.district_code for one in person.districts), organisation_id=person.organisation_id,
    )


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The people that the actor sees: all, for those who administer them."""
    return sa.true() if Reach.ALL in reaches(actor, "person") else sa.false()


def find_person(db: Session, actor: Actor, person_id: uuid.UUID) -> Person:
    """The person, for those who administer people; 404 to everybody else."""
    person = db.scalar(sa.select(Person).where(Person.id == person_id, visible_to(actor)))
    if person is None:
        raise not_found()
    return person


def people(
    db: Session, actor: Actor, *, q: str | None = None, role: Role | None = None, district: str | None = None,
    active: bool | None = None, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Person]:
    """The people that the actor sees, by user name."""
    query = sa.select(Person).where(visible_to(actor))
    if q and (term := text.fold(q)):
        pattern = text.like(term)
        columns = (Person.username, sa.func.lower(Person.name), Person.phone, sa.func.lower(Person.email))
        query = query.where(sa.or_(*(column.like(pattern, escape="\\") for column in columns)))
    if role is not None:
        query = query.where(Person.roles.any(PersonRole.role == role))
    if district is not None:
        query = query.where(Person.districts.any(PersonDistrict.district_code == district))
    if active is not None:
        query = query.where(Person.active.is_(active))
    return paging.page(db, query, [(Person.username, str, False)], cursor=cursor, limit=limit)


def find_device(db: Session, actor: Actor, person_id: uuid.UUID, device_id: str) -> Device:
    """A phone or browser of a person that the actor sees; 404 for one that never signed in."""
    person = find_person(db, actor, person_id)
    device = db.get(Device, (person.id, text.one_line(device_id)))
    if device is None:
        raise not_found()
    return device


def devices(db: Session, person_id: uuid.UUID) -> list[tuple[Device, bool]]:
    """A person's devices, last seen first, each with whether one of its sign-ins still stands."""
    standing = sa.exists().where(
        SignIn.person_id == Device.person_id, SignIn.device_id == Device.id, SignIn.revoked_at.is_(None)
    )
    query = (
        sa.select(Device, standing.label("signed_in"))
        .where(Device.person_id == person_id).order_by(Device.last_seen_at.desc(), Device.id)
    )
    return [(device, bool(signed_in)) for device, signed_in in db.execute(query)]


def organisations(
    db: Session, *, q: str | None = None, kind: str | None = None, cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Organisation]:
    """Firms and authorities by name; whoever works at a desk sees all of them."""
    query = sa.select(Organisation)
    if q and (term := text.fold(q)):
        pattern = text.like(term)
        query = query.where(sa.func.lower(Organisation.name).like(pattern, escape="\\"))
    if kind is not None:
        query = query.where(Organisation.kind == kind)
    return paging.page(db, query, [(Organisation.name, str, False)], cursor=cursor, limit=limit)


def names_of(db: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names under which people are shown, disabled ones included."""
    rows = db.execute(sa.select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def password_of(db: Session, username: str) -> tuple[uuid.UUID | None, str | None]:
    """The id and password hash under a user name; nothing for a name that is unknown or disabled."""
    columns = (Person.id, Person.password_hash, Person.active)
    row = db.execute(sa.select(*columns).where(Person.username == username)).first()
    if row is None:
        return None, None
    return row.id, row.password_hash if row.active else None


def myself(db: Session, actor: Actor) -> Person:
    """The actor's own row."""
    return db.get_one(Person, actor.id)


def by_username(db: Session, username: str) -> Person | None:
    return db.scalar(sa.select(Person).where(Person.username == username))


def taken_usernames(db: Session, names: Sequence[str]) -> list[str]:
    """Those of `names` that somebody has."""
    return [
        name for start in range(0, len(names), 500)
        for name in db.scalars(sa.select(Person.username).where(Person.username.in_(names[start:start + 500])))
    ]


def people_of_district(db: Session, role: Role, district_code: str) -> list[uuid.UUID]:
    """Active people with `role` whose scope holds the district."""
    query = (
        sa.select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(PersonDistrict, PersonDistrict.person_id == Person.id)
        .where(Person.active, PersonRole.role == role, PersonDistrict.district_code == district_code)
        .order_by(Person.id)
    )
    return list(db.scalars(query))


def active_with(db: Session, role: Role) -> list[uuid.UUID]:
    """Active people with `role`, wherever they work."""
    query = (
        sa.select(Person.id).join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.active, PersonRole.role == role).order_by(Person.id)
    )
    return list(db.scalars(query))


def unknown_colleagues(db: Session, actor: Actor, ids: list[uuid.UUID]) -> list[uuid.UUID]:
    """Those of `ids` that are no inspector or supervisor of a district that the actor works in."""
    if not ids:
        return []
    query = (
        sa.select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(PersonDistrict, PersonDistrict.person_id == Person.id)
        .where(
            Person.id.in_(ids), PersonRole.role.in_([Role.INSPECTOR, Role.SUPERVISOR]),
            PersonDistrict.district_code.in_(sorted(actor.districts)),
        )
    )
    known = set(db.scalars(query))
    return [one for one in ids if one not in known]


def people_of_organisation(db: Session, role: Role, organisation_id: uuid.UUID) -> list[uuid.UUID]:
    """Active people with `role` who belong to a firm."""
    query = (
        sa.select(Person.id).join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.active, PersonRole.role == role, Person.organisation_id == organisation_id).order_by(Person.id)
    )
    return list(db.scalars(query))
