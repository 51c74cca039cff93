"""Somebody's work becomes another: the phone ends with exactly what the lists show."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from server.programme.models import Assignment
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg


class Phone:
    """Keeps what the sync tells, as the schema says it must."""

    def __init__(self, who: Someone) -> None:
        self.who, self.cursor = who, ""
        self.kept: dict[str, dict[str, Any]] = {"site": {}, "report": {}, "issue": {}}
        self.pull()

    def pull(self) -> dict[str, Any]:
        answer = self.who.get("/sync", query_string={"cursor": self.cursor} if self.cursor else {})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json
        for kind, things in self.kept.items():
            if told["full"]:
                things.clear()
            things.update({one["id"]: one for one in told[f"{kind}s"]})
        for one in told["gone"]:
            self.kept[one["kind"]].pop(one["id"], None)
        self.cursor = told["cursor"]
        return told

    def has_what_the_lists_show(self) -> bool:
        return all(
            set(self.kept[kind]) == {one["id"] for one in self.who.get(f"/{kind}s").json["items"]}
            for kind in ("site", "issue")
        )


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


@pytest.fixture
def li(office: SiteOffice) -> Someone:
    return office.person("li", "inspector", districts=(YINGZE,))


@pytest.fixture
def su(office: SiteOffice) -> Someone:
    return office.person("su", "supervisor", districts=(YINGZE,))


@pytest.fixture
def boss(office: SiteOffice) -> Someone:
    return office.person("boss", "admin")


def found(by: Someone, su: Someone, site: uuid.UUID, item: str, seed: int) -> None:
    """A failed item, sent and approved: an issue is open at the site."""
    data = jpeg(64, 48, seed=seed)
    photo = photo_entry(data, item=item)
    answers = [{"item": item, "value": "fail", "note": "不合格", "photos": [photo["id"]]}]
    report = by.send(report_body(site, answers=answers, photos=[photo]), {photo["id"]: data})
    decided = su.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1})
    assert len(decided.json["issues"]) == 1, decided.text


def assign(su: Someone, site: uuid.UUID, *people: Someone) -> None:
    answer = su.put(f"/sites/{site}/assignments", {"person_ids": [str(one.id) for one in people]})
    assert answer.status_code == 200, answer.text


def test_another_district_makes_the_supervisors_phone_begin_afresh(
    office: SiteOffice, wang: Someone, su: Someone, boss: Someone
) -> None:
    old, new = office.site(inspectors=(wang,)), office.site("晋祠小区", district=JINYUAN)
    found(wang, su, old, "ELEV-A05", 1)
    phone = Phone(su)
    assert (set(phone.kept["site"]), len(phone.kept["issue"])) == ({str(old)}, 1)
    assert boss.patch(f"/people/{su.id}", {"districts": [JINYUAN]}).status_code == 200
    told = phone.pull()
    assert told["full"] is True
    assert told["gone"] == []
    assert len(told["checklists"]) == 12
    assert (set(phone.kept["site"]), phone.kept["issue"]) == ({str(new)}, {})
    assert phone.pull()["full"] is False


def test_another_role_or_firm_does_so_too_and_nobody_else_hears_of_it(
    office: SiteOffice, wang: Someone, li: Someone, su: Someone, boss: Someone
) -> None:
    first, second = office.organisation("施工甲公司"), office.organisation("施工乙公司")
    jia = office.person("jia", "contractor", organisation=first)
    found(wang, su, office.site(inspectors=(wang,), contractor=first), "ELEV-A05", 1)
    found(wang, su, office.site("乙", inspectors=(wang,), contractor=second), "ELEV-A05", 2)
    phone, other, another = Phone(jia), Phone(wang), Phone(li)
    [before] = phone.kept["issue"]
    boss.patch(f"/people/{jia.id}", {"organisation_id": str(second)})
    assert phone.pull()["full"] is True
    assert phone.has_what_the_lists_show()
    assert before not in phone.kept["issue"]
    boss.patch(f"/people/{li.id}", {"roles": ["supervisor"]})
    assert another.pull()["full"] is True
    assert len(another.kept["site"]) == 2
    assert another.has_what_the_lists_show()
    assert other.pull()["full"] is False


def test_a_new_name_or_the_same_roles_again_are_no_change_of_access(su: Someone, boss: Someone) -> None:
    phone = Phone(su)
    boss.patch(f"/people/{su.id}", {"name": "苏审核", "roles": ["supervisor"], "districts": [YINGZE]})
    assert phone.pull()["full"] is False


def test_the_issues_stay_with_the_firm_they_were_opened_for_when_the_site_gets_another(
    office: SiteOffice, wang: Someone, su: Someone, boss: Someone
) -> None:
    """So there is nothing to tell: neither firm's list of issues changes."""
    first, second = office.organisation("施工甲公司"), office.organisation("施工乙公司")
    site = office.site(inspectors=(wang,), contractor=first)
    found(wang, su, site, "ELEV-A05", 1)
    phones = [Phone(office.person(name, "contractor", organisation=firm)) for name, firm in (("a", first), ("b", second))]
    assert su.patch(f"/sites/{site}", {"contractor_id": str(second)}).status_code == 200
    for phone, issues in zip(phones, (1, 0), strict=True):
        phone.pull()
        assert phone.has_what_the_lists_show()
        assert len(phone.kept["issue"]) == issues


