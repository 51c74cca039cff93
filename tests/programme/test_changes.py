"""Entering progress, money and dates; who is assigned; handing over; noting a visit."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.kit.changes import Change
from server.programme import queries, service, visits
from server.programme.models import Assignment, Site, SiteState
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone

NOBODY = uuid.UUID(int=0)


@pytest.fixture
def li(office: SiteOffice) -> Someone:
    return office.person("li", "supervisor", districts=(YINGZE,))


def test_each_change_is_kept_with_who_and_when(office: SiteOffice, li: Someone) -> None:
    site = office.site(investment_done_fen=100_00)
    answer = li.patch(f"/sites/{site}", {"investment_done_yuan": 250.5, "stage": "completed", "ended_on": "2026-11-01"})
    assert answer.status_code == 200, answer.text
    shown = answer.json
    assert (shown["investment_done_yuan"], shown["stage"], shown["version"]) == (250.5, "completed", 2)
    kept = li.get(f"/sites/{site}/changes").json["items"]
    assert {(one["field"], one["before"], one["after"]) for one in kept} == {
        ("investment_done_yuan", 100, 250.5), ("stage", "in_progress", "completed"), ("ended_on", None, "2026-11-01"),
    }
    assert {one["by"]["id"] for one in kept} == {str(li.id)}
    assert all(one["source"] == "patch" and one["at"] for one in kept)
    (event,) = office.read(sa.select(AuditEvent).where(AuditEvent.object_id == str(site)))
    assert (event.verb, event.actor_id, event.district_code) == ("site_changed", li.id, YINGZE)
    assert event.facts["fields"] == ["ended_on", "investment_done_yuan", "stage"]
    (state,) = office.read(sa.select(SiteState).where(SiteState.site_id == site))
    assert (state.stage, state.investment_done_fen, state.by) == ("completed", 250_50, li.id)


def test_the_same_values_again_change_nothing(office: SiteOffice, li: Someone) -> None:
    site = office.site()
    body = {"households": 12, "street": "柳巷街道", "location": {"lat": 37.87, "lng": 112.56}}
    first = li.patch(f"/sites/{site}", body)
    again = li.patch(f"/sites/{site}", body)
    assert again.json == first.json
    assert li.patch(f"/sites/{site}", {}).json == first.json
    assert len(li.get(f"/sites/{site}/changes").json["items"]) == 3


@pytest.mark.parametrize("how", ["bare", "full", "polygon"])
def test_a_site_sent_back_as_it_was_shown_changes_nothing(office: SiteOffice, li: Someone, how: str) -> None:
    chen, firm = office.person("chen", "office"), office.organisation("甲公司")
    more: dict[str, object] = {} if how == "bare" else {
        "area": {"name": "新南三片区"}, "contractor": {"id": str(firm)}, "street": "柳巷街道", "households": 12,
        "location": {"lat": 37.871, "lng": 112.561, "crs": "gcj02"}, "investment_planned_yuan": 10.5,
        "planned_start_on": "2026-03-01", "work_items": [{"type": "lift", "planned": 4, "contract_price_yuan": 0.1}],
        "fence": {"polygon": [[112.55, 37.86], [112.552, 37.86], [112.552, 37.862], [112.55, 37.86]]}
        if how == "polygon" else {"radius_m": 150},
    }
    added = chen.post("/sites", {"code": "A1", "name": "小区", "district": {"code": YINGZE, "name": "迎泽区"}, **more})
    assert added.status_code == 201, added.text
    site = added.json
    visits_at = datetime(2026, 11, 20, 2, 0, 0, 5, tzinfo=UTC)
    office.write(lambda db: visits.visited(db, uuid.UUID(site["id"]), visits_at))
    shown = li.get(f"/sites/{site['id']}").json
    for someone in (li, chen):
        answer = someone.patch(f"/sites/{site['id']}", shown)
        assert answer.status_code == 200, answer.text
        assert answer.json == shown
    assert li.get(f"/sites/{site['id']}/changes").json["items"] == []
    changed = li.patch(f"/sites/{site['id']}", {**shown, "households": 99}).json
    assert {key for key in changed if changed[key] != shown[key]} == {"households", "version", "updated_at"}
    (kept,) = li.get(f"/sites/{site['id']}/changes").json["items"]
    assert kept["field"] == "households"


def test_what_nobody_may_change_is_refused_by_name_where_it_differs(office: SiteOffice, li: Someone) -> None:
    site = office.site()
    for name, other in (
        ("id", str(uuid.uuid4())), ("code", "other"), ("is_sample", True), ("last_visit_at", "2026-01-01T00:00:00Z"),
        ("updated_at", "2026-01-01T00:00:00Z"),
    ):
        answer = li.patch(f"/sites/{site}", {"households": 5, name: other})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [name]), name
    assert li.get(f"/sites/{site}/changes").json["items"] == []


def test_area_district_and_contractor_are_taken_as_the_api_gives_them(office: SiteOffice, li: Someone) -> None:
    chen, firm, other = office.person("chen", "office"), office.organisation("甲公司"), office.organisation("乙公司")
    site = office.site()
    area = chen.patch(f"/sites/{site}", {"area": {"name": "新南三片区"}}).json["area"]
    second = office.site("第二小区")
    for given in (area, {"id": area["id"]}, area["name"], {"name": area["name"]}):
        chen.patch(f"/sites/{second}", {"area": None})
        assert chen.patch(f"/sites/{second}", {"area": given}).json["area"] == area
    assert chen.patch(f"/sites/{site}", {"contractor": {"id": str(firm)}}).json["contractor"]["name"] == "甲公司"
    assert chen.patch(f"/sites/{site}", {"contractor_id": str(other)}).json["contractor"]["name"] == "乙公司"
    assert chen.patch(f"/sites/{site}", {"contractor": None}).json["contractor"] is None
    moved = chen.patch(f"/sites/{second}", {"district": {"code": JINYUAN}}).json
    assert (moved["district"]["code"], moved["area"]) == (JINYUAN, None)
    for name, wrong in (
        ("area", {"id": area["id"]}), ("area", {}), ("area", {"id": "x"}), ("area", 5), ("district", {"name": "迎泽区"}),
        ("district", None), ("contractor", {"id": str(NOBODY)}), ("contractor", {"name": "甲公司"}), ("contractor", "x"),
    ):
        answer = chen.patch(f"/sites/{second}", {name: wrong})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [name]), (name, wrong)
    both = {"contractor": {"id": str(firm)}, "contractor_id": str(other)}
    assert list(chen.patch(f"/sites/{site}", both).json["errors"]) == ["contractor"]


def test_a_stale_screen_is_refused_and_told_the_newest_version(office: SiteOffice, li: Someone) -> None:
    site = office.site()
    assert li.patch(f"/sites/{site}", {"households": 1, "version": 1}).status_code == 200
    stale = li.patch(f"/sites/{site}", {"households": 2, "version": 1})
    assert (stale.status_code, stale.json["code"], stale.json["version"]) == (409, "site-changed", 2)
    assert li.patch(f"/sites/{site}", {"households": 2, "version": 2}).json["households"] == 2


def test_changes_go_page_by_page_newest_first(office: SiteOffice, li: Someone) -> None:
    site = office.site()
    for count in range(1, 6):
        li.patch(f"/sites/{site}", {"households": count})
    seen, cursor = [], ""
    while cursor is not None:
        page = li.get(f"/sites/{site}/changes?limit=2&cursor={cursor}").json
        seen += [one["after"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [5, 4, 3, 2, 1]


def test_kinds_of_work_are_entered_one_by_one(office: SiteOffice, li: Someone) -> None:
    site = office.site()
    li.patch(f"/sites/{site}", {"work_items": [
        {"type": "lift", "planned": 4, "contract_price_yuan": 1000}, {"type": "road", "planned": 800},
    ]})
    answer = li.patch(f"/sites/{site}", {"work_items": [{"type": "lift", "reported": 2, "stage": "in_progress"}]})
    items = {one["type"]: one for one in answer.json["work_items"]}
    assert (items["lift"]["planned"], items["lift"]["reported"], items["lift"]["contract_price_yuan"]) == (4, 2, 1000)
    assert items["road"]["planned"] == 800
    newest = li.get(f"/sites/{site}/changes?limit=2").json["items"]
    assert {one["field"] for one in newest} == {"work_items.lift.reported", "work_items.lift.stage"}
    assert li.get(f"/sites/{site}").json == answer.json


def test_started_and_funded_is_carried_out_and_stays_so(office: SiteOffice, li: Someone) -> None:
    site = office.site(stage="not_started", carried_out=False)
    assert li.patch(f"/sites/{site}", {"stage": "in_progress"}).json["carried_out"] is False
    assert li.patch(f"/sites/{site}", {"investment_done_yuan": 1}).json["carried_out"] is True
    assert li.patch(f"/sites/{site}", {"stage": "suspended"}).json["carried_out"] is True
    assert li.patch(f"/sites/{site}", {"carried_out": False}).json["carried_out"] is False


def test_what_the_office_says_of_carried_out_stands_until_stage_or_money_move(office: SiteOffice, li: Someone) -> None:
    site = office.site(stage="in_progress", investment_done_fen=100_00, carried_out=True)
    li.patch(f"/sites/{site}", {"carried_out": False})
    same = {"stage": "in_progress", "investment_done_yuan": 100}
    for body in ({"households": 12}, {"street": "柳巷街道"}, same):
        assert li.patch(f"/sites/{site}", body).json["carried_out"] is False, body
    assert li.patch(f"/sites/{site}", {"investment_done_yuan": 200}).json["carried_out"] is True


def test_a_fence_may_be_a_polygon_and_be_taken_off_again(office: SiteOffice, li: Someone) -> None:
    site = office.site()
    ring = [[112.55, 37.86], [112.552, 37.86], [112.552, 37.862], [112.55, 37.86]]
    assert li.patch(f"/sites/{site}", {"fence": {"polygon": ring}}).json["fence"] == {"polygon": ring}
    moved = li.patch(f"/sites/{site}", {"fence": {"polygon": ring, "crs": "gcj02"}}).json
    assert 0.0005 < abs(moved["fence"]["polygon"][0][0] - ring[0][0]) < 0.01
    assert moved["fence"]["received"] == {"polygon": ring, "crs": "gcj02"}
    assert li.patch(f"/sites/{site}", moved | {"households": 77}).json["fence"] == moved["fence"]  # sent back as it is shown
    assert li.patch(f"/sites/{site}", {"fence": {"polygon": ring}}).json["fence"] == {"polygon": ring}
    assert li.patch(f"/sites/{site}", {"fence": None}).json["fence"] == {"radius_m": 200}
    assert li.patch(f"/sites/{site}", {"location": None}).json["location"] is None


def test_a_wrong_value_changes_nothing_at_all(office: SiteOffice, li: Someone) -> None:
    site = office.site(started_on=datetime(2026, 5, 1).date())
    before = li.get(f"/sites/{site}").json
    answer = li.patch(f"/sites/{site}", {"households": 5, "ended_on": "2026-04-01"})
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == ["ended_on"]
    assert li.patch(f"/sites/{site}", {"households": 5, "code": "other"}).status_code == 422
    assert li.get(f"/sites/{site}").json == before


def test_who_may_change_a_site(office: SiteOffice, li: Someone) -> None:
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    site, far = office.site(inspectors=(wang,)), office.site("化二建小区", district=JINYUAN)
    assert wang.patch(f"/sites/{site}", {"households": 1}).status_code == 403
    assert wang.get(f"/sites/{site}/changes").status_code == 403
    assert wang.patch(f"/sites/{far}", {"households": 1}).status_code == 404
    assert li.patch(f"/sites/{far}", {"households": 1}).status_code == 404
    assert li.get(f"/sites/{far}/changes").status_code == 404
    assert li.patch(f"/sites/{site}", {"district": JINYUAN}).status_code == 403
    chen = office.person("chen", "office")
    moved = chen.patch(f"/sites/{site}", {"district": JINYUAN})
    assert moved.json["district"]["code"] == JINYUAN
    assert li.get(f"/sites/{site}").status_code == 404


def test_inspectors_are_assigned_and_no_longer(office: SiteOffice, li: Someone) -> None:
    wang, sun = office.person("wang", "inspector"), office.person("sun", "inspector")
    site = office.site()
    assert wang.get(f"/sites/{site}").status_code == 404
    answer = li.put(f"/sites/{site}/assignments", {"person_ids": [str(wang.id), str(sun.id)]})
    assert answer.status_code == 200, answer.text
    assert [one["username"] for one in answer.json["items"]] == ["sun", "wang"]
    assert wang.get(f"/sites/{site}").status_code == 200
    li.put(f"/sites/{site}/assignments", {"person_ids": [str(sun.id)]})
    assert wang.get(f"/sites/{site}").status_code == 404
    listed = li.get(f"/sites/{site}/assignments").json["items"]
    assert [(one["username"], one["ended_at"] is None) for one in listed] == [("sun", True), ("wang", False)]
    assert wang.get(f"/sites/{site}/assignments").status_code == 404
    assert sun.get(f"/sites/{site}/assignments").status_code == 403
    told = office.read(sa.select(Change).where(Change.person_id.is_not(None)).order_by(Change.seq))
    assert [(one.kind, one.object_id, one.person_id) for one in told] == [
        *(("assigned", str(site), person) for person in sorted((wang.id, sun.id))), ("site", str(site), wang.id)
    ]
    with office.database.read() as db:  # filled before the end, sent after
        assert visits.intake_site(db, wang.id, site) == (site, "老军营小区", YINGZE, False)
        assert visits.intake_site(db, li.id, site) is None
    li.put(f"/sites/{site}/assignments", {"person_ids": [str(wang.id)]})
    assert wang.get(f"/sites/{site}").status_code == 200


def test_only_an_active_inspector_can_be_assigned(office: SiteOffice, li: Someone) -> None:
    wang = office.person("wang", "inspector")
    site = office.site(inspectors=(wang,))
    for who in (str(NOBODY), str(li.id), "x", None):
        answer = li.put(f"/sites/{site}/assignments", {"person_ids": [str(wang.id), who]})
        assert answer.status_code == 422, who
    assert [one.person_id for one in office.read(sa.select(Assignment))] == [wang.id]


def test_a_leavers_sites_are_handed_over(office: SiteOffice) -> None:
    wang, sun = office.person("wang", "inspector"), office.person("sun", "inspector")
    both, one, ended = office.site(inspectors=(wang, sun)), office.site(inspectors=(wang,)), office.site()
    past = datetime(2026, 1, 1, tzinfo=UTC)
    office.write(lambda db: db.add(Assignment(site_id=ended, person_id=wang.id, since=past, ended_at=past)))
    assert office.write(lambda db: service.hand_over(db, None, wang.id, sun.id)) == {"sites": 2}
    with office.database.read() as db:
        assert queries.assigned_sites(db, wang.id) == []
        assert queries.assigned_sites(db, sun.id) == sorted([both, one])
    assert office.write(lambda db: service.hand_over(db, None, wang.id, sun.id)) == {"sites": 0}


def test_a_leavers_sites_go_to_nobody_but_an_active_inspector(office: SiteOffice, li: Someone) -> None:
    boss, wang, sun = office.person("boss", "admin"), office.person("wang", "inspector"), office.person("sun", "inspector")
    site = office.site(inspectors=(wang,))
    boss.patch(f"/people/{sun.id}", {"active": False})
    for to in (boss, li, sun):
        refused = boss.post(f"/people/{wang.id}/handover", {"to": str(to.id)})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["to"]), to.username
    command = office.app.test_cli_runner().invoke(args=["people", "handover", "wang", "boss"])
    assert command.exit_code == 1
    assert "to: " in command.output
    assert boss.get(f"/sites/{site}/assignments").json["items"][0]["ended_at"] is None
    assert boss.post(f"/people/{sun.id}/handover", {"to": str(li.id)}).status_code == 200  # there is nothing to move


def test_the_supervisor_reads_who_was_assigned_and_no_longer(office: SiteOffice, li: Someone) -> None:
    wang, sun = office.person("wang", "inspector"), office.person("sun", "inspector")
    site = office.site()
    li.put(f"/sites/{site}/assignments", {"person_ids": [str(wang.id)]})
    office.write(lambda db: service.hand_over(db, None, wang.id, sun.id))
    lines = li.get(f"/audit?object=site:{site}").json["items"]
    assert [(one["verb"], one["facts"]["person"], one["district"]) for one in reversed(lines)] == [
        ("assigned", str(wang.id), YINGZE), ("assigned", str(sun.id), YINGZE), ("unassigned", str(wang.id), YINGZE),
    ]


def test_the_latest_visit_stays_whatever_order_reports_come_in(office: SiteOffice) -> None:
    site, day = office.site(), datetime(2026, 11, 20, 2, tzinfo=UTC)
    for at in (day, day - timedelta(days=3), day + timedelta(hours=1), day):
        office.write(lambda db, at=at: visits.visited(db, site, at))
    assert office.read(sa.select(Site.last_visit_at)) == [day + timedelta(hours=1)]
