"""What a thin line carries: a report of forty answers, a sync with nothing new, as a real browser sends and gets them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Request, expect

from server.checklists.files import DATA, Version, read
from server.checklists.service import publish
from server.reports.models import Report
from tests.browser.conftest import PHONE
from tests.browser.test_phone_journey import arrive, item
from tests.city import City
from tests.factories import YINGZE

FORTY = 40
MOST_REPORT, MOST_SYNC = 6_000, 1_000
KEEP_DRAFT = """draft => new Promise((resolve, reject) => {
    const opening = indexedDB.open("dudao-" + localStorage.getItem("dudao.person"));
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const change = opening.result.transaction("drafts", "readwrite");
        change.objectStore("drafts").put(draft);
        change.oncomplete = () => { opening.result.close(); resolve(); };
        change.onabort = () => reject(change.error);
    };
})"""


def forty_items() -> Version:
    """A checklist longer than any that comes with the product; its failures need no photo."""
    content = read(DATA / "elev-1.yaml").content
    like = {**content["sections"][0]["items"][0], "photo": "none"}
    items = [{**like, "code": f"FORTY-A{number:02}"} for number in range(1, FORTY + 1)]
    section = {**content["sections"][0], "code": "FORTY-A", "items": items}
    content = {**content, "code": "FORTY", "zh": "四十项检查表", "en": "Forty items", "work_types": [], "sections": [section]}
    return Version("FORTY", 1, content, uuid.uuid4().hex)


def went(request: Request) -> int:
    """Bytes of headers and body; of a body that the page hands over as a stream Playwright's own count is 0."""
    return request.sizes()["requestHeadersSize"] + int(request.all_headers()["content-length"])


def test_forty_answers_and_a_sync_with_nothing_new_fit(town: City, browse: Callable[..., BrowserContext]) -> None:
    town.office.write(lambda db: publish(db, [forty_items()]))
    inspector = town.office.person("wang.thin", "inspector", districts=(YINGZE,))
    site = town.office.site("细线小区", inspectors=(inspector,))
    page = arrive(browse(**PHONE), inspector.username)
    expect(page.get_by_text("细线小区")).to_be_visible()

    with page.expect_request_finished(lambda request: "/sync?" in request.url) as asked:
        page.evaluate("dispatchEvent(new Event('online'))")
    empty = asked.value.response()
    assert empty
    assert empty.json()["sites"] == []
    came = asked.value.sizes()["responseHeadersSize"] + asked.value.sizes()["responseBodySize"]

    # Every answer given; one in five failed and told why.
    failed = {"value": "fail", "note": "3号楼东侧外墙保温层脱落，已拍照并告知施工单位", "severity": "major"}
    answers = {f"FORTY-A{n:02}": failed if n % 5 == 0 else {"value": "pass"} for n in range(1, FORTY + 1)}
    draft = str(uuid.uuid4())
    page.evaluate(KEEP_DRAFT, {
        "id": draft, "revision": 1, "site_id": str(site), "checklist": {"code": "FORTY", "version": 1}, "visit": "routine",
        "started_at": "2026-11-20T01:12:00.000Z", "touched_at": "2026-11-20T01:58:10.000Z", "answers": answers,
        "summary": "总体情况较好，个别部位需要整改。", "location_reason": "", "outside_reason": "", "correction_reason": "",
        "position": {"lat": 37.8601, "lng": 112.5502, "accuracy_m": 12, "captured_at": "2026-11-20T01:12:30.000Z"},
        "returned": None,
    })
    page.goto(f"/#/fill/{draft}")
    page.get_by_role("button", name="完成检查").click()
    with page.expect_request_finished(lambda request: request.method == "PUT") as sent:
        page.get_by_role("button", name="提交", exact=True).click()
    put = sent.value.response()
    assert put
    assert put.status == 201, put.text()
    [report] = town.office.read(sa.select(Report).where(Report.inspector_id == inspector.id))
    assert (report.passed, report.failed) == (32, 8)
    assert went(sent.value) < MOST_REPORT
    assert came < MOST_SYNC


def test_a_site_that_was_never_opened_is_judged_by_its_limits_without_a_signal(
    town: City, browse: Callable[..., BrowserContext]
) -> None:
    inspector = town.office.person("li.limits", "inspector", districts=(YINGZE,))
    supervisor = town.office.person("su.limits", "supervisor", districts=(YINGZE,))
    site = town.office.site("限值小区", inspectors=(inspector,))
    assert supervisor.put(f"/sites/{site}/limits", {"items": {"ELEV-B03": {"max": 10}}}).status_code == 200
    context = browse(**PHONE)
    page = arrive(context, inspector.username)
    expect(page.get_by_text("限值小区")).to_be_visible()
    context.set_offline(True)
    page.get_by_text("限值小区").click()
    page.get_by_role("button", name="既有住宅加装电梯检查表").click()
    expect(item(page, "ELEV-B03").get_by_text("≤ 10")).to_be_attached()
