"""The office's table of sites comes in once its errors are mended; a site's page then shows it before and after."""

from __future__ import annotations

import re
import uuid
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from server.programme.models import Site
from tests.browser.conftest import DESK
from tests.browser.desk import row, send, sit_down
from tests.browser.steps import Browse
from tests.city import City
from tests.factories import JINYUAN
from tests.photos import jpeg

HEADER = "项目编号,小区名称,区,街道,户数,计划投资(万元),进度,计划开工日期"


def table(*rows: str, name: str = "台账.csv", encoding: str = "utf-8") -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": "\n".join((HEADER, *rows)).encode(encoding)}


def choose_table(page: Page, content: dict[str, Any]) -> None:
    page.get_by_label("选择文件").set_input_files(content)


def test_a_table_with_errors_is_mended_and_comes_in(town: City, browse: Browse) -> None:
    chen = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    code = uuid.uuid4().hex[:6].upper()
    good = f"TY-{code}-1,迎新街小区,迎泽区,迎新街道,120,31.5,在建,2026年3月1日"
    page = sit_down(browse(**DESK), chen, at="/sites")
    page.get_by_text("导入小区").click()

    choose_table(page, table(good, f"TY-{code}-2,古城小区,没有这个区,,十二,5,在建,2026/13/1", ",无编号小区,迎泽区,,,,,"))
    expect(page.get_by_text("没有写入任何内容")).to_be_visible()
    wrong = row(page, f"TY-{code}-2")
    for what in ("户数", "计划开工日期"):
        expect(wrong).to_contain_text(what)
    expect(page.get_by_text("共 3 行")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile(r"^写入 \d"))).to_have_count(0)
    expect(row(page, f"TY-{code}-1")).to_have_count(0)  # only the rows with errors at first
    page.get_by_text("只看有错的行").click()
    expect(row(page, f"TY-{code}-1")).to_be_visible()
    assert town.office.read(sa.select(Site.id).where(Site.code.like(f"TY-{code}-%"))) == []

    # Mended, and saved by an office program in GB18030.
    choose_table(page, table(good, f"TY-{code}-2,古城小区,晋源区,,12,5,在建,2026/5/1", encoding="gb18030"))
    expect(page.get_by_text("核对完成，尚未写入。")).to_be_visible()
    page.get_by_role("button", name="写入 2 行").click()
    expect(page.get_by_text("已写入。")).to_be_visible()
    assert sorted(town.office.read(sa.select(Site.name).where(Site.code.like(f"TY-{code}-%")))) == ["古城小区", "迎新街小区"]
    page.get_by_role("link", name="查看小区").click()
    page.get_by_label("名称、编号、片区或街道").fill(f"TY-{code}")
    expect(row(page, "古城小区")).to_be_visible()
    expect(page.get_by_text("共 2 条")).to_be_visible()
    row(page, "迎新街小区").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="迎新街小区")).to_be_visible()
    expect(page.get_by_text("还没有问题照片")).to_be_visible()
    expect(page.get_by_text("还不能对比")).to_be_visible()


def test_a_site_is_seen_before_and_after(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"li.{uuid.uuid4().hex[:6]}", "inspector", districts=(JINYUAN,))
    supervisor = town.office.person(f"zhao.{uuid.uuid4().hex[:6]}", "supervisor", districts=(JINYUAN,))
    site = town.office.site("金胜苑", district=JINYUAN, inspectors=(inspector,))
    first = send(inspector, site, data=jpeg(1200, 900, seed=181))
    send(inspector, site, note=None, data=jpeg(1200, 900, seed=182), started_at="2026-11-22T09:12:00+08:00",
         finished_at="2026-11-22T09:58:00+08:00")
    approved = supervisor.post(f"/reports/{first}/reviews", {"decision": "approve", "revision": 1})
    assert approved.status_code == 201, approved.text
    page = sit_down(browse(**DESK), supervisor, at=f"/sites/{site}")

    # What failed stands as it was found, and says that nothing shows it mended yet; large, with the report's facts.
    pairs = page.locator("section", has=page.get_by_role("heading", name="整改前后", exact=True))
    expect(pairs.get_by_text("焊工无证")).to_be_visible()
    expect(pairs.get_by_text("尚无对应的整改后照片")).to_be_visible()
    pairs.get_by_role("button", name="放大对比：整改前").click()
    large = page.get_by_role("dialog", name="整改前后对比")
    expect(large.get_by_text("三号楼东侧")).to_be_visible()
    page.keyboard.press("Escape")

    viewer = page.get_by_role("dialog", name="照片查看")
    # Two visits photographed the same item: the first beside the last.
    visits = page.locator("section", has=page.get_by_role("heading", name="首次与最近一次检查对比"))
    expect(visits.get_by_role("heading", name="安装单位许可及作业人员证书有效")).to_be_visible()
    expect(visits.get_by_role("img")).to_have_count(2)
    visits.get_by_role("button", name="查看照片 1").last.click()
    expect(viewer.get_by_text("最近一次 · 安装单位许可")).to_be_visible()
    page.keyboard.press("s")
    expect(viewer.get_by_text("首次检查 · 安装单位许可")).to_be_visible()
    page.keyboard.press("Escape")

    # The issue's own page, its report, and who did what to it.
    pairs.get_by_role("link").click()
    expect(page).to_have_url(re.compile("#/issues/"))
    expect(page.get_by_role("heading", name="焊工无证")).to_be_visible()
    expect(page.get_by_text("待下发").first).to_be_visible()
    page.get_by_role("link", name="操作记录", exact=True).last.click()
    expect(page.get_by_role("cell", name="立项")).to_be_visible()
    page.get_by_role("link", name="问题", exact=True).last.click()
    page.get_by_role("link", name="查看报告").click()
    expect(page.get_by_text("这份报告已是“已通过”")).to_be_visible()
    expect(page.get_by_role("button", name="通过")).to_be_disabled()
