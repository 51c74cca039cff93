"""A report that was drawn is looked at a second time at the desk, by another supervisor than the one who approved it."""

from __future__ import annotations

import uuid

from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.desk import row, send, sit_down
from tests.browser.steps import Browse
from tests.city import City
from tests.evidence.sampling.drawn import second_look
from tests.factories import YINGZE
from tests.photos import jpeg


def test_another_supervisor_takes_the_second_look(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"wu.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    approver = town.office.person(f"zheng.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    second = town.office.person(f"feng.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    site = town.office.site("复核小区", district=YINGZE, inspectors=(inspector,))
    report = send(inspector, site, note=None, data=jpeg(1200, 900, seed=977))
    assert approver.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1}).status_code == 201
    second_look(town.office, uuid.UUID(report))

    own = sit_down(browse(**DESK), approver, at="/second-looks")
    expect(row(own, "复核小区")).to_contain_text("待复核")
    expect(row(own, "复核小区").get_by_role("button")).to_have_count(0)

    page = sit_down(browse(**DESK), second, at="/sites")
    page.get_by_role("link", name="抽查复核").click()
    page.get_by_text("抽取规则 · 2026-W40").click()
    expect(page.get_by_text("按-ln(u)÷权重由小到大取")).to_be_visible()
    row(page, "复核小区").get_by_role("button", name="填写结论").click()
    asked = page.get_by_role("dialog", name="填写结论")
    asked.get_by_text("不认可", exact=True).click()
    asked.get_by_role("button", name="提交").click()
    expect(asked.get_by_role("alert")).to_contain_text("请写明不认可的理由")
    asked.get_by_label("意见").fill("照片不是这台电梯")
    asked.get_by_role("button", name="提交").click()
    expect(asked).to_have_count(0)
    expect(row(page, "复核小区")).to_contain_text("照片不是这台电梯")
    page.get_by_text("只看待复核").click()
    expect(page.get_by_text("复核小区")).to_have_count(0)
