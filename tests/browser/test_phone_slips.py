"""Slips of the hand and of the phone: "back" with a photo open, half a character, a tap for which there is no room."""

from __future__ import annotations

import json
import re
import uuid

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from server.reports.models import Report, Revision
from tests.browser.conftest import PHONE
from tests.browser.steps import Browse, answer, arrive, begin, finish, is_sent, item, photograph
from tests.browser.test_phone_traps import SMALL
from tests.city import City
from tests.factories import YINGZE, Someone

# Told to, the database refuses every write as a full phone does.
FULL = """for (const name of ["put", "add"]) {
  const plainly = IDBObjectStore.prototype[name];
  IDBObjectStore.prototype[name] = function (...given) {
    if (window.full) throw new DOMException("full", "QuotaExceededError");
    return plainly.apply(this, given);
  };
}"""
TYPE = "(box, text) => { box.value = text; box.dispatchEvent(new Event('input', { bubbles: true })); }"


@pytest.fixture
def inspector(town: City) -> Someone:
    someone = town.office.person(f"han.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    town.office.site("桃园小区", inspectors=(someone,))
    return someone


def filled(page: Page) -> None:
    begin(page, "桃园小区")
    answer(page, "ELEV-A05", "不合格")
    photograph(page, "ELEV-A05", SMALL, then=1)


def test_back_closes_what_lies_over_the_page_and_only_then_leaves_it(browse: Browse, inspector: Someone) -> None:
    page = arrive(browse(**PHONE), inspector.username)
    filled(page)
    item(page, "ELEV-A05").locator("img").click()
    page.get_by_role("button", name="删除照片").click()
    question = page.get_by_text("确定删除这张照片？")
    expect(question).to_be_visible()
    page.go_back()
    expect(question).to_be_hidden()
    page.get_by_role("button", name="标注").click()
    expect(page.get_by_role("dialog").filter(visible=True)).to_have_count(2)
    for left in (1, 0):
        page.go_back()
        expect(page.get_by_role("dialog").filter(visible=True)).to_have_count(left)
        expect(page).to_have_url(re.compile("#/fill/"))
    page.get_by_role("button", name="完成检查").click()
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_hidden()
    expect(page).to_have_url(re.compile("#/fill/"))
    page.go_back()
    expect(page).to_have_url(re.compile("#/sites/"))


def test_what_a_full_phone_does_not_keep_is_said(town: City, browse: Browse, inspector: Someone) -> None:
    context = browse(**PHONE)
    context.add_init_script(FULL)
    page = arrive(context, inspector.username)
    filled(page)
    item(page, "ELEV-A05").locator("img").click()
    page.evaluate("window.full = true")
    page.get_by_label("照片说明").fill("焊缝")
    expect(page.get_by_text("没有保存：手机存储空间不足", exact=False)).to_be_visible()
    page.go_back()
    item(page, "ELEV-A05").locator("textarea").fill("焊工无证")
    page.get_by_role("button", name="完成检查").click()
    page.get_by_role("button", name="提交", exact=True).click()
    # The sheet goes, so that what the page says of it is seen.
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_hidden()
    expect(page.get_by_role("alert").filter(has_text="保存失败")).to_be_visible()
    page.evaluate("window.full = false")
    finish(page)
    is_sent(page)
    assert len(town.office.read(sa.select(Report.id).where(Report.inspector_id == inspector.id))) == 1


def test_half_a_character_that_nobody_can_see_keeps_no_report_from_going(
    town: City, browse: Browse, inspector: Someone
) -> None:
    page = arrive(browse(**PHONE), inspector.username)
    filled(page)
    item(page, "ELEV-A05").locator("textarea").evaluate(TYPE, "😀 𬭎 \ud83d焊工")
    finish(page)
    is_sent(page)
    [content] = town.office.read(
        sa.select(Revision.content).join(Report, Report.id == Revision.report_id).where(Report.inspector_id == inspector.id)
    )
    assert json.loads(content)["answers"][0]["note"] == "😀 𬭎 \ufffd焊工"


def test_a_paste_that_is_cut_off_says_so(browse: Browse, inspector: Someone) -> None:
    page = arrive(browse(**PHONE), inspector.username)
    filled(page)
    note = item(page, "ELEV-A05").locator("textarea")
    note.focus()
    page.keyboard.insert_text("字" * 5000)
    expect(note).to_have_value("字" * 4000)
    expect(page.get_by_text("已到 4000 字上限", exact=False)).to_be_visible()
