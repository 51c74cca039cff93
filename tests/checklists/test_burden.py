"""What a checklist costs: questions, photos, minutes, times the sites that it is for; and what it need not ask."""

from __future__ import annotations

from typing import Any

import pytest

from server.checklists import files
from server.checklists.burden import asks_known, burden
from server.checklists.rules import Checklist, Item, ItemType, PhotoRule
from server.kit.severity import Severity
from server.programme.models import WorkItem
from server.programme.rules import KINDS, Stage, WorkType
from tests.factories import JINYUAN, YINGZE, SiteOffice


def an_item(zh: str, en: str = "Anything", kind: ItemType = ItemType.TEXT) -> Item:
    return Item(code="X-A01", zh=zh, en=en, type=kind, severity=Severity.MINOR, photo=PhotoRule.NONE, section="X-A")


@pytest.mark.parametrize(("zh", "en"), [
    ("小区名称", "Anything"), ("检查日期：", "Anything"), ("检查人", "Anything"), ("所属区", "Anything"),
    ("经纬度", "Anything"),
    ("施工单位名称", "Anything"), ("总户数", "Anything"), ("别的", "Name of the site"), ("别的", "Inspection date"),
    ("别的", "Contractor"), ("别的", "GPS coordinates"), ("别的", "number of households"),
])
def test_what_the_system_knows_need_not_be_asked(zh: str, en: str) -> None:
    (asked,) = asks_known([an_item(zh, en)])
    assert asked.known.zh
    assert asked.known.en


@pytest.mark.parametrize("item", [
    an_item("施工单位安全生产许可证有效", kind=ItemType.PASS_FAIL_NA),
    an_item("施工单位", kind=ItemType.PASS_FAIL_NA),  # a check whether there is one
    an_item("轮椅坡道纵坡", kind=ItemType.NUMBER), an_item("浇筑日期"), an_item("户数核对差异说明"),
])
def test_a_check_is_no_question_for_what_is_known(item: Item) -> None:
    assert asks_known([item]) == []


def test_the_lists_that_come_with_the_product_ask_nothing_that_is_known() -> None:
    for version in files.read_all():
        checklist = Checklist.of(version.content)
        cost = burden(checklist, 10)
        assert cost["asks_known"] == [], checklist.code
        assert cost["questions"] == sum(item.default_enabled for item in checklist.index.values())
        assert cost["hours"] == round(cost["minutes"] / 6, 1)
        assert cost["photos_always"] + cost["photos_on_fail"] <= cost["photo_max"]


def by_code(answer: Any) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {one["code"]: one for one in answer.json["items"]}


def test_sites_are_those_in_progress_with_such_work_that_the_asker_sees(office: SiteOffice) -> None:
    office.checklists()
    desk = office.person("office", "office")
    supervisor = office.person("zhao", "supervisor", districts=(JINYUAN,))
    lifted = office.site("装电梯", district=YINGZE, stage=Stage.IN_PROGRESS)
    office.site("别的", district=JINYUAN, stage=Stage.IN_PROGRESS)
    done = office.site("已完工", district=YINGZE, stage=Stage.COMPLETED)
    for site in (lifted, done):
        office.write(lambda db, site=site: db.add(WorkItem(
            site_id=site, type=WorkType.LIFT, quantity=3, unit=KINDS[WorkType.LIFT].unit, planned=3, reported=0, verified=0,
            verified_entered=0,
        )))
    costs = by_code(desk.get("/checklists/burden"))
    assert (costs["ELEV"]["sites"], costs["SAFE"]["sites"], costs["FACADE"]["sites"]) == (1, 2, 0)
    assert costs["ELEV"]["hours"] == round(costs["ELEV"]["minutes"] / 60, 1)
    assert [one["hours"] for one in desk.get("/checklists/burden").json["items"]] == sorted(
        (one["hours"] for one in costs.values()), reverse=True
    )
    costs = by_code(supervisor.get("/checklists/burden"))
    assert (costs["ELEV"]["sites"], costs["SAFE"]["sites"]) == (0, 1)
    assert office.person("li", "inspector", districts=(YINGZE,)).get("/checklists/burden").status_code == 403
