"""Who reads the trail, and how much of it."""

from __future__ import annotations

import pytest

from server.audit import service
from server.kit import paging
from server.kit.actor import Actor
from server.kit.ids import new_id
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone


@pytest.fixture
def site(office: SiteOffice) -> str:
    """A site with a story: three events of Yingze, one of Jinyuan, one of no district."""
    wang = office.person("wang", "inspector")
    actor = Actor(id=wang.id, username="wang", name="Wang", roles=frozenset())
    site = str(new_id())
    for number, district in enumerate((YINGZE, YINGZE, JINYUAN, YINGZE, None)):
        office.write(lambda db, n=number, d=district: service.record(
            db, actor if n else None, f"step{n}", "site", site, district=d, note="迎泽 \x00"))
    return site


def verbs(who: Someone, query: str) -> list[str]:
    answer = who.get(f"/audit?{query}")
    assert answer.status_code == 200, answer.text
    return [event["verb"] for event in answer.json["items"]]


def test_the_office_reads_all_newest_first_page_by_page(office: SiteOffice, site: str) -> None:
    clerk = office.person("clerk", "office")
    page = clerk.get(f"/audit?object=site:{site}&limit=3").json
    assert [event["verb"] for event in page["items"]] == ["step4", "step3", "step2"]
    service_line = {"kind": "site", "id": site}
    assert page["items"][0]["object"] == service_line
    assert page["items"][0]["actor"]["name"] == "Wang"
    assert page["items"][0]["facts"] == {"note": "迎泽 \x00"}
    rest = clerk.get(f"/audit?object=site:{site}&limit=3&cursor={page['next_cursor']}").json
    assert [event["verb"] for event in rest["items"]] == ["step1", "step0"]
    assert rest["items"][1]["actor"] is None
    assert rest["next_cursor"] is None
    assert verbs(clerk, "limit=200")[-1] == "step0" or "step0" in verbs(clerk, "limit=200")


def test_an_id_alone_finds_the_object_whatever_it_is(office: SiteOffice, site: str) -> None:
    clerk = office.person("clerk", "office")
    office.write(lambda db: service.record(db, None, "filed", "folder", site, district=JINYUAN))
    assert verbs(clerk, f"object={site}") == ["filed", "step4", "step3", "step2", "step1", "step0"]
    assert verbs(clerk, f"object=folder:{site}") == ["filed"]
    assert verbs(clerk, f"object={site[:-1]}") == verbs(clerk, "object=site") == []
    zhao = office.person("zhao", "supervisor", districts=(YINGZE,))
    assert verbs(zhao, f"object={site}") == ["step3", "step1", "step0"]


def test_an_index_finds_the_object_whether_its_kind_is_told_or_not(office: SiteOffice) -> None:
    with office.database.engine.connect() as connection:
        explain = "explain query plan"
        if not office.database.is_sqlite:  # of a small table it would read all, which is quicker
            explain = "explain"
            connection.exec_driver_sql(
                "insert into audit_event (at, verb, object_kind, object_id, facts)"
                " select now(), 'step', 'site', 'object' || mod(n, 1000), '{}' from generate_series(1, 20000) n"
            )
            connection.exec_driver_sql("analyze audit_event")
        for more in ("", "and object_kind = 'site'"):
            told = str(connection.exec_driver_sql(
                f"{explain} select * from audit_event where object_id = 'x' {more} order by id desc limit 51"
            ).all())
            assert "ix_audit_event_object_id_id" in told
            assert "TEMP B-TREE" not in told


def test_a_supervisor_reads_what_happened_in_own_districts(office: SiteOffice, site: str) -> None:
    zhao = office.person("zhao", "supervisor", districts=(YINGZE,))
    assert verbs(zhao, f"object=site:{site}") == ["step3", "step1", "step0"]
    assert verbs(zhao, "") == ["step3", "step1", "step0"]
    nowhere = office.person("qian", "supervisor")
    assert verbs(nowhere, f"object=site:{site}") == []


def test_inspectors_and_contractors_do_not_read_it(office: SiteOffice, site: str) -> None:
    assert office.person("wang", "inspector").get("/audit").status_code == 403
    assert office.person("firm", "contractor").get("/audit").status_code == 403


def test_odd_questions_are_refused_or_find_nothing(office: SiteOffice) -> None:
    boss = office.person("boss", "admin")
    for query in ("object=:", "object=:1", "object=site:", "cursor=x", "limit=0", "objects=site:1",
                  "object=site:%00", "cursor=" + "a" * 1001):
        assert boss.get(f"/audit?{query}").status_code == 422, query
    before_the_first = paging.encode([1], of="AuditEvent.id desc")
    assert boss.get(f"/audit?cursor={before_the_first}").json["items"] == []


def test_an_object_may_be_called_anything(office: SiteOffice) -> None:
    boss = office.person("boss", "admin")
    assert verbs(boss, "object=person:unknown") == []
    assert verbs(boss, "object=person:a:b") == []
    assert verbs(boss, f"object=person:{boss.id}") == ["signed_in"]
    assert verbs(boss, "object=x:" + "a" * 3000) == []
