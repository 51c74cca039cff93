"""Every page of the client, one after the other: each `yield` is a page as somebody sees it, under a name for its picture."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

from playwright.sync_api import Page, Request, expect

from server.kit import clock
from tests.browser.stage import INSPECTOR, SUPERVISOR, Stage, picture
from tests.browser.steps import item
from tests.city import until
from tests.factories import PASSWORD

QUIET_S = 0.3  # what follows an answer is asked for sooner
LANGUAGES = ("zh-CN", "en")
Say = Callable[[str, str], str]
Tour = Callable[[Page, Stage, Say], Iterator[str]]
_DRAWN = """() => {
  const isSeen = ({ top, bottom }) => bottom > 0 && top < innerHeight;
  const here = (image) => image.complete || (image.loading === "lazy" && !isSeen(image.getBoundingClientRect()));
  const still = (one) => one.playState !== "running" || one.effect.getTiming().iterations === Infinity;
  return [...document.images].every(here) && document.getAnimations().every(still);
}"""


def saying(language: str) -> Say:
    """Picks the words of a page in this language."""
    return lambda zh, en: zh if language.startswith("zh") else en


class Looker:
    """Waits until a page is all there: no request on its way, no picture half loaded, nothing moving."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._asked: set[Request] = set()
        self._last = time.monotonic()
        page.on("request", self._begins)
        page.on("response", lambda response: self._ends(response.request))
        page.on("requestfailed", self._ends)

    def _begins(self, request: Request) -> None:
        self._last = time.monotonic()
        self._asked.add(request)

    def _ends(self, request: Request) -> None:
        self._last = time.monotonic()
        self._asked.discard(request)

    def settle(self) -> None:
        until(lambda: self.page.evaluate(_DRAWN) and not self._asked and time.monotonic() - self._last > QUIET_S,
              lambda: f"the page is drawn: {[request.url for request in self._asked]}", seconds=30)


def phone(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The inspector's pages, from signing in to a receipt."""
    page.goto("/")
    expect(page.get_by_label(say("用户名", "User name"))).to_be_visible()
    yield "sign-in"
    page.get_by_role("button", name=say("用一次性代码设置密码", "one-time code")).click()
    yield "first-password"
    page.get_by_role("button", name=say("返回登录", "Back")).click()
    _sign_in(page, say, INSPECTOR)
    expect(page.get_by_role("tab", name=say("小区", "Sites"))).to_be_visible()
    expect(page.get_by_text(stage.site_name)).to_be_visible()
    yield "sites"
    search = page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first
    search.fill("没有这样的小区")
    yield "sites-none"
    search.fill("")
    page.get_by_text(stage.site_name).click()
    expect(page.get_by_role("button", name=say("既有住宅加装电梯检查表", "lift"))).to_be_visible()
    yield "site"
    page.get_by_role("button", name=say("既有住宅加装电梯检查表", "lift")).click()
    expect(item(page, "ELEV-A01")).to_be_visible()
    yield "fill"
    for code in ("ELEV-A01", "ELEV-A02", "ELEV-A03", "ELEV-A04"):
        item(page, code).get_by_role("button", name=say("合格", "Pass")).first.click()
    item(page, "ELEV-A05").get_by_role("button", name=say("不合格", "Fail")).click()
    item(page, "ELEV-A05").locator("textarea").fill("两名焊工没有证件")
    photo = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": picture(77, at=clock.now(), place=(37.8601, 112.5502))}
    item(page, "ELEV-A05").locator("input[capture]").set_input_files([photo])
    expect(item(page, "ELEV-A05").locator("img")).to_have_count(1)
    item(page, "ELEV-A05").scroll_into_view_if_needed()
    yield "fill-failed"
    item(page, "ELEV-A05").locator("img").click()
    yield "photo"
    page.locator(".viewer").get_by_role("button", name=say("标注", "Mark")).click()
    page.get_by_text(say("用手指圈出问题", "Circle it with a finger")).click()
    yield "photo-marking"
    page.get_by_role("button", name=say("完成", "Done"), exact=True).click()
    page.get_by_role("button", name=say("关闭", "Close")).first.click()
    page.get_by_role("button", name=say("请现场代表签字", "Let the representative sign")).click()
    page.get_by_role("button", name=say("完成", "Done"), exact=True).scroll_into_view_if_needed()
    yield "signing"
    page.get_by_role("button", name=say("完成", "Done"), exact=True).click()
    page.get_by_role("button", name=say("完成检查", "Finish")).click()
    expect(page.get_by_role("button", name=say("提交", "Send"), exact=True)).to_be_visible()
    yield "finish"
    page.context.set_offline(True)
    page.get_by_role("button", name=say("提交", "Send"), exact=True).click()
    expect(page).to_have_url(re.compile("#/outbox"))
    yield "outbox-waiting"
    page.context.set_offline(False)
    expect(page.get_by_text(say("没有待发送的报告", "Nothing waits"))).to_be_visible(timeout=60_000)
    yield "outbox-sent"
    page.get_by_role("tab", name=say("我的检查", "My inspections")).click()
    expect(page.get_by_role("button", name=say("修改重报", "Correct")).first).to_be_visible()
    yield "mine"
    page.get_by_role("button", name=say("修改重报", "Correct")).first.click()
    expect(page.get_by_text(say("审核意见", "Supervisor:")).first).to_be_visible()
    yield "fill-returned"
    page.goto("/#/me")
    yield "me"
    page.goto("/#/diagnostics")
    yield "diagnostics"


def supervisor(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The pages of who reviews."""
    page.goto("/desk")
    expect(page.get_by_label(say("用户名", "User name"))).to_be_visible()
    yield "desk-sign-in"
    _sign_in(page, say, SUPERVISOR)
    expect(page.get_by_text(stage.site_name).first).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("button", name=say("退回", "Return")).first).to_be_enabled()
    yield "review"
    page.locator("main img").first.click()
    yield "review-photo"
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.get_by_label(say("总体意见", "Comment on the whole"))).to_be_visible()
    yield "review-return"
    page.keyboard.press("Escape")
    yield from _visited(page, {
        "reports": "/reports", "report": f"/reports/{stage.waiting}", "issues": "/issues", "issue": f"/issues/{stage.issue}",
        "audit": "/audit", "lost": "/nowhere",
    })


def administrator(page: Page, stage: Stage, say: Say) -> Iterator[str]:
    """The pages of the programme and of people."""
    page.goto("/desk")
    _sign_in(page, say, "admin")
    expect(page.get_by_role("navigation").first).to_be_visible()
    yield from _visited(page, {
        "programme": "/programme", "desk-sites": "/sites", "desk-site": f"/sites/{stage.site}", "import": "/sites/import",
        "checklists": "/checklists", "people": "/people", "weekly": "/weekly", "week": f"/weekly/{stage.week}",
    })


def _visited(page: Page, addresses: dict[str, str]) -> Iterator[str]:
    for name, address in addresses.items():
        page.goto(f"/desk#{address}")
        expect(page.locator("main")).not_to_be_empty()
        yield name


def _sign_in(page: Page, say: Say, username: str) -> None:
    page.get_by_label(say("用户名", "User name")).fill(username)
    page.get_by_label(say("密码", "Password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=say("登录", "Sign in"), exact=True).click()


TOURS: tuple[Tour, ...] = (phone, supervisor, administrator)
