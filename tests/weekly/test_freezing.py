"""The office's own words, and freezing: figures, words and number of a week stay, whoever asks and however often."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from alembic import command
from flask import Flask

import config
from server import schema
from server.audit.models import AuditEvent
from server.issues.rules import IssueState
from server.kit import clock
from server.kit.jobs import HANDLERS, Work
from server.programme.models import WorkItem
from server.programme.rules import KINDS, Stage, WorkType
from server.weekly import freezing, weeks
from server.weekly.figures import canonical, digest
from server.weekly.models import WeeklyReport
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone
from tests.weekly.conftest import LONG_AGO
from tests.weekly.made import Made, at
from tests.weekly.test_weekly_reports import work

WEEK = {"iso_year": 2026, "iso_week": 47}


@pytest.fixture
def desk(office: SiteOffice, tuesday: None) -> Someone:
    return office.person("office", "office")


@pytest.fixture
def asked(desk: Someone, app: Flask, week47: dict[str, Any]) -> str:
    """The city's report of week 47, made."""
    weekly: str = desk.post("/weekly-reports", WEEK).json["id"]
    work(app)
    return weekly


def shown(desk: Someone, weekly: str) -> dict[str, Any]:
    answer = desk.get(f"/weekly-reports/{weekly}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json
    return body


def test_key_points_are_drafted_from_the_figures_until_the_office_writes_its_own(desk: Someone, asked: str) -> None:
    drafted = shown(desk, asked)["words"]["key_points"]
    assert drafted["zh"][0].startswith("截至11月22日，六城区年度计划")
    assert any("新发现问题" in line and "整改通知单" in line for line in drafted["zh"])
    assert len(drafted["zh"]) == len(drafted["en"])

    own = desk.patch(f"/weekly-reports/{asked}", {"key_points": "一是进度加快。\n二是问题收敛。", "version": 0})
    assert own.status_code == 200, own.text
    assert own.json["words"]["key_points"]["zh"] == ["一是进度加快。", "二是问题收敛。"]
    assert own.json["words"]["key_points"]["en"] == drafted["en"]  # what it did not write stays the draft
    assert (own.json["written"], own.json["words_version"], own.json["words_by"]) == (["key_points"], 1, "Office")

    back = desk.patch(f"/weekly-reports/{asked}", {"key_points": None})
    assert back.json["words"]["key_points"] == drafted
    assert back.json["written"] == []


def test_every_word_of_the_office_is_kept(desk: Someone, asked: str, office: SiteOffice) -> None:
    site = str(office.site("管线小区"))
    words = {
        "behind": [{"site": site, "reason": "管线迁改未完成", "measure": None, "expected_on": "2026-12-20"}],
        "red_list": [{"subject": "迎泽区××片区项目部", "reason": "按期整改率100%", "basis": None}],
        "black_list": [{"subject": "小店区××宿舍施工单位", "reason": "同类重大问题2次", "basis": "140105-1、140105-2"}],
        "residents": {"hotline_received": 46, "hotline_done": 41, "hotline_in_time": 5, "replies_valid": 312,
                      "replies_satisfied": 286, "text": "群众关心𬭎路停车😀"},
        "next_week": [{"text": "逐一督办", "due_on": "2026-11-29", "responsible": "督导组"}],
        "distribution": {"report_to": "市委", "send_to": "市直有关单位", "issue_to": "六城区政府", "copies": 30},
        "office": "太原市改造专班", "cases": [str(uuid.uuid4())],
    }
    answer = desk.patch(f"/weekly-reports/{asked}", words)
    assert answer.status_code == 200, answer.text
    assert {name: answer.json["words"][name] for name in words} == words
    again = desk.patch(f"/weekly-reports/{asked}", words)  # a doubled request makes no version
    assert again.json["words_version"] == answer.json["words_version"] == 1
    part = desk.patch(f"/weekly-reports/{asked}", {"residents": {"hotline_done": 42}})
    assert part.json["words"]["residents"] == {**words["residents"], "hotline_done": 42}


@pytest.mark.parametrize(("wrong", "field"), [
    ({"key_points": 7}, "key_points"),
    ({"key_points": {"fr": ["non"]}}, "key_points"),
    ({"red_list": [{"subject": "甲"}]}, "red_list.0.reason"),
    ({"residents": {"hotline_received": 3, "hotline_done": 4}}, "residents.hotline_done"),
    ({"residents": {"replies_valid": -1}}, "residents.replies_valid"),
    ({"next_week": [{"text": "做", "due_on": "2026-02-30"}]}, "next_week.0.due_on"),
    ({"behind": [{"reason": "停工"}]}, "behind.0.site"),
    ({"behind": [{"site": str(uuid.uuid4()), "reason": "停工"}]}, "behind.0.site"),
    ({"behind": [{"site": str(uuid.uuid4()), "expected_on": "明年"}]}, "behind.0.expected_on"),
    ({"distribution": {"copies": 0}}, "distribution.copies"),
    ({"cases": ["x"]}, "cases.0"),
    ({"figures": {}}, "figures"),
])
def test_what_is_wrong_is_named(desk: Someone, asked: str, wrong: dict[str, Any], field: str) -> None:
    answer = desk.patch(f"/weekly-reports/{asked}", wrong)
    assert answer.status_code == 422
    assert field in answer.json["errors"]
    assert shown(desk, asked)["written"] == []


def test_a_stale_page_overwrites_nothing(desk: Someone, asked: str) -> None:
    desk.patch(f"/weekly-reports/{asked}", {"office": "甲办", "version": 0})
    stale = desk.patch(f"/weekly-reports/{asked}", {"office": "乙办", "version": 0})
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (409, "weekly-changed", 1)
    assert shown(desk, asked)["words"]["office"] == "甲办"


def test_a_frozen_week_stays_what_it_was(desk: Someone, asked: str, app: Flask, made: Made) -> None:
    desk.patch(f"/weekly-reports/{asked}", {"office": "太原市改造专班"})
    before = desk.get(f"/weekly-reports/{asked}/figures").json
    frozen = desk.post(f"/weekly-reports/{asked}/freeze")
    assert frozen.status_code == 200, frozen.text
    assert frozen.json["frozen_at"]
    assert frozen.json["number"] == {"year": 2026, "serial": 1, "total": 1}
    kept = {form: desk.get(f"/weekly-reports/{asked}/files/{form}?lang=zh").data for form in ("csv", "json", "xlsx")}

    site = made.site("后来的小区", (LONG_AGO, made_stage(), 0))
    made.report(site, at("11-20"))
    again = desk.post("/weekly-reports", WEEK)
    assert (again.status_code, again.json["id"], again.json["frozen_at"]) == (200, asked, frozen.json["frozen_at"])
    work(app)
    assert desk.get(f"/weekly-reports/{asked}/figures").json == before
    assert desk.post(f"/weekly-reports/{asked}/freeze").json["number"]["serial"] == 1
    refused = desk.patch(f"/weekly-reports/{asked}", {"office": "另一办"})
    assert (refused.status_code, refused.json["code"]) == (409, "weekly-frozen")
    for form, data in kept.items():
        assert desk.get(f"/weekly-reports/{asked}/files/{form}?lang=zh").data == data


def made_stage() -> Any:
    from server.programme.rules import Stage

    return Stage.IN_PROGRESS


@pytest.mark.parametrize("change", [
    "update weekly_report set words = '{}'", "update weekly_report set figures = '{}'",
    "update weekly_report set serial = serial + 1", "update weekly_report set frozen_at = null",
    "delete from weekly_report",
])
def test_the_database_itself_refuses_to_change_a_frozen_report(
    desk: Someone, asked: str, office: SiteOffice, change: str
) -> None:
    desk.post(f"/weekly-reports/{asked}/freeze")
    with pytest.raises(sa.exc.DBAPIError, match="a frozen weekly report does not change"):
        office.write(lambda db: db.execute(sa.text(change)))
    assert shown(desk, asked)["number"]["serial"] == 1


def test_a_week_frozen_before_figures_were_packed_says_the_same_after(
    desk: Someone, asked: str, app: Flask, conf: config.Config, office: SiteOffice
) -> None:
    frozen = desk.post(f"/weekly-reports/{asked}/freeze").json
    before = desk.get(f"/weekly-reports/{asked}/figures").data
    command.downgrade(schema.alembic_config(conf.database), "20261128_add_likeness")
    schema.upgrade(conf.database)
    assert desk.get(f"/weekly-reports/{asked}/figures").data == before
    assert digest(canonical(orjson.loads(before))) == frozen["figures_digest"]
    for change in (sa.update(WeeklyReport).values(figures=b""), sa.delete(WeeklyReport)):
        with pytest.raises(sa.exc.DBAPIError, match="a frozen weekly report does not change"):
            office.write(lambda db, change=change: db.execute(change))


def test_twenty_freezing_at_once_take_one_number_and_the_next_week_the_next(
    desk: Someone, asked: str, office: SiteOffice, app: Flask
) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: desk.post(f"/weekly-reports/{asked}/freeze"), range(20)))
    assert {one.status_code for one in answers} == {200}
    assert {one.json["number"]["serial"] for one in answers} == {1}
    others = [desk.post("/weekly-reports", {**WEEK, "iso_week": number}).json["id"] for number in range(30, 40)]
    with ThreadPoolExecutor(10) as pool:
        numbers = pool.map(lambda one: desk.post(f"/weekly-reports/{one}/freeze").json["number"]["serial"], others)
    assert sorted(numbers) == list(range(2, 12))
    events = office.read(sa.select(AuditEvent.facts).where(AuditEvent.verb == "weekly_report_frozen"))
    assert sorted(facts["serial"] for facts in events) == list(range(1, 12))


