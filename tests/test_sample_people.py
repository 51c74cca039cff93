"""The sample people of `make run`: they can sign in, have sites, and change their password with the setting."""

from __future__ import annotations

import stat
from dataclasses import replace

import pytest
import sqlalchemy as sa

from server import sample_people
from server.accounts.models import Person
from server.audit.models import AuditEvent
from server.programme.models import Assignment, Site
from server.programme.rules import Stage
from tests.factories import JINYUAN, YINGZE, SiteOffice


@pytest.fixture
def programme(office: SiteOffice) -> SiteOffice:
    for number in range(8):
        for district in (YINGZE, JINYUAN):
            office.site(f"小区{number}", district=district, stage=Stage.IN_PROGRESS if number else Stage.NOT_STARTED)
    return office


def prepare(office: SiteOffice, password: str) -> None:
    sample_people.prepare(office.database, office.app.config["DUDAO"], password)


def status(office: SiteOffice, username: str, password: str) -> int:
    body = {"username": username, "password": password}
    return office.app.test_client().post("/api/v1/auth/login", json=body).status_code


def test_all_eight_sign_in_and_inspectors_have_sites_of_their_district(programme: SiteOffice) -> None:
    prepare(programme, "first-Password-1")
    assert set(sample_people.NAMES) == {
        "inspector.yingze", "inspector.jinyuan", "supervisor.yingze", "supervisor.jinyuan",
        "contractor.a", "contractor.b", "office", "admin",
    }
    assert {status(programme, name, "first-Password-1") for name in sample_people.NAMES} == {200}
    with programme.database.read() as db:
        for name, district in (("inspector.yingze", YINGZE), ("inspector.jinyuan", JINYUAN)):
            sites = db.scalars(
                sa.select(Site).join(Assignment, Assignment.site_id == Site.id)
                .join(Person, Person.id == Assignment.person_id).where(Person.username == name)
            ).all()
            assert len(sites) >= 3
            assert {(site.district_code, site.stage, site.lat is None) for site in sites} == {
                (district, Stage.IN_PROGRESS, False)
            }


def test_their_sites_are_in_the_trail_as_any_assignment_is(programme: SiteOffice) -> None:
    prepare(programme, "first-Password-1")
    with programme.database.read() as db:
        lines = db.execute(sa.select(AuditEvent.verb, AuditEvent.district_code).where(AuditEvent.object_kind == "site"))
        assert sorted(tuple(line) for line in lines) == sorted(
            ("assigned", district) for district in (YINGZE, JINYUAN) for _ in range(sample_people.SITES_EACH)
        )


def test_the_password_that_the_setting_names_is_taken_as_it_is(programme: SiteOffice) -> None:
    prepare(programme, "12345678")
    assert status(programme, "admin", "12345678") == 200


def test_a_second_start_changes_nothing_but_a_new_password_ends_the_old(programme: SiteOffice) -> None:
    prepare(programme, "first-Password-1")
    events = sa.select(sa.func.count()).select_from(AuditEvent)
    before = programme.read(events)
    prepare(programme, "first-Password-1")
    assert programme.read(events) == before
    prepare(programme, "other-Password-2")
    assert status(programme, "office", "first-Password-1") == 401
    assert status(programme, "office", "other-Password-2") == 200


def test_nobody_is_made_up_among_real_people(programme: SiteOffice) -> None:
    assert not sample_people.has_others(programme.database)
    prepare(programme, "first-Password-1")
    assert not sample_people.has_others(programme.database)


def test_real_people_are_seen(office: SiteOffice) -> None:
    office.person("wang", "inspector", districts=(YINGZE,))
    assert sample_people.has_others(office.database)


def test_the_password_is_the_setting_or_a_random_one_that_is_kept_for_this_user_alone(programme: SiteOffice) -> None:
    conf = programme.app.config["DUDAO"]
    assert sample_people.password(replace(conf, demo_password="as-told-9")) == "as-told-9"
    made = sample_people.password(conf)
    assert len(made) >= 12
    assert sample_people.password(conf) == made
    kept = conf.data_dir / "demo-password"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