def test_a_site_moved_to_another_district_is_gone_there_and_comes_here(
    office: SiteOffice, wang: Someone, su: Someone, boss: Someone
) -> None:
    site = office.site(inspectors=(wang,))
    found(wang, su, site, "ELEV-A05", 1)
    far = office.person("far", "supervisor", districts=(JINYUAN,))
    both = office.person("both", "supervisor", districts=(YINGZE, JINYUAN))
    phones = [Phone(one) for one in (su, far, both, wang)]
    assert boss.patch(f"/sites/{site}", {"district": JINYUAN}).status_code == 200
    for phone, sites in zip(phones, (0, 1, 1, 1), strict=True):
        phone.pull()
        assert phone.has_what_the_lists_show(), phone.who.username
        assert len(phone.kept["site"]) == sites


def test_an_assignment_brings_the_site_with_its_open_issues(
    office: SiteOffice, wang: Someone, li: Someone, su: Someone
) -> None:
    site = office.site(inspectors=(wang,))
    found(wang, su, site, "ELEV-A05", 1)
    phone, other = Phone(li), Phone(wang)
    assert phone.kept["issue"] == {}
    assign(su, site, wang, li)
    assert phone.pull()["full"] is False
    assert (len(phone.kept["site"]), len(phone.kept["issue"])) == (1, 1)
    assert phone.has_what_the_lists_show()
    assert other.pull()["sites"] == []  # nothing new for who had it


def test_a_handover_brings_the_leavers_sites_with_their_issues(
    office: SiteOffice, wang: Someone, li: Someone, su: Someone, boss: Someone
) -> None:
    for number, name in enumerate(("甲", "乙"), 1):
        found(wang, su, office.site(name, inspectors=(wang,)), "ELEV-A05", number)
    phone = Phone(li)
    assert boss.post(f"/people/{wang.id}/handover", {"to": str(li.id)}).status_code == 200
    phone.pull()
    assert (len(phone.kept["site"]), len(phone.kept["issue"])) == (2, 2)
    assert phone.has_what_the_lists_show()


def test_with_a_site_its_issues_go_but_those_of_own_reports_stay(
    office: SiteOffice, wang: Someone, li: Someone, su: Someone
) -> None:
    site = office.site(inspectors=(wang, li))
    found(wang, su, site, "ELEV-A05", 1)
    found(li, su, site, "ELEV-A02", 2)
    phone = Phone(li)
    assert len(phone.kept["issue"]) == 2
    assign(su, site, wang)
    found(wang, su, site, "ELEV-A01", 3)  # of this one li is not even told the id
    told = phone.pull()
    assert sorted(one["kind"] for one in told["gone"]) == ["issue", "site"]
    assert phone.has_what_the_lists_show()
    assert len(phone.kept["issue"]) == 1
    assign(su, site, wang, li)
    phone.pull()
    assert phone.has_what_the_lists_show()
    assert len(phone.kept["issue"]) == 3


def test_a_site_taken_and_given_back_between_two_pulls_is_simply_there(
    office: SiteOffice, wang: Someone, su: Someone
) -> None:
    site = office.site(inspectors=(wang,))
    phone = Phone(wang)
    assign(su, site)
    assign(su, site, wang)
    assert phone.pull()["gone"] == []
    assert phone.has_what_the_lists_show()
    assert office.read(sa.select(Assignment.ended_at)) == [None]


def test_a_receipt_tells_who_sees_the_site_that_it_was_visited(
    office: SiteOffice, wang: Someone, li: Someone, su: Someone
) -> None:
    site, other = office.site(inspectors=(wang, li)), office.site("没去过", inspectors=(wang, li))
    phones = [Phone(one) for one in (wang, li, su)]
    wang.send(report_body(site, finished_at="2026-11-20T09:58:10+08:00"))
    for phone in phones:
        phone.pull()
        assert phone.kept["site"][str(site)]["last_visit_at"].startswith("2026-11-20T"), phone.who.username
        assert phone.kept["site"][str(other)]["last_visit_at"] is None
    wang.send(report_body(site, started_at="2026-11-18T09:00:00+08:00", finished_at="2026-11-18T10:00:00+08:00"))
    assert phones[1].pull()["sites"] == []  # an earlier visit that came late changes nothing
