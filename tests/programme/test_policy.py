"""The programme's policy: defaults, what the office sets, stale screens, its history, and what follows from it."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import config
from server.audit.models import AuditEvent
from server.issues.models import Issue
from server.kit import clock
from server.kit.severity import Severity
from server.programme.calendar import default_due_on, is_working_day
from server.programme.calendar_rules import DayKind, SpecialDay
from server.programme.policy import Policy, change, policy_of
from server.programme.policy_models import CalendarDay, PolicyChange, PolicyRow
from server.programme.policy_rules import DOCUMENTS, defaults, flat, paths, with_settings
from server.programme.policy_schemas import PolicyPatchIn, PolicyValuesOut
from tests.factories import YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg

PATH = "/programme/policy"


@pytest.fixture
def chen(office: SiteOffice) -> Someone:
    return office.person("chen", "office")


def test_where_nothing_is_set_the_installations_defaults_hold(
    office: SiteOffice, chen: Someone, conf: config.Config
) -> None:
    shown = chen.get(PATH).json
    assert shown["due_days"] == {"minor": 7, "major": 3, "critical": 1}
    assert (shown["due_day_kind"], shown["recurrence_days"], shown["escalation_days"]) == ("natural", 90, [1, 3, 7])
    assert (shown["follow_up_percent"], shown["follow_up_days"], shown["stale_days"]) == (10, 7, 21)
    assert (shown["residents_asked"], shown["residents_link_days"], shown["residents_keep_days"]) == (False, 14, 90)
    assert (shown["after_photo_extra_m"], shown["number_prefixes"]) == (0, dict.fromkeys(DOCUMENTS, ""))
    assert (shown["version"], shown["updated_at"], shown["updated_by"], shown["set"]) == (0, None, None, [])
    assert shown["calendar_missing_for"] == []
    assert {name: shown[name] for name in shown["defaults"]} == shown["defaults"]
    with office.database.read() as db:
        assert policy_of(db, dataclasses.replace(conf, due_days_minor=5)).due_days["minor"] == 5


def test_what_the_office_sets_holds_at_once_and_is_kept_with_who_and_when(
    office: SiteOffice, chen: Someone, conf: config.Config
) -> None:
    said = {
        "version": 0, "due_days": {"minor": 10}, "due_day_kind": "working", "escalation_days": [2, 5],
        "number_prefixes": {"rectification_notice": " 并建督改 "}, "residents_asked": True, "signer": "张 三",
    }
    changed = chen.patch(PATH, said)
    assert changed.status_code == 200, changed.text
    assert changed.json == chen.get(PATH).json
    assert changed.json["due_days"] == {"minor": 10, "major": 3, "critical": 1}
    assert changed.json["number_prefixes"]["rectification_notice"] == "并建督改"
    assert (changed.json["version"], changed.json["updated_by"]["name"]) == (1, "Chen")
    assert changed.json["set"] == [
        "due_days.minor", "due_day_kind", "escalation_days", "residents_asked", "number_prefixes.rectification_notice",
        "signer",
    ]
    with office.database.read() as db:
        policy = policy_of(db, conf)
    assert isinstance(policy, Policy)
    assert (policy.due_days[Severity.MINOR], policy.due_day_kind, policy.escalation_days) == (10, DayKind.WORKING, (2, 5))
    kept = chen.get(f"{PATH}/changes").json["items"]
    assert {(one["field"], str(one["before"]), str(one["after"])) for one in kept} == {
        ("due_days.minor", "7", "10"), ("due_day_kind", "natural", "working"),
        ("escalation_days", "[1, 3, 7]", "[2, 5]"), ("residents_asked", "False", "True"),
        ("number_prefixes.rectification_notice", "", "并建督改"), ("signer", "", "张 三"),
    }
    assert {(one["by"]["name"], one["version"]) for one in kept} == {("Chen", 1)}
    [event] = office.read(sa.select(AuditEvent).where(AuditEvent.verb == "policy_changed"))
    assert (event.actor_id, event.object_kind, event.object_id) == (chen.id, "programme", "policy")
    assert event.facts["changed"]["due_days.minor"] == [7, 10]


def test_the_same_again_makes_no_version_and_null_gives_the_default_back(office: SiteOffice, chen: Someone) -> None:
    chen.patch(PATH, {"stale_days": 14, "due_days": {"minor": 10, "major": 4}, "stop_work_on_critical": False})
    again = chen.patch(PATH, {"stale_days": 14, "recurrence_days": 90})
    assert (again.json["version"], len(office.read(sa.select(PolicyChange)))) == (1, 4)
    back = chen.patch(PATH, {"stale_days": None, "due_days": None}).json
    assert (back["stale_days"], back["due_days"]["minor"], back["version"]) == (21, 7, 2)
    assert back["set"] == ["stop_work_on_critical"]
    newest = chen.get(f"{PATH}/changes?limit=1").json
    assert (newest["items"][0]["field"], newest["items"][0]["before"], newest["items"][0]["after"]) == (
        "stale_days", 14, 21)
    assert chen.get(f"{PATH}/changes?limit=200&cursor={newest['next_cursor']}").json["next_cursor"] is None


def test_a_stale_screen_is_told_what_was_changed_meanwhile(office: SiteOffice, chen: Someone) -> None:
    boss = office.person("boss", "admin")
    chen.patch(PATH, {"version": 0, "stale_days": 14})
    boss.patch(PATH, {"version": 1, "recurrence_days": 60})
    stale = chen.patch(PATH, {"version": 0, "stale_days": 10})
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (409, "policy-changed", 2)
    assert [(one["field"], one["before"], one["after"], one["by"]) for one in stale.json["changes"]] == [
        ("recurrence_days", 90, 60, "Boss"), ("stale_days", 21, 14, "Chen"),
    ]
    assert boss.get(PATH).json["stale_days"] == 14
    assert chen.patch(PATH, {"version": 2, "stale_days": 10}).json["stale_days"] == 10


def test_of_two_at_once_one_is_told_that_the_other_was_quicker(office: SiteOffice, chen: Someone) -> None:
    others = [office.sign_in("chen", chen.id) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        said = [{"version": 0, "stale_days": days} for days in (10, 11)]
        answers = list(pool.map(lambda one: one[0].patch(PATH, one[1]), zip(others, said, strict=True)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert office.read(sa.select(PolicyRow.version)) == [1]


@pytest.mark.parametrize(("said", "field"), [
    ({"due_days": {"minor": -1}}, "due_days.minor"),
    ({"due_days": {"major": 366}}, "due_days.major"),
    ({"due_days": {"critical": "1"}}, "due_days.critical"),
    ({"due_days": {"grave": 1}}, "due_days.grave"),
    ({"due_days": 7}, "due_days._schema"),
    ({"due_day_kind": "lunar"}, "due_day_kind"),
    ({"stop_work_on_critical": "yes"}, "stop_work_on_critical"),
    ({"escalation_days": [3, 1]}, "escalation_days"),
    ({"escalation_days": [1, 1]}, "escalation_days"),
    ({"escalation_days": [1, 0]}, "escalation_days.1"),
    ({"escalation_days": [1, 2, 3, 4, 5, 6]}, "escalation_days"),
    ({"recurrence_days": 0}, "recurrence_days"),
    ({"follow_up_percent": 101}, "follow_up_percent"),
    ({"follow_up_percent": 9.5}, "follow_up_percent"),
    ({"follow_up_days": 0}, "follow_up_days"),
    ({"residents_link_days": 91}, "residents_link_days"),
    ({"residents_keep_days": 0}, "residents_keep_days"),
    ({"after_photo_extra_m": -1}, "after_photo_extra_m"),
    ({"stale_days": 0}, "stale_days"),
    ({"number_prefixes": {"rectification_notice": "并建督改〔"}}, "number_prefixes.rectification_notice"),
    ({"number_prefixes": {"stop_work_notice": "停" * 21}}, "number_prefixes.stop_work_notice"),
    ({"number_prefixes": {"love_letter": "情"}}, "number_prefixes.love_letter"),
    ({"signer": "签" * 61}, "signer"),
    ({"copies_to": 3}, "copies_to"),
    ({"dew_days": 3}, "dew_days"),
    ({"version": -1}, "version"),
])
def test_a_bad_value_is_refused_by_the_name_of_its_field(chen: Someone, said: dict[str, Any], field: str) -> None:
    refused = chen.patch(PATH, said)
    assert refused.status_code == 422, refused.text
    assert list(refused.json["errors"]) == [field]
    assert chen.get(PATH).json["version"] == 0


def test_the_screen_shows_and_the_office_may_set_every_setting() -> None:
    names = {one.name for one in dataclasses.fields(Policy)}
    assert set(PolicyValuesOut().fields) == names
    assert set(PolicyPatchIn().fields) == names | {"version"}


def test_settings_go_into_paths_and_back(conf: config.Config) -> None:
    base = defaults(conf)
    assert with_settings(base, flat(base)) == base
    assert with_settings(base, {"unknown": 1, "due_days.grave": 2}) == base
    assert paths({"due_days": {"minor": 1}, "signer": None}) == {"due_days.minor": 1, "signer": None}


def test_a_supervisor_reads_and_the_command_line_is_nobody(
    office: SiteOffice, chen: Someone, conf: config.Config
) -> None:
    supervisor = office.person("qian", "supervisor", districts=(YINGZE,))
    office.write(lambda db: change(db, conf, None, {"stale_days": 5}))
    assert supervisor.get(PATH).json["updated_by"] is None
    assert supervisor.get(f"{PATH}/changes").json["items"][0]["by"] is None
    assert supervisor.patch(PATH, {"stale_days": 6}).status_code == 403


def test_working_days_say_for_which_years_no_arrangement_is_here(office: SiteOffice) -> None:
    clock.set_source(lambda: datetime(2026, 12, 28, 4, tzinfo=UTC))
    chen = office.person("chen", "office")
    assert chen.patch(PATH, {"due_day_kind": "working"}).json["calendar_missing_for"] == [2026, 2027]
    office.write(lambda db: db.add(CalendarDay(
        day=date(2027, 1, 1), kind=SpecialDay.HOLIDAY, name="元旦", year=2027)))
    assert chen.get(PATH).json["calendar_missing_for"] == [2026]
    assert chen.patch(PATH, {"due_days": {"minor": 1}}).json["calendar_missing_for"] == [2026]
    assert chen.patch(PATH, {"due_day_kind": "natural"}).json["calendar_missing_for"] == []


def test_a_default_due_day_asks_the_calendar_only_for_working_days(
    app: Flask, office: SiteOffice, conf: config.Config
) -> None:
    office.write(lambda db: db.add_all([
        CalendarDay(day=date(2026, 10, 1), kind=SpecialDay.HOLIDAY, name="国庆节", year=2026),
        CalendarDay(day=date(2026, 10, 10), kind=SpecialDay.WORKDAY, name="国庆节调休", year=2026),
    ]))
    natural = defaults(conf)
    working = dataclasses.replace(natural, due_day_kind=DayKind.WORKING)
    with office.database.read() as db:
        assert default_due_on(db, natural, Severity.CRITICAL, date(2026, 9, 30)) == date(2026, 10, 1)
        assert default_due_on(db, working, Severity.CRITICAL, date(2026, 9, 30)) == date(2026, 10, 2)
        assert default_due_on(db, working, Severity.CRITICAL, date(2026, 10, 9)) == date(2026, 10, 10)
        assert [is_working_day(db, date(2026, 10, day)) for day in (1, 2, 3, 10)] == [False, True, False, True]


def test_an_issue_is_due_by_the_policy_of_its_day(office: SiteOffice) -> None:
    clock.set_source(lambda: datetime(2026, 11, 20, 4, tzinfo=UTC))  # a Friday
    office.checklists()
    inspector = office.person("li", "inspector")
    supervisor = office.person("qian", "supervisor", districts=(YINGZE,))
    office.person("chen", "office").patch(
        PATH, {"due_days": {"minor": 2, "major": 2, "critical": 2}, "due_day_kind": "working"})
    site = office.site(inspectors=(inspector,))
    data = jpeg(64, 48)
    photo = photo_entry(data, item="ELEV-A05")
    failed = {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]]}
    report = inspector.send(report_body(site, answers=[failed], photos=[photo]), {photo["id"]: data})
    approved = supervisor.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1})
    assert approved.status_code == 201, approved.text
    assert office.read(sa.select(Issue.due_on)) == [date(2026, 11, 24)]
