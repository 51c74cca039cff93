"""The office's week at the desk: it is made, worded, settled between two windows, made final and taken home; it is mailed."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import uuid
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from playwright.sync_api import Locator, Page, Route, expect

from server.kit import clock
from server.programme.models import WorkItem
from server.programme.rules import KINDS, Stage, WorkType
from tests.browser.conftest import DESK
from tests.browser.desk import choose, row, send, sit_down
from tests.browser.steps import Browse
from tests.browser.test_axe import AXE, FOUND
from tests.city import City, until
from tests.factories import YINGZE, Someone
from tests.photos import jpeg

SEEDS = itertools.count(900)  # every picture another
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"

STILL = "() => document.getAnimations().every((one) => one.playState !== 'running')"


def taken(page: Page, label: str, folder: Path) -> bytes:
    with page.expect_download() as saved:
        page.get_by_role("button", name=label).click()
    path = folder / saved.value.suggested_filename
    saved.value.save_as(path)
    assert "周" in path.name, "a name that says what it is"
    return path.read_bytes()


def approved(town: City, site: str, note: str) -> tuple[Someone, Someone]:
    """An inspector whose report found an issue, and the supervisor who approved it."""
    inspector = town.office.person(f"wu.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"zheng.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    where = town.office.site(site, inspectors=(inspector,))
    report = send(inspector, where, note=note, data=jpeg(1200, 900, seed=next(SEEDS)))
    assert supervisor.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1}).status_code == 201
    return inspector, supervisor


def behind_plan(town: City, name: str) -> None:
    """A site whose time is over, with a tenth of its work done."""
    days = {"planned_start_on": date(2025, 5, 1), "planned_end_on": date(2025, 11, 1), "started_on": date(2025, 5, 1)}
    site = town.office.site(name, district=YINGZE, stage=Stage.IN_PROGRESS, **days)
    town.office.write(lambda db: db.add(WorkItem(
        site_id=site, type=WorkType.ROAD, quantity=10, unit=KINDS[WorkType.ROAD].unit, contract_price_fen=100, planned=10,
        reported=1, verified=0, verified_entered=0,
    )))


def made(office: Someone, district: str | None) -> str:
    """This week's report of a district, or of the city; its id once it is there."""
    year, week, _ = clock.now().astimezone(clock.SHANGHAI).isocalendar()
    asked = office.post("/weekly-reports", {"iso_year": year, "iso_week": week, "district": district})
    weekly = str(asked.json["id"])
    until(lambda: office.get(f"/weekly-reports/{weekly}").json["state"] == "ready", "the report is made", seconds=60)
    return weekly


def kept(office: Someone, weekly: str) -> dict[str, Any]:
    """The office's words, as the server has them."""
    words: dict[str, Any] = office.get(f"/weekly-reports/{weekly}").json["words"]
    return words


def to(page: Page, view: str) -> None:
    page.get_by_text(view, exact=True).click()


def sentence(page: Page, number: int) -> Locator:
    return page.get_by_role("textbox", name=f"要情 {number}", exact=True)


def saved(page: Page) -> None:
    """Everything that was typed is kept."""
    page.keyboard.press("Tab")
    expect(page.get_by_text(re.compile("^ ?已保存"))).to_be_visible()


def clean(page: Page) -> None:
    """Axe finds nothing serious, once nothing moves and no colour fades."""
    until(lambda: page.evaluate(STILL), "nothing moves")
    page.evaluate(AXE())
    assert page.evaluate(FOUND) == []


def test_the_weeks_report_is_made_and_its_files_open(town: City, browse: Browse, tmp_path: Path) -> None:
    _, supervisor = approved(town, "双塔小区", "焊工无证")
    chen = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    page = sit_down(browse(**DESK, accept_downloads=True), chen, at="/weekly")
    expect(page.get_by_role("heading", name="周报")).to_be_visible()
    choose(page, "范围", "迎泽区")
    page.get_by_role("button", name="生成", exact=True).click()
    made = row(page, "迎泽区")
    expect(made.get_by_text("草稿")).to_be_visible(timeout=60_000)
    made.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="主要数字")).to_be_visible()
    expect(page.get_by_role("status", name="状态")).to_contain_text("数据截至")
    expect(page.get_by_text("本周尚未结束")).to_be_visible()
    expect(row(page.get_by_role("region", name="表1 各区进展及排名"), "迎泽区")).to_be_visible()

    # A figure opens what it counts: the issue is there, under its number.
    page.get_by_role("button", name=re.compile("^迎泽区 新发现问题")).click()
    behind = page.get_by_role("dialog", name="迎泽区 · 新发现问题")
    expect(row(behind, "双塔小区").get_by_role("link").first).to_be_visible()
    clean(page)
    page.keyboard.press("Escape")
    expect(behind).to_have_count(0)

    book = zipfile.ZipFile(io.BytesIO(taken(page, "Excel 表格", tmp_path)))
    assert book.testzip() is None
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
    assert len([sheet.get("name") for sheet in sheets]) > 5
    register = taken(page, "销号台账 CSV", tmp_path).decode("utf-8-sig")
    assert any("双塔小区" in cell for line in csv.reader(io.StringIO(register)) for cell in line)
    tables = zipfile.ZipFile(io.BytesIO(taken(page, "全部文件 ZIP", tmp_path)))
    assert tables.testzip() is None
    assert len([name for name in tables.namelist() if name.endswith(".csv")]) > 5
    figures = json.loads(taken(page, "数字 JSON", tmp_path))
    assert "双塔小区" in [line["site"]["name"] for line in figures["tables"]["T7"]["rows"]]
    assert zipfile.ZipFile(io.BytesIO(taken(page, "Word 文档", tmp_path))).testzip() is None
    assert taken(page, "PDF", tmp_path).startswith(b"%PDF")

    # Whoever only reads sees it too, without the means to make or to change one.
    theirs = sit_down(browse(**DESK), supervisor, at="/weekly")
    row(theirs, "迎泽区").get_by_role("link").first.click()
    expect(theirs.get_by_role("heading", name="主要数字")).to_be_visible()
    to(theirs, "办公室文字")
    expect(theirs.get_by_role("region", name="本周要情")).to_contain_text("截至")
    expect(theirs.get_by_role("main").get_by_role("textbox")).to_have_count(0)
    expect(theirs.get_by_role("button", name="定稿")).to_have_count(0)


