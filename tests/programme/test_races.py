"""Several people at one site in the same moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from server.programme.models import Area, Assignment, Site, SiteState
from tests.factories import YINGZE, SiteOffice, Someone

MANY = 8


def copies(office: SiteOffice, person: Someone) -> list[Someone]:
    """The same person at several screens: one client of its own for each thread."""
    return [Someone(office.app.test_client(), person.id, person.username, person.tokens) for _ in range(MANY)]


def test_changes_of_different_fields_at_once_are_all_kept(office: SiteOffice) -> None:
    li = office.person("li", "supervisor", districts=(YINGZE,))
    site = office.site(investment_done_fen=0, carried_out=False)
    bodies = [
        {"households": 7}, {"buildings": 3}, {"street": "柳巷街道"}, {"plan_year": 2026}, {"investment_done_yuan": 9},
        {"built_year": 1986}, {"area": "新南三片区"}, {"floor_area_m2": 50},
    ]
    with ThreadPoolExecutor(MANY) as threads:
        answers = list(threads.map(lambda one: one[0].patch(f"/sites/{site}", one[1]),
                                   zip(copies(office, li), bodies, strict=True)))
    assert [answer.status_code for answer in answers] == [200] * MANY
    shown = li.get(f"/sites/{site}").json
    assert shown["version"] == MANY + 1
    assert (shown["households"], shown["street"], shown["area"]["name"]) == (7, "柳巷街道", "新南三片区")
    kept = li.get(f"/sites/{site}/changes").json["items"]
    assert len(kept) == MANY + 1  # with the money it is carried out
    assert office.read(sa.select(sa.func.count()).select_from(SiteState)) == [2]


def test_one_of_many_deciding_on_the_same_version_wins(office: SiteOffice) -> None:
    li = office.person("li", "supervisor", districts=(YINGZE,))
    site = office.site()
    with ThreadPoolExecutor(MANY) as threads:
        answers = list(threads.map(
            lambda one: one[1].patch(f"/sites/{site}", {"version": 1, "households": one[0] + 1}),
            enumerate(copies(office, li)),
        ))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: MANY - 1}


def test_the_same_new_site_many_times_is_one_site(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    body = {"code": "TY-1", "name": "小区", "district": YINGZE, "area": "新片区"}
    with ThreadPoolExecutor(MANY) as threads:
        answers = list(threads.map(lambda one: one.post("/sites", body), copies(office, chen)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: MANY - 1}
    assert len(office.read(sa.select(Site))) == len(office.read(sa.select(Area))) == 1


def test_the_same_import_and_assignment_at_once_are_one(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    wang = office.person("wang", "inspector")
    site = office.site(code="A0")
    table = "编号,名称,区,户数\n" + "".join(f"A{number},小区,迎泽区,{number + 5}\n" for number in range(20))

    def act(one: tuple[int, Someone]) -> int:
        number, person = one
        if number % 2:
            return person.put(f"/sites/{site}/assignments", {"person_ids": [str(wang.id)]}).status_code
        answer = person.ask("POST", "/sites/import", data=table.encode(), headers={"Content-Type": "text/csv"})
        return answer.status_code

    with ThreadPoolExecutor(MANY) as threads:
        told = Counter(threads.map(act, enumerate(copies(office, chen))))
    assert told == {201: 1, 200: MANY - 1}, "one of the imports made the sites"
    assert len(office.read(sa.select(Site))) == 20
    assert len(office.read(sa.select(Assignment))) == 1
