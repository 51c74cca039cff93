"""What is done about issues on the phone: the contractor in a basement, the inspector on the spot, and who was faster."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Locator, Page, expect

from server.issues.models import Issue, IssuePair
from tests.browser.conftest import PHONE
from tests.browser.steps import CAMERA, Browse, answer, arrive, begin, finish, is_sent, item, photograph
from tests.city import City, until
from tests.issues.loop import FAR_AWAY, ITEM, Loop, now, taken
from tests.photos import jpeg

PICTURE = {"name": "整改后.jpg", "mimeType": "image/jpeg", "buffer": jpeg(800, 600, seed=905)}
_LATER = "async () => (await (await caches.open('dudao-later')).keys()).length > 8"
_PICTURES = """async (id) => {
  const names = (await indexedDB.databases()).map(({ name }) => name).filter((name) => /^dudao-[0-9a-f]{8}-/.test(name));
  const opened = await new Promise((done) => { const ask = indexedDB.open(names[0]); ask.onsuccess = () => done(ask.result); });
  const found = await new Promise((done) => {
    const ask = opened.transaction("pictures").objectStore("pictures").get(id); ask.onsuccess = () => done(ask.result);
  });
  opened.close();
  return Boolean(found?.thumb && found?.preview);
}"""


@pytest.fixture(scope="module")
def loop(town: City) -> Loop:
    return Loop(town.office)


def with_camera(browse: Browse) -> BrowserContext:
    context = browse(**PHONE)
    context.add_init_script(CAMERA)
    return context


def rectifying(context: BrowserContext, username: str) -> Page:
    """A phone with everything on it that it needs where there is no signal."""
    page = arrive(context, username)
    until(lambda: page.evaluate(_LATER), "the pages that come later are here")
    return page


def row_of(page: Page, loop: Loop, issue: str) -> Locator:
    return page.get_by_role("link").filter(has_text=loop.look(issue)["number"])


def open_issue(page: Page, loop: Loop, issue: str) -> None:
    row_of(page, loop, issue).click()
    expect(page.get_by_text("整改前后对照")).to_be_visible()


def verb(page: Page, name: str) -> Locator:
    return page.locator("footer").get_by_role("button", name=name, exact=True)


def state_of(town: City, issue: str) -> Any:
    [found] = town.office.read(sa.select(Issue.state).where(Issue.id == uuid.UUID(issue)))
    return found


def test_a_reply_from_a_basement_closes_the_issue(town: City, loop: Loop, browse: Browse) -> None:
    issue = loop.issued()
    before = loop.look(issue)["photos"]["before"][0]["id"]
    until(lambda: loop.jia.get(f"/photos/{before}/preview").status_code == 200, "the before-photo can be looked at")
    context = with_camera(browse)
    page = rectifying(context, "jia")

    # Only what is to be put right: no sites, no inspections, whatever address is asked for.
    expect(page.get_by_role("tab", name="整改")).to_be_visible()
    expect(page.get_by_role("tab")).to_have_count(3)
    for address in ("/#/", "/#/mine", "/#/tasks", f"/#/sites/{loop.site}"):
        page.goto(address)
        expect(page).to_have_url(re.compile("#/rectify"))
    until(lambda: page.evaluate(_PICTURES, before), "the before-photo is on the phone")

    # No signal from here on: acknowledged, and the reply begun with the earlier photo over the camera.
    context.set_offline(True)
    open_issue(page, loop, issue)
    expect(page.locator(".pairs img")).to_have_count(1)
    verb(page, "签收").click()
    page.get_by_role("dialog").get_by_role("button", name="签收").click()
    expect(page.get_by_text("签收：在发件箱中，尚未送达")).to_be_visible()
    expect(verb(page, "签收")).to_have_count(0)
    verb(page, "回复整改").click()
    page.get_by_label("整改措施").fill("已换持证焊工，并对班组交底")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("请至少拍一张整改后照片")).to_be_visible()
    page.get_by_role("button", name="拍同一位置").click()
    camera = page.get_by_role("dialog", name="拍同一位置")
    ghost = camera.get_by_role("img", name="整改前照片")
    expect(ghost).to_have_css("opacity", "0.5")
    camera.get_by_label("叠影浓淡").fill("30")
    expect(ghost).to_have_css("opacity", "0.3")
    until(lambda: page.evaluate("document.querySelector('video').videoWidth > 0"), "the camera shows something")
    camera.get_by_role("button", name="拍摄").click()
    expect(camera).to_have_count(0)
    expect(page.locator("button.thumb img")).to_have_count(1)

    # Killed and opened again: the draft is there, with its photo beside the one from before.
    page.close()
    page = context.new_page()
    page.goto("/")
    expect(row_of(page, loop, issue)).to_contain_text("待送达：签收")
    open_issue(page, loop, issue)
    verb(page, "继续填写：整改回复").click()
    expect(page.get_by_label("整改措施")).to_have_value("已换持证焊工，并对班组交底")
    expect(page.locator(".spot button.thumb img")).to_have_count(1)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page).to_have_url(re.compile("#/outbox"))
    expect(page.get_by_role("heading", name="待发送 2 份")).to_be_visible()
    assert state_of(town, issue) == "issued"

    # Upstairs: both are received, once each, and the pair is a pair.
    context.set_offline(False)
    expect(page.get_by_text("没有待发送的内容")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("回执", exact=False).first).to_be_visible()
    told = loop.look(issue)
    assert told["state"] == "pending_verification"
    assert [pair["before"] for pair in told["pairs"]] == [before]
    assert [step["verb"] for step in told["history"]].count("acknowledge") == 1
    page.get_by_role("tab", name="整改").click()
    expect(row_of(page, loop, issue)).to_contain_text("待复查")

    # The inspector on the spot: a task, its pictures side by side, passed.
    context = with_camera(browse)
    page = arrive(context, "zhao")
    expect(page.get_by_role("tab", name="待复查")).to_contain_text(re.compile(r"[1-9]"))
    page.get_by_role("tab", name="待复查").click()
    open_issue(page, loop, issue)
    expect(page.get_by_text("已换持证焊工，并对班组交底")).to_be_visible()
    expect(page.locator(".pairs img")).to_have_count(2)
    verb(page, "复查合格").click()
    page.get_by_label("意见", exact=True).fill("已到场核对证件")
    page.get_by_role("button", name="提交", exact=True).click()
    is_sent(page)
    assert state_of(town, issue) == "closed"
    page.get_by_role("tab", name="待复查").click()
    expect(page.get_by_role("heading", name="待复查").first).to_be_visible()
    expect(row_of(page, loop, issue)).to_have_count(0)


def test_what_fails_comes_back_with_why(town: City, loop: Loop, browse: Browse) -> None:
    issue = loop.replied(item="ELEV-A01")
    page = arrive(browse(**PHONE), "wang")
    page.get_by_role("tab", name="待复查").click()
    open_issue(page, loop, issue)
    verb(page, "复查不合格").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("不合格须写明意见")).to_be_visible()
    page.get_by_label("意见", exact=True).fill("证件与本人不符")
    page.locator(".spot input[capture]").first.set_input_files(PICTURE)
    expect(page.locator(".spot button.thumb img")).to_have_count(1)
    page.get_by_role("button", name="提交", exact=True).click()
    is_sent(page)
    assert state_of(town, issue) == "rejected"

    page = arrive(browse(**PHONE), "jia")
    open_issue(page, loop, issue)
    expect(page.get_by_text("复查不合格（Wang）：证件与本人不符")).to_be_visible()
    expect(page.get_by_text("第 2 轮", exact=True)).to_be_visible()
    expect(verb(page, "回复整改")).to_be_visible()


def test_who_was_slower_is_told_how_the_issue_stands_and_loses_nothing(town: City, loop: Loop, browse: Browse) -> None:
    issue = loop.issued(item="ELEV-A02")
    context = browse(**PHONE)  # no leave to use the camera: the phone's own does it
    page = rectifying(context, "jia")
    open_issue(page, loop, issue)
    context.set_offline(True)
    verb(page, "回复整改").click()
    page.get_by_label("整改措施").fill("我方已整改")
    page.get_by_role("button", name="拍同一位置").click()
    camera = page.get_by_role("dialog", name="拍同一位置")
    expect(camera.get_by_text("此处不能使用叠影", exact=False)).to_be_visible()
    camera.locator("input[capture]").set_input_files(PICTURE)
    expect(page.locator(".spot button.thumb img")).to_have_count(1)
    page.get_by_role("button", name="提交", exact=True).click()
    taken(loop.reply(issue, by=loop.yi))
    context.set_offline(False)
    expect(page.get_by_text("问题的状态已变，不再等待这项内容")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("问题现在是：待复查")).to_be_visible()
    page.get_by_role("button", name="返回修改").click()
    expect(page.get_by_text("这个问题现在是“待复查”", exact=False)).to_be_visible()
    expect(page.get_by_label("整改措施")).to_have_value("我方已整改")
    expect(page.locator(".spot button.thumb img")).to_have_count(1)
    expect(page.get_by_role("button", name="提交", exact=True)).to_be_disabled()

    # Sent back by the inspector, the same draft may go after all.
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail", "comment": "不符合"}))
    page.goto("/#/me")
    page.get_by_role("button", name="立即同步").click()
    page.get_by_role("tab", name="整改").click()
    expect(row_of(page, loop, issue)).to_contain_text("有未提交的草稿")
    open_issue(page, loop, issue)
    verb(page, "继续填写：整改回复").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("没有待发送的内容")).to_be_visible(timeout=60_000)
    assert state_of(town, issue) == "pending_verification"


def test_a_doubt_is_said_in_words_and_wants_a_reason(town: City, loop: Loop, browse: Browse) -> None:
    issue = loop.issued(item="ELEV-A03")
    taken(loop.reply(issue, location=FAR_AWAY))
    page = arrive(browse(**PHONE), "zhao")
    page.get_by_role("tab", name="待复查").click()
    open_issue(page, loop, issue)
    verb(page, "复查合格").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("照片拍摄位置距项目", exact=False)).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="说明理由并再发").click()
    expect(page.get_by_text("请填写理由")).to_be_visible()
    page.get_by_label("存疑说明").fill("照片由监理代发，已到场核实")
    page.get_by_role("button", name="说明理由并再发").click()
    is_sent(page)
    told = loop.look(issue)
    assert (told["state"], told["verifications"][-1]["reason"]) == ("closed", "照片由监理代发，已到场核实")


def test_objection_and_more_time_are_asked_for_once_each(town: City, loop: Loop, browse: Browse) -> None:
    issue = loop.issued(item="ELEV-A04")
    page = arrive(browse(**PHONE), "jia")
    open_issue(page, loop, issue)
    verb(page, "提出异议").click()
    expect(page.get_by_text("只能提出一次异议", exact=False)).to_be_visible()
    page.get_by_label("异议理由").fill("该处不在本标段")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("没有待发送的内容")).to_be_visible(timeout=60_000)
    page.get_by_role("tab", name="整改").click()
    open_issue(page, loop, issue)
    expect(verb(page, "提出异议")).to_have_count(0)
    verb(page, "申请延期").click()
    due = loop.look(issue)["due_on"]
    page.get_by_label("延至").fill(due)
    page.get_by_label("延期理由").fill("材料未到")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("须晚于现期限", exact=False).last).to_be_visible()
    page.get_by_label("延至").fill("2099-01-01")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("没有待发送的内容")).to_be_visible(timeout=60_000)
    told = loop.look(issue)
    assert told["objection"]["reason"] == "该处不在本标段"
    assert [one["due_on"] for one in told["extensions"]] == ["2099-01-01"]


def test_what_is_fixed_on_the_spot_goes_straight_to_somebody_elses_verification(town: City, loop: Loop, browse: Browse) -> None:
    site = town.office.site("立行立改小区", inspectors=(loop.wang, loop.zhao), contractor=loop.firm)
    page = arrive(with_camera(browse), "wang")
    begin(page, "立行立改小区")
    answer(page, ITEM, "不合格")
    photograph(page, ITEM, jpeg(800, 600, seed=907), then=1)
    item(page, ITEM).get_by_role("switch", name="当场已整改").click()
    page.get_by_role("button", name="完成检查").click()
    expect(page.get_by_text("当场已整改的须附整改后照片")).to_be_visible()
    item(page, ITEM).get_by_role("button", name="拍同一位置").click()
    camera = page.get_by_role("dialog", name="拍同一位置")
    expect(camera.get_by_role("img", name="整改前照片")).to_be_visible()
    until(lambda: page.evaluate("document.querySelector('video').videoWidth > 0"), "the camera shows something")
    camera.get_by_role("button", name="拍摄").click()
    expect(item(page, ITEM).locator(".after button.thumb img")).to_have_count(1)
    finish(page)
    is_sent(page)
    [report] = [one for one in loop.su.get("/reports").json["items"] if one["site"]["id"] == str(site)]
    review = loop.su.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1})
    [issue] = review.json["issues"]
    told = loop.look(issue)
    assert (told["state"], told["fixed_on_spot"]) == ("pending_verification", True)
    assert len(town.office.read(sa.select(IssuePair.after_photo_id).where(IssuePair.issue_id == uuid.UUID(issue)))) == 1
    assert "pass" not in loop.look(issue, by=loop.wang)["moves"], "not by who fixed it"
    assert "pass" in loop.look(issue, by=loop.zhao)["moves"]
    assert now() > told["created_at"]
