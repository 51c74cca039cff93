"""The supervisor clears the queue at a desk: opens what came, sends one back with reasons, approves one, by the keyboard."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from playwright.sync_api import expect

from server.reports.models import Report
from server.reports.rules import State
from tests.browser.conftest import DESK
from tests.browser.desk import send, sit_down
from tests.browser.steps import Browse
from tests.city import City, until
from tests.factories import JINYUAN


def test_a_queue_is_cleared_by_the_keyboard(town: City, browse: Browse) -> None:
    inspector = town.office.person(f"li.{uuid.uuid4().hex[:6]}", "inspector", districts=(JINYUAN,))
    supervisor = town.office.person(f"zhao.{uuid.uuid4().hex[:6]}", "supervisor", districts=(JINYUAN,))
    name = f"化二建{uuid.uuid4().hex[:6]}小区"
    site = town.office.site(name, district=JINYUAN, inspectors=(inspector,))
    first, second = (send(inspector, site) for _ in range(2))

    def state_of(report_id: str) -> State:
        return town.office.read(sa.select(Report.state).where(Report.id == uuid.UUID(report_id)))[0]

    page = sit_down(browse(**DESK), supervisor, at=f"/reviews?q={name}")  # the district's other reports are others' stories
    expect(page.get_by_text(name).first).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_text("焊工无证").first).to_be_visible()
    page.keyboard.press("r")
    page.get_by_label("总体意见").fill("照片看不清，请补拍")
    page.get_by_role("button", name="退回（", exact=False).click()
    expect(page.get_by_text("共 1 条")).to_be_visible()  # the next one is open
    expect(page.get_by_role("button", name="通过")).to_be_enabled()
    page.keyboard.press("a")
    until(lambda: {state_of(first), state_of(second)} == {State.RETURNED, State.APPROVED}, "both are decided", seconds=30)
