"""Verified work counts only while an approved report with a photo proves it; what was typed is never lost."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from server.kit import clock
from server.kit.ids import new_id
from server.programme.models import WorkEvidence, WorkItem
from server.programme.rules import WorkType
from tests.factories import YINGZE, SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg

LIFT = {"type": "lift", "planned": 10, "reported": 6, "contract_price_yuan": 1000}


@pytest.fixture
def wang(office: SiteOffice) -> Someone:
    office.checklists()
    return office.person("wang", "inspector", districts=(YINGZE,))


@pytest.fixture
def su(office: SiteOffice) -> Someone:
    return office.person("su", "supervisor", districts=(YINGZE,))


@pytest.fixture
def chen(office: SiteOffice) -> Someone:
    return office.person("chen", "office")


@pytest.fixture
def site(office: SiteOffice, wang: Someone, su: Someone) -> uuid.UUID:
    site = office.site(inspectors=(wang,), code="A1")
    assert su.patch(f"/sites/{site}", {"work_items": [LIFT]}).status_code == 200
    return site


def sent(wang: Someone, site: uuid.UUID, *, seed: int = 1, photos: int = 1, **more: Any) -> str:
    """A report with its photos; its id."""
    pictures = [jpeg(320, 240, seed=seed * 10 + n) for n in range(photos)]
    entries = [photo_entry(data) for data in pictures]
    data = {entry["id"]: picture for entry, picture in zip(entries, pictures, strict=True)}
    report: str = wang.send(report_body(site, photos=entries, **more), data)["id"]
    return report


def decide(su: Someone, report: str, decision: str = "approve", revision: int = 1) -> None:
    body = {"decision": decision, "revision": revision, "comment": "看过"}
    answer = su.post(f"/reports/{report}/reviews", body)
    assert answer.status_code == 201, answer.text


def lift(someone: Someone, site: uuid.UUID) -> tuple[float, float]:
    """What is verified, and what was entered as verified."""
    item = next(one for one in someone.get(f"/sites/{site}").json["work_items"] if one["type"] == "lift")
    return item["verified"], item["verified_entered"]


def summed(chen: Someone, day: str = "") -> float:
    rows = chen.get(f"/programme/summary{day}").json["by_work_type"]
    verified: float = next(row for row in rows if row["type"] == "lift")["verified"]
    return verified


def enter(someone: Someone, site: uuid.UUID, **values: Any) -> Any:
    return someone.patch(f"/sites/{site}", {"work_items": [
        {"type": "road", "planned": 1}, {"type": "lift", **values},
    ]})


def test_without_evidence_nothing_is_entered_as_verified(su: Someone, chen: Someone, site: uuid.UUID) -> None:
    refused = enter(su, site, verified=4)
    assert (refused.status_code, refused.json["code"]) == (422, "evidence-missing")
    assert list(refused.json["errors"]) == ["work_items.1.verified"]
    assert enter(su, site, verified_entered=4).json["code"] == "evidence-missing"
    assert enter(su, site, verified=0, reported=7).status_code == 200, "nothing is no claim"
    new = {"code": "N1", "name": "新", "district": YINGZE, "work_items": [{"type": "lift", "planned": 1, "verified": 1}]}
    assert chen.post("/sites", new).json["code"] == "evidence-missing"
    assert lift(su, site) == (0, 0)


def test_an_approved_report_with_a_photo_is_evidence(
    office: SiteOffice, wang: Someone, su: Someone, chen: Someone, site: uuid.UUID
) -> None:
    report = sent(wang, site)
    assert enter(su, site, verified=4).status_code == 422, "it is not approved yet"
    decide(su, report)
    (proof,) = office.read(sa.select(WorkEvidence))
    assert (str(proof.report_id), proof.site_id, proof.type, proof.revision) == (report, site, WorkType.LIFT, 1)
    assert enter(su, site, verified=4).status_code == 200
    assert (lift(su, site), summed(chen)) == ((4, 4), 4)
    other = su.patch(f"/sites/{site}", {"work_items": [{"type": "facade", "planned": 5, "verified": 1}]})
    assert other.json["code"] == "evidence-missing", "the lift's report shows no façade"


def test_neither_a_report_without_photos_nor_one_on_everything_is_evidence(
    wang: Someone, su: Someone, site: uuid.UUID
) -> None:
    decide(su, sent(wang, site, photos=0))
    decide(su, sent(wang, site, seed=2, checklist={"code": "SAFE", "version": 1}, answers=[]))
    assert enter(su, site, verified=4).status_code == 422


def test_a_correction_makes_it_wait_and_its_approval_brings_it_back(
    office: SiteOffice, wang: Someone, su: Someone, chen: Someone, site: uuid.UUID
) -> None:
    report = sent(wang, site)
    decide(su, report)
    enter(su, site, verified=4)
    again = photo_entry(jpeg(320, 240, seed=77))
    body = report_body(site, photos=[again], revision=2, correction_reason="量错了")
    assert wang.put(f"/reports/{report}", body).status_code == 201
    assert (lift(su, site), summed(chen)) == ((0, 4), 0)
    assert enter(su, site, verified=0, verified_entered=4, reported=8).status_code == 200
    assert lift(su, site) == (0, 4), "sent back as it is shown: nothing that was typed is lost"
    assert enter(su, site, verified=5).json["code"] == "evidence-missing"
    assert wang.upload(report, again, jpeg(320, 240, seed=77)).status_code == 201
    decide(su, report, revision=2)
    assert (lift(su, site), summed(chen)) == ((4, 4), 4)
    kept = [one for one in su.get(f"/sites/{site}/changes").json["items"] if one["source"] == "evidence"]
    assert [(one["field"], one["before"], one["after"]) for one in kept] == [
        ("work_items.lift.verified", 0, 4), ("work_items.lift.verified", 4, 0),
    ]
    assert [one["by"]["id"] for one in kept] == [str(su.id), str(wang.id)]


def test_a_correction_that_is_void_takes_the_evidence_for_good_unless_there_is_more(
    wang: Someone, su: Someone, site: uuid.UUID
) -> None:
    first, second = sent(wang, site), sent(wang, site, seed=2)
    decide(su, first)
    decide(su, second)
    enter(su, site, verified=4)
    for report, left in ((first, (4, 4)), (second, (0, 4))):
        wang.put(f"/reports/{report}", report_body(site, revision=2, correction_reason="走错小区"))
        assert lift(su, site) == left
        decide(su, report, "void", 2)
        assert lift(su, site) == left
    assert enter(su, site, verified_entered=0).status_code == 200
    assert lift(su, site) == (0, 0)


def test_a_report_corrected_to_another_site_proves_it_there(
    office: SiteOffice, wang: Someone, su: Someone, site: uuid.UUID
) -> None:
    right = office.site("对的小区", inspectors=(wang,))
    su.patch(f"/sites/{right}", {"work_items": [LIFT]})
    report = sent(wang, site)
    decide(su, report)
    enter(su, site, verified=4)
    sent(wang, right, seed=3)  # only so that the place has been visited
    photo = photo_entry(jpeg(320, 240, seed=5))
    body = report_body(right, photos=[photo], revision=2, correction_reason="小区选错")
    wang.put(f"/reports/{report}", body)
    wang.upload(report, photo, jpeg(320, 240, seed=5))
    decide(su, report, revision=2)
    assert lift(su, site) == (0, 4)
    assert enter(su, right, verified=2).status_code == 200


def test_a_day_that_has_passed_stays_as_it_was(wang: Someone, su: Someone, chen: Someone) -> None:
    made = chen.post("/sites", {"code": "P1", "name": "新", "district": YINGZE, "work_items": [LIFT]})
    site = uuid.UUID(made.json["id"])
    assert su.put(f"/sites/{site}/assignments", {"person_ids": [str(wang.id)]}).status_code == 200
    report = sent(wang, site)
    decide(su, report)
    enter(su, site, verified=4)
    today, now = clock.today(), clock.now()
    try:
        clock.set_source(lambda: now + timedelta(days=1))
        chen = again(chen)
        wang, su = again(wang), again(su)
        wang.put(f"/reports/{report}", report_body(site, revision=2, correction_reason="量错了"))
        assert summed(chen) == 0
        assert summed(chen, f"?as_of={today}") == 4
    finally:
        clock.set_source(None)


def again(someone: Someone) -> Someone:
    """Signed in anew: a day later the first token has run out."""
    answer = someone.client.post("/api/v1/auth/refresh", headers={
        "Authorization": f"Bearer {someone.tokens['refresh_token']}",
    })
    assert answer.status_code == 200, answer.text
    return Someone(someone.client, someone.id, someone.username, answer.json)


def test_an_import_names_the_row_and_the_column(chen: Someone, wang: Someone, su: Someone, site: uuid.UUID) -> None:
    table = "项目编号,加装电梯完成,加装电梯核实\nA1,7,4\n".encode()
    csv: dict[str, Any] = {"data": table, "headers": {"Content-Type": "text/csv"}}
    dry = chen.post("/sites/import?dry_run=true", **csv)
    assert dry.status_code == 200, dry.text
    (error,) = dry.json["rows"][0]["errors"]
    assert (error["field"], error["code"]) == ("lift.verified", "evidence-missing")
    refused = chen.post("/sites/import", **csv)
    assert (refused.status_code, refused.json["code"]) == (422, "table-rows-invalid")
    assert list(refused.json["errors"]) == ["rows.2.lift.verified"]
    report = sent(wang, site)
    decide(su, report)
    assert chen.post("/sites/import", **csv).json["updated"] == 1
    assert lift(su, site) == (4, 4)
    wang.put(f"/reports/{report}", report_body(site, revision=2, correction_reason="量错了"))
    assert chen.post("/sites/import", **csv).json["unchanged"] == 1, "what was typed once more claims nothing new"
    assert lift(su, site) == (0, 4)


def test_the_database_itself_counts_nothing_that_was_not_entered(office: SiteOffice, site: uuid.UUID) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        office.write(lambda db: db.execute(sa.update(WorkItem).where(WorkItem.site_id == site).values(verified=3)))


def test_a_kind_of_work_that_comes_later_finds_its_evidence(wang: Someone, su: Someone, office: SiteOffice) -> None:
    bare = office.site("没有填过", inspectors=(wang,), code="B1")
    decide(su, sent(wang, bare, seed=9))
    assert enter(su, bare, planned=3, verified=2).status_code == 200
    assert lift(su, bare) == (2, 2)


def test_a_void_visit_is_no_visit(office: SiteOffice, wang: Someone, su: Someone, site: uuid.UUID) -> None:
    def last() -> str | None:
        at: str | None = su.get(f"/sites/{site}").json["last_visit_at"]
        return at

    earlier = {"started_at": "2026-11-01T01:00:00+00:00", "finished_at": "2026-11-01T02:00:00+00:00"}
    first = sent(wang, site, **earlier)
    second = sent(wang, site, seed=2)
    assert last() == "2026-11-20T01:58:00+00:00"
    decide(su, second, "void")
    assert last() == "2026-11-01T02:00:00+00:00"
    decide(su, first, "return")
    assert last() == "2026-11-01T02:00:00+00:00", "a returned report is a visit all the same"
    decide(su, first, "void")
    assert last() is None
    third = str(new_id())
    body = report_body(site, photos=[photo_entry(jpeg(320, 240, seed=8))])
    wang.put(f"/reports/{third}", body)
    assert last() is None, "no receipt, no visit"


def test_a_phone_with_a_wrong_clock_visits_no_later_than_its_receipt(wang: Someone, su: Someone, site: uuid.UUID) -> None:
    sent(wang, site, started_at="2031-01-01T01:00:00+00:00", finished_at="2031-01-01T02:00:00+00:00")
    assert su.get(f"/sites/{site}").json["last_visit_at"] <= clock.now().isoformat()
