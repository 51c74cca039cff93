"""The review queue in a supervisor's hands: what comes while it is open, what others did meanwhile, many at once, undo."""

from __future__ import annotations

import re
import uuid
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect

from server.kit.ids import new_id
from server.reports.models import Report
from server.reports.rules import State
from tests.browser.conftest import DESK
from tests.browser.desk import choose, row, send, sit_down
from tests.browser.steps import Browse
from tests.city import City, until
from tests.factories import JINYUAN, YINGZE, Someone, mark, photo_entry, report_body, representative
from tests.photos import jpeg


class District(NamedTuple):
    """A supervisor's queue with nobody else's reports in it."""

    inspector: Someone
    supervisor: Someone
    site: uuid.UUID
    name: str


@pytest.fixture
def district(town: City) -> District:
    """Only the supervisor's own site: the queue is searched for its name."""
    tag = uuid.uuid4().hex[:6]
    inspector = town.office.person(f"feng.{tag}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"chu.{tag}", "supervisor", districts=(YINGZE, JINYUAN))
    name = f"柳巷{tag}小区"
    return District(inspector, supervisor, town.office.site(name, inspectors=(inspector,)), name)


def entries(page: Page) -> Locator:
    return page.locator("[data-id]")


def order_of(page: Page) -> list[str]:
    return [str(one.get_attribute("data-id")) for one in entries(page).all()]


def queue(browse: Browse, district: District) -> Page:
    """At the desk with a clock that can be put on: ten seconds to undo and twenty to the next look are not waited for."""
    context = browse(**DESK)
    context.clock.install()
    return sit_down(context, district.supervisor, at=f"/reviews?q={district.name}")


def states(town: City, *ids: str) -> list[State]:
    found = {str(one.id): one.state for one in town.office.read(sa.select(Report).where(Report.id.in_(map(uuid.UUID, ids))))}
    return [found[one] for one in ids]


def test_what_comes_shows_by_itself_in_the_order_that_was_chosen(town: City, browse: Browse, district: District) -> None:
    first, second = (send(district.inspector, district.site) for _ in range(2))
    page = queue(browse, district)
    expect(entries(page)).to_have_count(2)
    assert order_of(page) == [first, second], "the oldest first"
    third = send(district.inspector, district.site, note=None)
    page.clock.fast_forward(21_000)
    expect(entries(page)).to_have_count(3)
    assert order_of(page)[-1] == third
    choose(page, "排列顺序", "新收到在前")
    expect(entries(page).first).to_have_attribute("data-id", third)
    page.reload()
    expect(entries(page)).to_have_count(3)
    assert order_of(page) == [third, second, first], "the choice is remembered"
    assert town.office.read(sa.select(Report.state).where(Report.id == uuid.UUID(third))) == [State.SUBMITTED]


def test_filters_find_what_they_say(browse: Browse, district: District, town: City) -> None:
    elsewhere = town.office.site(f"{district.name}南院", district=JINYUAN, inspectors=(district.inspector,))
    here, there = send(district.inspector, district.site), send(district.inspector, elsewhere, note=None)
    flagged = send(district.inspector, elsewhere, note=None, data=jpeg(1200, 900, seed=191)[:9000])
    until(lambda: district.supervisor.get(f"/reports/{flagged}").json["flags"], "the broken photo is flagged")
    page = queue(browse, district)
    expect(entries(page)).to_have_count(3)
    everything = [here, there, flagged]
    cases = [
        ("区", "迎泽区", [here]), ("区", "晋源区", [there, flagged]), ("检查表", "线缆", []),
        ("检查表", "加装电梯", everything), ("提示", "照片损坏", [flagged]),
        ("收到时间", "今天收到", everything), ("收到时间", "3 天以前", []),
    ]
    for label, option, found in cases:
        choose(page, label, option)
        expect(entries(page)).to_have_count(len(found))
        if found:
            assert order_of(page) == found, (label, option)
        else:
            expect(page.get_by_text("没有符合筛选条件的报告")).to_be_visible()
        page.get_by_role("button", name="清除筛选").first.click()
        page.get_by_label("小区名称、编号或报告编号").fill(district.name)
        expect(entries(page)).to_have_count(3)


def test_many_without_failures_are_approved_at_once_and_taken_back_in_time(
    town: City, browse: Browse, district: District
) -> None:
    clean = [send(district.inspector, district.site, note=None) for _ in range(3)]
    failed = send(district.inspector, district.site)
    page = queue(browse, district)
    expect(entries(page)).to_have_count(4)

    def approve_all() -> None:
        page.get_by_role("button", name="批量", exact=True).click()
        expect(page.locator(f"[data-id='{failed}']").get_by_role("checkbox")).to_be_disabled()
        page.get_by_role("button", name="选中全部无不合格项的（3）").click()
        page.get_by_role("button", name="通过所选 3 份").click()
        page.locator(".el-message-box").get_by_role("button", name="通过所选 3 份").click()
        expect(page.get_by_text("批量通过 3 份")).to_be_visible()
        expect(entries(page)).to_have_count(1)

    approve_all()
    page.clock.fast_forward(8_000)
    page.get_by_role("button", name="撤销").click()
    expect(entries(page)).to_have_count(4)
    page.clock.fast_forward(11_000)
    assert set(states(town, *clean)) == {State.SUBMITTED}, "nothing was sent"
    approve_all()
    page.clock.fast_forward(11_000)
    until(lambda: set(states(town, *clean)) == {State.APPROVED}, "all three are approved")
    assert states(town, failed) == [State.SUBMITTED]
    expect(page.get_by_text("批量通过")).to_have_count(0)

    # One of them has its page, its history and its trail.
    page.get_by_role("link", name="检查报告").click()
    expect(page.get_by_role("heading", name="检查报告")).to_be_visible()  # the queue's own search box has the same name
    page.get_by_label("小区名称、编号或报告编号").fill(district.name)
    choose(page, "状态", "已通过")
    expect(page.get_by_text("共 3 条")).to_be_visible()
    row(page, district.name).first.get_by_role("link").first.click()
    expect(page.get_by_text("这份报告已是“已通过”")).to_be_visible()
    page.get_by_role("link", name="操作记录", exact=True).last.click()
    for what in ("收到报告", "给出回执", "审核", "报告通过"):
        expect(page.get_by_role("cell", name=what, exact=True).first).to_be_visible()


def test_one_decision_is_taken_back_or_sent_when_the_page_is_left(town: City, browse: Browse, district: District) -> None:
    one = send(district.inspector, district.site)
    page = queue(browse, district)
    expect(entries(page)).to_have_count(1)
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    page.keyboard.press("a")
    expect(entries(page)).to_have_count(0)
    page.get_by_role("button", name=re.compile("撤销")).click()
    expect(entries(page)).to_have_count(1)
    page.keyboard.press("j")
    expect(page.get_by_role("button", name="退回")).to_be_enabled()
    page.keyboard.press("r")
    page.get_by_role("button", name="退回（").click()
    expect(page.get_by_role("alert")).to_contain_text("退回须说明理由")
    page.get_by_label("总体意见").fill("请补拍")
    page.get_by_role("button", name="退回（1 条意见）").click()
    expect(page.get_by_text("已退回")).to_be_visible()
    page.goto("about:blank")  # nobody waits ten seconds to go home
    until(lambda: states(town, one) == [State.RETURNED], "it was sent")


def test_a_stale_screen_says_what_changed(town: City, browse: Browse, district: District) -> None:
    colleague = town.office.person(f"{district.supervisor.username}.b", "supervisor", districts=(YINGZE,))
    taken, revised, watched = (send(district.inspector, district.site) for _ in range(3))
    page = queue(browse, district)
    approve = {"decision": "approve", "revision": 1}

    # Another supervisor decides on what is only looked at: the screen says so by itself.
    page.locator(f"[data-id='{watched}']").click()
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    assert colleague.post(f"/reports/{watched}/reviews", approve).status_code == 201
    page.clock.fast_forward(21_000)
    expect(page.get_by_text(f"您打开期间，{colleague.username.title()}已处理这份报告，现在是“已通过”")).to_be_visible()
    expect(page.get_by_role("button", name="通过")).to_be_disabled()

    # Another supervisor is quicker: the decision is not taken, and the report says by whom and what.
    page.locator(f"[data-id='{taken}']").click()
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    returned = {"decision": "return", "comment": "看不清", "revision": 1}
    assert colleague.post(f"/reports/{taken}/reviews", returned).status_code == 201
    page.keyboard.press("a")
    page.clock.fast_forward(11_000)
    expect(page.get_by_role("status").get_by_text("没有审核成功")).to_be_visible()
    page.get_by_role("link", name="打开报告").click()
    expect(page.get_by_text("您对第 1 版的决定没有送达")).to_be_visible()
    expect(page.get_by_text("这份报告已是“已退回”")).to_be_visible()
    expect(page.get_by_text("看不清")).to_be_visible()
    page.get_by_role("button", name="知道了").first.click()

    # A new revision comes while the old one is open: what changed is named, and the newest is below.
    page.locator(f"[data-id='{revised}']").click()
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    data = jpeg(1200, 900, seed=192)
    photo = photo_entry(data, item="ELEV-A05")
    answers = [{"item": "ELEV-A05", "value": "fail", "note": "焊工无证，共三人", "photos": [photo["id"]]}]
    body = report_body(district.site, answers=answers, photos=[photo], revision=2)
    district.inspector.send(body, {photo["id"]: data}, report_id=revised)
    page.clock.fast_forward(21_000)
    expect(page.get_by_text("您看的是第 1 版，现在是第 2 版")).to_be_visible()
    expect(page.get_by_text("有变化的检查项：安装单位许可及作业人员证书有效")).to_be_visible()
    expect(page.get_by_text("焊工无证，共三人").first).to_be_visible()
    page.keyboard.press("a")
    page.clock.fast_forward(11_000)
    until(lambda: states(town, revised) == [State.APPROVED], "the newest is approved")

    # An approved report is corrected by a newer revision that says why, and is reviewed again.
    corrected = report_body(district.site, answers=answers, photos=[photo], revision=3, correction_reason="楼号写错")
    district.inspector.send(corrected, {photo["id"]: data}, report_id=revised)
    page.clock.fast_forward(21_000)
    page.locator(f"[data-id='{revised}']").click()
    expect(page.get_by_text("楼号写错").first).to_be_visible()
    expect(page.get_by_text("更正", exact=True)).to_be_visible()


def test_a_stale_screen_says_that_marks_and_the_signature_changed(browse: Browse, district: District) -> None:
    data, report = jpeg(1200, 900, seed=193), str(new_id())
    photo = photo_entry(data, item="ELEV-A05")
    answers = [{"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]]}]
    said = {"answers": answers, "photos": [photo]}
    district.inspector.send(
        report_body(district.site, representative=representative(), **said), {photo["id"]: data}, report_id=report
    )
    page = queue(browse, district)
    page.locator(f"[data-id='{report}']").click()
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    photo["marks"] = [mark()]
    district.inspector.send(report_body(district.site, revision=2, **said), {photo["id"]: data}, report_id=report)
    page.clock.fast_forward(21_000)
    notice = page.get_by_role("status").filter(has_text="您看的是第 1 版，现在是第 2 版")
    expect(notice).to_contain_text("照片标注有变化：1 张。")
    expect(notice).to_contain_text("原有签字只属于旧版，新版没有签字。")
    expect(notice).not_to_contain_text("照片新增")


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (820, 1180)])
def test_a_tablet_shows_the_whole_desk(browse: Browse, district: District, width: int, height: int) -> None:
    report = send(district.inspector, district.site)
    tablet = browse(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    page = sit_down(tablet, district.supervisor, at=f"/reviews?q={district.name}")
    entries(page).first.click()
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    dialogue = page.get_by_role("dialog", name="按键说明")
    page.keyboard.press("?")
    expect(dialogue).to_be_visible()
    page.keyboard.press("?")
    expect(dialogue).not_to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_label("总体意见")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("总体意见")).to_have_count(0)
    for link in page.get_by_role("navigation").get_by_role("link").all():
        box = link.bounding_box()
        assert box, "in sight"
        assert box["height"] >= 44, "large enough for a finger"
        assert link.inner_text().strip(), "and named: a tablet shows no hint"
    for button in ("通过", "退回"):
        box = page.get_by_role("button", name=button).bounding_box()
        assert box, "in sight"
        assert box["height"] >= 44
    for path in ("/reviews", "/reports", f"/reports/{report}", "/issues", "/weekly", "/programme", "/sites",
                 f"/sites/{district.site}", "/checklists", "/audit", "/queue-file"):
        page.goto(f"/desk#{path}")
        expect(page.get_by_text("正在读取…"), path).to_have_count(0)
        wide = page.evaluate(
            "() => [document.documentElement, document.querySelector('main')].map((one) => one.scrollWidth - one.clientWidth)"
        )
        assert wide == [0, 0], f"{path} is wider than the page"