def test_every_scope_and_year_counts_its_own_bulletins(desk: Someone, asked: str, app: Flask) -> None:
    def number(**week: Any) -> dict[str, int]:
        one = desk.post("/weekly-reports", {**WEEK, **week}).json["id"]
        found: dict[str, int] = desk.post(f"/weekly-reports/{one}/freeze").json["number"]
        return found

    assert number(iso_year=2025, iso_week=52) == {"year": 2025, "serial": 1, "total": 1}
    assert number() == {"year": 2026, "serial": 1, "total": 2}
    assert number(district=YINGZE) == {"year": 2026, "serial": 1, "total": 1}
    assert number(iso_week=46) == {"year": 2026, "serial": 2, "total": 3}


def test_what_comes_after_an_early_freeze_is_the_next_weeks(
    desk: Someone, app: Flask, office: SiteOffice, made: Made
) -> None:
    """Frozen on its Thursday, the week ends there: nothing falls between the two reports, nothing is in both."""
    site = made.site("一号院", (LONG_AGO, made_stage(), 0))
    made.report(site, at("11-17"))
    first = made.report(site, at("11-18"))
    made.issue(site, first, at("11-18"), "11-25")
    clock.set_source(lambda: at("11-19", "09:00"))
    early = desk.post("/weekly-reports", WEEK).json["id"]
    frozen = desk.post(f"/weekly-reports/{early}/freeze").json
    assert frozen["counted_to"] == at("11-19", "09:00").isoformat()
    later = made.report(site, at("11-20"))
    made.issue(site, later, at("11-20"), "11-27", [(at("11-21"), IssueState.ISSUED)])
    made.report(site, at("11-24"))
    clock.set_source(lambda: at("12-01"))
    after = desk.post("/weekly-reports", {**WEEK, "iso_week": 48}).json["id"]
    work(app)
    this, that = (desk.get(f"/weekly-reports/{one}/figures").json for one in (early, after))
    assert (this["totals"]["visits"], that["totals"]["visits"]) == (2, 2)
    assert (this["totals"]["new_issues"], that["totals"]["new_issues"]) == (1, 1)
    assert this["stock"]["open_end"] == that["stock"]["open_start"] == 1


