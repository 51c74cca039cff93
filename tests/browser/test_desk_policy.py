"""The office sets the programme's rules, meets somebody who was quicker, and brings in a year's days off."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK
from tests.browser.desk import row, sit_down
from tests.browser.steps import Browse
from tests.city import City
from tests.factories import YINGZE, Someone

PATH = "/programme/policy"
HEADER = "日期,结束日期,类型,名称\n"
# A year that no other test counts in.
GOOD = "2031-01-01,2031-01-03,节假日,元旦\n2031-01-04,,工作日,元旦调休\n"


@pytest.fixture
def chen(town: City) -> Iterator[Someone]:
    """Somebody of the office; what was set is given back at the end, since others count by it."""
    person = town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    yield person
    own = [path.split(".")[0] for path in person.get(PATH).json["set"]]
    assert person.patch(PATH, dict.fromkeys(own)).status_code == 200


def table(content: str) -> dict[str, Any]:
    return {"name": "节假日.csv", "mimeType": "text/csv", "buffer": (HEADER + content).encode("gb18030")}


def setting(page: Page, name: str) -> Any:
    return page.get_by_label(name, exact=True)


def test_the_office_sets_rules_and_is_told_who_was_quicker(town: City, browse: Browse, chen: Someone) -> None:
    boss = town.office.person(f"boss.{uuid.uuid4().hex[:6]}", "admin")
    page = sit_down(browse(**DESK), chen, at="/sites")
    page.get_by_role("link", name="规则设置").click()
    expect(setting(page, "一般问题")).to_have_value("7")
    expect(setting(page, "签发人")).to_have_value("")

    # What cannot be is told at once, and nothing can be saved meanwhile.
    setting(page, "一般问题").fill("400")
    expect(page.get_by_text("请填 0 至 365 的整数")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^保存"))).to_be_disabled()
    setting(page, "一般问题").fill("１０")
    setting(page, "逾期升级").fill("2，5")
    setting(page, "整改通知单字号").fill("并建督改")
    expect(page.get_by_text(re.compile(r"例：并建督改〔\d{4}〕12号"))).to_be_visible()
    page.get_by_role("button", name="保存 3 项修改").click()
    expect(page.get_by_text("已保存，立即生效。")).to_be_visible()
    now = chen.get(PATH).json
    assert (now["due_days"]["minor"], now["escalation_days"]) == (10, [2, 5])
    assert now["number_prefixes"]["rectification_notice"] == "并建督改"

    # Meanwhile the administrator sets one of the same, and another.
    setting(page, "一般问题").fill("5")
    assert boss.patch(PATH, {"due_days": {"minor": 12}, "stale_days": 14}).status_code == 200
    page.get_by_role("button", name="保存 1 项修改").click()
    told = page.get_by_role("alert").filter(has_text="别人已经修改了规则")
    expect(told.get_by_text("10天 → 12天")).to_be_visible()
    expect(told.get_by_text("这一项您也改了")).to_have_count(1)
    expect(told.get_by_text("21天 → 14天")).to_be_visible()
    expect(setting(page, "长期未查")).to_have_value("14")
    expect(setting(page, "一般问题")).to_have_value("5")
    assert chen.get(PATH).json["due_days"]["minor"] == 12

    # Leaving with it unsaved is asked about; saved again, it holds.
    page.get_by_role("link", name="小区", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    page.get_by_role("button", name="保存 1 项修改").click()
    expect(page.get_by_text("已保存，立即生效。")).to_be_visible()
    page.get_by_role("button", name="长期未查：恢复默认").click()
    expect(setting(page, "长期未查")).to_have_value("21")
    page.get_by_role("button", name="保存 1 项修改").click()
    expect(page.get_by_text("已保存，立即生效。")).to_be_visible()
    now = chen.get(PATH).json
    assert (now["due_days"]["minor"], now["stale_days"], "stale_days" in now["set"]) == (5, 21, False)

    page.get_by_text("修改记录", exact=True).click()
    expect(row(page, "长期未查").first).to_contain_text("14天")
    expect(row(page, "长期未查").first).to_contain_text("21天")
    page.goto("/desk#/audit")
    expect(row(page, "修改规则").first).to_contain_text("长期未查")


def test_days_off_come_in_once_their_errors_are_mended(browse: Browse, chen: Someone) -> None:
    chen.patch(PATH, {"due_day_kind": "working"})
    page = sit_down(browse(**DESK), chen, at="/policy")
    expect(page.get_by_text("还没有导入")).to_be_visible()
    page.goto("/desk#/policy?view=calendar&year=2031")
    expect(page.get_by_text("还没有导入 2031 年的安排")).to_be_visible()
    page.get_by_label("选择文件").set_input_files(table(GOOD + "2031-02-30,,节假日,春节\n"))
    expect(page.get_by_text("没有写入任何内容")).to_be_visible()
    expect(row(page, "须为日期")).to_contain_text("春节")
    expect(page.get_by_role("button", name="写入", exact=True)).to_have_count(0)
    page.get_by_label("选择文件").set_input_files(table(GOOD))
    expect(page.get_by_text("核对完成，尚未写入。")).to_be_visible()
    assert chen.get("/calendar?year=2031").json["days"] == []
    page.get_by_role("button", name="写入", exact=True).click()
    expect(page.get_by_text("已写入。")).to_be_visible()
    expect(page.get_by_text("放假 3 天，调休上班 1 天")).to_be_visible()
    january = page.get_by_role("table", name="一月", exact=True)
    expect(january.get_by_role("cell", name="3 休")).to_be_visible()
    expect(january.get_by_role("cell", name="4 班")).to_be_visible()
    page.get_by_role("button", name="上一年").click()
    expect(page.get_by_text("还没有导入 2030 年的安排")).to_be_visible()


def test_a_supervisor_reads_the_rules(town: City, browse: Browse, chen: Someone) -> None:
    chen.patch(PATH, {"signer": "张三"})
    supervisor = town.office.person(f"qian.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    page = sit_down(browse(**DESK), supervisor, at="/policy")
    expect(page.get_by_text("修改由专班办公室或管理员进行")).to_be_visible()
    expect(page.get_by_text("张三")).to_be_visible()
    expect(page.locator("main input[type=text], main .el-switch")).to_have_count(0)
    page.get_by_text("工作日历", exact=True).click()
    expect(page.get_by_role("table", name="一月", exact=True)).to_be_visible()
    expect(page.get_by_text("导入节假日安排")).to_have_count(0)
