"""What is under a hold, and everything below it, is taken by no rule; a hold that comes between plan and removal wins."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.evidence.facts.models import DeviceFix
from server.kit.ids import new_id
from server.retention import applying, originals
from server.retention.rules import By
from tests.issues.loop import refused
from tests.retention.keeping import YEAR, Keeping


@pytest.fixture
def due(keeping: Keeping) -> str:
    """A closed issue whose two photos are due by the rule."""
    issue = keeping.done()
    keeping.rule(photo_originals=YEAR, positions=YEAR, messages=YEAR)
    keeping.later(2 * YEAR)
    return issue


def things(keeping: Keeping, issue: str) -> dict[str, Any]:
    before = keeping.su.get(f"/issues/{issue}").json["photos"]["before"][0]["id"]
    return {"site": keeping.site, "report": keeping.report_of(issue), "issue": issue, "photo": before}


@pytest.mark.parametrize(("kind", "kept"), [("site", 2), ("report", 2), ("issue", 2), ("photo", 1)])
def test_a_hold_keeps_the_thing_and_what_is_below_it(keeping: Keeping, due: str, kind: str, kept: int) -> None:
    hold = keeping.hold(kind, things(keeping, due)[kind])
    plan = keeping.plan("photo_originals")
    assert (plan["rows"], plan["held"]) == (2 - kept, kept)
    fixes = len(keeping.office.read(sa.select(DeviceFix.object_id)))
    assert fixes > 0
    held = fixes + 1 if kind in {"site", "report"} else 0  # with the phone's clock
    assert keeping.plan("positions")["held"] == held
    keeping.job("retention")
    keeping.job("retention-files")
    assert len(keeping.files()) == kept
    assert len(keeping.office.read(sa.select(DeviceFix.object_id))) == (fixes if held else 0)
    assert keeping.min.post(f"/holds/{hold}/lifting", {"reason": "已结"}).status_code == 200
    keeping.job("retention")
    keeping.job("retention-files")
    assert keeping.files() == set()


def test_a_hold_between_plan_and_removal_wins(keeping: Keeping, due: str) -> None:
    plan = keeping.plan("photo_originals")
    hold = keeping.hold("issue", due)
    assert "the plan has changed" in keeping.run("apply", "--class", "photo_originals", "--plan", plan["plan"], code=1)
    assert len(keeping.files()) == 2
    keeping.min.post(f"/holds/{hold}/lifting", {"reason": "已结"})
    keeping.run("apply", "--class", "photo_originals", "--plan", plan["plan"])
    assert keeping.files() == set()


def test_a_hold_that_comes_while_a_run_is_at_work_wins(
    keeping: Keeping, due: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run has its plan and has read its page; the hold comes before the transaction that removes."""
    page = originals.page
    looked = []

    def held_meanwhile(*given: Any) -> Any:
        found = page(*given)
        looked.append(found)
        if len(looked) == 2:  # the first look is the plan's
            keeping.hold("site", keeping.site)
        return found

    source = applying.SOURCES["photo_originals"]
    monkeypatch.setitem(applying.SOURCES, "photo_originals", source._replace(page=held_meanwhile))
    done = applying.apply(
        keeping.office.database, keeping.office.app.config["DUDAO"], "photo_originals", By.DUTY
    )
    assert (len(done.plan.keys), done.gone.rows, done.gone.held) == (2, 0, 2)
    keeping.job("retention-files")
    assert len(keeping.files()) == 2
    assert keeping.record("photo_originals") == []


def test_what_a_firm_was_told_of_a_thing_under_a_hold_is_kept_with_it(keeping: Keeping, due: str) -> None:
    for someone in (keeping.jia, keeping.su):
        for message in someone.get("/messages").json["items"]:
            someone.post(f"/messages/{message['id']}/read")
    keeping.later(2 * YEAR)
    free = keeping.plan("messages")
    assert free["rows"] > 0
    hold = keeping.hold("issue", due)
    plan = keeping.plan("messages")
    assert plan["held"] > 0
    assert plan["rows"] + plan["held"] == free["rows"]
    keeping.min.post(f"/holds/{hold}/lifting", {"reason": "已结"})
    keeping.hold("site", keeping.site, "另案")
    assert keeping.plan("messages")["held"] >= plan["held"]


def test_holds_are_laid_lifted_listed_and_in_the_trail(keeping: Keeping, due: str) -> None:
    report = keeping.report_of(due)
    hold = keeping.hold("report", report)
    again = keeping.min.post("/holds", {"kind": "report", "id": report, "reason": "案件 12"})
    assert (again.status_code, again.json["id"]) == (200, hold), "the same once more is the same hold"
    number = keeping.su.get(f"/reports/{report}").json["number"]
    assert again.json["of"] == {"kind": "report", "id": report, "name": number}
    assert again.json["by"] == {"id": str(keeping.min.id), "name": "Min"}
    photo = things(keeping, due)["photo"]
    for kind, one in (("report", report), ("issue", due), ("photo", photo)):
        shown = keeping.min.get(f"/holds?kind={kind}&id={one}&standing=true").json["items"]
        assert [one["id"] for one in shown] == [hold], kind
    assert keeping.min.get(f"/holds?kind=site&id={keeping.site}").json["items"] == [], "it is not above itself"
    lifted = keeping.min.post(f"/holds/{hold}/lifting", {"reason": "已结"})
    assert (lifted.status_code, lifted.json["lifted_reason"]) == (200, "已结")
    assert keeping.min.post(f"/holds/{hold}/lifting", {"reason": "已结"}).json == lifted.json
    refused(keeping.min.post(f"/holds/{hold}/lifting", {"reason": "别的"}), 409, "hold-lifted")
    assert keeping.min.get(f"/holds?kind=report&id={report}&standing=true").json["items"] == []
    assert [one["id"] for one in keeping.min.get("/holds").json["items"]] == [hold]
    query = sa.select(AuditEvent).where(AuditEvent.object_id == report, AuditEvent.verb.like("hold%")).order_by(AuditEvent.id)
    events = keeping.office.read(query)
    assert [(one.verb, one.facts["reason"], one.district_code is None) for one in events] == [
        ("hold_laid", "案件 12", False), ("hold_lifted", "已结", False),
    ]


def test_a_hold_is_laid_on_what_is_there_with_a_reason_by_the_office(keeping: Keeping, due: str) -> None:
    for kind in ("report", "issue", "site", "photo"):
        refused(keeping.min.post("/holds", {"kind": kind, "id": str(new_id()), "reason": "案件"}), 404, "not-found")
    refused(keeping.min.post("/holds", {"kind": "site", "id": str(keeping.site), "reason": " "}), 422, "invalid")
    refused(keeping.min.get(f"/holds?id={due}"), 422, "invalid")
    for someone in (keeping.su, keeping.wang, keeping.jia):
        refused(someone.post("/holds", {"kind": "issue", "id": due, "reason": "案件"}), 403, "not-allowed")
        refused(someone.get("/holds"), 403, "not-allowed")
        refused(someone.get("/retention"), 403, "not-allowed")
