"""The weekly later look (回头看): drawn, a task on the inspector's phone, found to be false, reopened, seen at the desk. And
an issue that is entered at the desk with a photo."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from sqlalchemy.orm import Session

from server.issues import follow_ups
from server.issues.models import Issue, IssueEvent
from server.kit import clock
from tests.browser.conftest import DESK, PHONE
from tests.browser.desk import row, sit_down
from tests.browser.loop import OwnLoop
from tests.browser.steps import Browse, arrive
from tests.city import City, until
from tests.photos import jpeg

PICTURE = {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1200, 900, seed=907)}


@pytest.fixture
def loop(town: City) -> OwnLoop:
    return OwnLoop(town.office)


def closed_last_week(town: City, loop: OwnLoop) -> str:
    """All that happened to it is moved a week back, so that the week's stock still adds up."""
    issue = loop.closed()
    ago, which = timedelta(days=7), uuid.UUID(issue)

    def move(db: Session) -> None:
        one = db.get_one(Issue, which)
        assert one.issued_at is not None
        assert one.closed_at is not None
        one.created_at, one.issued_at, one.closed_at = one.created_at - ago, one.issued_at - ago, one.closed_at - ago
        for step in db.scalars(sa.select(IssueEvent).where(IssueEvent.issue_id == which)):
            step.at -= ago

    town.office.write(move)
    week = follow_ups.week_of(clock.day_of(clock.now() - ago))
    conf = town.office.app.config["DUDAO"]
    town.office.write(lambda db: follow_ups.draw(db, conf, week))  # the server's own worker may have been faster
    until(lambda: loop.look(issue)["follow_up"] is not None, "it was drawn")
    return issue


def test_a_false_closure_is_found_reopened_and_counted(town: City, loop: OwnLoop, browse: Browse) -> None:
    issue = closed_last_week(town, loop)
    number = loop.look(issue)["number"]
    desk = sit_down(browse(**DESK), loop.su, at="/follow-ups?open=true")
    expect(row(desk, number)).to_contain_text("待处理")

    page = arrive(browse(**PHONE), loop.wang.username)
    page.get_by_role("tab", name="待复查").click()
    page.get_by_role("link").filter(has_text=number).click()
    expect(page.get_by_text("回头看").first).to_be_visible()
    page.locator("footer").get_by_role("button", name="虚假销号", exact=True).click()
    page.get_by_label("意见").fill("雨后再次开裂，未按方案处理")
    page.locator("input[type=file]").first.set_input_files(PICTURE)  # type: ignore[arg-type]
    expect(page.locator("button.thumb img")).to_have_count(1)
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("没有待发送"))).to_be_visible(timeout=60_000)
    until(lambda: loop.look(issue)["state"] == "reopened", "it is reopened")
    shown = loop.look(issue)
    assert (shown["false_closures"], shown["follow_up"]["result"]) == (1, "false_closure")
    assert len(shown["photos"]["after"]) == 2

    desk.reload()
    expect(row(desk, number)).to_have_count(0)  # it waits no more
    desk.goto("/desk#/follow-ups")
    expect(row(desk, number)).to_contain_text("虚假销号")
    desk.goto(f"/desk#/issues?q={loop.tag}")
    expect(desk.get_by_text(re.compile(r"^反弹\d+$"))).to_be_visible()
    desk.goto(f"/desk#/issues/{issue}")
    expect(desk.get_by_text("虚假销号 1 次")).to_be_visible()
    expect(desk.get_by_text("雨后再次开裂，未按方案处理").first).to_be_visible()


def test_an_issue_is_entered_at_the_desk_with_its_photo(loop: OwnLoop, browse: Browse) -> None:
    page = sit_down(browse(**DESK), loop.su, at=f"/sites/{loop.site}")
    page.get_by_role("button", name="录入问题").first.click()
    asks = page.get_by_role("dialog", name="录入问题")
    asks.get_by_label("问题描述").fill("居民来电：二单元外墙脱落")
    asks.get_by_text("较大").first.click()
    asks.get_by_text("12345 热线", exact=True).click()
    asks.locator("input[type=file]").set_input_files(PICTURE)  # type: ignore[arg-type]
    expect(asks.get_by_role("img", name="现场.jpg")).to_be_visible()
    asks.get_by_role("button", name="录入", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="已录入问题")).to_be_visible()
    [found] = loop.su.get(f"/issues?site={loop.site}").json["items"]
    assert (len(found["photos"]["before"]), found["photos_awaited"], found["state"]) == (1, 0, "pending_issue")