def test_figures_that_are_held_are_not_counted_again(
    desk: Someone, asked: str, app: Flask, office: SiteOffice, made: Made
) -> None:
    database, conf = app.extensions["dudao"].database, app.config["DUDAO"]
    assert freezing.hold(database, conf, uuid.UUID(asked)) is True
    assert freezing.hold(database, conf, uuid.UUID(asked)) is False
    digest = shown(desk, asked)["figures_digest"]
    made.report(made.site("补来的小区", (LONG_AGO, made_stage(), 0)), at("11-20"))
    desk.post("/weekly-reports", WEEK)
    work(app)
    assert shown(desk, asked)["state"] == "ready"
    assert shown(desk, asked)["figures_digest"] == digest
    desk.patch(f"/weekly-reports/{asked}", {"office": "仍可修改的办"})
    frozen = desk.post(f"/weekly-reports/{asked}/freeze").json
    assert (frozen["figures_digest"], frozen["words"]["office"]) == (digest, "仍可修改的办")


def test_the_next_bulletin_carries_on_whom_it_goes_to(desk: Someone, asked: str, app: Flask) -> None:
    sent_to = {"report_to": "市委", "send_to": None, "issue_to": "各区", "copies": 12}
    desk.patch(f"/weekly-reports/{asked}", {"distribution": sent_to, "office": "专班", "red_list": [
        {"subject": "甲", "reason": "乙"}
    ]})
    desk.post(f"/weekly-reports/{asked}/freeze")
    following = desk.post("/weekly-reports", {**WEEK, "iso_week": 48}).json["id"]
    words = shown(desk, following)["words"]
    assert (words["distribution"], words["office"], words["red_list"]) == (sent_to, "专班", [])


