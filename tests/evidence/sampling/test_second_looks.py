"""Approved reports are drawn for a second look: the same ones whoever draws, heavier ones likelier, each week once."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.audit.models import AuditEvent
from server.evidence.sampling import jobs, service
from server.evidence.sampling.models import SampledWeek, SecondLook
from server.evidence.sampling.rules import Rule, sample
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import DUTIES, Work
from server.photos.models import Flag
from server.photos.service import raise_flag
from server.reports.models import Report
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone, report_body

WEEK = "2026-W47"
WEDNESDAY = datetime(2026, 11, 18, 2, tzinfo=UTC)
TUESDAY_AFTER = datetime(2026, 11, 24, 2, tzinfo=UTC)
RULE = Rule(percent=5, flag_weight=2)


def ids(count: int) -> list[uuid.UUID]:
    return [uuid.UUID(int=n) for n in range(count)]


def test_whoever_draws_draws_the_same_ones_in_any_order() -> None:
    weights = dict.fromkeys(ids(200), 1)
    backwards = dict(reversed(weights.items()))
    assert sample(WEEK, weights, 5) == sample(WEEK, backwards, 5)
    assert len(sample(WEEK, weights, 5)) == 10
    assert sample(WEEK, weights, 5) != sample("2026-W48", weights, 5)


@pytest.mark.parametrize(("reports", "percent", "drawn"), [(0, 5, 0), (1, 5, 1), (21, 5, 2), (10, 0, 0), (10, 100, 10)])
def test_the_share_is_rounded_up(reports: int, percent: int, drawn: int) -> None:
    assert len(sample(WEEK, dict.fromkeys(ids(reports), 1), percent)) == drawn


def test_heavier_ones_are_likelier_in_proportion_and_none_is_certain() -> None:
    first = ids(100)[:10]
    weights = {one: RULE.weight(5 if one in first else 0) for one in ids(100)}  # 11 against 1
    drawn = Counter(one for week in range(400) for one in sample(f"w{week}", weights, 1))
    heavy = sum(drawn[one] for one in first) / 400
    assert heavy == pytest.approx(110 / 200, abs=0.08)
    assert any(one not in first for one in drawn)


def test_flags_of_a_sixth_kind_weigh_no_more() -> None:
    assert [RULE.weight(kinds) for kinds in (0, 1, 5, 6)] == [1, 3, 11, 11]
    told = RULE.told(40, 2)
    assert "40" in told["zh"]
    assert "5%" in told["zh"]
    assert "smallest" in told["en"]


@pytest.fixture
def people(office: SiteOffice) -> dict[str, Someone]:
    return {
        "inspector": office.person("li", "inspector", districts=(YINGZE,)),
        "approver": office.person("zhao", "supervisor", districts=(YINGZE,)),
        "second": office.person("qian", "supervisor", districts=(YINGZE,)),
        "elsewhere": office.person("sun", "supervisor", districts=(JINYUAN,)),
        "office": office.person("chen", "office"),
    }


def approved(office: SiteOffice, people: dict[str, Someone], count: int, **said: Any) -> list[str]:
    """So many reports, approved on the Wednesday of week 47; today is the Tuesday after."""
    clock.set_source(lambda: WEDNESDAY)
    site = office.site("抽查小区", district=YINGZE, inspectors=(people["inspector"],))
    office.checklists()
    found = []
    for _ in range(count):
        report = people["inspector"].send(report_body(site, **said))["id"]
        answer = people["approver"].post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1})
        assert answer.status_code == 201, answer.text
        found.append(report)
    clock.set_source(lambda: TUESDAY_AFTER)
    return found


def draw(app: Flask) -> list[uuid.UUID]:
    database, conf = app.extensions["dudao"].database, app.config["DUDAO"]
    drawn: list[uuid.UUID] = database.write(lambda db: service.draw(db, conf, WEEK))
    return drawn


def listed(someone: Someone, **query: Any) -> dict[str, Any]:
    answer = someone.get("/second-looks", query_string=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json
    return body


def test_a_week_is_drawn_once_and_the_list_says_by_which_rule(
    office: SiteOffice, app: Flask, people: dict[str, Someone]
) -> None:
    reports = approved(office, people, 3)
    office.write(lambda db: raise_flag(
        db, "unreadable", "report", uuid.UUID(reports[0]), report_id=uuid.UUID(reports[0])
    ))
    duty = DUTIES[jobs.DRAW]
    assert duty.when is not None
    assert app.extensions["dudao"].database.write(duty.when) is True
    with ThreadPoolExecutor(4) as pool:
        drawn = [one for one in pool.map(lambda _: draw(app), range(4)) if one]
    assert len(drawn) == 1
    assert len(drawn[0]) == 1
    assert app.extensions["dudao"].database.write(duty.when) is False
    weights = {uuid.UUID(one): 3 if one == reports[0] else 1 for one in reports}
    assert drawn[0] == sample(WEEK, weights, 5)
    found = listed(people["office"])
    assert found["weeks"][0] | {"week": WEEK, "percent": 5, "flag_weight": 2, "reports": 3, "chosen": 1} == found["weeks"][0]
    assert "3份" in found["weeks"][0]["rule"]["zh"]
    (one,) = found["items"]
    assert one["flags"] == (["unreadable"] if one["report"]["id"] == reports[0] else [])
    assert one["report"]["approved_by"] == "Zhao"
    assert one["may_look"] is False
    assert office.read(sa.select(AuditEvent.id).where(AuditEvent.verb == "second_looks_drawn")) != []


def test_whoever_was_at_the_visit_is_offered_no_look(office: SiteOffice, app: Flask, people: dict[str, Someone]) -> None:
    along = office.person("along", "inspector", "supervisor", districts=(YINGZE,))
    approved(office, people, 1, co_inspectors=[str(along.id)])
    draw(app)
    for who, code in ((along, "own-report"), (people["approver"], "own-decision")):
        (one,) = listed(who)["items"]
        assert one["may_look"] is False
        refused = who.post(f"/second-looks/{one['id']}", {"verdict": "agree"})
        assert (refused.status_code, refused.json["code"]) == (403, code)
    (one,) = listed(people["second"])["items"]
    assert one["may_look"] is True
    assert people["second"].post(f"/second-looks/{one['id']}", {"verdict": "agree"}).status_code == 200


def test_a_week_that_runs_is_not_drawn(office: SiteOffice, app: Flask, people: dict[str, Someone]) -> None:
    approved(office, people, 1)
    clock.set_source(lambda: WEDNESDAY)
    with pytest.raises(Exception, match="invalid"):
        draw(app)
    jobs.draw(Work(
        database=app.extensions["dudao"].database, app=app, job_id=new_id(), payload={}, progress=lambda _per_cent: None,
    ))  # the week before, in which there was nothing
    assert office.read(sa.select(SampledWeek.week, SampledWeek.reports)) == ["2026-W46"]
    assert office.read(sa.select(SecondLook.id)) == []


def test_another_supervisor_says_what_the_look_found(office: SiteOffice, app: Flask, people: dict[str, Someone]) -> None:
    approved(office, people, 1)
    draw(app)
    (one,) = listed(people["second"], open="true")["items"]
    assert one["may_look"] is True
    address = f"/second-looks/{one['id']}"
    assert listed(people["elsewhere"])["items"] == []
    assert people["elsewhere"].post(address, {"verdict": "agree"}).status_code == 404
    far = office.person("far", "supervisor", "office", districts=(JINYUAN,))
    assert listed(far, open="true")["items"][0]["may_look"] is False
    refused = far.post(address, {"verdict": "agree"})
    assert (refused.status_code, refused.json["code"]) == (403, "not-allowed"), "the office shows it, and gives no say"
    own = people["approver"].post(address, {"verdict": "agree"})
    assert (own.status_code, own.json["code"]) == (403, "own-decision")
    silent = people["second"].post(address, {"verdict": "disagree", "comment": " "})
    assert silent.status_code == 422
    assert "comment" in silent.json["errors"]

    said = {"verdict": "disagree", "comment": "照片不是这台电梯"}
    answer = people["second"].post(address, said)
    assert answer.status_code == 200, answer.text
    assert (answer.json["verdict"], answer.json["looked_by"], answer.json["may_look"]) == ("disagree", "Qian", False)
    assert people["second"].post(address, said).status_code == 200  # a doubled request
    other = people["second"].post(address, {"verdict": "agree"})
    assert (other.status_code, other.json["code"], other.json["verdict"]) == (409, "already-looked", "disagree")
    assert listed(people["second"], open="true")["items"] == []
    assert len(listed(people["second"], week=WEEK)["items"]) == 1
    assert people["second"].get("/second-looks", query_string={"week": "2026-W60"}).status_code == 422
    assert office.read(sa.select(sa.func.count()).where(AuditEvent.verb == "second_look").select_from(AuditEvent)) == [1]
    assert office.read(sa.select(Report.state)) == ["approved"]  # a look decides nothing by itself


def test_a_flag_that_was_withdrawn_weighs_nothing(office: SiteOffice, app: Flask, people: dict[str, Someone]) -> None:
    reports = [uuid.UUID(one) for one in approved(office, people, 1)]
    office.write(lambda db: raise_flag(db, "no-exif", "report", reports[0], report_id=reports[0]))
    office.write(lambda db: raise_flag(db, "clock-skew", "report", reports[0], report_id=reports[0]))
    withdrawn = sa.update(Flag).where(Flag.code == "no-exif").values(withdrawn_at=Flag.raised_at)
    office.write(lambda db: db.execute(withdrawn))
    draw(app)
    (one,) = listed(people["office"])["items"]
    assert (one["flags"], one["weight"]) == (["clock-skew"], 3)
