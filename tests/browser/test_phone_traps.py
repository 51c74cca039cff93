"""What goes wrong on a phone in the field: two tabs, an old sign-in, no room, a wrong clock, nothing allowed, a new version."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import flask_jwt_extended as jwt_ext
import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Request, expect

from server.accounts.models import SignIn
from server.kit import clock
from server.photos.models import Photo
from server.reports.models import Report, Revision
from tests.browser.conftest import INSECURE_HOST, PHONE, ROOT
from tests.browser.steps import Browse, answer, arrive, begin, finish, is_sent, item, photograph, sign_in
from tests.city import City, founded
from tests.conftest import empty_database
from tests.factories import YINGZE, Someone
from tests.photos import jpeg

SMALL, OTHER = jpeg(1200, 900, seed=91), jpeg(1200, 900, seed=92)
KEPT = """(change) => new Promise((done, fail) => {
  const open = indexedDB.open("dudao");
  open.onerror = () => fail(open.error);
  open.onsuccess = () => {
    const store = open.result.transaction("kept", "readwrite").objectStore("kept");
    const got = store.get("session");
    got.onsuccess = () => {
      const { value } = got.result;
      const put = store.put({ key: "session", value: { ...value, ...change } });
      put.onsuccess = () => { open.result.close(); done(value); };
    };
  };
})"""


@pytest.fixture
def inspector(town: City) -> Someone:
    someone = town.office.person(f"wu.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    town.office.site("桃园小区", inspectors=(someone,))
    return someone


def reports_of(town: City, inspector: Someone) -> list[Report]:
    return town.office.read(sa.select(Report).where(Report.inspector_id == inspector.id))


def fail_one(page: Page, data: bytes = SMALL) -> None:
    """The least that makes a report worth sending: one failed item with its photo."""
    answer(page, "ELEV-A01", "合格")
    answer(page, "ELEV-A05", "不合格")
    item(page, "ELEV-A05").locator("textarea").fill("焊工无证")
    photograph(page, "ELEV-A05", data, then=1)


def one_waits(context: BrowserContext, inspector: Someone) -> Page:
    """Signed in, then without a signal: one finished report waits in the outbox."""
    page = arrive(context, inspector.username)
    context.set_offline(True)
    begin(page, "桃园小区")
    fail_one(page)
    finish(page)
    return page


def test_two_tabs_are_one_phone(town: City, browse: Browse, inspector: Someone) -> None:
    context = browse(**PHONE)
    first = arrive(context, inspector.username)
    context.set_offline(True)
    begin(first, "桃园小区")
    fail_one(first)
    second = context.new_page()
    second.goto(first.url)
    expect(item(second, "ELEV-A05").locator("textarea")).to_have_value("焊工无证")
    answer(second, "ELEV-A02", "合格")
    item(second, "ELEV-A05").locator("textarea").fill("焊工无证,已停工")
    # What the other tab wrote is not overwritten by what this one still shows.
    expect(item(first, "ELEV-A05").locator("textarea")).to_have_value("焊工无证,已停工")
    answer(first, "ELEV-A03", "合格")
    finish(first)
    expect(second.get_by_text("这份检查已在别的窗口提交或删除，此处不能再改。")).to_be_visible()

    sent: list[Request] = []
    context.on("request", lambda request: sent.append(request) if request.method in {"PUT", "POST", "PATCH"} else None)
    second.goto("/#/outbox")
    context.set_offline(False)
    is_sent(first)
    is_sent(second)
    [report] = reports_of(town, inspector)
    [revision] = town.office.read(sa.select(Revision).where(Revision.report_id == report.id))
    answers = {given["item"]: given for given in json.loads(revision.content)["answers"]}
    assert answers.keys() >= {"ELEV-A01", "ELEV-A02", "ELEV-A03", "ELEV-A05"}
    assert answers["ELEV-A05"]["note"] == "焊工无证,已停工"
    photos = [request for request in sent if "/uploads" in request.url]
    assert len(photos) == 1, "the one photo was sent once"


def test_a_token_that_ran_out_in_the_basement_is_renewed(town: City, browse: Browse, inspector: Someone) -> None:
    context = browse(**PHONE)
    page = one_waits(context, inspector)
    with town.office.app.app_context():
        family = town.office.read(sa.select(SignIn.id).where(SignIn.person_id == inspector.id).order_by(SignIn.id.desc()))[0]
        old = jwt_ext.create_access_token(
            str(inspector.id), additional_claims={"sid": str(family)}, expires_delta=timedelta(hours=-3)
        )
    page.evaluate(KEPT, {"access_token": old})
    page.close()
    page = context.new_page()
    page.goto("/#/outbox")
    expect(page.get_by_text("存于本机，等待发送")).to_be_visible()
    context.set_offline(False)
    is_sent(page)
    assert len(reports_of(town, inspector)) == 1


def test_a_sign_in_that_was_ended_meanwhile_loses_nothing(town: City, browse: Browse, inspector: Someone) -> None:
    context = browse(**PHONE)
    page = one_waits(context, inspector)
    town.office.write(lambda db: db.execute(
        sa.update(SignIn).where(SignIn.person_id == inspector.id).values(revoked_at=clock.now(), revoked_why="password")
    ))
    context.set_offline(False)
    expect(page.get_by_text("登录已失效，发送已暂停", exact=False)).to_be_visible()
    assert reports_of(town, inspector) == []
    # Work goes on meanwhile, and after signing in again everything goes by itself.
    page.get_by_role("tab", name="小区").click()
    begin(page, "桃园小区")
    answer(page, "ELEV-A01", "合格")
    page.goto("/#/outbox")
    page.get_by_role("link", name="重新登录").or_(page.get_by_role("button", name="去登录")).first.click()
    sign_in(page, inspector.username)
    is_sent(page)
    assert len(reports_of(town, inspector)) == 1
    page.get_by_role("tab", name="我的检查").click()
    expect(page.get_by_role("button", name="继续填写")).to_be_visible()


def test_a_full_phone_says_so_and_keeps_what_it_has(town: City, browse: Browse, inspector: Someone) -> None:
    context = browse(**PHONE)
    origin, page = f"http://127.0.0.1:{town.server.port}", context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 6_000_000})
    arrive(context, inspector.username, page)
    begin(page, "桃园小区")
    fail_one(page)
    large = {"name": "大.jpg", "mimeType": "image/jpeg", "buffer": jpeg(2400, 1800, size=8_000_000, seed=93)}
    item(page, "ELEV-A05").locator("input[capture]").set_input_files([large])
    expect(item(page, "ELEV-A05").get_by_role("alert").filter(has_text="手机存储空间不足")).to_be_visible()
    expect(item(page, "ELEV-A05").locator("img")).to_have_count(1)
    page.reload()
    expect(item(page, "ELEV-A05").locator("textarea")).to_have_value("焊工无证")
    expect(item(page, "ELEV-A05").locator("img")).to_have_count(1)
    # Room was made: the same photo goes in, and the report goes out.
    wire.send("Storage.overrideQuotaForOrigin", {"origin": origin})
    photograph(page, "ELEV-A05", large["buffer"], then=2)
    finish(page)
    is_sent(page)
    assert len(town.office.read(sa.select(Photo.id).where(Photo.owner_id == inspector.id))) == 2


def test_thirty_photos_chosen_at_once_all_go_along(town: City, browse: Browse, inspector: Someone) -> None:
    page = arrive(browse(**PHONE), inspector.username)
    begin(page, "桃园小区")
    answer(page, "ELEV-A05", "不合格")
    files = [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1600, 1200, seed=n)} for n in range(30)]
    item(page, "ELEV-A05").locator("input[multiple]").set_input_files(files)
    finish(page)  # while they are still being taken in
    is_sent(page)
    assert len(town.office.read(sa.select(Photo.id).where(Photo.owner_id == inspector.id))) == 30


def test_a_clock_that_is_a_year_wrong_changes_no_week(town: City, browse: Browse, inspector: Someone) -> None:
    context = browse(**PHONE)
    context.clock.set_system_time(clock.now() - timedelta(days=366))
    page = arrive(context, inspector.username)
    expect(page.get_by_text("手机时间慢了约 366天", exact=False)).to_be_visible()
    begin(page, "桃园小区")
    fail_one(page)
    finish(page)
    is_sent(page)
    [report] = reports_of(town, inspector)
    assert abs(report.received_at - clock.now()) < timedelta(minutes=10), "the server's clock says when it came"
    assert report.finished_at < clock.now() - timedelta(days=300), "what the phone said is kept as it was said"


def test_nothing_is_allowed_and_the_inspection_is_made_all_the_same(town: City, browse: Browse, inspector: Someone) -> None:
    phone = {**PHONE, "permissions": []}
    page = arrive(browse(**phone), inspector.username)
    begin(page, "桃园小区")
    expect(page.get_by_text("定位权限", exact=False).first).to_be_visible()
    fail_one(page)
    page.get_by_role("button", name="完成检查").click()
    # Asks why there is no position; a tap is enough.
    expect(page.get_by_text("没有定位。请说明原因：")).to_be_visible()
    page.get_by_role("button", name="手机未允许定位").click()
    finish(page)
    is_sent(page)
    [report] = reports_of(town, inspector)
    [revision] = town.office.read(sa.select(Revision).where(Revision.report_id == report.id))
    content = json.loads(revision.content)
    assert (content["location"], content["location_reason"]) == (None, "手机未允许定位")


def test_a_page_without_https_says_so_and_still_sends(town: City, browse: Browse, inspector: Someone) -> None:
    page = browse(base_url=f"http://{INSECURE_HOST}:{town.server.port}", **PHONE).new_page()
    page.goto("/")
    sign_in(page, inspector.username)
    expect(page.get_by_text("当前网址不是 https 开头，没有信号时无法使用")).to_be_visible()
    page.get_by_role("button", name="知道了，仍要使用").click()
    begin(page, "桃园小区")
    fail_one(page)  # its sum is reckoned without the browser's own, which is for secure pages
    page.get_by_role("button", name="手机未允许定位").click()
    finish(page)
    is_sent(page)
    assert len(reports_of(town, inspector)) == 1
    [photo] = town.office.read(sa.select(Photo.sha256).where(Photo.owner_id == inspector.id))
    assert photo == hashlib.sha256(SMALL).hexdigest()


def test_a_page_inside_wechat_says_how_to_get_out(browse: Browse, inspector: Someone) -> None:
    wechat = (
        "Mozilla/5.0 (Linux; Android 12; ALN-AL00) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 "
        "Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64"
    )
    page = browse(user_agent=wechat, **PHONE).new_page()
    page.goto("/")
    sign_in(page, inspector.username)
    expect(page.get_by_text("您在微信等应用内打开，内容可能被清理，离线也打不开")).to_be_visible()
    expect(page.get_by_text("选“在浏览器打开”", exact=False)).to_be_visible()


def test_a_camera_that_may_not_be_used_leaves_the_gallery(town: City, browse: Browse, inspector: Someone) -> None:
    """A phone whose camera is refused gives the page no file, and no word why."""
    page = arrive(browse(**PHONE), inspector.username)
    begin(page, "桃园小区")
    answer(page, "ELEV-A05", "不合格")
    item(page, "ELEV-A05").locator("input[capture]").dispatch_event("cancel")
    expect(item(page, "ELEV-A05").get_by_role("status").filter(has_text="相机权限")).to_be_visible()
    item(page, "ELEV-A05").locator("input[multiple]").set_input_files(
        [{"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": data} for n, data in enumerate((SMALL, OTHER))]
    )
    expect(item(page, "ELEV-A05").locator("img")).to_have_count(2)
    expect(item(page, "ELEV-A05").get_by_role("status").filter(has_text="相机权限")).to_be_hidden()


@pytest.fixture
def releasing(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path
) -> Iterator[tuple[City, Path]]:
    """A city of its own whose web client can be exchanged while it runs: the folder that it is served from."""
    web = tmp_path / "web"
    shutil.copytree(ROOT / "web" / "dist", web)
    with empty_database(request, "sqlite", tmp_path) as url, founded(tmp_path, url, DUDAO_WEB_DIR=str(web)) as city:
        yield city, web


def release(web: Path) -> None:
    """The same client as the next release would bring it: every script under another name, the old names gone."""
    scripts = {
        path.name: f"{path.stem[:-8]}{hashlib.sha256(path.name.encode()).hexdigest()[:8]}.js"
        for path in (web / "assets").glob("*-????????.js")
    }
    for path in [*web.glob("*.html"), web / "sw.js", *(web / "assets").glob("*.js")]:
        text = path.read_text()
        for old, new in scripts.items():
            text = text.replace(old, new)
        path.write_text(text)
    for old, new in scripts.items():
        (web / "assets" / old).rename(web / "assets" / new)
    worker = (web / "sw.js").read_text()  # which knows the page by a sum of its text
    (web / "sw.js").write_text(re.sub(r"\b[0-9a-f]{32}\b", lambda found: found[0][::-1], worker))


def test_a_new_version_is_offered_and_takes_over_with_the_draft(
    releasing: tuple[City, Path], browse: Browse
) -> None:
    town, web = releasing
    inspector = town.office.person("zheng", "inspector", districts=(YINGZE,))
    town.office.site("桃园小区", inspectors=(inspector,))
    context = browse(base_url=f"http://127.0.0.1:{town.server.port}", **PHONE)
    page = one_waits(context, inspector)
    page.goto("/")
    begin(page, "桃园小区")
    answer(page, "ELEV-A01", "合格")
    answer(page, "ELEV-A05", "不合格")
    photograph(page, "ELEV-A05", OTHER, then=1)  # and one is being filled in
    expect(page.get_by_text("新版本已下载", exact=False)).to_be_hidden()  # what a bad line keeps away is no new version

    release(web)
    town.server.stop()  # no line to the server while the version changes: what waits cannot leave early
    context.set_offline(False)
    town.server.start()
    page.evaluate("async () => { await (await navigator.serviceWorker.getRegistration()).update() }")
    expect(page.get_by_text("新版本已下载", exact=False)).to_be_visible()
    before = page.evaluate("document.querySelector('script[type=module][src]').src")
    with page.expect_event("load"):
        page.get_by_role("button", name="立即更新").click()
    assert page.evaluate("document.querySelector('script[type=module][src]').src") != before
    expect(item(page, "ELEV-A05").locator("img")).to_have_count(1)
    item(page, "ELEV-A05").locator("textarea").fill("新版本里写的")
    finish(page)
    is_sent(page)
    assert len(reports_of(town, inspector)) == 2
    assert len(town.office.read(sa.select(Photo.id).where(Photo.owner_id == inspector.id))) == 2
    # It also starts with no line at all: the new version is wholly here.
    context.set_offline(True)
    page.goto("/")
    page.reload()
    expect(page.get_by_text("桃园小区")).to_be_visible()


def test_a_new_version_that_another_tab_took_is_taken_here_too(releasing: tuple[City, Path], browse: Browse) -> None:
    town, web = releasing
    town.office.person("zheng", "inspector", districts=(YINGZE,))
    context = browse(base_url=f"http://127.0.0.1:{town.server.port}", **PHONE)
    page = arrive(context, "zheng")
    page.reload()  # the first page of all was there before its worker
    other = context.new_page()
    other.goto("/")
    release(web)
    page.evaluate("async () => { await (await navigator.serviceWorker.getRegistration()).update() }")
    for tab in (page, other):
        expect(tab.get_by_text("新版本已下载", exact=False)).to_be_visible()
    for tab in (other, page):
        with tab.expect_event("load"):
            tab.get_by_role("button", name="立即更新").click()
        expect(tab.get_by_role("tab", name="发件箱")).to_be_visible()
