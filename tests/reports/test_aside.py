"""Other content under the same id and revision: kept aside while there is room, and never said to be kept where it is not."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from server.audit.models import AuditEvent
from server.kit.ids import new_id
from server.reports import rules
from server.reports.models import ReportConflict
from server.reports.rules import MOST_ASIDE, has_room_aside
from tests.factories import YINGZE, SiteOffice, Someone, report_body


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    """An inspector of Yingze; the checklists are published."""
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


@pytest.fixture
def su(office: SiteOffice) -> Someone:
    return office.person("su", "supervisor", districts=(YINGZE,))


class Report:
    """A report that was received, and a phone that says something else of it each time."""

    def __init__(self, office: SiteOffice, wang: Someone) -> None:
        self.id, self.wang = str(new_id()), wang
        self.body = report_body(office.site(inspectors=(wang,)))
        assert wang.put(f"/reports/{self.id}", self.body).status_code == 201

    def said(self, number: int, **more: Any) -> TestResponse:
        return self.wang.put(f"/reports/{self.id}", {**self.body, "summary": f"第{number}种说法", **more})

    def fill(self) -> None:
        assert [self.said(number).json["code"] for number in range(MOST_ASIDE)] == ["report-conflict"] * MOST_ASIDE


@pytest.fixture
def report(office: SiteOffice, wang: Someone) -> Report:
    return Report(office, wang)


def aside(office: SiteOffice, report: Report) -> list[str]:
    of_report = ReportConflict.report_id == uuid.UUID(report.id)
    return sorted(office.read(sa.select(ReportConflict.digest).where(of_report)))


def trail(office: SiteOffice, report: Report, verb: str) -> list[dict[str, Any]]:
    told = sa.select(AuditEvent.facts).where(AuditEvent.object_id == report.id, AuditEvent.verb == verb)
    return office.read(told.order_by(AuditEvent.id))


def everything_kept(su: Someone, report: Report, **query: Any) -> list[list[dict[str, Any]]]:
    """The list of what was kept aside, page by page."""
    pages, cursor = [], None
    while True:
        found = su.get(f"/reports/{report.id}/conflicts", query_string={**query, **({"cursor": cursor} if cursor else {})})
        assert found.status_code == 200, found.text
        pages.append(found.json["items"])
        cursor = found.json["next_cursor"]
        if cursor is None:
            return pages


def test_once_the_room_is_full_other_content_is_refused_and_not_said_to_be_kept(
    office: SiteOffice, report: Report, su: Someone
) -> None:
    report.fill()
    kept = aside(office, report)
    refused = report.said(1000)
    assert (refused.status_code, refused.json["code"]) == (409, "report-conflicts-full")
    assert (refused.json["revision"], refused.json["state"]) == (1, "submitted")
    assert "未保留" in report.wang.put(
        f"/reports/{report.id}", {**report.body, "summary": "再一种"}, headers={"Accept-Language": "zh-CN"}
    ).json["title"]
    assert aside(office, report) == kept, "what was kept stays, and nothing came to it"
    assert su.get(f"/reports/{report.id}").json["conflicts"] == MOST_ASIDE


def test_what_is_kept_and_what_was_received_are_answered_as_before_when_the_room_is_full(
    office: SiteOffice, report: Report
) -> None:
    report.fill()
    assert report.said(1000).json["code"] == "report-conflicts-full"
    for number in (0, MOST_ASIDE - 1):
        again = report.said(number)
        assert (again.status_code, again.json["code"]) == (409, "report-conflict")
    assert report.wang.put(f"/reports/{report.id}", report.body).status_code == 200
    after = report.said(2000, revision=2)
    assert (after.status_code, after.json["revision"]) == (201, 2), "the way on is the next revision"


def test_the_room_is_one_for_all_revisions_of_a_report_and_another_report_has_its_own(
    office: SiteOffice, report: Report
) -> None:
    report.fill()
    assert report.said(0, revision=2).status_code == 201
    assert report.said(1, revision=2).json["code"] == "report-conflicts-full"
    assert Report(office, report.wang).said(1).json["code"] == "report-conflict"


def test_the_trail_tells_every_body_that_was_kept_and_once_that_no_more_are(office: SiteOffice, report: Report) -> None:
    report.fill()
    for number in (1000, 1001, 1000):
        report.said(number)
    kept = trail(office, report, "report_kept_aside")
    assert sorted(facts["digest"] for facts in kept) == aside(office, report)
    [refused] = trail(office, report, "report_not_kept_aside")
    assert (refused["revision"], refused["count"]) == (1, MOST_ASIDE)
    assert refused["digest"] not in aside(office, report)


def test_few_long_bodies_fill_the_room_as_well(
    office: SiteOffice, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in bytes and not in characters: 3000 of these are 9000 bytes, the backslash none of its own."""
    monkeypatch.setattr(rules, "MOST_ASIDE_BYTES", 20_000)
    codes = [report.said(number, summary="长" * 3000 + rf"\000{number}").json["code"] for number in range(4)]
    assert codes == ["report-conflict", "report-conflict", "report-conflict", "report-conflicts-full"]
    assert len(aside(office, report)) == 3


def test_the_first_body_has_room_however_long_it_is() -> None:
    assert has_room_aside(0, 0)
    assert has_room_aside(1, rules.MOST_ASIDE_BYTES - 1)
    assert not has_room_aside(1, rules.MOST_ASIDE_BYTES)
    assert not has_room_aside(MOST_ASIDE, 0)


def test_thirty_at_once_never_go_beyond_the_room(office: SiteOffice, report: Report) -> None:
    codes: list[str] = []

    def send(number: int) -> None:
        body = {**report.body, "summary": f"第{number}种说法"}
        headers = {"Authorization": f"Bearer {report.wang.tokens['access_token']}"}
        answer = office.app.test_client().put(f"/api/v1/reports/{report.id}", json=body, headers=headers)
        codes.append(answer.json["code"])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(MOST_ASIDE + 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (codes.count("report-conflict"), codes.count("report-conflicts-full")) == (MOST_ASIDE, 10)
    assert len(aside(office, report)) == MOST_ASIDE
    assert len(trail(office, report, "report_not_kept_aside")) == 1


def test_what_is_kept_is_listed_page_by_page_in_the_order_in_which_it_came(report: Report, su: Someone) -> None:
    report.fill()
    said = [f"第{number}种说法" for number in range(MOST_ASIDE)]
    for query, sizes in (({}, [5, 5, 5, 5]), ({"limit": 200}, [5, 5, 5, 5]), ({"limit": 3}, [3] * 6 + [2])):
        pages = everything_kept(su, report, **query)
        assert [len(page) for page in pages] == sizes
        assert [one["content"]["summary"] for page in pages for one in page] == said
    assert set(pages[0][0]) == {"id", "revision", "digest", "received_at", "content"}
    assert su.get(f"/reports/{report.id}/conflicts?limit=201").status_code == 422
    assert su.get(f"/reports/{report.id}/conflicts?cursor=nonsense").status_code == 422


def test_neither_the_report_nor_the_phones_sync_reads_what_is_kept_only_to_count_it(
    office: SiteOffice, report: Report, su: Someone
) -> None:
    report.fill()
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        read.append(statement)

    with office.database.read() as db:
        engine = db.get_bind().engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert su.get(f"/reports/{report.id}").json["conflicts"] == MOST_ASIDE
        assert report.wang.get("/sync").json["reports"][0]["conflicts"] == MOST_ASIDE
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    assert any("report_revision.content" in one for one in read), "what the report itself says is read"
    assert not any("report_conflict.content" in one for one in read)
