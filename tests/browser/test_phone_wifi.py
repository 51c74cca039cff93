"""A phone in a Wi-Fi that wants a sign-in first: its page answers every address with 200, and some lines never answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import flask_jwt_extended as jwt_ext
import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from server.accounts.models import SignIn
from server.reports.models import Report
from tests.browser.conftest import PHONE
from tests.browser.portal import Wifi, wifi
from tests.browser.steps import Browse, answer, arrive, begin, finish, is_sent, item, photograph, sign_in
from tests.browser.test_phone_traps import KEPT, SMALL
from tests.city import City, until
from tests.factories import YINGZE, Someone

FETCHED_LATER = """async () => {
  const cache = await caches.open("dudao-later");
  const kept = await Promise.all((await cache.keys()).map((key) => cache.match(key)));
  return kept.map((one) => one.headers.get("Content-Type"));
}"""


@pytest.fixture
def hotel(town: City) -> Iterator[Wifi]:
    with wifi(town.server.port) as made:
        yield made


@pytest.fixture
def inspector(town: City) -> Someone:
    someone = town.office.person(f"he.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    town.office.site("桃园小区", inspectors=(someone,))
    return someone


def one_waits(page: Page) -> None:
    begin(page, "桃园小区")
    answer(page, "ELEV-A05", "不合格")
    item(page, "ELEV-A05").locator("textarea").fill("焊工无证")
    photograph(page, "ELEV-A05", SMALL, then=1)
    finish(page)


def test_a_sign_in_page_is_kept_for_nothing_and_told_as_what_it_is(
    town: City, hotel: Wifi, browse: Browse, inspector: Someone
) -> None:
    context = browse(base_url=f"http://127.0.0.1:{hotel.port}", **PHONE)
    page = arrive(context, inspector.username)
    hotel.wants_a_sign_in()
    page.reload()  # from the phone; what it does not have yet is asked for, and answered by the Wi-Fi
    page.evaluate("async () => (await navigator.serviceWorker.ready).active.postMessage('fetch the rest')")
    one_waits(page)
    expect(page.get_by_text("连上的网络没有通到服务器", exact=False)).to_be_visible()
    expect(page.get_by_text("没有信号", exact=False)).to_be_hidden()
    assert not any("html" in kind for kind in page.evaluate(FETCHED_LATER))
    page.goto("/#/me")
    page.get_by_role("button", name="立即同步").click()
    expect(page.get_by_text("未能同步。可能要先完成 Wi-Fi 登录", exact=False)).to_be_visible()
    hotel.wants_a_sign_in(b"401 Unauthorized")
    page.goto("/#/outbox")
    page.get_by_role("button", name="全部立即发送").click()
    expect(page.get_by_text("收到的不是本系统服务器的答复")).to_be_visible()
    expect(page.get_by_text("登录已失效", exact=False)).to_be_hidden()

    hotel.is_open()
    is_sent(page)  # by itself
    assert len(town.office.read(sa.select(Report.id).where(Report.inspector_id == inspector.id))) == 1
    page.reload()
    page.evaluate("async () => (await navigator.serviceWorker.ready).active.postMessage('fetch the rest')")
    until(lambda: len(page.evaluate(FETCHED_LATER)) > 20, "the rest of the pages is here")
    page.get_by_role("tab", name="待复查").click()
    expect(page.get_by_text("这一页尚未下载到本机", exact=False)).to_be_hidden()
    expect(page.get_by_role("heading", name="待复查", exact=True)).to_be_visible()

    hotel.wants_a_sign_in()
    page.goto("/#/me")
    page.get_by_role("button", name="退出登录").click()
    page.locator(".van-dialog").get_by_role("button", name="退出登录").click()
    sign_in(page, inspector.username)
    expect(page.get_by_text("没有登录成功。可能要先完成 Wi-Fi 登录", exact=False)).to_be_visible()


def test_a_renewal_that_is_never_answered_does_not_hold_up_sending(
    town: City, hotel: Wifi, browse: Browse, inspector: Someone
) -> None:
    page = arrive(browse(base_url=f"http://127.0.0.1:{hotel.port}", **PHONE), inspector.username)
    with town.office.app.app_context():
        family = town.office.read(sa.select(SignIn.id).where(SignIn.person_id == inspector.id).order_by(SignIn.id.desc()))[0]
        old = jwt_ext.create_access_token(
            str(inspector.id), additional_claims={"sid": str(family)}, expires_delta=timedelta(hours=-3)
        )
    page.evaluate(KEPT, {"access_token": old})
    hotel.swallows("/auth/refresh")
    page.reload()
    one_waits(page)
    expect(page.get_by_role("button", name="正在发送")).to_be_visible()
    hotel.is_open()  # what was swallowed stays so
    is_sent(page)
