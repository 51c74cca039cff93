"""The phone pulls what it needs to work offline, and afterwards only what changed."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.orm import Session

from server.kit import changes
from tests.factories import YINGZE, SiteOffice, Someone, report_body


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


def pull(who: Someone, cursor: str | None = None) -> dict:
    answer = who.get("/sync", query_string={"cursor": cursor} if cursor else {})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_fresh_phone_gets_own_sites_and_all_checklists(office: SiteOffice, wang: Someone) -> None:
    mine = office.site("老军营小区", inspectors=(wang,))
    office.site("别人的小区")
    first = pull(wang)
    assert first["full"] is True
    assert [site["id"] for site in first["sites"]] == [str(mine)]
    assert len(first["checklists"]) == 12
    assert sum(len(section["items"]) for one in first["checklists"] for section in one["sections"]) == 230
    assert first["reports"] == first["issues"] == first["gone"] == []


def test_nothing_changed_means_an_empty_answer_and_the_same_cursor(office: SiteOffice, wang: Someone) -> None:
    office.site(inspectors=(wang,))
    first = pull(wang)
    again = pull(wang, first["cursor"])
    assert again["full"] is False
    assert again["cursor"] == first["cursor"]
    assert again["sites"] == again["checklists"] == again["reports"] == again["issues"] == again["gone"] == []


def test_a_returned_report_comes_back_with_the_reason_on_the_item(office: SiteOffice, wang: Someone) -> None:
    site = office.site(inspectors=(wang,))
    report = wang.send(report_body(site))
    cursor = pull(wang)["cursor"]
    su = office.person("su", "supervisor", districts=(YINGZE,))
    su.post(f"/reports/{report['id']}/reviews", {
        "decision": "return", "revision": 1, "items": [{"item": "ELEV-A01", "comment": "看不清"}],
    })
    pulled = pull(wang, cursor)
    assert [one["state"] for one in pulled["reports"]] == ["returned"]
    assert pulled["reports"][0]["history"][-1]["items"] == [{"item": "ELEV-A01", "comment": "看不清"}]


def test_another_inspectors_work_is_never_told(office: SiteOffice, wang: Someone) -> None:
    li = office.person("li", "inspector", districts=(YINGZE,))
    site = office.site(inspectors=(wang, li))
    cursor = pull(wang)["cursor"]
    li.send(report_body(site))
    pulled = pull(wang, cursor)
    assert pulled["reports"] == []
    assert pulled["gone"] == []


def test_a_site_taken_away_is_gone(office: SiteOffice, wang: Someone) -> None:
    site = office.site(inspectors=(wang,))
    cursor = pull(wang)["cursor"]
    su = office.person("su", "supervisor", districts=(YINGZE,))
    taken = su.put(f"/sites/{site}/assignments", {"person_ids": []})
    assert taken.status_code == 200, taken.text
    assert pull(wang, cursor)["gone"] == [{"kind": "site", "id": str(site)}]


def test_a_sites_limits_come_with_it_and_come_again_when_they_change(office: SiteOffice, wang: Someone) -> None:
    """A phone that goes offline before it has opened a site judges by its limits all the same."""
    su = office.person("su", "supervisor", districts=(YINGZE,))
    site, other = office.site(inspectors=(wang,)), office.site("没有限值的", inspectors=(wang,))
    strangers = office.site("别人的")
    for place in (site, strangers):
        assert su.put(f"/sites/{place}/limits", {"items": {"ELEV-B03": {"max": 10}}}).status_code == 200
    first = pull(wang)
    told = {one["id"]: one["limits"] for one in first["sites"]}
    assert told == {str(site): {"ELEV-B03": {"min": None, "max": 10}}, str(other): {}}

    assert su.put(f"/sites/{site}/limits", {"items": {"ELEV-B03": {"max": 12}}}).status_code == 200
    second = pull(wang, first["cursor"])
    assert [(one["id"], one["limits"]) for one in second["sites"]] == [(str(site), {"ELEV-B03": {"min": None, "max": 12}})]
    assert su.put(f"/sites/{site}/limits", {"items": {}}).status_code == 200
    third = pull(wang, second["cursor"])
    assert [(one["id"], one["limits"]) for one in third["sites"]] == [(str(site), {})]


def test_a_forged_cursor_is_refused_by_name(wang: Someone) -> None:
    for cursor in ("x", "W10", "eyJhIjoxfQ", "𬭎", "A" * 2000):
        answer = wang.get("/sync", query_string={"cursor": cursor})
        assert answer.status_code == 422, cursor
        assert "cursor" in answer.json["errors"]


def test_a_change_that_commits_late_is_still_told(office: SiteOffice, wang: Someone) -> None:
    """On PostgreSQL a transaction may take its number early and commit after the phone has read on.

    SQLite has one writer: there the second change waits for the first, and the phone reads both at once.
    """
    site, other = office.site(inspectors=(wang,)), office.site("第二个", inspectors=(wang,))
    cursor = pull(wang)["cursor"]
    noted, released = threading.Event(), threading.Event()

    def slowly(db: Session) -> None:
        changes.note(db, "site", site)
        noted.set()
        released.wait(10)

    slow = threading.Thread(target=office.write, args=(slowly,))
    slow.start()
    noted.wait(10)
    quick = threading.Thread(target=office.write, args=(lambda db: changes.note(db, "site", other),))
    quick.start()
    if not office.database.is_sqlite:
        quick.join()
    early = pull(wang, cursor)
    released.set()
    slow.join()
    quick.join()
    late = pull(wang, early["cursor"])
    assert early["sites"] == []
    assert {entry["id"] for entry in late["sites"]} == {str(site), str(other)}
