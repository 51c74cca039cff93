"""A resident opens the link on a phone, without an account and without scripts, and says that it is not fixed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.kit.ids import new_id
from tests.browser.conftest import PHONE
from tests.browser.loop import OwnLoop
from tests.browser.steps import Browse
from tests.browser.test_axe import AXE, FOUND
from tests.city import City, until
from tests.photos import jpeg
from tests.residents.word import turn_on

OLD_PHONE = {name: value for name, value in PHONE.items() if name not in {"geolocation", "permissions"}}


@pytest.fixture(scope="module")
def loop(town: City) -> Iterator[OwnLoop]:
    made = OwnLoop(town.office)
    turn_on(town.office)
    yield made
    turn_on(town.office, residents_asked=None)


def link(loop: OwnLoop) -> tuple[str, str]:
    """A closed issue, and the path of its link once the worker has made the small pictures."""
    issue = loop.closed(site=loop.found(new_id().hex[-6:]))
    path = "/r/" + loop.su.get(f"/issues/{issue}/residents").json["link"].rsplit("/", 1)[1]
    client = loop.office.app.test_client()
    until(lambda: client.get(path).get_data(as_text=True).count("<img") == 2, "both small pictures are made")
    return issue, path


def open_page(browse: Browse, path: str, *, language: str = "zh-CN", scripts: bool = False) -> Page:
    page = browse(language=language, java_script_enabled=scripts, **OLD_PHONE).new_page()
    page.goto(path)
    return page


def test_a_resident_says_no_and_the_supervisor_sees_it(loop: OwnLoop, browse: Browse, tmp_path: Path) -> None:
    issue, path = link(loop)
    photo = tmp_path / "现场.jpg"
    photo.write_bytes(jpeg(800, 600))
    page = open_page(browse, path)
    expect(page.get_by_role("heading", name="整改回访")).to_be_visible()
    expect(page.get_by_alt_text("整改前的照片")).to_be_visible()
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="整改回访")).to_be_visible()  # the browser asks for yes or no first
    page.get_by_text("否，没修好").click()
    page.get_by_label("补充说明").fill("三单元门口\n还在漏水")
    page.get_by_label("拍一张现场照片").set_input_files(photo)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="谢谢您！")).to_be_visible()
    expect(page.get_by_text("监管人员会重新查看")).to_be_visible()
    page.goto(path)
    expect(page.get_by_role("heading", name="这个链接不能使用")).to_be_visible()
    shown = loop.su.get(f"/issues/{issue}").json
    word = loop.su.get(f"/issues/{issue}/residents").json["words"][0]
    assert (shown["state"], word["answer"], word["comment"]) == ("reopened", "no", "三单元门口\n还在漏水")
    assert word["photo"]


def test_in_english_a_bad_photo_can_be_left_out(loop: OwnLoop, browse: Browse, tmp_path: Path) -> None:
    issue, path = link(loop)
    bad = tmp_path / "notes.pdf"
    bad.write_bytes(b"%PDF-1.7 notes")
    page = open_page(browse, path)
    page.get_by_role("link", name="English").click()
    page.get_by_text("Yes, it is fixed").click()
    page.get_by_label("Anything to add").fill("Thank you")
    page.get_by_label("A photo of how it is now").set_input_files(bad)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("This photo cannot be used")
    expect(page.get_by_label("Anything to add")).to_have_value("Thank you")
    expect(page.get_by_label("Yes, it is fixed")).to_be_checked()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    assert loop.su.get(f"/issues/{issue}").json["state"] == "closed"


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_everybody_can_use_the_page(loop: OwnLoop, browse: Browse, language: str) -> None:
    _, path = link(loop)
    page = open_page(browse, path, language=language, scripts=True)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.reload()
    assert page.locator("img").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.locator("a, button, .choice, input[type=file], textarea").evaluate_all(
        "all => all.filter(one => one.getBoundingClientRect().height < 44).map(one => one.outerHTML)"
    )
    assert (small, complaints) == ([], [])
    for where in (path, "/r/" + "a" * 32):
        page.goto(where)
        page.evaluate(AXE())
        assert page.evaluate(FOUND) == []
