"""A supervisor covers a face on a photo by mouse and by keyboard, sees the result and its stamp, and lifts it again."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESK, PHONE
from tests.browser.desk import send, sit_down
from tests.browser.loop import OwnLoop
from tests.browser.steps import Browse
from tests.browser.test_axe import AXE, FOUND
from tests.city import City, until
from tests.photos import jpeg


@pytest.fixture
def loop(town: City) -> OwnLoop:
    return OwnLoop(town.office)


def a_photo(loop: OwnLoop, seed: int) -> str:
    """A photo of a new report, with its preview made."""
    report = send(loop.wang, loop.site, data=jpeg(1200, 900, seed=seed))
    photo: str = loop.su.get(f"/reports/{report}").json["gallery"][0]["id"]
    until(lambda: loop.su.get(f"/photos/{photo}/preview").status_code == 200, "the preview is made")
    return photo


def drag(page: Page, picture: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw over parts of the picture with the mouse."""
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move(*at[1], steps=5)
    page.mouse.up()


def brightest(data: bytes, left: float, top: float, right: float, bottom: float) -> int:
    with Image.open(io.BytesIO(data)) as opened:
        width, height = opened.size
        box = (round(left * width), round(top * height), round(right * width), round(bottom * height))
        part = opened.convert("L").crop(box)
    return int(part.getextrema()[1])


def test_covering_and_lifting(loop: OwnLoop, browse: Browse) -> None:
    photo = a_photo(loop, 501)
    page = sit_down(browse(**DESK), loop.su, at=f"/photos/{photo}")
    expect(page.get_by_role("img", name="照片", exact=True)).to_be_visible()
    page.get_by_role("button", name="遮盖人脸、车牌等").click()
    sheet = page.get_by_role("group", name="在照片上画黑框")
    page.get_by_role("button", name="遮盖（0 处）").click()
    expect(page.get_by_role("alert")).to_have_text("请先在照片上画出黑框。")
    drag(page, sheet, (0.1, 0.1), (0.4, 0.5))
    first = sheet.get_by_role("button", name="黑框 1，左 10%，上 10%，宽 30%，高 40%")
    expect(first).to_be_visible()
    drag(page, sheet, (0.2, 0.2), (0.3, 0.3))  # within it: moves it
    expect(sheet.get_by_role("button", name="黑框 1，左 20%，上 20%")).to_be_visible()
    page.get_by_role("button", name="添加一个黑框").click()
    second = sheet.get_by_role("button", name="黑框 2")
    expect(second).to_be_focused()
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(sheet.get_by_role("button", name="黑框 2，左 36%，上 34%，宽 20%，高 21%")).to_be_visible()
    page.keyboard.press("Delete")
    expect(second).to_have_count(0)
    page.get_by_role("button", name="遮盖（1 处）").click()
    expect(page.get_by_role("alert")).to_have_text("请填写原因。")
    page.get_by_label("遮盖原因").fill("遮盖路人面部")
    page.evaluate(AXE())
    assert page.evaluate(FOUND) == []
    page.get_by_role("button", name="遮盖（1 处）").click()
    expect(page.get_by_text("此照片有遮盖")).to_be_visible()
    expect(page.get_by_role("img", name="照片", exact=True)).to_be_visible()  # by itself, once it is drawn
    assert brightest(loop.su.get(f"/photos/{photo}/preview").data, 0.23, 0.23, 0.47, 0.57) <= 12
    page.get_by_label("带水印").check()
    expect(page.get_by_role("img", name="带水印的照片")).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载带水印的照片").click()
    assert coming.value.suggested_filename == f"{photo}-stamped.jpg"
    page.evaluate(AXE())
    assert page.evaluate(FOUND) == []
    page.get_by_role("button", name="撤销遮盖").click()
    asks = page.get_by_role("dialog", name="撤销遮盖")
    asks.get_by_role("textbox").fill("误遮")
    asks.get_by_role("button", name="撤销遮盖").click()
    expect(page.get_by_text("已撤销：误遮")).to_be_visible()
    expect(page.get_by_text("此照片有遮盖")).to_have_count(0)
    assert brightest(loop.su.get(f"/photos/{photo}/preview").data, 0.23, 0.23, 0.47, 0.57) > 60


def test_covering_with_a_finger_in_english(loop: OwnLoop, browse: Browse) -> None:
    photo = a_photo(loop, 502)
    page = sit_down(browse(**PHONE), loop.su)
    page.goto(f"/desk?lang=en#/photos/{photo}")
    page.get_by_role("button", name="Cover faces, plates and the like").click()
    sheet = page.get_by_role("group", name="Draw black boxes on the photo")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    points = [
        {"x": box["x"] + part * box["width"], "y": box["y"] + part * box["height"]} for part in (0.2, 0.4, 0.6)
    ]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(sheet.get_by_role("button", name="Box 1")).to_be_visible()
    page.get_by_label("Why it is covered").fill("a number plate")
    page.evaluate(AXE())
    assert page.evaluate(FOUND) == []
    # the finger drew; a tap that a busy machine makes longer than half a second is no tap to a browser
    page.get_by_role("button", name="Cover 1 part").click()
    expect(page.get_by_text("Parts of this photo are covered")).to_be_visible()
    expect(page.get_by_role("img", name="Photo", exact=True)).to_be_visible()
