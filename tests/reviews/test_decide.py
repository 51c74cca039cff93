"""A supervisor decides: approve, return, void; on a stale screen, twice, and against a colleague."""

from __future__ import annotations

import threading
import uuid

import pytest

from server.kit import clock
from server.kit.ids import new_id
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


@pytest.fixture
def su(office: SiteOffice) -> Someone:
    return office.person("su", "supervisor", districts=(YINGZE,))


@pytest.fixture
def site(office: SiteOffice, wang: Someone) -> uuid.UUID:
    contractor = office.organisation("施工甲公司")
    office.person("jia", "contractor", organisation=contractor)
    return office.site(inspectors=(wang,), contractor=contractor)


def failing(site: uuid.UUID, data: bytes, **more: object) -> tuple[dict, dict]:
    photo = photo_entry(data, item="ELEV-A05")
    answers = [
        {"item": "ELEV-A05", "value": "fail", "note": "焊工无证", "photos": [photo["id"]]},
        {"item": "ELEV-A01", "value": "pass"},
    ]
    return report_body(site, answers=answers, photos=[photo], **more), {photo["id"]: data}


def decide(by: Someone, report_id: str, decision: str, revision: int = 1, **more: object):
    return by.post(f"/reports/{report_id}/reviews", {"decision": decision, "revision": revision, **more})


def test_approving_opens_an_issue_for_what_failed(office: SiteOffice, wang: Someone, su: Someone, site) -> None:
    report = wang.send(*failing(site, jpeg(320, 240, seed=1)))
    answer = decide(su, report["id"], "approve")
    assert answer.status_code == 201, answer.text
    assert answer.json["state"] == "approved"
    issues = su.get("/issues").json["items"]
    assert [issue["id"] for issue in issues] == answer.json["issues"]
    issue = issues[0]
    assert issue["item"] == "ELEV-A05"
    assert issue["severity"] == "major"
    assert issue["state"] == "pending_issue"
    assert issue["description"] == "焊工无证"
    assert issue["due_on"] == issue["first_due_on"]
    assert issue["due_on"] == str(clock.today().fromordinal(clock.today().toordinal() + 3))
    assert issue["overdue"] is False
    assert issue["contractor"]["name"] == "施工甲公司"
    assert issue["report_id"] == report["id"]
    assert len(issue["photos"]["before"]) == 1
    contractor = office.people["jia"]
    seen = contractor.get("/issues").json["items"]
    assert [one["id"] for one in seen] == [issue["id"]]
    photo_id = issue["photos"]["before"][0]["id"]
    assert contractor.get(f"/photos/{photo_id}/original").status_code == 200
    assert contractor.get(f"/reports/{report['id']}").status_code == 404


def test_a_second_failure_of_an_open_issue_is_linked_not_doubled(wang: Someone, su: Someone, site) -> None:
    first = wang.send(*failing(site, jpeg(320, 240, seed=1)))
    opened = decide(su, first["id"], "approve").json["issues"]
    second = wang.send(*failing(site, jpeg(320, 240, seed=2)))
    assert decide(su, second["id"], "approve").json["issues"] == opened
    again = decide(su, second["id"], "approve")
    assert (again.status_code, again.json["issues"]) == (200, opened)
    issues = su.get("/issues").json["items"]
    assert len(issues) == 1
    assert [step["verb"] for step in issues[0]["history"]] == ["opened", "found_again"]
    assert len(issues[0]["photos"]["before"]) == 2


def test_returned_comes_back_as_revision_two_and_is_approved(wang: Someone, su: Someone, site) -> None:
    report = wang.send(report_body(site))
    returned = decide(su, report["id"], "return", comment="请补充", items=[{"item": "ELEV-A01", "comment": "看不清"}])
    assert returned.status_code == 201
    assert wang.get(f"/reports/{report['id']}").json["state"] == "returned"
    fixed = wang.put(f"/reports/{report['id']}", report_body(site, revision=2, summary="已补充"))
    assert fixed.status_code == 201
    assert decide(su, report["id"], "approve", revision=1).status_code == 409
    assert decide(su, report["id"], "approve", revision=2).status_code == 201
    whole = su.get(f"/reports/{report['id']}").json
    assert [(step["kind"], step["revision"]) for step in whole["history"]] == [
        ("revision", 1), ("review", 1), ("revision", 2), ("review", 2),
    ]
    assert whole["history"][1]["items"] == [{"item": "ELEV-A01", "comment": "看不清"}]
    old = su.get(f"/reports/{report['id']}/revisions/1").json
    assert old["content"]["summary"] != "已补充"


def test_a_stale_screen_is_told_what_changed(wang: Someone, su: Someone, site) -> None:
    report = wang.send(report_body(site))
    wang.put(f"/reports/{report['id']}", report_body(site, revision=2))
    stale = decide(su, report["id"], "approve", revision=1)
    assert stale.status_code == 409
    assert stale.json["code"] == "revision-stale"
    assert stale.json["revision"] == 2


def test_the_same_decision_again_changes_nothing(wang: Someone, su: Someone, site) -> None:
    report = wang.send(*failing(site, jpeg(320, 240, seed=3)))
    first = decide(su, report["id"], "approve")
    again = decide(su, report["id"], "approve")
    assert again.status_code == 200
    assert again.json["id"] == first.json["id"]
    assert len(su.get("/issues").json["items"]) == 1
    other = decide(su, report["id"], "return", comment="x")
    assert other.status_code == 409
    assert other.json["code"] == "review-decided"