def test_two_windows_word_the_week_and_it_is_made_final(town: City, browse: Browse, tmp_path: Path) -> None:
    approved(town, "桃园小区", "临边无护栏")
    approved(town, "滨河小区", "电缆裸露")
    behind_plan(town, "逾期小区")
    chen = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    hao = town.office.person(f"hao.{uuid.uuid4().hex[:6]}", "office")
    weekly = made(chen, None)
    page = sit_down(browse(**DESK, accept_downloads=True), chen, at=f"/weekly/{weekly}?view=words")
    other = sit_down(browse(**DESK), hao, at=f"/weekly/{weekly}?view=words")
    expect(sentence(page, 1)).to_have_value(re.compile("^截至"))
    expect(sentence(other, 1)).to_have_value(re.compile("^截至"))

    # A sentence is changed and saved by itself, another goes, and so they stand in the other window after a reload.
    sentence(page, 1).fill("本周全市推进顺利。")
    expect(page.get_by_text(f"已保存（{chen.username.title()}")).to_be_visible()
    page.get_by_role("button", name="删除：要情 2", exact=True).click()
    saved(page)

    # The other window is stale: what it changes elsewhere goes through, what both changed is shown and settled.
    other.get_by_role("textbox", name="编发单位").fill("市专班办公室")
    sentence(other, 1).fill("郝干事的写法。")
    other.keyboard.press("Tab")
    dispute = other.get_by_role("alert").filter(has_text=f"{chen.username.title()}刚刚也改了")
    expect(dispute.get_by_role("region", name="已保存的")).to_contain_text("本周全市推进顺利。")
    expect(dispute.get_by_role("region", name="我写的")).to_contain_text("郝干事的写法。")
    clean(other)
    dispute.get_by_role("button", name="用我写的").click()
    expect(dispute).to_have_count(0)
    saved(other)
    words = kept(chen, weekly)
    assert (words["key_points"]["zh"][0], words["office"]) == ("郝干事的写法。", "市专班办公室")

    # The first window comes to know of it, and takes theirs.
    sentence(page, 1).fill("我再改一次。")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="用已保存的").click()
    expect(sentence(page, 1)).to_have_value("郝干事的写法。")
    saved(page)
    _fill_the_rest(page)
    words = kept(chen, weekly)
    assert words["residents"]["replies_satisfied"] == 286
    assert [(one["reason"], one["measure"]) for one in words["behind"]] == [("管线迁改未完成", None)]
    assert words["next_week"][0] | {"due_on": "2026-11-30"} == words["next_week"][0]
    assert [one["subject"] for one in words["red_list"]] == ["桃园小区项目部"]
    _choose_cases(page, chen, weekly)
    clean(page)
    _keep_typing_without_a_line(page, chen, weekly)
    _set_recipients(page, weekly)
    _make_final(page, weekly, tmp_path)
    other.reload()
    expect(other.get_by_role("status", name="状态")).to_contain_text("已定稿")
    expect(other.get_by_role("main").get_by_role("textbox")).to_have_count(0)


def _fill_the_rest(page: Page) -> None:
    page.get_by_label("逾期小区 原因").fill("管线迁改未完成")
    page.get_by_label("逾期小区 预计完成").fill("2026-12-20")
    page.get_by_role("button", name="增加红榜").click()
    page.get_by_role("textbox", name="红榜 1 项目或单位").fill("桃园小区项目部")
    page.keyboard.press("Tab")
    expect(page.get_by_text("每一行都要有项目或单位和事由")).to_be_visible()
    page.get_by_role("textbox", name="红榜 1 事由").fill("按期整改率 100%")
    page.get_by_label("有效问卷（份）").fill("12")
    expect(page.get_by_text("有效问卷只有 12 份，周报不显示满意度。")).to_be_visible()
    page.get_by_label("有效问卷（份）").fill("312")
    page.get_by_label("满意及以上（份）").fill("286")
    expect(page.get_by_text("满意度 91.7%")).to_be_visible()
    page.get_by_role("button", name="增加一项").click()
    page.get_by_role("textbox", name="下周工作安排 1 工作内容").fill("开展脚手架专项检查")
    page.get_by_label("下周工作安排 1 完成日期").fill("2026-11-30")
    page.get_by_label("报", exact=True).fill("市委、市政府分管领导")
    page.get_by_label("共印（份）").fill("30")
    saved(page)


