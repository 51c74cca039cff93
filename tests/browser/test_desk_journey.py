"""The supervisor clears the queue at a desk: opens what came, sends one back with reasons, approves one, by the keyboard."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from playwright.sync_api import expect

from server.reports.models import Report
from server.reports.rules import State
from tests.browser.conftest import DESK
from tests.browser.steps import Browse, sit_down
from tests.city import City, until
from tests.factories import JINYUAN, Someone, photo_entry, report_body
from tests.photos import jpeg


def send(inspector: Someone, site: uuid.UUID, seed: int) -> str:
    data = jpeg(1200, 900, seed=seed)
    photo = photo_entry(data, item="ELEV-A05")
    failed = {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]]}
    return str(inspector.send(report_body(site, answers=[failed], photos=[photo]), {photo["id"]: data})["id"])


def test_a_queue_is_cleared_by_the_keyboard(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"li.{uuid.uuid4().hex[:6]}", "inspector", districts=(JINYUAN,))
    supervisor = town.office.person(f"zhao.{uuid.uuid4().hex[:6]}", "supervisor", districts=(JINYUAN,))
    site = town.office.site("化二建小区", district=JINYUAN, inspectors=(inspector,))
    first, second = send(inspector, site, 81), send(inspector, site, 82)

    def state_of(report_id: str) -> State:
        return town.office.read(sa.select(Report.state).where(Report.id == uuid.UUID(report_id)))[0]

    page = sit_down(browse(**DESK), supervisor.username)
    expect(page.get_by_text("化二建小区").first).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_text("焊工无证").first).to_be_visible()
    page.keyboard.press("r")
    page.get_by_label("总体意见").fill("照片看不清，请补拍")
    page.get_by_role("button", name="退回（", exact=False).click()
    expect(page.get_by_text("共 1 条")).to_be_visible()  # the next one is open
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    page.keyboard.press("a")
    until(lambda: {state_of(first), state_of(second)} == {State.RETURNED, State.APPROVED}, "both are decided", seconds=30)