def test_an_incomplete_report_cannot_be_approved(wang: Someone, su: Someone, site) -> None:
    report_id = str(new_id())
    wang.put(f"/reports/{report_id}", report_body(site, photos=[photo_entry(b"not here yet")]))
    refused = decide(su, report_id, "approve")
    assert refused.status_code == 409
    assert refused.json["code"] == "report-state"


def test_nobody_reviews_their_own(office: SiteOffice) -> None:
    office.checklists()
    both = office.person("both", "inspector", "supervisor", districts=(YINGZE,))
    place = office.site(inspectors=(both,))
    report = both.send(report_body(place))
    refused = decide(both, report["id"], "approve")
    assert refused.status_code == 403
    assert refused.json["code"] == "own-report"


def test_nobody_reviews_what_they_inspected_with_another(office: SiteOffice, wang: Someone, site) -> None:
    both = office.person("both", "inspector", "supervisor", districts=(YINGZE,))
    report = wang.send(report_body(site, co_inspectors=[str(both.id)]))
    for decision in ("approve", "return", "void"):
        refused = decide(both, report["id"], decision, comment="自己去的")
        assert (refused.status_code, refused.json["code"]) == (403, "own-report")


def test_a_supervisor_of_one_district_has_no_say_in_another_that_they_see_by_another_role(
    office: SiteOffice, wang: Someone, site
) -> None:
    both = office.person("both", "supervisor", "office", districts=(JINYUAN,))
    report = wang.send(report_body(site))
    assert both.get(f"/reports/{report['id']}").status_code == 200
    refused = decide(both, report["id"], "approve")
    assert (refused.status_code, refused.json["code"]) == (403, "not-allowed")


def test_white_space_is_no_reason(wang: Someone, su: Someone, site) -> None:
    report = wang.send(report_body(site))
    for said in ({"comment": " \n"}, {"comment": "\u3000"}, {"items": [{"item": "ELEV-A01", "comment": " "}]}):
        refused = decide(su, report["id"], "return", **said)
        assert (refused.status_code, refused.json["code"]) == (422, "invalid"), said
    assert su.get(f"/reports/{report['id']}").json["state"] == "submitted"


def test_a_supervisor_of_another_district_does_not_find_it(office: SiteOffice, wang: Someone, site) -> None:
    stranger = office.person("zhao", "supervisor", districts=(JINYUAN,))
    clerk = office.person("clerk", "office")
    report = wang.send(report_body(site))
    assert decide(stranger, report["id"], "approve").status_code == 404
    assert decide(clerk, report["id"], "approve").status_code == 403
    assert stranger.get("/reports").json["items"] == []


def test_of_two_supervisors_at_once_one_wins(office: SiteOffice, wang: Someone, su: Someone, site) -> None:
    other = office.person("sun", "supervisor", districts=(YINGZE,))
    report = wang.send(report_body(site))
    answers = []

    def act(by: Someone, decision: str) -> None:
        answers.append(decide(by, report["id"], decision, comment="x").status_code)

    threads = [threading.Thread(target=act, args=pair) for pair in ((su, "approve"), (other, "return"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409]


def test_an_approved_report_is_corrected_with_a_reason_and_reviewed_again(wang: Someone, su: Someone, site) -> None:
    report = wang.send(report_body(site))
    decide(su, report["id"], "approve")
    silent = wang.put(f"/reports/{report['id']}", report_body(site, revision=2))
    assert silent.status_code == 409
    assert silent.json["code"] == "correction-reason-missing"
    said = wang.put(f"/reports/{report['id']}", report_body(site, revision=2, correction_reason="读数抄错"))
    assert said.status_code == 201
    whole = su.get(f"/reports/{report['id']}").json
    assert whole["is_correction"] is True
    assert whole["state"] == "submitted"
    assert decide(su, report["id"], "approve", revision=2).status_code == 201


def test_a_correction_stays_one_until_it_is_approved(wang: Someone, su: Someone, site) -> None:
    report = wang.send(report_body(site))
    where = f"/reports/{report['id']}"
    decide(su, report["id"], "approve")
    assert wang.put(where, report_body(site, revision=2, correction_reason=" ")).status_code == 409
    wang.put(where, report_body(site, revision=2, correction_reason="读数抄错"))
    decide(su, report["id"], "return", revision=2, comment="请附读数照片")
    wang.put(where, report_body(site, revision=3))
    assert su.get(where).json["is_correction"] is True
    assert [step.get("correction_reason") for step in su.get(where).json["history"] if step["kind"] == "revision"] == [
        None, "读数抄错", "读数抄错"
    ]
    decide(su, report["id"], "approve", revision=3)


def test_a_critical_failure_alerts_the_supervisor_before_any_review(wang: Someone, su: Someone, site) -> None:
    data = jpeg(320, 240, seed=9)
    photo = photo_entry(data)
    answers = [{"item": "ELEV-C02", "value": 3.2, "photos": [photo["id"]]}]
    wang.send(report_body(site, answers=answers, photos=[photo]), {photo["id"]: data})
    inbox = su.get("/messages").json["items"]
    assert [message["kind"] for message in inbox] == ["critical-failure"]
    assert "老军营小区 的检查项 ELEV-C02 不合格" in inbox[0]["text"]


def test_a_return_says_why(wang: Someone, su: Someone, site) -> None:
    report = wang.send(report_body(site))
    assert decide(su, report["id"], "return").status_code == 422
    unknown = decide(su, report["id"], "return", items=[{"item": "NOPE", "comment": "?"}])
    assert unknown.status_code == 422
    assert "items.0.item" in unknown.json["errors"]
