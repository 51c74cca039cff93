"""What the desk's stories have in common: sitting down at it, and what is sent to it from outside."""

from __future__ import annotations

import uuid
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.steps import sign_in
from tests.factories import Someone, photo_entry, report_body
from tests.photos import jpeg

PHOTO = jpeg(1200, 900, seed=81)


def sit_down(context: BrowserContext, someone: Someone, *, at: str = "") -> Page:
    """Sign in at the desk, and go to a page of it."""
    page = context.new_page()
    page.goto(f"/desk#{at}")
    sign_in(page, someone.username)
    expect(page.get_by_role("navigation").first).to_be_visible()
    return page


def send(inspector: Someone, site: uuid.UUID, *, note: str | None = "焊工无证", data: bytes = PHOTO, **more: Any) -> str:
    """A report with one photo; `note` says what failed, None that nothing did. Returns its id."""
    photo = photo_entry(data, item="ELEV-A05", caption="三号楼东侧")
    verdict = {"value": "pass"} if note is None else {"value": "fail", "note": note}
    answer = {"item": "ELEV-A05", "photos": [photo["id"]], **verdict}
    return str(inspector.send(report_body(site, answers=[answer], photos=[photo], **more), {photo["id"]: data})["id"])


def choose(page: Page, label: str, option: str) -> None:
    """One of a drop-down's options; the list of another that is still closing is left alone."""
    page.get_by_role("combobox", name=label, exact=True).click(force=True)  # its text lies above it
    page.locator(".el-select-dropdown__item:visible", has_text=option).first.click()


def row(page: Page | Locator, text: str) -> Locator:
    """The row of a table in which this stands."""
    return page.locator("tbody tr", has_text=text)