def test_what_is_said_of_a_site_behind_its_plan_stands_in_table_4_until_it_is_behind_no_more(
    desk: Someone, app: Flask, made: Made, office: SiteOffice
) -> None:
    late = {"planned_start_on": date(2026, 5, 1), "planned_end_on": date(2026, 11, 20), "started_on": date(2026, 5, 1)}
    site = made.site("逾期", (LONG_AGO, Stage.SUSPENDED, 0), **late)
    office.write(lambda db: db.add(WorkItem(
        site_id=site, type=WorkType.ROAD, quantity=10, unit=KINDS[WorkType.ROAD].unit, contract_price_fen=100, planned=10,
        reported=1, verified=0, verified_entered=0,
    )))
    weekly = desk.post("/weekly-reports", WEEK).json["id"]
    work(app)
    said = {"site": str(site), "reason": "管线迁改未完成", "measure": "增加班组", "expected_on": "2026-12-20"}
    other = said | {"site": str(made.site("按期", (LONG_AGO, Stage.IN_PROGRESS, 0)))}
    assert desk.patch(f"/weekly-reports/{weekly}", {"behind": [said, other]}).status_code == 200

    def table_4(of: str) -> list[dict[str, str]]:
        sheet = desk.get(f"/weekly-reports/{of}/files/zip").data
        with zipfile.ZipFile(io.BytesIO(sheet)) as packed:
            text = packed.read("表4 进度滞后项目.csv").decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    rows = table_4(weekly)
    assert [(row["小区"], row["原因"], row["赶工措施"], row["预计完成"]) for row in rows] == [
        ("逾期", "管线迁改未完成", "增加班组", "2026-12-20"),
    ]
    assert desk.post(f"/weekly-reports/{weekly}/freeze").status_code == 200
    following = desk.post("/weekly-reports", {"iso_year": 2026, "iso_week": 48}).json["id"]
    work(app)
    assert [row["原因"] for row in table_4(following)] == ["管线迁改未完成"]


