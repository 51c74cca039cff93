"""A phone that no longer sends: its outbox goes out as a file, and the desk brings it in, in its inspector's name."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page, expect

from server.accounts.models import SignIn
from server.photos.models import Photo
from server.reports.models import Report, Revision
from server.reports.rules import State
from tests.browser.conftest import DESK, PHONE
from tests.browser.desk import row, sit_down
from tests.browser.steps import Browse
from tests.browser.test_phone_journey import answer, arrive, photograph
from tests.city import City, until
from tests.factories import PASSWORD, YINGZE
from tests.photos import jpeg

PHOTOS = [jpeg(1600, 1200, size=400_000, seed=seed) for seed in (171, 172)]


def fill_in(page: Page, site: str) -> None:
    page.get_by_text(site).click()
    page.get_by_role("button", name="既有住宅加装电梯检查表").click()
    answer(page, "ELEV-A01", "合格")


def finish(page: Page) -> None:
    page.get_by_role("button", name="完成检查").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("存于本机，等待发送").first).to_be_visible()


def bring(page: Page, path: Path) -> None:
    page.get_by_label("选择文件").set_input_files(path)


def come_in(page: Page, username: str) -> None:
    page.get_by_label("督导员用户名").fill(username)
    page.get_by_label("督导员密码").fill(PASSWORD)
    page.get_by_role("button", name="登录并发送").click()


def test_a_broken_phones_outbox_comes_in_at_the_desk(town: City, browse: Browse, tmp_path: Path) -> None:
    inspector = town.office.person(f"zhou.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    other = town.office.person(f"qian.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    supervisor = town.office.person(f"sun.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    for name in ("东华门小区", "西华门小区"):
        town.office.site(name, inspectors=(inspector,))

    # Two reports are filled in where there is no signal; the phone gives them out as a file and is never heard of again.
    phone = browse(**PHONE, accept_downloads=True)
    page = arrive(phone, inspector.username)
    expect(page.get_by_text("西华门小区")).to_be_visible()
    phone.set_offline(True)
    fill_in(page, "东华门小区")
    answer(page, "ELEV-A05", "不合格")
    page.locator("#item-ELEV-A05 textarea").fill("焊工无证")
    for number, data in enumerate(PHOTOS, 1):
        photograph(page, "ELEV-A05", data, f"照片{number}.jpg", then=number)
    finish(page)
    page.get_by_role("tab", name="小区").click()
    fill_in(page, "西华门小区")
    finish(page)
    page.get_by_role("tab", name="发件箱").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="导出文件").click()
    whole = tmp_path / "whole.dudao"
    saved.value.save_as(whole)
    phone.close()
    assert town.office.read(sa.select(Report).where(Report.inspector_id == inspector.id)) == []

    # At the desk: what is no such file is told apart, and one that was cut says which report is not whole.
    desk = sit_down(browse(**DESK), supervisor)
    desk.get_by_role("link", name="导入文件").click()
    (tmp_path / "other.dudao").write_bytes(b"PK\x03\x04 something else")
    bring(desk, tmp_path / "other.dudao")
    expect(desk.get_by_role("alert")).to_contain_text("这不是发件箱导出的文件")
    cut = tmp_path / "cut.dudao"
    cut.write_bytes(whole.read_bytes()[:600_000])
    bring(desk, cut)
    expect(row(desk, "东华门小区")).to_contain_text("文件中不完整")
    expect(row(desk, "西华门小区")).to_contain_text("待发送")

    # The whole one says whose it is and what it holds; another person's sign-in is refused, and ended on the server.
    bring(desk, whole)
    expect(desk.get_by_role("heading", name=f"{inspector.username.title()}的报告")).to_be_visible()
    expect(desk.get_by_text("2 份报告，照片共 0.8 MB")).to_be_visible()
    come_in(desk, other.username)
    expect(desk.get_by_role("alert")).to_contain_text(f"只有{inspector.username.title()}本人可以发送")
    ended = sa.select(SignIn.revoked_why).where(SignIn.person_id == other.id, SignIn.device_id.is_not(None))
    until(lambda: town.office.read(ended) == ["logout"], "the other's sign-in has ended")

    come_in(desk, inspector.username)
    expect(desk.get_by_text("2 份报告已全部收到回执")).to_be_visible(timeout=30_000)
    reports = town.office.read(sa.select(Report).where(Report.inspector_id == inspector.id))
    assert {report.state for report in reports} == {State.SUBMITTED}
    for report in reports:
        expect(desk.get_by_text(f"回执 {report.number}-R1")).to_be_visible()
    sums = town.office.read(sa.select(Photo.sha256).where(Photo.owner_id == inspector.id))
    assert sorted(sums) == sorted(hashlib.sha256(data).hexdigest() for data in PHOTOS), "the very bytes"

    # Once more changes nothing; the supervisor's own sign-in was never another's, nor is the file kept in this browser.
    received = town.office.read(sa.select(Revision.received_at))
    bring(desk, whole)
    expect(row(desk, "东华门小区")).to_contain_text("待发送")
    come_in(desk, inspector.username)
    expect(desk.get_by_text("2 份报告已全部收到回执")).to_be_visible(timeout=30_000)
    assert town.office.read(sa.select(Revision.received_at)) == received
    mine = sa.select(SignIn.revoked_why).where(SignIn.person_id == inspector.id, SignIn.device_id.like("desk-%"))
    until(lambda: town.office.read(mine) == ["logout", "logout"], "the inspector is signed out")
    expect(desk.get_by_role("banner")).to_contain_text(supervisor.username.title())
    desk.get_by_role("link", name="报告审核").click()
    expect(desk.get_by_text("西华门小区").first).to_be_visible()


def test_nobody_needs_to_work_at_the_desk_to_bring_a_file(browse: Browse) -> None:
    page = browse(**DESK).new_page()
    page.goto("/desk")
    page.get_by_role("link", name="手机坏了？导入发件箱文件").click()
    expect(page.get_by_role("heading", name="导入发件箱文件")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)
    page.get_by_role("link", name="登录审核台").click()
    expect(page.get_by_label("用户名")).to_be_visible()
