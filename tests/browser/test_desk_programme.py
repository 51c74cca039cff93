"""The office enters verified work: refused without evidence, counted with it, waiting when the report is corrected."""

from __future__ import annotations

import re
import uuid
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from server.kit import clock
from server.programme.models import Site
from tests.browser.conftest import DESK
from tests.browser.desk import choose, row, send, sit_down
from tests.browser.steps import Browse
from tests.city import City
from tests.factories import JINYUAN, report_body
from tests.photos import jpeg


def import_table(page: Page, content: str) -> None:
    table: dict[str, Any] = {"name": "台账.csv", "mimeType": "text/csv", "buffer": content.encode()}
    page.get_by_label("选择文件").set_input_files(table)


def test_verified_work_is_seen_to_rest_on_its_report(town: City, browse: Browse) -> None:
    mark = uuid.uuid4().hex[:6]
    inspector = town.office.person(f"wu.{mark}", "inspector", districts=(JINYUAN,))
    supervisor = town.office.person(f"sun.{mark}", "supervisor", districts=(JINYUAN,))
    office = town.office.person(f"he.{mark}", "office")
    code = f"JY-{mark.upper()}"
    site = town.office.site("晋祠苑", district=JINYUAN, inspectors=(inspector,), code=code, search=f"{code} 晋祠苑".lower())
    claim = f"项目编号,加装电梯计划,加装电梯完成,加装电梯核实\n{code},12,9,7\n"

    # Nothing proves it: the row and the column are named, and nothing is written.
    page = sit_down(browse(**DESK), office, at="/sites/import")
    import_table(page, claim)
    expect(row(page, code)).to_contain_text("加装电梯")
    expect(row(page, code)).to_contain_text("尚无审核通过且附照片的检查报告")
    expect(page.get_by_text("没有写入任何内容")).to_be_visible()

    # A report is approved: the same table comes in, and the matrix says what it rests on.
    report = send(inspector, site, note=None, data=jpeg(1200, 900, seed=281))
    approved = supervisor.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1})
    assert approved.status_code == 201, approved.text
    import_table(page, claim)
    page.get_by_role("button", name="写入 1 行").click()
    expect(page.get_by_text("已写入。")).to_be_visible()
    page.get_by_role("link", name="改造总览", exact=True).click()
    page.get_by_role("link", name="改造内容", exact=True).click()
    page.get_by_label("名称、编号、片区或街道").fill(code)
    cell = page.get_by_role("button", name=re.compile("晋祠苑、加装电梯：核实.*7.*上报.*9.*计划.*12.*证据 1 份"))
    cell.click()
    dialog = page.get_by_role("dialog", name="晋祠苑 · 加装电梯")
    link = dialog.get_by_role("link", name=supervisor.get(f"/reports/{report}").json["number"])
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    with page.expect_download() as given:
        page.get_by_role("button", name="导出 XLSX").click()
    assert given.value.suggested_filename == f"改造内容一览-{clock.today()}.xlsx"

    # The inspector corrects the report: the quantity is kept, and waits.
    corrected = inspector.put(f"/reports/{report}", report_body(site, revision=2, correction_reason="量错了"))
    assert corrected.status_code == 201, corrected.text
    page.reload()
    waiting = page.get_by_role("button", name=re.compile("晋祠苑、加装电梯：核实.*0.*待证据 7"))
    waiting.click()
    expect(dialog.get_by_text("已填报核实 7 台，因没有有效证据暂不计入")).to_be_visible()
    dialog.get_by_role("link", name="打开小区").click()
    expect(page.get_by_role("heading", name="晋祠苑")).to_be_visible()
    expect(row(page, "加装电梯").first).to_contain_text("待证据 7")


def test_a_site_that_nobody_visits_and_one_that_is_late(town: City, browse: Browse) -> None:
    mark = uuid.uuid4().hex[:6]
    supervisor = town.office.person(f"qian.{mark}", "supervisor", districts=(JINYUAN,))
    inspector = town.office.person(f"zhou.{mark}", "inspector", districts=(JINYUAN,))
    today = clock.today()
    name = f"久等苑{mark}"
    town.office.site(
        name, district=JINYUAN, inspectors=(inspector,), search=name, started_on=today.replace(year=today.year - 2),
        planned_start_on=today.replace(year=today.year - 2), planned_end_on=today.replace(year=today.year - 1),
    )
    page = sit_down(browse(**DESK), supervisor, at="/programme/unvisited")
    expect(page.get_by_role("heading", name="超过 21 天没有有效检查的在建小区")).to_be_visible()
    expect(row(page, name)).to_contain_text("从未检查")
    expect(row(page, name)).to_contain_text(inspector.username.title())
    choose(page, "天数", "超过 90 天")
    expect(page.get_by_role("heading", name="超过 90 天没有有效检查的在建小区")).to_be_visible()
    page.get_by_role("link", name="计划对照", exact=True).click()
    page.get_by_label("名称、编号、片区或街道").fill(name)
    expect(row(page, name)).to_contain_text("超期未完")
    expect(row(page, name)).to_contain_text("按期")
    choose(page, "延误情况", "应开未开")
    expect(page.get_by_text("没有符合条件的小区")).to_be_visible()
    # It is visited: gone from the list.
    [site] = town.office.read(sa.select(Site.id).where(Site.name == name))
    send(inspector, site, note=None, data=jpeg(1200, 900, seed=282),
         started_at=clock.now().isoformat(), finished_at=clock.now().isoformat())
    page.goto("/desk#/programme/unvisited")
    page.reload()
    expect(page.get_by_role("heading", name="超过 21 天没有有效检查的在建小区")).to_be_visible()
    expect(row(page, name)).to_have_count(0)
