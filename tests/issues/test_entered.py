"""An issue that no report opened: entered by hand, with its photos before or after it, once however often it is sent."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from server.issues.models import Issue, IssueEntry
from server.issues.rules import IssueState
from server.kit.ids import new_id
from tests.factories import JINYUAN, YINGZE, Someone
from tests.issues.loop import Loop, refused, taken


def call(loop: Loop, **more: Any) -> dict[str, Any]:
    """A call to the hotline."""
    return {
        "id": str(new_id()), "site_id": str(loop.site), "description": "居民来电：二单元外墙脱落", "severity": "major",
        "source": "hotline", **more,
    }


def shown(loop: Loop, issue: str) -> list[str]:
    return [photo["id"] for photo in loop.look(issue)["photos"]["before"]]


@pytest.mark.parametrize("who", ["su", "wang"])
def test_photos_come_after_it_and_are_shown_as_they_come(loop: Loop, who: str) -> None:
    someone: Someone = getattr(loop, who)
    (first, data), (second, other) = loop.picture(caption="东立面"), loop.picture()
    body = call(loop, photos=[first, second])
    entered = taken(someone.post("/issues", body))
    assert entered["state"] == ("pending_issue" if who == "su" else "draft")
    assert [(one["expected"], one["received"], len(one["missing"])) for one in [entered["entry"]["photos"]]] == [(2, 0, 2)]
    assert (entered["entry"]["receipt"], entered["photos_awaited"]) == (None, 2)
    assert someone.upload(body["id"], second, other).status_code == 201
    assert shown(loop, body["id"]) == [second["id"]]
    assert loop.look(body["id"])["photos_awaited"] == 1
    assert someone.upload(body["id"], first, data).status_code == 201
    again = someone.post("/issues", body)
    assert (again.status_code, again.json["entry"]["state"]) == (200, "complete")
    assert again.json["entry"]["receipt"]["digest"]
    assert set(shown(loop, body["id"])) == {first["id"], second["id"]}
    assert loop.look(body["id"])["photos_awaited"] == 0
    assert {photo["caption"] for photo in loop.look(body["id"])["photos"]["before"]} == {"东立面", None}


def test_photos_may_come_before_it(loop: Loop) -> None:
    photo, data = loop.picture()
    body = call(loop, photos=[photo])
    assert loop.su.upload(body["id"], photo, data).status_code == 201
    entered = taken(loop.su.post("/issues", body))
    assert entered["entry"]["receipt"] is not None
    assert shown(loop, body["id"]) == [photo["id"]]


def test_a_photo_of_a_report_may_be_named_again(loop: Loop) -> None:
    photo, data = loop.picture()
    assert loop.wang.upload(str(new_id()), photo, data).status_code == 201
    entered = taken(loop.wang.post("/issues", call(loop, photos=[photo])))
    assert [one["id"] for one in entered["photos"]["before"]] == [photo["id"]]


def test_nobody_shows_the_photo_of_another_nor_sends_one_to_anothers_issue(loop: Loop) -> None:
    photo, data = loop.picture()
    mine = call(loop, photos=[photo])
    taken(loop.wang.post("/issues", mine))
    assert loop.wang.upload(mine["id"], photo, data).status_code == 201
    refused(loop.zhao.post("/issues", call(loop, photos=[photo])), 404, "not-found")
    other, more = loop.picture()
    assert loop.zhao.upload(mine["id"], other, more).status_code == 404


def test_refused_bytes_are_told_and_hide_no_other_photo(loop: Loop) -> None:
    (good, data), (bad, _) = loop.picture(), loop.picture()
    body = call(loop, photos=[good, {**bad, "size": 9, "sha256": "9a" * 32}])
    taken(loop.su.post("/issues", body))
    assert loop.su.upload(body["id"], good, data).status_code == 201
    assert loop.su.upload(body["id"], {**bad, "sha256": "9a" * 32}, b"no photo!").status_code in {415, 460}
    assert shown(loop, body["id"]) == [good["id"]]


def test_the_firm_sees_the_photos_and_answers_beside_them(loop: Loop) -> None:
    photo, data = loop.picture()
    body = call(loop, photos=[photo])
    taken(loop.su.post("/issues", body))
    loop.su.upload(body["id"], photo, data)
    taken(loop.su.post(f"/issues/{body['id']}/notice"))
    taken(loop.reply(body["id"]))
    seen = loop.look(body["id"], loop.jia)
    assert [pair["before"] for pair in seen["pairs"]] == [photo["id"]]
    assert loop.jia.get(f"/photos/{photo['id']}").status_code == 200
    assert loop.bing.get(f"/photos/{photo['id']}").status_code == 404


def test_a_notice_waits_for_the_photos_unless_it_is_said_to_go_without(loop: Loop) -> None:
    (photo, data), (late, other) = loop.picture(), loop.picture()
    body, patient = call(loop, photos=[photo]), call(loop, photos=[late])
    taken(loop.su.post("/issues", body))
    taken(loop.su.post("/issues", patient))
    problem = refused(loop.su.post(f"/issues/{body['id']}/notice"), 409, "photos-awaited")
    assert [(one["id"], one["photos"]) for one in problem["awaited"]] == [(body["id"], 1)]
    refused(loop.su.post("/notices", {"issue_ids": [body["id"], patient["id"]]}), 409, "photos-awaited")
    taken(loop.su.post("/notices", {"issue_ids": [body["id"]], "without_photos": True}))
    loop.su.upload(patient["id"], late, other)
    taken(loop.su.post(f"/issues/{patient['id']}/notice"))
    assert loop.su.upload(body["id"], photo, data).status_code == 201  # late, and not lost
    assert shown(loop, body["id"]) == [photo["id"]]
    assert loop.look(body["id"])["state"] == "issued"


def test_a_draft_is_submitted_while_its_photos_are_on_the_way(loop: Loop) -> None:
    photo, data = loop.picture()
    body = call(loop, photos=[photo])
    taken(loop.wang.post("/issues", body))
    submitted = loop.wang.post(f"/issues/{body['id']}/submission")
    assert (submitted.status_code, submitted.json["state"], submitted.json["photos_awaited"]) == (200, "pending_issue", 1)
    assert loop.wang.upload(body["id"], photo, data).status_code == 201
    assert shown(loop, body["id"]) == [photo["id"]]


def test_the_same_id_and_content_is_one_issue_and_other_content_a_conflict(loop: Loop) -> None:
    body = call(loop)
    first = taken(loop.su.post("/issues", body))
    again = loop.su.post("/issues", {**body, "device": {"id": "desk", "sent_at": "2026-11-20T12:00:00+08:00"}})
    assert again.status_code == 409  # the device is content, the moment of sending is not
    assert loop.su.post("/issues", body).json["number"] == first["number"]
    problem = refused(loop.su.post("/issues", {**body, "description": "居民来电：三单元外墙脱落"}), 409, "issue-conflict")
    assert (problem["id"], problem["state"]) == (body["id"], "pending_issue")
    refused(loop.sun.post("/issues", body), 404, "not-found")
    loop.su.patch(f"/issues/{body['id']}", {"description": "居民来电：二单元、三单元外墙脱落"})
    assert loop.su.post("/issues", body).status_code == 200  # a repeat after a correction is a repeat


def test_an_issue_that_a_report_opened_is_not_entered_again(loop: Loop) -> None:
    refused(loop.su.post("/issues", call(loop, id=loop.opened())), 409, "issue-conflict")


def test_one_from_before_entries_were_kept_is_known_by_its_id(loop: Loop) -> None:
    body = call(loop)
    taken(loop.su.post("/issues", body))
    loop.office.write(lambda db: db.execute(sa.delete(IssueEntry)))
    assert loop.su.post("/issues", body).status_code == 200
    refused(loop.su.post("/issues", {**body, "severity": "minor"}), 409, "issue-conflict")


def test_who_may_see_every_site_enters_issues_only_where_they_supervise_or_inspect(loop: Loop) -> None:
    elsewhere = loop.office.site("晋源小区", district=JINYUAN)
    both = loop.office.person("both", "supervisor", "office", districts=(YINGZE,))
    refused(both.post("/issues", call(loop, site_id=str(elsewhere))), 404, "not-found")
    assert taken(both.post("/issues", call(loop)))["state"] == "pending_issue"
    drafts = loop.office.read(sa.select(Issue.id).where(Issue.state == IssueState.DRAFT))
    assert drafts == []
