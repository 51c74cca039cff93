"""A list is taken home as a file: asked for from the list, waited for, downloaded, seen in the list of exports, deleted."""

from __future__ import annotations

import csv
import io
import re
import uuid
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK
from tests.browser.desk import row, send, sit_down
from tests.browser.steps import Browse
from tests.browser.test_axe import AXE, FOUND
from tests.city import City, until
from tests.factories import YINGZE
from tests.photos import jpeg

STILL = "() => document.getAnimations().every((one) => one.playState !== 'running')"


def clean(page: Page) -> None:
    """Axe finds nothing serious, once nothing moves and no colour fades."""
    until(lambda: page.evaluate(STILL), "nothing moves")
    page.evaluate(AXE())
    assert page.evaluate(FOUND) == []


def test_reports_are_taken_home_as_csv(town: City, browse: Browse, tmp_path: Path) -> None:
    inspector = town.office.person(f"wu.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"zheng.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    code = uuid.uuid4().hex[:6]
    wanted, other = f"导出小区{code}", f"别处小区{code}"
    number = send(inspector, town.office.site(wanted, inspectors=(inspector,)), data=jpeg(1200, 900, seed=951))
    send(inspector, town.office.site(other, inspectors=(inspector,)), data=jpeg(1200, 900, seed=952))

    # From the list, narrowed as it is.
    page = sit_down(browse(**DESK, accept_downloads=True), supervisor, at=f"/reports?q={wanted}")
    expect(row(page, wanted)).to_be_visible()
    page.get_by_role("link", name="导出…").click()
    expect(page.get_by_text("还没有导出")).to_be_visible()
    expect(page.get_by_label("小区名称、编号或报告编号")).to_have_value(wanted)
    page.get_by_text("CSV", exact=True).click()
    page.get_by_role("button", name="开始导出").click()
    expect(row(page, "报告")).to_have_count(1)

    # It is made also while nobody looks, and the page says by itself when it is ready.
    page.get_by_role("link", name="小区", exact=True).click()
    expect(page.get_by_role("heading", name="小区", exact=True)).to_be_visible()
    page.get_by_role("link", name="导出", exact=True).click()
    made = row(page, f"含“{wanted}”")
    expect(made.get_by_text("已生成")).to_be_visible(timeout=60_000)
    expect(made).to_contain_text("1 行")
    clean(page)
    with page.expect_download() as saved:
        made.get_by_role("button", name="下载").click()
    path = tmp_path / saved.value.suggested_filename
    saved.value.save_as(path)
    assert path.name.startswith("检查报告台账"), "a name that says what it is"
    assert path.suffix == ".csv"
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    assert len([line for line in lines if any(wanted in cell for cell in line)]) == 1
    assert not any(other in cell for line in lines for cell in line), "narrowed as the list was"

    made.get_by_role("button", name="删除").click()
    sure = page.get_by_role("dialog", name="删除")
    clean(page)
    sure.get_by_role("button", name="删除", exact=True).click()
    expect(page.get_by_text("还没有导出")).to_be_visible()
    assert supervisor.get("/exports").json["items"] == []

    # The report itself, as a paper.
    page.goto(f"/desk#/reports/{number}")
    link = page.get_by_role("link", name="Word：下载检查报告")
    expect(page.get_by_role("link", name="PDF：打开检查报告")).to_have_attribute("href", re.compile(r"\.pdf\?.*lang=zh$"))
    answer = page.request.get(str(link.get_attribute("href")))
    assert (answer.status, answer.body()[:2]) == (200, b"PK")