def test_a_job_that_counts_comes_too_late_for_a_frozen_report(desk: Someone, asked: str, app: Flask, made: Made) -> None:
    weekly = desk.post("/weekly-reports", WEEK).json
    with app.extensions["dudao"].database.read() as db:
        job_id = db.scalar(sa.select(WeeklyReport.job_id).where(WeeklyReport.id == uuid.UUID(weekly["id"])))
    digest = desk.post(f"/weekly-reports/{asked}/freeze").json["figures_digest"]
    made.report(made.site("迟来的小区", (LONG_AGO, made_stage(), 0)), at("11-20"))
    HANDLERS["weekly-report"](Work(
        database=app.extensions["dudao"].database, app=app, job_id=job_id, payload={"weekly_id": asked},
        progress=lambda _per_cent: None,
    ))
    assert shown(desk, asked)["figures_digest"] == digest
    assert shown(desk, asked)["state"] == "ready"


def test_a_broken_stock_is_not_frozen(desk: Someone, made: Made, office: SiteOffice) -> None:
    site = made.site("一号院", (LONG_AGO, made_stage(), 0))
    issue = made.issue(site, made.report(site, at("11-17")), at("11-17"), "11-25")
    office.write(lambda db: db.execute(sa.text("delete from issue_event where issue_id = :id"), {
        "id": issue.hex if office.database.is_sqlite else issue
    }))
    weekly = desk.post("/weekly-reports", WEEK).json["id"]
    answer = desk.post(f"/weekly-reports/{weekly}/freeze")
    assert (answer.status_code, answer.json["code"], answer.json["where"]) == (409, "stock-broken", YINGZE)
    assert shown(desk, weekly)["frozen_at"] is None


def test_others_neither_word_nor_freeze(desk: Someone, asked: str, office: SiteOffice) -> None:
    own = desk.post("/weekly-reports", {**WEEK, "district": JINYUAN}).json["id"]
    supervisor = office.person("jin", "supervisor", districts=[JINYUAN])
    for weekly, status in ((asked, 404), (own, 403)):
        assert supervisor.patch(f"/weekly-reports/{weekly}", {"office": "区办"}).status_code == status
        assert supervisor.post(f"/weekly-reports/{weekly}/freeze").status_code == status


def test_the_cut_off_may_be_another_hour(app: Flask) -> None:
    from dataclasses import replace

    conf = replace(app.config["DUDAO"], week_cutoff="18:00")
    week = weeks.named(conf, 2026, 47)
    assert (week.start, week.end) == (at("11-15", "18:00"), at("11-22", "18:00"))
    assert week.previous().end == week.start


def test_an_issue_entered_by_hand_counts_and_breaks_nothing(office: SiteOffice) -> None:
    """It has an entry of its own, that of its photos, which is neither a reply nor a verification."""
    desk, supervisor = office.person("office", "office"), office.person("zhao", "supervisor", districts=[YINGZE])
    site = office.site("一号院")
    entered = supervisor.post("/issues", {
        "site_id": str(site), "description": "楼道堆放杂物", "severity": "minor", "source": "hotline",
    })
    assert entered.status_code == 201, entered.text
    iso = clock.today().isocalendar()
    weekly = desk.post("/weekly-reports", {"iso_year": iso.year, "iso_week": iso.week}).json["id"]
    assert desk.post(f"/weekly-reports/{weekly}/freeze").status_code == 200
    figures = desk.get(f"/weekly-reports/{weekly}/figures").json
    assert figures["totals"]["new_issues"] == 1
    assert [row["description"] for row in figures["tables"]["T7"]["rows"]] == ["楼道堆放杂物"]