def _choose_cases(page: Page, office: Someone, weekly: str) -> None:
    cases = page.get_by_role("region", name="典型案例")
    chosen = cases.get_by_role("list", name="周报中的案例").get_by_role("listitem")
    before = chosen.count()
    assert before >= 2, "the gravest are shown by themselves"
    expect(chosen.first.get_by_role("img").first).to_be_visible()
    first, second = (chosen.nth(at).get_by_role("link").first.inner_text() for at in range(2))
    cases.get_by_role("button", name=f"下移：{first}").click()
    expect(chosen.first).to_contain_text(second)
    cases.get_by_role("button", name=f"删除：{first}").click()
    expect(chosen).to_have_count(before - 1)
    saved(page)
    until(lambda: kept(office, weekly)["cases"] is not None, "the cases are kept")


def _keep_typing_without_a_line(page: Page, office: Someone, weekly: str) -> None:
    address = re.compile(rf"/api/v1/weekly-reports/{weekly}$")

    def cut(route: Route) -> None:
        route.abort() if route.request.method == "PATCH" else route.continue_()

    page.route(address, cut)
    sentence(page, 2).fill("断网时写下的话。")
    page.keyboard.press("Tab")
    expect(page.get_by_text("没有保存成功，会自动再试")).to_be_visible()
    clean(page)
    # Leaving asks first.
    page.get_by_role("link", name="全部周报").click()
    asked = page.get_by_role("dialog", name="办公室文字")
    expect(asked).to_contain_text("还有文字没有保存")
    asked.get_by_role("button", name="留在本页").click()
    expect(sentence(page, 2)).to_have_value("断网时写下的话。")
    page.unroute(address)
    until(lambda: "断网时写下的话。" in kept(office, weekly)["key_points"]["zh"], "it is saved once there is a line")
    expect(page.get_by_text(re.compile("^ ?已保存"))).to_be_visible()


def _set_recipients(page: Page, weekly: str) -> None:
    to(page, "印发")
    expect(page.get_by_text("还没有收件人")).to_be_visible()
    page.get_by_role("link", name="设置收件人").click()
    page.get_by_label("收件人 1", exact=True).fill("市住建局")
    page.get_by_label("电子邮箱 1").fill("zhujian@")
    expect(page.get_by_text("这不是有效的电子邮箱")).to_be_visible()
    expect(page.get_by_role("button", name="保存")).to_be_disabled()
    page.get_by_label("电子邮箱 1").fill("zhujian@taiyuan.example")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存", exact=True)).to_be_visible()
    clean(page)
    page.goto(f"/desk#/weekly/{weekly}?view=sending")
    expect(row(page, "zhujian@taiyuan.example").get_by_text("未发送")).to_be_visible()


def _make_final(page: Page, weekly: str, folder: Path) -> None:
    page.get_by_role("button", name="定稿", exact=True).click()
    sure = page.get_by_role("dialog")
    expect(sure).to_contain_text("本周尚未结束，现在定稿只统计到此刻")
    sure.get_by_role("button", name="定稿", exact=True).click()
    state = page.get_by_role("status", name="状态")
    expect(state).to_contain_text(re.compile("已定稿.*第 1 期（总第 1 期）"), timeout=60_000)
    expect(page.get_by_role("button", name="定稿", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="重新生成")).to_have_count(0)
    page.get_by_role("button", name="发送（1 个地址）").click()
    expect(page.get_by_text("已交付发送：1 个地址。")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^发送"))).to_have_count(0)
    clean(page)
    to(page, "数字")
    expect(row(page.get_by_role("region", name="表4 进度滞后项目"), "逾期小区")).to_contain_text("管线迁改未完成")
    to(page, "办公室文字")
    expect(page.get_by_role("region", name="滞后项目说明")).to_contain_text("逾期小区 · 管线迁改未完成 · 2026-12-20")
    expect(page.get_by_role("region", name="本周要情")).to_contain_text("断网时写下的话。")
    expect(page.get_by_role("region", name="群众诉求与满意度")).to_contain_text("满意度 91.7%")
    expect(page.get_by_role("main").get_by_role("textbox")).to_have_count(0)
    clean(page)
    assert zipfile.ZipFile(io.BytesIO(taken(page, "Word 文档", folder))).testzip() is None
    page.get_by_role("link", name="全部周报").click()
    expect(row(page, "全市").get_by_text("第 1 期（总第 1 期）")).to_be_visible()
