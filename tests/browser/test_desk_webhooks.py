"""The office has a group and another system told of what happens: added, tried, mended, taken away."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESK
from tests.browser.desk import choose, row, sit_down
from tests.browser.steps import Browse
from tests.city import City, founded, until
from tests.conftest import empty_database
from tests.factories import YINGZE
from tests.messages.outside import hook, receiver, signed_as_standard
from tests.messages.test_webhooks import tell


@pytest.fixture
def open_town(request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path) -> Iterator[City]:
    """A server that may call this machine."""
    settings = {"DUDAO_WEBHOOK_ALLOW_PRIVATE": "yes", "DUDAO_WEBHOOK_ALLOW_HTTP": "yes"}
    with empty_database(request, "sqlite", tmp_path) as url, founded(tmp_path, url, **settings) as city:
        yield city


def test_a_webhook_is_added_tried_and_taken_away(open_town: City, browse: Browse) -> None:
    chen = open_town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    page = sit_down(browse(base_url=open_town.server.url, **DESK), chen, at="/sites")
    page.get_by_role("link", name="群机器人").click()
    expect(page.get_by_text("还没有推送")).to_be_visible()
    with receiver() as there:
        page.get_by_role("button", name="新增推送").click()
        dialogue = page.get_by_role("dialog", name="新增推送")
        dialogue.get_by_role("button", name="保存").click()
        expect(dialogue.get_by_text("请填写名称。")).to_be_visible()
        dialogue.get_by_label("名称").fill("城建平台")
        dialogue.get_by_text("其他系统").click()
        dialogue.get_by_label("地址").fill(there.url)
        dialogue.get_by_role("button", name="生成密钥").click()
        secret = dialogue.get_by_label("密钥").input_value()
        dialogue.get_by_text("整改通知", exact=True).click()
        dialogue.get_by_role("button", name="保存").click()
        card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="城建平台"))
        expect(card).to_contain_text("整改通知")
        expect(page.get_by_text(secret)).to_have_count(0)

        # A test that arrives, signed with the secret that was made here.
        card.get_by_role("button", name="发送测试").click()
        tried = page.get_by_role("dialog", name="推送记录：城建平台")
        expect(tried.get_by_text("测试消息已送达，请到群里")).to_be_visible(timeout=30_000)
        expect(tried.get_by_role("listitem").first).to_contain_text("已送达")
        assert [signed_as_standard(call, secret) for call in there.calls] == [True]

        # Edited without typing the secret again, it is kept.
        tried.get_by_role("button", name="关闭", exact=True).click()
        card.get_by_role("button", name="编辑").click()
        dialogue = page.get_by_role("dialog", name="编辑推送")
        expect(dialogue.get_by_label("密钥")).to_have_value("")
        expect(dialogue.get_by_text("已设密钥，不再显示")).to_be_visible()
        dialogue.get_by_label("名称").fill("城建平台二")
        dialogue.get_by_role("button", name="保存").click()
        card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="城建平台二"))
        there.answers = [(404, {}, b"gone")]
        card.get_by_role("button", name="发送测试").click()
        tried = page.get_by_role("dialog", name="推送记录：城建平台二")
        expect(tried.get_by_text("测试消息没有发出：对方拒收：HTTP 404")).to_be_visible(timeout=30_000)
        assert signed_as_standard(there.calls[-1], secret)
        choose(page, "状态", "已放弃")
        expect(tried.locator("li")).to_have_count(1)
        expect(tried.locator("li")).to_contain_text("原因：对方拒收：HTTP 404")
        tried.get_by_role("button", name="关闭", exact=True).click()
        expect(card).to_contain_text("最近一次没有发出：对方拒收：HTTP 404")

    card.get_by_role("button", name="删除").click()
    page.get_by_role("dialog", name="删除").get_by_role("button", name="删除").click()
    expect(page.get_by_text("已删除：城建平台二")).to_be_visible()
    expect(page.get_by_text("还没有推送")).to_be_visible()
    assert chen.get("/webhooks").json["items"] == []


def test_what_was_given_up_is_sent_again_once(open_town: City, browse: Browse) -> None:
    chen = open_town.office.person(f"chen.{uuid.uuid4().hex[:6]}", "office")
    with receiver() as there:
        there.answers = [(404, {}, b"gone"), (410, {}, b"gone")]
        hook(chen, there.url, name="住建局平台")
        tell(open_town.office)
        page = sit_down(browse(base_url=open_town.server.url, **DESK), chen, at="/sites")
        until(lambda: chen.get("/deliveries?state=parked").json["items"], "it is given up")
        page.get_by_role("link", name="群机器人").click()
        lost = page.get_by_role("region", name="没有送达的消息")
        line = lost.get_by_role("listitem")
        expect(line).to_contain_text("整改通知")
        expect(line).to_contain_text("推送到住建局平台")
        expect(line).to_contain_text("原因：对方拒收：HTTP 404")
        again = lost.get_by_role("button", name="再次发送：整改通知（住建局平台）")

        # Refused once more it stays, with the new reason; and it can be sent again.
        again.click()
        expect(line).to_contain_text("原因：对方拒收：HTTP 410", timeout=30_000)
        expect(line).to_contain_text("再次发送于")
        again.dblclick()
        expect(line).to_contain_text("已送达", timeout=30_000)
        expect(again).to_have_count(0)
        assert len(there.calls) == 3
        page.reload()
        expect(lost.get_by_text("没有。邮件和推送都已送达")).to_be_visible()

        # In the list of one webhook too.
        there.answers = [(404, {}, b"gone")]
        tell(open_town.office, key="n2")
        until(lambda: chen.get("/deliveries?state=parked").json["items"], "it is given up")
        page.get_by_role("button", name="推送记录：住建局平台").click()
        listed = page.get_by_role("dialog", name="推送记录：住建局平台")
        listed.get_by_role("button", name="再次发送").click()
        expect(listed.get_by_role("button", name="再次发送")).to_have_count(0)
        expect(listed.get_by_role("listitem").first).to_contain_text("已送达", timeout=30_000)
    page.goto("/desk#/audit")
    expect(row(page, "再次发送消息").first).to_contain_text("住建局平台")


def test_addresses_of_the_inside_are_refused_in_words(town: City, browse: Browse) -> None:
    admin = town.office.person(f"boss.{uuid.uuid4().hex[:6]}", "admin")
    name = f"迎泽区督导群 {uuid.uuid4().hex[:4]}"
    page = sit_down(browse(**DESK), admin, at="/webhooks")
    page.get_by_role("button", name="新增推送").click()
    dialogue = page.get_by_role("dialog", name="新增推送")
    dialogue.get_by_label("名称").fill(name)
    dialogue.get_by_text("钉钉群机器人").click()
    for address, why in (("http://127.0.0.1/", "须为 https"), ("https://127.0.0.1/", "指向内网或保留地址，不予访问")):
        dialogue.get_by_label("地址").fill(address)
        dialogue.get_by_role("button", name="保存").click()
        expect(dialogue.get_by_role("alert")).to_have_text(why)
    dialogue.get_by_label("地址").fill("https://8.8.8.8/robot/send?access_token=k3y")
    dialogue.get_by_label("密钥").fill("wrong")
    dialogue.get_by_role("button", name="保存").click()
    expect(dialogue.get_by_role("alert")).to_contain_text("以 SEC 开头的密钥")
    dialogue.get_by_label("密钥").fill("SEC0123456789")
    dialogue.get_by_text("迎泽区", exact=True).click()
    dialogue.get_by_text("启用", exact=True).click()
    dialogue.get_by_role("button", name="保存").click()
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=re.compile(name)))
    expect(card).to_contain_text("停用")
    expect(card).to_contain_text("https://8.8.8.8/robot/send?access_token=…")
    expect(page.get_by_text("k3y")).to_have_count(0)
    [made] = [one for one in admin.get("/webhooks").json["items"] if one["name"] == name]
    assert (made["enabled"], made["has_secret"], made["districts"]) == (False, True, [YINGZE])
    # A robot without signing: the secret is taken away.
    card.get_by_role("button", name="编辑").click()
    dialogue = page.get_by_role("dialog", name="编辑推送")
    dialogue.get_by_text("不再使用密钥").click()
    dialogue.get_by_role("button", name="保存").click()
    expect(card).to_contain_text("无")
    [made] = [one for one in admin.get("/webhooks").json["items"] if one["name"] == name]
    assert (made["has_secret"], made["url"]) == (False, "https://8.8.8.8/robot/send?access_token=…")
    assert admin.delete(f"/webhooks/{made['id']}").status_code == 204
