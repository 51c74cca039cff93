"""The loop at the desk: a notice for two issues, verdicts, doubts, time granted, an objection, a screen that is stale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from server.kit import clock
from tests.browser.conftest import DESK
from tests.browser.desk import row, sit_down
from tests.browser.loop import OwnLoop
from tests.browser.steps import Browse
from tests.city import City, until
from tests.issues.loop import FAR_AWAY, now, taken
from tests.photos import jpeg
from tests.residents.word import send, turn_on

CRITICAL = "ELEV-A04"
PDF, ZIP = b"%PDF-", b"PK\x03\x04"  # what these files begin with; Word and Excel files are archives


@pytest.fixture
def loop(town: City) -> OwnLoop:
    return OwnLoop(town.office)


@pytest.fixture
def asked(town: City) -> Iterator[None]:
    """The programme asks its residents."""
    turn_on(town.office)
    yield
    turn_on(town.office, residents_asked=None)


def download(page: Page, button: Locator) -> tuple[str, bytes]:
    """The name under which the browser keeps what this button fetches, and how it begins."""
    with page.expect_download() as coming:
        button.click()
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()[:5]


def dialog(page: Page, name: str) -> Locator:
    return page.get_by_role("dialog", name=name)


def told(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


def has_state(loop: OwnLoop, issue: str, state: str) -> None:
    until(lambda: loop.look(issue)["state"] == state, lambda: f"{state}: {loop.look(issue)['state']}")


def begin(page: Page, action: str) -> Locator:
    """The dialog of what is done with the issue that is open."""
    page.get_by_role("region", name="处理").get_by_role("button", name=action, exact=True).click()
    return dialog(page, action)


def test_one_notice_for_two_issues_of_a_site(loop: OwnLoop, browse: Browse) -> None:
    first, second = loop.opened(), loop.opened(CRITICAL, severity="critical")
    elsewhere = loop.opened(site=loop.found("二"))
    numbers = {one: loop.look(one)["number"] for one in (first, second, elsewhere)}
    page = sit_down(browse(**DESK), loop.su, at=f"/issues?q={loop.tag}")
    page.get_by_role("radio", name="待下发").check(force=True)
    expect(page.get_by_text("共 3 条")).to_be_visible()
    page.get_by_role("button", name="多选", exact=True).click()
    for one in (first, elsewhere):
        page.get_by_role("checkbox", name=f"选择 {numbers[one]}").press("Space")
    expect(page.get_by_text("不在同一小区")).to_be_visible()
    expect(page.get_by_role("button", name="下发整改通知")).to_be_disabled()
    page.get_by_role("checkbox", name=f"选择 {numbers[elsewhere]}").press("Space")
    page.get_by_role("checkbox", name=f"选择 {numbers[second]}").press("Space")
    page.get_by_role("button", name="下发整改通知").click()
    asks = dialog(page, "下发整改通知单")
    expect(asks).to_contain_text(f"施工{loop.tag}公司")
    expect(asks).to_contain_text("同时下发停工通知单")
    asks.get_by_role("button", name="下发", exact=True).click()
    told(page, re.compile(r"已下发整改通知单 \S*〔\d{4}〕\d+号，共 2 个问题。同时下发停工通知单"))
    assert [loop.look(one)["state"] for one in (first, second, elsewhere)] == ["issued", "issued", "pending_issue"]
    expect(page.get_by_text("共 1 条")).to_be_visible()  # what is left to be issued

    page.goto(f"/desk#/issues/{second}")
    expect(page.get_by_text("停工通知单")).to_be_visible()
    expect(page.get_by_text("已下发停工通知")).to_be_visible()
    assert {one["kind"] for one in loop.look(second)["documents"]} == {"rectification_notice", "stop_work_notice"}


def test_what_is_in_doubt_is_closed_with_a_reason_and_a_stale_screen_says_so(loop: OwnLoop, browse: Browse) -> None:
    issue = loop.issued()
    taken(loop.reply(issue, captured_at=now(minutes=-180), location=FAR_AWAY))
    page, other = (sit_down(browse(**DESK), one, at=f"/issues/{issue}") for one in (loop.su, loop.sun))
    expect(other.get_by_role("button", name="复查不合格")).to_be_visible()

    asks = begin(page, "复查合格")
    asks.get_by_role("button", name="复查合格").click()
    expect(asks).to_contain_text("整改后照片 1：拍摄时间比通知下发早 3 小时")
    expect(asks).to_contain_text("超出允许的")
    asks.get_by_role("button", name="复查合格").click()
    expect(asks).to_contain_text("请填写：仍予销号的理由")
    asks.get_by_label("仍予销号的理由").fill("已到现场核实，照片为加工场补拍")
    asks.get_by_role("button", name="复查合格").click()
    told(page, "已复查合格，问题销号。")
    has_state(loop, issue, "closed")
    expect(page.get_by_text("已到现场核实，照片为加工场补拍").first).to_be_visible()

    # The other supervisor's screen still shows the issue as it was.
    late = begin(other, "复查不合格")
    late.get_by_label("意见").fill("焊缝仍有夹渣")
    late.get_by_role("button", name="复查不合格").click()
    moved_on = rf"问题已有新的进展：Su\.{loop.tag}于 .* 复查合格，销号，现在是“已销号”"
    expect(late).to_contain_text(re.compile(moved_on, re.IGNORECASE))
    expect(late.get_by_label("意见")).to_have_value("焊缝仍有夹渣")
    expect(late.get_by_role("button", name="复查不合格")).to_be_disabled()
    late.get_by_role("button", name="取消").click()
    expect(other.get_by_role("button", name="重新打开")).to_be_visible()


def test_what_is_not_put_right_goes_back(loop: OwnLoop, browse: Browse) -> None:
    issue = loop.replied()
    page = sit_down(browse(**DESK), loop.su, at="/issues?move=pass")
    row(page, loop.look(issue)["number"]).get_by_role("link").first.click()
    expect(page.get_by_text("已换持证焊工，并对班组交底")).to_be_visible()

    page.get_by_role("button", name=re.compile("放大对比：整改后")).click()
    viewer = dialog(page, "整改前后对比")
    expect(viewer.locator("img")).to_have_count(2)
    page.keyboard.press("s")
    expect(viewer.get_by_role("slider")).to_be_visible()
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)

    asks = begin(page, "复查不合格")
    asks.get_by_role("button", name="复查不合格").click()
    expect(asks).to_contain_text("请填写：意见")
    asks.get_by_label("意见").fill("上岗证已过期")
    asks.get_by_role("button", name="取消").click()
    asks = begin(page, "复查不合格")
    expect(asks.get_by_label("意见")).to_have_value("上岗证已过期")  # closing lost nothing
    asks.get_by_label("意见").press("Control+Enter")
    told(page, "已退回整改。")
    has_state(loop, issue, "rejected")
    assert loop.look(issue)["round"] == 2
    expect(page.get_by_text("第 2 轮").first).to_be_visible()
    expect(page.get_by_text("复查不合格，退回")).to_be_visible()


def test_time_is_granted_and_an_objection_leads_to_a_correction(loop: OwnLoop, browse: Browse) -> None:
    issue = loop.issued()
    asked = (clock.today() + timedelta(days=40)).isoformat()
    taken(loop.jia.post(f"/issues/{issue}/extensions", {"reason": "材料未到", "due_on": asked}))
    first_due = loop.look(issue)["due_on"]
    page = sit_down(browse(**DESK), loop.su, at=f"/issues?move=settle_extension&q={loop.tag}")
    row(page, loop.look(issue)["number"]).get_by_role("link").first.click()
    asks = begin(page, "处理延期申请")
    expect(asks).to_contain_text("材料未到")
    expect(asks.get_by_role("textbox", name="同意延至")).to_have_value(asked)
    asks.get_by_text("同意延期").click()
    asks.get_by_role("button", name="处理延期申请").click()
    told(page, "延期申请已处理。")
    assert (loop.look(issue)["due_on"], loop.look(issue)["first_due_on"]) == (asked, first_due)

    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "等级应为一般"}))
    page.reload()
    asks = begin(page, "处理异议")
    expect(asks).to_contain_text("等级应为一般")
    asks.get_by_text("退回更正").click()
    asks.get_by_label("意见").fill("等级改为一般")
    asks.get_by_role("button", name="处理异议").click()
    told(page, "异议已处理。")
    has_state(loop, issue, "pending_issue")

    asks = begin(page, "更正")
    asks.get_by_text("一般", exact=True).click()
    asks.get_by_role("button", name="更正").click()
    told(page, "已更正。")
    assert loop.look(issue)["severity"] == "minor"
    asks = dialog(page, "下发整改通知单")
    page.get_by_role("button", name="下发整改通知").click()
    asks.get_by_role("button", name="下发", exact=True).click()
    told(page, "已下发整改通知单")
    has_state(loop, issue, "issued")


def test_a_call_to_the_hotline_is_entered_and_the_office_only_reads(loop: OwnLoop, town: City, browse: Browse) -> None:
    page = sit_down(browse(**DESK), loop.su, at="/issues")
    page.get_by_role("button", name="录入问题").click()
    asks = dialog(page, "录入问题")
    asks.get_by_role("button", name="录入", exact=True).click()
    expect(asks).to_contain_text("请填写：小区")
    asks.get_by_role("combobox", name="小区").fill(loop.tag)
    page.get_by_role("option", name=re.compile(loop.tag)).click()
    asks.get_by_label("问题描述").fill("居民反映楼道堆放保温板")
    asks.get_by_text("较大", exact=True).click()
    asks.get_by_text("12345 热线", exact=True).click()
    asks.get_by_role("button", name="录入", exact=True).click()
    told(page, "已录入问题")
    expect(page.get_by_role("heading", name="居民反映楼道堆放保温板")).to_be_visible()

    chen = town.office.person(f"chen.{loop.tag}", "office")
    page = sit_down(browse(**DESK), chen, at=f"/issues?q={loop.tag}")
    expect(page.get_by_role("button", name="录入问题")).to_have_count(0)
    row(page, "居民反映楼道堆放保温板").get_by_role("link").first.click()
    expect(page.get_by_text("处理由本区审核人进行")).to_be_visible()
    expect(page.get_by_role("region", name="处理").get_by_role("button")).to_have_count(0)


def test_the_bell_tells_of_what_one_should_know(loop: OwnLoop, browse: Browse) -> None:
    loop.opened(CRITICAL, severity="critical")  # supervisors of the district hear of it at once
    page = sit_down(browse(**DESK), loop.sun, at="/issues")
    page.get_by_role("link", name=re.compile("消息，1 条未读")).click()
    item = page.get_by_role("listitem").filter(has_text="发现重大问题")
    item.get_by_role("button", name=re.compile("标为已读")).click()
    expect(page.get_by_role("link", name="消息", exact=True)).to_be_visible()
    item.get_by_role("link").click()
    expect(page.get_by_text("本报告涉及的问题")).to_be_visible()
    expect(page).to_have_url(re.compile("#/reports/"))


def test_papers_and_the_register_are_downloaded(loop: OwnLoop, town: City, browse: Browse) -> None:
    issue, other = loop.issued(), loop.issued(site=loop.found("二"))
    number = loop.look(issue)["documents"][0]["number"]
    page = sit_down(browse(**DESK), loop.su, at=f"/issues/{issue}")
    for form, begins in (("PDF", PDF), ("DOCX", ZIP)):
        name, data = download(page, page.get_by_role("button", name=f"下载整改通知单 {number} {form}"))
        assert data.startswith(begins)
        assert "整改通知单" in name
        assert number in name
        assert name.endswith(form.lower())

    page.goto(f"/desk#/issues?q={loop.tag}&state=issued,rectifying")
    expect(page.get_by_text("共 2 条")).to_be_visible()
    with page.expect_request(re.compile(r"/issues\.xlsx\?")) as sent:
        name, data = download(page, page.get_by_role("button", name="销号台账 XLSX"))
    assert f"q={loop.tag}" in sent.value.url
    assert "state=issued" in sent.value.url
    assert (name, data[:4]) == (f"销号台账_{clock.today().isoformat()}.xlsx", ZIP)

    # A hand-over list over two sites of the district, by the office, which gives no notices.
    chen = town.office.person(f"chen.{loop.tag}", "office")
    page = sit_down(browse(**DESK), chen, at=f"/issues?q={loop.tag}")
    page.get_by_role("button", name="多选", exact=True).click()
    expect(page.get_by_role("button", name="下发整改通知")).to_have_count(0)
    for one in (issue, other):
        page.get_by_role("checkbox", name=f"选择 {loop.look(one)['number']}").press("Space")
    page.get_by_role("button", name="出具文书").click()
    page.get_by_role("menuitem", name="问题交办单").click()
    asks = dialog(page, "出具问题交办单")
    expect(asks).to_contain_text("2 个问题")
    asks.get_by_label("主送").fill("晋源区住建局")
    asks.get_by_label("正文补充").fill("请一周内反馈进展")
    asks.get_by_role("button", name="出具", exact=True).click()
    expect(asks.get_by_role("status")).to_contain_text(re.compile(r"已出具问题交办单 \S*〔\d{4}〕\d+号"))
    name, data = download(page, asks.get_by_role("button", name=re.compile("下载问题交办单 .* PDF")))
    assert data == PDF
    assert "问题交办单" in name
    asks.get_by_role("link", name="查看全部文书").click()
    made = row(page, "晋源区住建局")
    expect(made).to_contain_text("2 个问题")
    name, data = download(page, made.get_by_role("button", name=re.compile("DOCX")))
    assert data.startswith(ZIP)
    page.goto("/desk#/documents?kind=escalation_letter&year=2001")
    expect(page.get_by_text("没有文书")).to_be_visible()


def test_what_residents_say_of_a_closed_issue_stands_on_its_page(
    loop: OwnLoop, asked: None, town: City, browse: Browse
) -> None:
    issue = loop.closed()
    code = loop.su.get(f"/issues/{issue}/residents").json["link"].rsplit("/", 1)[1]
    page = sit_down(browse(**DESK), loop.su, at=f"/issues/{issue}")
    panel = page.get_by_role("region", name="居民评价")
    link, first = panel.get_by_role("link", name=re.compile("给居民的链接")), re.compile(f"/r/{code}$")
    expect(link).to_have_attribute("href", first)
    drawn = panel.get_by_role("img", name="居民评价二维码")
    until(lambda: drawn.evaluate("image => image.complete && image.naturalWidth > 100"), "the code is drawn")
    panel.get_by_role("link", name="打印张贴页").click()
    expect(page.get_by_role("heading", name="整改回访")).to_be_visible()
    expect(page.get_by_text("修好了吗？", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{loop.tag}一小区")).to_be_visible()
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_enabled()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_text("修好了吗？", exact=True)).to_be_visible()
    page.emulate_media(media="screen")

    answer = send(town.office.app, code, "yes", comment="门口\n不漏了", photos=(jpeg(800, 600),))
    assert answer.status_code == 200
    page.get_by_role("link", name="返回问题").click()
    page.reload()
    expect(panel.get_by_text("居民答复：修好了")).to_be_visible()
    expect(panel.get_by_text("门口")).to_be_visible()
    photo = panel.get_by_role("img", name="居民拍的现场照片")
    until(lambda: photo.evaluate("image => image.complete && image.naturalWidth > 100"), "the photo is shown")
    panel.get_by_role("button", name="生成新链接").click()
    expect(panel.get_by_role("status")).to_have_text("已生成新链接。")
    expect(link).not_to_have_attribute("href", first)
    expect(link).to_be_visible()

    turn_on(town.office, residents_asked=None)
    page.reload()
    expect(panel).to_contain_text("本项目没有开启居民评价")
    expect(panel.get_by_role("link", name=re.compile("规则设置"))).to_be_visible()
    expect(panel.get_by_text("居民答复：修好了")).to_be_visible()
