"""A photo is made smaller and marked with a finger, the representative signs, and the desk sees what was drawn."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, expect

from server.kit.images import read_facts
from server.kit.storage import original_key
from server.photos.models import Photo
from server.reports.models import Report
from tests.browser.conftest import DESK, PHONE
from tests.browser.desk import sit_down
from tests.browser.steps import Browse, answer, arrive, begin, draw, finish, is_sent, item, photograph
from tests.city import City, until
from tests.factories import YINGZE
from tests.photos import jpeg

TAKEN = datetime(2026, 11, 20, 9, 15, 1, tzinfo=timezone(timedelta(hours=8)))
# Held upright, as most are: 3200×2400 on the chip, shown 2400×3200.
LARGE = jpeg(3200, 2400, seed=91, noise=0.05, orientation=6, exif_at=TAKEN, gps=(37.8601, 112.5502))
MARKS = """async () => {
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise((done) => { indexedDB.open(name).onsuccess = (event) => done(event.target.result); });
    const photos = await new Promise((done) => {
      db.transaction("photos").objectStore("photos").getAll().onsuccess = (event) => done(event.target.result);
    });
    db.close();
    if (photos.length) return photos[0].marks.length;
  }
}"""


def mark(page: Page) -> None:
    """Red and thin, then yellow and thick, then one that is taken back."""
    sheet = page.get_by_role("dialog", name="在第 1 张照片上标注")
    stage = sheet.locator("img")
    expect(sheet.get_by_role("button", name="撤销")).to_be_disabled()
    draw(page, stage, (0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6), (0.4, 0.4))
    expect(sheet.locator("svg g")).to_have_count(1)
    sheet.get_by_role("button", name="黄笔").click()
    sheet.get_by_role("button", name="粗").click()
    draw(page, stage, (0.2, 0.5), (0.35, 0.45))
    draw(page, stage, (0.7, 0.7), (0.8, 0.7))
    expect(sheet.locator("svg g")).to_have_count(3)
    sheet.get_by_role("button", name="撤销").click()
    expect(sheet.locator("svg g")).to_have_count(2)


def cancelled(page: Page) -> None:
    """A stroke is drawn, and the whole sheet taken back."""
    sheet = page.get_by_role("dialog", name="在第 1 张照片上标注")
    draw(page, sheet.locator("img"), (0.3, 0.3), (0.5, 0.6))
    until(lambda: page.evaluate(MARKS) == 1, "each stroke is kept at once")
    sheet.get_by_role("button", name="取消").click()
    until(lambda: page.evaluate(MARKS) == 0, "what was cancelled is taken back")


def begun(context: BrowserContext, username: str) -> Page:
    page = arrive(context, username)
    page.get_by_role("tab", name=re.compile("我$")).click()
    page.get_by_text("上传前缩小照片").click()
    expect(page.get_by_role("switch", name="上传前缩小照片")).to_have_attribute("aria-checked", "true")
    page.get_by_role("tab", name=re.compile("小区$")).click()
    begin(page, "签字小区")
    answer(page, "ELEV-A05", "不合格")
    photograph(page, "ELEV-A05", LARGE, then=1)
    return page


def sent(town: City, browse: Browse) -> dict[str, Any]:
    """The report as the server gives it, after the whole way by hand."""
    inspector = town.office.person(f"zhou.{uuid.uuid4().hex[:6]}", "inspector", districts=(YINGZE,))
    town.office.site("签字小区", inspectors=(inspector,))
    context = browse(**PHONE)
    page = begun(context, inspector.username)
    item(page, "ELEV-A05").get_by_role("button", name="第 1 张照片").click()
    page.locator(".viewer").get_by_role("button", name="标注").click()
    cancelled(page)
    page.locator(".viewer").get_by_role("button", name="标注").click()
    mark(page)
    until(lambda: page.evaluate(MARKS) == 2, "each stroke is kept at once")

    # The page is killed with the sheet open: what was drawn is there again.
    page.close()
    page = context.new_page()
    page.goto("/")
    page.get_by_role("tab", name="我的检查").click()
    page.get_by_role("button", name="继续填写").click()
    expect(item(page, "ELEV-A05").get_by_role("button", name="第 1 张照片，有标注").locator("svg g")).to_have_count(2)

    page.get_by_label("现场代表姓名").fill("李工")
    page.get_by_role("button", name="请现场代表签字").click()
    paper = page.get_by_role("dialog", name="请现场代表签字").locator("canvas")
    expect(page.get_by_text("签字小区：已检查 1 项，不合格 1 项")).to_be_visible()
    draw(page, paper, (0.2, 0.4), (0.5, 0.5), (0.3, 0.6))
    draw(page, paper, (0.6, 0.4), (0.8, 0.6))
    page.get_by_role("button", name="完成", exact=True).click()
    expect(page.get_by_role("img", name="现场代表签字")).to_be_visible()
    finish(page)
    is_sent(page)
    [report_id] = town.office.read(sa.select(Report.id).where(Report.inspector_id == inspector.id))
    report = inspector.get(f"/reports/{report_id}").json
    assert report["state"] == "submitted"
    return {**report, "owner": inspector.id}


def test_what_was_drawn_and_signed_arrives_and_is_shown(town: City, browse: Browse) -> None:
    report = sent(town, browse)
    the_server_has_it(town, report)
    the_desk_shows_it(town, browse, report)


def the_server_has_it(town: City, sent: dict[str, Any]) -> None:
    [shown] = sent["gallery"]
    red, yellow = shown["marks"]
    assert (red["colour"], yellow["colour"], red["width"] < yellow["width"]) == ("red", "yellow", True)
    assert len(red["points"]) <= 6, "four straight sides need no more"
    assert red["points"][0] == pytest.approx([0.4, 0.4], abs=0.25)  # the photo lies within the stage, less wide
    signed = sent["signed"]
    assert (signed["revision"], signed["name"], len(signed["signature"])) == (1, "李工", 2)
    assert signed["signed_at"]

    # Of the original its facts, of the smaller copy its bytes, with what the camera wrote.
    assert shown["original"] == {
        "sha256": hashlib.sha256(LARGE).hexdigest(), "size": len(LARGE), "media_type": "image/jpeg",
        "width": 2400, "height": 3200,
    }
    [sha256] = town.office.read(sa.select(Photo.sha256).where(Photo.owner_id == sent["owner"]))
    assert sha256 == shown["sha256"] != shown["original"]["sha256"]
    stored = town.uploads / original_key(sha256)
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == sha256
    facts = read_facts(stored)
    assert (facts.width, facts.height, facts.orientation) == (1920, 2560, 1)
    assert facts.taken_at == TAKEN
    assert (facts.lat, facts.lng) == (pytest.approx(37.8601, abs=1e-4), pytest.approx(112.5502, abs=1e-4))
    assert facts.make
    assert not facts.problems


def the_desk_shows_it(town: City, browse: Browse, sent: dict[str, Any]) -> None:
    supervisor = town.office.person(f"qian.{uuid.uuid4().hex[:6]}", "supervisor", districts=(YINGZE,))
    page = sit_down(browse(**DESK), supervisor)
    page.goto(f"/desk#/reports/{sent['id']}")
    expect(page.get_by_role("img", name="现场代表签字")).to_be_visible()
    expect(page.get_by_text("李工").first).to_be_visible()
    thumb = page.get_by_role("button", name="查看照片 1 · 有标注")
    expect(thumb.locator("svg g")).to_have_count(2, timeout=30_000)  # once the preview is made
    thumb.click()
    viewer = page.get_by_role("dialog", name="照片查看")
    marks = viewer.locator(".box svg")
    expect(marks.locator("g")).to_have_count(2)
    expect(viewer.get_by_text("已缩小；原图 2400×3200")).to_be_visible()
    photo = viewer.locator(".box img")
    page.keyboard.press("+")
    page.keyboard.press("r")
    assert marks.bounding_box() == photo.bounding_box(), "it follows zoom and turn"
    viewer.get_by_role("button", name="标注", exact=True).click()
    expect(marks).to_have_count(0)
    page.keyboard.press("m")
    expect(marks.locator("g")).to_have_count(2)
