"""Selects over people and sign-ins."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person, PersonDistrict, PersonRole, SignIn
from server.errors import not_found
from server.kit.actor import Actor, Role

_ROLES = (
    sa.select(sa.func.aggregate_strings(sa.cast(PersonRole.role, sa.Text), ","))
    .where(PersonRole.person_id == Person.id).correlate(Person).scalar_subquery()
)
_DISTRICTS = (
    sa.select(sa.func.aggregate_strings(PersonDistrict.district_code, ","))
    .where(PersonDistrict.person_id == Person.id).correlate(Person).scalar_subquery()
)
_ACTOR = sa.select(
    Person.id, Person.username, Person.name, Person.organisation_id, SignIn.id, SignIn.device_id,
    _ROLES.label("roles"), _DISTRICTS.label("districts"),
).where(Person.id == SignIn.person_id, SignIn.id == sa.bindparam("sign_in"), SignIn.revoked_at.is_(None), Person.active)


def actor_of(db: Session, sign_in_id: uuid.UUID) -> Actor | None:
    """The person behind a sign-in as they are at this moment; None once either has ended. One statement."""
    row = db.execute(_ACTOR, {"sign_in": sign_in_id}).first()
    if row is None:
        return None
    person_id, username, name, organisation_id, session_id, device_id, roles, districts = row
    return Actor(
        id=person_id, username=username, name=name,
        roles=frozenset(Role(role) for role in (roles or "").split(",") if role),
        districts=frozenset(code for code in (districts or "").split(",") if code),
        organisation_id=organisation_id, session_id=session_id, device_id=device_id,
    )


def find_person(db: Session, actor: Actor, person_id: uuid.UUID) -> Person:
    """The person, for those who administer people; 404 to everybody else."""
    person = db.get(Person, person_id) if actor.has(Role.ADMIN) else None
    if person is None:
        raise not_found()
    return person


def password_of(db: Session, username: str) -> tuple[uuid.UUID | None, str | None]:
    """The id and password hash under a user name; nothing for a name that is unknown or disabled."""
    row = db.execute(sa.select(Person.id, Person.password_hash, Person.active).where(Person.username == username)).first()
    if row is None:
        return None, None
    return row.id, row.password_hash if row.active else None


def by_username(db: Session, username: str) -> Person | None:
    return db.scalar(sa.select(Person).where(Person.username == username))


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
