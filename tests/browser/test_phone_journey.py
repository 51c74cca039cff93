"""The inspector's whole journey in a real browser: a basement with no signal, a page that is killed, a line that breaks."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Locator, Page, expect

from server.photos.models import Photo
from server.reports.models import Report, Revision
from server.reports.rules import State
from tests.browser.conftest import PHONE
from tests.city import City, until
from tests.factories import PASSWORD, YINGZE, Someone
from tests.photos import jpeg

Browse = Callable[..., BrowserContext]
PHOTOS = [jpeg(1600, 1200, size=700_000, seed=seed) for seed in (71, 72, 73)]


def arrive(context: BrowserContext, username: str) -> Page:
    """Sign in while there is a signal, and wait until the page is installed for the time without one."""
    page = context.new_page()
    page.goto("/")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("tab", name="发件箱")).to_be_visible()
    installed = "async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'"
    until(lambda: page.evaluate(installed), "the page is installed")
    return page


def item(page: Page, code: str) -> Locator:
    return page.locator(f"#item-{code}")


def answer(page: Page, code: str, verdict: str) -> None:
    item(page, code).get_by_role("button", name=verdict, exact=False).first.click()


def photograph(page: Page, code: str, data: bytes, name: str, *, then: int) -> None:
    item(page, code).locator("input[capture]").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
    expect(item(page, code).locator("img")).to_have_count(then)


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
    page.get_by_text("地下室小区").click()
    page.get_by_role("button", name="既有住宅加装电梯检查表").click()
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
    page.get_by_role("button", name="完成检查").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("存于本机，等待发送")).to_be_visible()
    assert town.office.read(sa.select(Report).where(Report.inspector_id == inspector.id)) == []

    # Upstairs the line is bad: slow, and cut once in the middle of a photo.
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    slow = {"offline": False, "latency": 100, "downloadThroughput": 100_000, "uploadThroughput": 100_000}
    context.set_offline(False)
    wire.send("Network.emulateNetworkConditions", slow)
    expect(page.get_by_text("正在发送", exact=False).first).to_be_visible()
    until(lambda: sum(part.stat().st_size for part in (town.uploads / "staging").glob("*.part")) > 100_000, "some of a photo")
    context.set_offline(True)
    page.reload()
    context.set_offline(False)
    expect(page.get_by_text("没有待发送的报告")).to_be_visible(timeout=60_000)
    report = report_of(town, inspector)
    assert (report.state, report.photos_received) == (State.SUBMITTED, 2)
    expect(page.get_by_text(f"{report.number}-R1")).to_be_visible()
    sums = town.office.read(sa.select(Photo.sha256).where(Photo.owner_id == inspector.id))
    assert sorted(sums) == sorted(hashlib.sha256(data).hexdigest() for data in PHOTOS[:2]), "the very bytes"

    # The supervisor sends it back; the phone shows why, in red; the fix goes as revision 2.
    returned = supervisor.post(f"/reports/{report.id}/reviews", {
        "decision": "return", "revision": 1, "comment": "请补充", "items": [{"item": "ELEV-A05", "comment": "看不清证件编号"}],
    })
    assert returned.status_code == 201, returned.text
    page.reload()
    page.get_by_role("tab", name="我的检查").click()
    expect(page.get_by_text("看不清证件编号")).to_be_visible()
    page.get_by_role("button", name="修改重报").click()
    expect(item(page, "ELEV-A05").get_by_text("审核意见：看不清证件编号")).to_be_visible()
    photograph(page, "ELEV-A05", PHOTOS[2], "照片三.jpg", then=3)
    page.get_by_role("button", name="完成检查").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text(f"{report.number}-R2")).to_be_visible(timeout=60_000)
    until(lambda: report_of(town, inspector).revision == 2, "revision 2 has come")
    revisions = town.office.read(sa.select(Revision.revision).where(Revision.report_id == report.id))
    assert sorted(revisions) == [1, 2]
    approved = supervisor.post(f"/reports/{report.id}/reviews", {"decision": "approve", "revision": 2})
    assert approved.status_code == 201, approved.text
