"""What filling in costs: the desk sees it by checklist, and the phone keeps to the photos that a checklist takes at most."""

from __future__ import annotations

import uuid

from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.desk import row, sit_down
from tests.browser.steps import Browse, arrive, item
from tests.city import City
from tests.factories import YINGZE
from tests.photos import jpeg

GIVEN, MOST = 42, 40  # photos at once, and what this list takes


def test_the_office_sees_what_every_checklist_costs(town: City, browse: Browse) -> None:
    chen = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    page = sit_down(browse(**DESK), chen, at="/checklists")
    table = page.get_by_role("region", name="填报负担")
    known = chen.get("/checklists/burden").json["items"]  # the town's other tests may bring in lists of their own
    assert len(known) >= 12
    expect(table.locator("tbody tr")).to_have_count(len(known))
    expect(row(table, "既有住宅加装电梯检查表")).to_contain_text("66")
    table.get_by_role("button", name="既有住宅加装电梯检查表").click()
    expect(page.get_by_role("heading", name="既有住宅加装电梯检查表")).to_be_visible()
    expect(table).to_have_count(0)


def test_no_more_photos_are_taken_in_than_the_checklist_allows(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"li.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    town.office.site("照片很多小区", inspectors=(inspector,))
    page = arrive(browse(**PHONE), inspector.username)
    page.get_by_text("照片很多小区").click()
    page.get_by_role("button", name="建筑节能改造检查表").click()
    first = item(page, "ENERGY-A01")
    expect(first).to_be_visible()
    first.get_by_role("button", name="不合格").click()
    many: list[FilePayload] = [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(64, 48, seed=3000 + n)} for n in range(GIVEN)
    ]
    first.locator("input[multiple]").set_input_files(many)
    expect(first.get_by_text(f"这张检查表最多 {MOST} 张照片，有 {GIVEN - MOST} 张没有收下")).to_be_visible()
    expect(first.locator("img")).to_have_count(MOST, timeout=60_000)
