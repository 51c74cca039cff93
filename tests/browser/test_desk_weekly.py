"""The office makes the week's report, looks at it and takes its files home; each of them opens."""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK
from tests.browser.desk import choose, row, send, sit_down
from tests.browser.steps import Browse
from tests.city import City
from tests.factories import YINGZE

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def taken(page: Page, label: str, folder: Path) -> bytes:
    with page.expect_download() as saved:
        page.get_by_role("button", name=label).click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    assert "周" in path.name, "a name that says what it is"
    return path.read_bytes()


def test_the_weeks_report_is_made_and_its_files_open(town: City, browse: Browse, tmp_path: Path) -> None:
    inspector = town.office.person(f"wu.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"zheng.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    chen = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    site = town.office.site("双塔小区", inspectors=(inspector,))
    report = send(inspector, site)
    assert supervisor.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1}).status_code == 201
    page = sit_down(browse(**DESK, accept_downloads=True), chen, at="/weekly")
    expect(page.get_by_role("heading", name="周报")).to_be_visible()
    choose(page, "范围", "迎泽区")
    page.get_by_role("button", name="生成", exact=True).click()
    made = row(page, "迎泽区")
    expect(made.get_by_text("已生成")).to_be_visible(timeout=30_000)
    made.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="本周要情")).to_be_visible()
    expect(page.get_by_text("本周尚未结束")).to_be_visible()
    expect(row(page.get_by_role("region", name="表1 各区进展及排名"), "迎泽区")).to_be_visible()

    book = zipfile.ZipFile(io.BytesIO(taken(page, "Excel 表格", tmp_path)))
    assert book.testzip() is None
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
    assert len([sheet.get("name") for sheet in sheets]) > 5
    register = taken(page, "销号台账 CSV", tmp_path).decode("utf-8-sig")
    assert any("双塔小区" in cell for line in csv.reader(io.StringIO(register)) for cell in line)
    tables = zipfile.ZipFile(io.BytesIO(taken(page, "全部表格 ZIP", tmp_path)))
    assert tables.testzip() is None
    assert len([name for name in tables.namelist() if name.endswith(".csv")]) > 5
    figures = json.loads(taken(page, "数字 JSON", tmp_path))
    assert "双塔小区" in [line["site"]["name"] for line in figures["tables"]["T7"]["rows"]]

    # Whoever only reads sees it too, without the means to make one.
    theirs = sit_down(browse(**DESK), supervisor, at="/weekly")
    expect(row(theirs, "迎泽区")).to_be_visible()
    expect(theirs.get_by_role("button", name="生成", exact=True)).to_have_count(0)
