"""Lists of reports: merged over districts, cut into pages, searched by site and by number."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server.kit import clock
from server.kit.ids import new_id
from server.photos.models import Flag
from server.reports import queries
from server.reports.schemas import ReportRow
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone, report_body

Sent = dict[str, list[str]]  # district → ids in the order in which they came


@pytest.fixture
def sent(office: SiteOffice) -> Sent:
    """Two inspectors send five reports each, turn by turn."""
    office.checklists()
    sites = {code: office.site(name, district=code, inspectors=(_inspector(office, code),))
             for code, name in ((YINGZE, "老军营小区"), (JINYUAN, "晋祠苑"))}
    ids: Sent = {YINGZE: [], JINYUAN: []}
    for _ in range(5):
        for code, site in sites.items():
            ids[code].append(_send(_inspector(office, code), site))
    return ids


def _inspector(office: SiteOffice, code: str) -> Someone:
    return office.person(f"inspector.{code}", "inspector", districts=(code,))


def _send(inspector: Someone, site: UUID) -> str:
    report_id = str(new_id())
    assert inspector.put(f"/reports/{report_id}", report_body(site)).status_code == 201
    return report_id


def _ids(someone: Someone, path: str) -> list[str]:
    answer = someone.get(path)
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json["items"]]


def _all_pages(someone: Someone, path: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        page = someone.get(f"{path}&limit=3{cursor}").json
        found += [row["id"] for row in page["items"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _newest_first(sent: Sent) -> list[str]:
    return [one for pair in zip(sent[JINYUAN][::-1], sent[YINGZE][::-1], strict=True) for one in pair]


def test_a_supervisor_of_two_districts_reads_both_in_one_order_page_by_page(office: SiteOffice, sent: Sent) -> None:
    both = office.person("both", "supervisor", districts=(YINGZE, JINYUAN))
    assert _all_pages(both, "/reports?state=submitted") == _newest_first(sent)
    assert _all_pages(both, f"/reports?district={YINGZE}") == sent[YINGZE][::-1]
    assert _ids(both, "/reports?state=void") == []


def test_the_oldest_first_is_the_same_list_from_its_other_end(office: SiteOffice, sent: Sent) -> None:
    both = office.person("both", "supervisor", districts=(YINGZE, JINYUAN))
    for path in ("/reports?state=submitted", f"/reports?district={YINGZE}", "/reports?q=晋祠", "/reports?q=140"):
        assert _all_pages(both, f"{path}&order=oldest") == _all_pages(both, path)[::-1]
        assert _all_pages(both, f"{path}&order=newest") == _all_pages(both, path)
    assert _ids(both, "/reports?order=oldest&limit=1") == [sent[YINGZE][0]]


def test_oldest_first_meets_what_comes_meanwhile_at_its_end(office: SiteOffice, sent: Sent) -> None:
    both = office.person("both", "supervisor", districts=(YINGZE, JINYUAN))
    first = both.get("/reports?order=oldest&limit=4").json
    late = _send(_inspector(office, YINGZE), UUID(both.get(f"/reports/{sent[YINGZE][0]}").json["site"]["id"]))
    rest = both.get(f"/reports?order=oldest&cursor={first['next_cursor']}").json
    seen = [row["id"] for row in [*first["items"], *rest["items"]]]
    assert seen == [*_newest_first(sent)[::-1], late]


def test_a_cursor_of_one_order_is_no_cursor_of_the_other(office: SiteOffice, sent: Sent) -> None:
    desk = office.person("office", "office")
    assert sent
    cursor = desk.get("/reports?limit=3").json["next_cursor"]
    assert desk.get(f"/reports?order=oldest&cursor={cursor}").status_code == 422
    assert desk.get("/reports?order=sideways").status_code == 422


def test_who_inspects_beyond_their_districts_meets_each_report_once(office: SiteOffice, sent: Sent) -> None:
    two_hats = office.person("two.hats", "supervisor", "inspector", districts=(YINGZE,))
    elsewhere = office.site("古寨", district=JINYUAN, inspectors=(two_hats,))
    here = office.site("桥东", district=YINGZE, inspectors=(two_hats,))
    own = [_send(two_hats, site) for site in (elsewhere, here)]
    assert _all_pages(two_hats, "/reports?state=submitted") == [*own[::-1], *sent[YINGZE][::-1]]


def test_a_name_finds_the_reports_of_its_sites_and_a_number_is_found_by_its_start(office: SiteOffice, sent: Sent) -> None:
    desk = office.person("office", "office")
    assert _all_pages(desk, "/reports?q=晋祠") == sent[JINYUAN][::-1]
    assert _ids(desk, "/reports?q=没有这个地方") == []
    number = desk.get(f"/reports/{sent[YINGZE][2]}").json["number"]
    assert _ids(desk, f"/reports?q={number.lower()}") == [sent[YINGZE][2]]
    assert _ids(desk, f"/reports?q={number[:15]}") == sent[YINGZE][::-1]
    assert _ids(office.person("jinyuan", "supervisor", districts=(JINYUAN,)), f"/reports?q={number}") == []


def test_percent_and_underscore_stand_for_themselves(office: SiteOffice, sent: Sent) -> None:
    desk = office.person("office", "office")
    assert sent
    for term in ("%25", "_", "1401%25", "14010_-", "~"):
        assert _ids(desk, f"/reports?q={term}") == []


def test_a_word_of_many_sites_finds_the_same(office: SiteOffice, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    both = office.person("both", "supervisor", districts=(YINGZE, JINYUAN))
    paths = ("/reports?q=小区", "/reports?q=140", "/reports?q=苑&state=submitted", "/reports?q=没有")
    few = [_all_pages(both, path) for path in paths]
    assert [len(found) for found in few] == [5, 10, 5, 0]
    monkeypatch.setattr(queries, "FEW_SITES", 0)
    assert [_all_pages(both, path) for path in paths] == few
    assert sent


def test_a_flag_is_found_whether_rare_or_common(office: SiteOffice, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    flagged = [sent[YINGZE][1], sent[JINYUAN][3]]
    raised = [(sent[YINGZE][1], "no-exif", 1), (sent[YINGZE][1], "no-exif", 2), (sent[JINYUAN][3], "no-exif", 3),
              (sent[YINGZE][0], "clock-skew", 4)]
    office.write(lambda db: db.add_all(
        Flag(code=code, object_kind="photo", object_id=UUID(int=number), report_id=UUID(report), numbers={},
             raised_at=clock.now())
        for report, code, number in raised
    ))
    both = office.person("both", "supervisor", districts=(YINGZE, JINYUAN))
    for few in (200, 0):
        monkeypatch.setattr(queries, "FEW_FLAGGED", few)
        assert _all_pages(both, "/reports?flag=no-exif") == flagged[::-1]
        assert _all_pages(both, "/reports?flag=clock-skew&state=submitted") == [sent[YINGZE][0]]
        assert _ids(both, "/reports?flag=edited") == []


def test_a_list_answers_what_its_schema_says(office: SiteOffice, sent: Sent) -> None:
    """The answer is not dumped by the schema, since that costs as much as all the rest of a list."""
    desk = office.person("office", "office")
    page: dict[str, Any] = desk.get("/reports").json
    with office.database.read() as db:
        reports = [queries.head_of(db, UUID(row["id"])) for row in page["items"]]
        said = [ReportRow().dump(row) for row in queries.rows(db, reports)]
    assert page["items"] == said
    assert len(said) == 2 * len(sent[YINGZE])
