"""The administrator's people: invited with a code shown once, who sign in with it; their phones and they themselves cut off."""

from __future__ import annotations

import re
import uuid

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK
from tests.browser.desk import row, sit_down
from tests.browser.steps import Browse
from tests.city import City

NEW_PASSWORD = "Another-horse-8"


def code_of(page: Page) -> str:
    """The code that stands in the dialogue, which is then closed."""
    dialogue = page.get_by_role("dialog", name="一次性代码")
    code = str(dialogue.locator(".code").text_content())
    dialogue.get_by_role("button", name="关闭此对话框").click()
    expect(dialogue).to_have_count(0)
    return code


def agree(page: Page, does: str) -> None:
    page.locator(".el-message-box").get_by_role("button", name=does, exact=True).click()


def do(page: Page, username: str, does: str) -> Locator:
    found = row(page, username)
    found.get_by_role("button", name=does, exact=True).click()
    return found


def use_code(page: Page, code: str, password: str) -> None:
    page.get_by_role("button", name=re.compile("用一次性代码设置密码")).click()
    page.get_by_label("一次性代码").fill(code)
    page.get_by_label("新密码", exact=True).fill(password)
    page.get_by_label("再输一次新密码").fill(password)
    page.get_by_role("button", name="设置密码").click()


def sign_in(page: Page, username: str, password: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def test_a_supervisor_is_invited_works_and_is_cut_off(town: City, browse: Browse) -> None:
    admin = town.office.person(f"admin.{uuid.uuid4().hex[:6]}", "admin")
    name = f"su.{uuid.uuid4().hex[:6]}"
    page = sit_down(browse(**DESK), admin, at="/people")

    # What is missing is named, and nothing typed is lost.
    page.get_by_role("button", name="新增人员").click()
    dialogue = page.get_by_role("dialog", name="新增人员")
    dialogue.get_by_label("用户名").fill(name)
    dialogue.get_by_label("姓名").fill("苏审核")
    dialogue.get_by_text("审核人", exact=True).click()
    dialogue.get_by_role("button", name="保存").click()
    expect(dialogue.get_by_text("审核人至少负责一个区。")).to_be_visible()
    dialogue.get_by_text("迎泽区").click()
    dialogue.get_by_role("button", name="保存").click()
    code = code_of(page)
    expect(row(page, name)).to_contain_text("尚未设密码")
    assert code not in page.content(), "the code is shown once"

    # The supervisor sets a password with it and is at the desk; the same code does not work twice.
    hers = browse(**DESK).new_page()
    hers.goto("/desk")
    use_code(hers, "WRONG-WRONG-WRONG-WRONG", NEW_PASSWORD)
    expect(hers.get_by_role("alert")).to_contain_text("代码无效")
    hers.get_by_label("一次性代码").fill(code)
    hers.get_by_role("button", name="设置密码").click()
    expect(hers.get_by_text("密码已设置")).to_be_visible()
    sign_in(hers, name, NEW_PASSWORD)
    expect(hers.get_by_text("没有待审核的报告").or_(hers.get_by_role("list", name="待审核报告")).first).to_be_visible()

    # One of her devices is cut off: the desk there says so, and she can sign in again.
    do(page, name, "设备")
    devices = page.get_by_role("dialog", name="苏审核 的设备")
    expect(row(devices, "审核台")).to_contain_text("登录中")
    devices.get_by_role("button", name="切断").click()
    agree(page, "切断")
    expect(row(devices, "审核台")).to_contain_text("已切断")
    page.keyboard.press("Escape")
    hers.get_by_role("link", name="问题").click()
    again = hers.get_by_role("dialog", name="登录已过期")
    expect(again).to_be_visible()
    again.get_by_label("密码", exact=True).fill(NEW_PASSWORD)
    again.get_by_role("button", name="登录", exact=True).click()
    expect(hers.get_by_role("heading", name="问题")).to_be_visible()
    expect(again).to_have_count(0)

    # A reset ends the old password and gives a new code, once; disabled, she does not get in.
    do(page, name, "重置密码")
    agree(page, "重置密码")
    newer = code_of(page)
    assert newer != code
    hers.get_by_role("link", name="周报").click()
    expect(again).to_be_visible()
    do(page, name, "停用")
    agree(page, "停用")
    expect(row(page, name)).to_contain_text("已停用")
    third = browse(**DESK).new_page()
    third.goto("/desk")
    sign_in(third, name, NEW_PASSWORD)
    expect(third.get_by_role("alert")).to_contain_text("用户名或密码不对")
    do(page, name, "启用")
    expect(row(page, name)).not_to_contain_text("已停用")

    # All of it stands in the person's trail, in words.
    row(page, name).get_by_role("link", name="操作记录").click()
    for what in ("新增人员", "设定密码", "登录", "切断设备", "重置密码", "修改人员", "登录被拒"):
        expect(page.get_by_role("cell", name=what, exact=True).first).to_be_visible()


def test_people_are_found_by_name_and_role_and_changed(town: City, browse: Browse) -> None:
    admin = town.office.person(f"admin.{uuid.uuid4().hex[:6]}", "admin")
    someone = town.office.person(f"gao.{uuid.uuid4().hex[:6]}", "inspector")
    page = sit_down(browse(**DESK), admin, at=f"/people?q={someone.username}")
    expect(row(page, someone.username)).to_be_visible()
    expect(page.get_by_text("共 1 条")).to_be_visible()
    do(page, someone.username, "修改")
    dialogue = page.get_by_role("dialog", name="修改人员")
    dialogue.get_by_label("姓名").fill("高督导")
    dialogue.get_by_label("手机").fill("13900000000")
    dialogue.get_by_text("晋源区").click()
    dialogue.get_by_role("button", name="保存").click()
    expect(row(page, "高督导")).to_contain_text("晋源区")
    page.get_by_label("用户名、姓名、手机或邮箱").fill("没有这个人")
    expect(page.get_by_text("没有符合条件的人员")).to_be_visible()
    page.get_by_role("button", name="清除筛选").click()
    expect(row(page, "高督导")).to_be_visible()
    assert someone.get("/me").json["name"] == "高督导"
