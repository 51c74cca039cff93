"""The sample people of `make run`: one or two of each role, with sites to inspect; their password is never built in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts import passwords, people, service
from server.accounts.models import Organisation, Person
from server.audit import service as audit
from server.kit.actor import Role
from server.kit.db import Database
from server.programme.models import Assignment, Site
from server.programme.rules import Stage
from server.programme.service import begin

YINGZE, JINYUAN = "140106", "140110"
SITES_EACH = 6


@dataclass(frozen=True, slots=True)
class Sample:
    """Somebody who exists only here."""

    username: str
    name: str
    role: Role
    district: str | None = None
    firm: str | None = None


PEOPLE = (
    Sample("inspector.yingze", "督导员·迎泽（示例）", Role.INSPECTOR, YINGZE),
    Sample("inspector.jinyuan", "督导员·晋源（示例）", Role.INSPECTOR, JINYUAN),
    Sample("supervisor.yingze", "审核人·迎泽（示例）", Role.SUPERVISOR, YINGZE),
    Sample("supervisor.jinyuan", "审核人·晋源（示例）", Role.SUPERVISOR, JINYUAN),
    Sample("contractor.a", "施工单位·甲（示例）", Role.CONTRACTOR, firm="示例施工甲公司"),
    Sample("contractor.b", "施工单位·乙（示例）", Role.CONTRACTOR, firm="示例施工乙公司"),
    Sample("office", "专班办公室（示例）", Role.OFFICE),
    Sample("admin", "管理员（示例）", Role.ADMIN),
)
NAMES = tuple(sample.username for sample in PEOPLE)


def has_others(database: Database) -> bool:
    """Whether real people work here already: then nobody is made up among them."""
    with database.read() as db:
        others = db.scalar(sa.select(sa.func.count()).select_from(Person).where(Person.username.not_in(NAMES))) or 0
        samples = db.scalar(sa.select(sa.func.count()).select_from(Person).where(Person.username.in_(NAMES))) or 0
    return others > 0 and samples == 0


def password(conf: Config) -> str:
    """The password of all sample people: the setting, else a random one that is kept for the next start."""
    if conf.demo_password:
        return conf.demo_password
    kept = conf.data_dir / "demo-password"
    try:
        found = kept.read_text().strip()
    except FileNotFoundError:
        found = ""
    return found or keep(kept, secrets.token_urlsafe(12))


def keep(path: Path, value: str) -> str:
    """Write `value` where only this user reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(value + "\n")
    return value


def prepare(database: Database, conf: Config, wanted: str) -> None:
    """Make who is missing, give all of them the password `wanted`, and the inspectors their sites. May be repeated."""
    with database.read() as db:
        query = sa.select(Person.username, Person.password_hash).where(Person.username.in_(NAMES))
        stored = dict(db.execute(query).all())
    stale = [sample for sample in PEOPLE if not passwords.matches(stored.get(sample.username), wanted)]
    hashes = {sample.username: passwords.make(wanted) for sample in stale}  # slow, so outside the transaction

    def verb(db: Session) -> None:
        for sample in stale:
            _hire_or_change(db, conf, sample, hashes[sample.username])
        for sample in PEOPLE:
            if sample.role is Role.INSPECTOR:
                _assign(db, sample)

    database.write(verb)


def _hire_or_change(db: Session, conf: Config, sample: Sample, hashed: str) -> None:
    person = db.scalar(sa.select(Person).where(Person.username == sample.username))
    if person is not None:
        person.password_hash = hashed
        service.end_all(db, person.id, "password")
        audit.record(db, None, "password_changed", "person", person.id)
        return
    people.add(
        db, conf, None, username=sample.username, name=sample.name, roles=[sample.role],
        districts=[sample.district] if sample.district else [],
        organisation_id=_firm(db, sample.firm).id if sample.firm else None, password_hash=hashed,
    )


def _firm(db: Session, name: str) -> Organisation:
    found = db.scalar(sa.select(Organisation).where(Organisation.name == name))
    return found or people.add_organisation(db, None, name=name, kind="contractor")


def _assign(db: Session, sample: Sample) -> None:
    """SITES_EACH sites in progress with a position, unless the person has or had sites already."""
    person_id = db.scalar(sa.select(Person.id).where(Person.username == sample.username))
    if person_id is None or db.scalar(sa.select(Assignment.site_id).where(Assignment.person_id == person_id).limit(1)):
        return
    sites = db.scalars(
        sa.select(Site)
        .where(Site.district_code == sample.district, Site.stage == Stage.IN_PROGRESS, Site.lat.is_not(None))
        .order_by(Site.is_model.desc(), Site.code)
        .limit(SITES_EACH)
    ).all()
    for site in sites:
        begin(db, None, site, {person_id})
