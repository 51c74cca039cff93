"""The inspector's whole journey in a real browser: a basement with no signal, a page that is killed, a line that breaks."""

from __future__ import annotations

import hashlib
import re
import uuid

import python_calamine
import sqlalchemy as sa
from playwright.sync_api import expect

from server.photos.models import Photo
from server.reports.models import Report, Revision
from server.reports.rules import State
from tests.browser.conftest import DESK, PHONE
from tests.browser.desk import sit_down
from tests.browser.steps import Browse, Line, answer, arrive, begin, finish, is_sent, item, photograph
from tests.city import City, until
from tests.factories import YINGZE, Someone
from tests.photos import jpeg

PHOTOS = [jpeg(1600, 1200, size=300_000, seed=seed) for seed in (71, 72, 73)]


def report_of(town: City, inspector: Someone) -> Report:
    [found] = town.office.read(sa.select(Report).where(Report.inspector_id == inspector.id))
    return found


def test_an_inspection_without_a_signal_arrives_whole(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"wang.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"su.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    town.office.site("地下室小区", inspectors=(inspector,))
    context = browse(**PHONE)
    page = arrive(context, inspector.username)
    expect(page.get_by_text("地下室小区")).to_be_visible()

    # In the basement: no signal from here on. Two taps to the first item.
    context.set_offline(True)
    begin(page, "地下室小区")
    for code in ("ELEV-A01", "ELEV-A02", "ELEV-A03", "ELEV-A04"):
        answer(page, code, "合格")
    answer(page, "ELEV-A05", "不合格")
    note = item(page, "ELEV-A05").locator("textarea")
    note.fill("两名焊工没有证件 👷")
    photograph(page, "ELEV-A05", PHOTOS[0], "照片一.jpg", then=1)
    photograph(page, "ELEV-A05", PHOTOS[1], "照片二.jpg", then=2)
    expect(page.get_by_text("已保存在本机")).to_be_visible()

    # The page is killed and opened again, still without a signal: everything is there.
    page.close()
    page = context.new_page()
    page.goto("/")
    page.get_by_role("tab", name="我的检查").click()
    page.get_by_role("button", name="继续填写").click()
    expect(item(page, "ELEV-A05").locator("textarea")).to_have_value("两名焊工没有证件 👷")
    expect(item(page, "ELEV-A05").locator("img")).to_have_count(2)
    finish(page)
    expect(page.get_by_text("存于本机，等待发送")).to_be_visible()
    assert town.office.read(sa.select(Report).where(Report.inspector_id == inspector.id)) == []

    # Upstairs the line is bad: slow, and cut once in the middle of a photo.
    line = Line(page)
    line.breaks()
    context.set_offline(False)  # the page hears of a line, and there is none yet
    line.is_slow(50_000)
    expect(page.get_by_text("正在发送", exact=False).first).to_be_visible()
    until(lambda: sum(part.stat().st_size for part in (town.uploads / "staging").glob("*.part")) > 60_000, "some of a photo")
    line.breaks()
    assert report_of(town, inspector).state == State.INCOMPLETE, "it was cut in the middle"
    page.reload()
    line.is_good()
    is_sent(page)
    report = report_of(town, inspector)
    assert (report.state, report.photos_received) == (State.SUBMITTED, 2)
    expect(page.get_by_text(f"{report.number}-R1")).to_be_visible()
    sums = town.office.read(sa.select(Photo.sha256).where(Photo.owner_id == inspector.id))
    assert sorted(sums) == sorted(hashlib.sha256(data).hexdigest() for data in PHOTOS[:2]), "the very bytes"

    # The supervisor sends it back at the desk; the phone shows why, in red; the fix goes as revision 2.
    desk = sit_down(browse(**DESK), supervisor)
    desk.get_by_text("地下室小区").first.click()
    expect(desk.get_by_text("两名焊工没有证件 👷").first).to_be_visible()
    desk.keyboard.press("r")
    desk.get_by_label("总体意见").fill("请补充")
    desk.get_by_label("安装单位许可及作业人员证书有效", exact=False).fill("看不清证件编号")
    desk.get_by_role("button", name="退回（", exact=False).click()
    until(lambda: report_of(town, inspector).state == State.RETURNED, "it is sent back", seconds=30)
    page.reload()
    page.get_by_role("tab", name="我的检查").click()
    expect(page.get_by_text("看不清证件编号")).to_be_visible()
    page.get_by_role("button", name="修改重报").click()
    expect(item(page, "ELEV-A05").get_by_text("审核意见：看不清证件编号")).to_be_visible()
    photograph(page, "ELEV-A05", PHOTOS[2], "照片三.jpg", then=3)
    finish(page)
    expect(page.get_by_text(f"{report.number}-R2")).to_be_visible(timeout=60_000)
    revisions = town.office.read(sa.select(Revision.revision).where(Revision.report_id == report.id))
    assert sorted(revisions) == [1, 2]

    # It is in the queue again by itself, and is approved.
    expect(desk.get_by_text("地下室小区").first).to_be_visible(timeout=40_000)
    desk.get_by_text("地下室小区").first.click()
    expect(desk.get_by_text("第 2 版", exact=False).first).to_be_visible()
    desk.keyboard.press("a")
    until(lambda: report_of(town, inspector).state == State.APPROVED, "it is approved", seconds=30)

    # What failed is a problem to be put right now, which stands on the phone at its site, with no signal as well.
    page.get_by_role("tab", name="我的检查").click()
    expect(page.get_by_text("已通过")).to_be_visible(timeout=30_000)
    context.set_offline(True)
    page.get_by_role("tab", name="小区").click()
    page.get_by_text("地下室小区").click()
    expect(page.get_by_role("region", name="未销号问题").get_by_text("两名焊工没有证件")).to_be_visible()

    # The office makes the week's report and opens its file.
    office = town.office.person(f"office.{uuid.uuid4().hex[:6]}", "office")
    desk = sit_down(browse(**DESK), office)
    desk.get_by_role("link", name="周报").click()
    desk.get_by_role("button", name="生成").click()
    made = desk.get_by_text(re.compile("^(草稿|已定稿)$")).first  # another story may have made the week final
    expect(made).to_be_visible(timeout=60_000)
    with desk.expect_download() as download:
        desk.get_by_role("button", name="Excel").first.click()
    book = python_calamine.CalamineWorkbook.from_path(download.value.path())
    assert book.sheet_names
