"""What people do with their hands on the phone's page and at the desk, so that a test can tell its story in a few lines."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.city import until
from tests.factories import PASSWORD

Browse = Callable[..., BrowserContext]
LIFTS = "既有住宅加装电梯检查表"
# The browser of these tests has no camera: what stands for it shows a moving square, and is a live picture in all else.
CAMERA = """if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 960 });
  const pen = canvas.getContext("2d");
  let at = 0;
  setInterval(() => {
    pen.fillStyle = "#8aa"; pen.fillRect(0, 0, 1280, 960);
    pen.fillStyle = "#b52"; pen.fillRect(at++ % 1000, 400, 200, 200);
  }, 40);
  return canvas.captureStream(25);
};"""
_INSTALLED = "async () => (await navigator.serviceWorker.getRegistration())?.active?.state === 'activated'"


def sign_in(page: Page, username: str) -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()


def arrive(context: BrowserContext, username: str, page: Page | None = None) -> Page:
    """Sign in on the phone while there is a signal, and wait until the page is installed for the time without one."""
    page = page or context.new_page()
    page.goto("/")
    sign_in(page, username)
    expect(page.get_by_role("tab", name="发件箱")).to_be_visible()
    until(lambda: page.evaluate(_INSTALLED), "the page is installed")
    return page


def begin(page: Page, site: str, checklist: str = LIFTS) -> None:
    """Two taps from the list of sites to the first item."""
    page.get_by_text(site).click()
    page.get_by_role("button", name=checklist).click()
    expect(item(page, "ELEV-A01")).to_be_visible()


def item(page: Page, code: str) -> Locator:
    return page.locator(f"#item-{code}")


def answer(page: Page, code: str, verdict: str) -> None:
    item(page, code).get_by_role("button", name=verdict, exact=False).first.click()


def photograph(page: Page, code: str, data: bytes, name: str = "照片.jpg", *, then: int) -> None:
    """Take a photo for an item that has `then` of them afterwards."""
    item(page, code).locator("input[capture]").set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
    expect(item(page, code).locator("img")).to_have_count(then)


def finish(page: Page) -> None:
    page.get_by_role("button", name="完成检查").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page).to_have_url(re.compile("#/outbox"))


def is_sent(page: Page) -> None:
    """Nothing waits in the outbox any more, which only receipts bring about."""
    expect(page.get_by_text("没有待发送的报告")).to_be_visible(timeout=60_000)


class Line:
    """A page's line, told by one call each time whether there is one and how slow it is: nothing slips out in between, as
    it does where a fast line comes back and is slowed down after.

    Chromium keeps what each debugger says apart, and goes by the first that limits anything: what `set_offline` has cut
    stays cut until it lets go, and says nothing as long as this limits the page.
    """

    def __init__(self, page: Page) -> None:
        self._wire = page.context.new_cdp_session(page)
        self._wire.send("Network.enable")

    def breaks(self) -> None:
        self._set(offline=True)

    def is_slow(self, rate: int) -> None:
        """So many bytes a second in each direction."""
        self._set(offline=False, rate=rate, latency=100)

    def is_good(self) -> None:
        self._set(offline=False)

    def _set(self, *, offline: bool, rate: int = -1, latency: int = 0) -> None:
        self._wire.send("Network.emulateNetworkConditions", {
            "offline": offline, "latency": latency, "downloadThroughput": rate, "uploadThroughput": rate,
        })


def draw(page: Page, on: Locator, *points: tuple[float, float]) -> None:
    """One stroke through these points, in parts of the element."""
    box = on.bounding_box()
    assert box
    [start, *rest] = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.mouse.move(*start)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point, steps=8)
    page.mouse.up()
