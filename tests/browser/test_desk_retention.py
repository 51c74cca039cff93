"""The office lays a legal hold on a report, sees it where it stands and in the list, and lifts it; others see nothing of it."""

from __future__ import annotations

import uuid

from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.desk import row, send, sit_down
from tests.browser.steps import Browse
from tests.city import City
from tests.factories import YINGZE
from tests.photos import jpeg


def test_a_hold_is_laid_with_a_reason_shown_and_lifted(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"lu.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    clerk = town.office.person(f"min.{uuid.uuid4().hex[:6]}", "office")
    supervisor = town.office.person(f"jin.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    site = town.office.site("保全小区", district=YINGZE, inspectors=(inspector,))
    report = send(inspector, site, note=None, data=jpeg(1200, 900, seed=978))
    number = clerk.get(f"/reports/{report}").json["number"]
    reason = f"案件 {uuid.uuid4().hex[:8]}"

    page = sit_down(browse(**DESK), clerk, at=f"/reports/{report}")
    bar = page.get_by_role("region", name="保全")
    bar.get_by_role("button", name="保全").click()
    asked = page.get_by_role("dialog", name="保全")
    asked.get_by_role("button", name="保全").click()
    expect(asked.get_by_text("请填写理由。")).to_be_visible()
    asked.get_by_role("textbox").fill(reason)
    asked.get_by_role("button", name="保全").click()
    expect(bar.get_by_text(reason)).to_be_visible()
    expect(bar.get_by_text("保全中")).to_be_visible()

    page.get_by_role("link", name="保存期限").click()
    expect(page.get_by_text("永久保存").first).to_be_visible()
    line = row(page, reason)
    expect(line).to_contain_text(number)
    line.get_by_role("button", name="解除保全").click()
    asked = page.get_by_role("dialog", name="解除保全")
    asked.get_by_role("textbox").fill("已结案")
    asked.get_by_role("button", name="解除保全").click()
    expect(row(page, reason)).to_contain_text("已结案")
    expect(row(page, reason).get_by_role("button")).to_have_count(0)

    other = sit_down(browse(**DESK), supervisor, at=f"/reports/{report}")
    expect(other.get_by_text(number).first).to_be_visible()
    expect(other.get_by_role("region", name="保全")).to_have_count(0)
    expect(other.get_by_role("link", name="保存期限")).to_have_count(0)
