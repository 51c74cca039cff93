"""What comes late, twice or at an odd moment: the loop neither sticks nor forgets nor listens to whom it is past."""

from __future__ import annotations

import sqlalchemy as sa

from server.kit import clock
from server.kit.ids import new_id
from server.programme.models import Site
from tests.factories import report_body
from tests.issues.loop import Loop, now, refused, taken


def on_spot(loop: Loop) -> str:
    after, data = loop.picture(captured_at="2026-11-20T09:40:00+08:00")
    return loop.opened(issue={"fixed_on_spot": True, "after": [after["id"]]}, extra=[(after, data)])


def test_what_was_put_right_on_the_spot_may_fail_verification(loop: Loop) -> None:
    issue = on_spot(loop)
    failed = taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail", "comment": "未真正整改"}))
    assert (failed["issue"]["state"], failed["issue"]["round"]) == ("rejected", 2)
    taken(loop.reply(issue))
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", "comment": "合格"}))


def test_what_failed_without_a_notice_goes_to_the_firm_of_the_site(loop: Loop) -> None:
    loop.site = loop.office.site("柴村小区", inspectors=(loop.wang,))
    issue, verdict = on_spot(loop), {"result": "fail", "comment": "未真正整改"}
    refused(loop.su.post(f"/issues/{issue}/verifications", verdict), 409, "contractor-missing")
    chosen = sa.update(Site).where(Site.id == loop.site).values(contractor_id=loop.firm)
    loop.office.write(lambda db: db.execute(chosen))
    taken(loop.su.post(f"/issues/{issue}/verifications", verdict))
    taken(loop.reply(issue))


def test_a_reopened_issue_whose_date_is_past_is_corrected_and_noticed_anew(loop: Loop) -> None:
    issue = loop.closed(issue={"due_on": clock.today().isoformat()})
    taken(loop.su.post(f"/issues/{issue}/reopening", {"reason": "居民反映"}))
    past = "update issue set due_on = '2026-01-05', first_due_on = '2026-01-05'"
    loop.office.write(lambda db: db.execute(sa.text(past)))
    refused(loop.su.post(f"/issues/{issue}/notice"), 422, "invalid")
    assert "correct" in loop.look(issue)["moves"]
    fixed = loop.su.patch(f"/issues/{issue}", {"due_on": "2099-01-02"})
    assert (fixed.json["due_on"], fixed.json["first_due_on"]) == ("2099-01-02", "2026-01-05")
    taken(loop.su.post(f"/issues/{issue}/notice"))
    assert loop.look(issue)["state"] == "issued"


def test_a_reply_to_an_earlier_notice_that_comes_whole_late_changes_nothing(loop: Loop) -> None:
    issue = loop.issued()
    entry, data = loop.picture(captured_at=now(minutes=1))
    body = {"id": str(new_id()), "measure": "已整改", "done_at": now(), "photos": [entry]}
    taken(loop.jia.post(f"/issues/{issue}/replies", body))
    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "非我单位"}))
    taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "corrected", "comment": "改责任单位"}))
    loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)})
    taken(loop.su.post(f"/issues/{issue}/notice"))
    assert loop.jia.upload(body["id"], entry, data).status_code == 201
    assert loop.look(issue)["state"] == "issued"
    taken(loop.reply(issue, by=loop.bing))
    assert loop.look(issue)["state"] == "pending_verification"


def test_the_same_words_in_the_next_round_are_another_verdict(loop: Loop) -> None:
    issue = loop.replied()
    verdict = {"result": "fail", "comment": "未整改"}
    taken(loop.su.post(f"/issues/{issue}/verifications", verdict))
    assert loop.su.post(f"/issues/{issue}/verifications", verdict).status_code == 200
    taken(loop.reply(issue))
    again = taken(loop.su.post(f"/issues/{issue}/verifications", verdict))
    assert (again["round"], again["issue"]["state"]) == (2, "rejected")


def test_moments_in_small_letters_and_with_a_space_are_read_later_too(loop: Loop) -> None:
    issue = loop.issued()
    taken(loop.reply(issue, captured_at="2099-11-20 09:40:00z"))
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", "comment": "合格"}))
    before, data = loop.picture(captured_at="2026-11-20t09:40:00z")
    loop.opened("ELEV-A01", extra=[(before, data)])


def test_a_week_beyond_the_calendar_is_refused(loop: Loop) -> None:
    refused(loop.su.get("/follow-ups?week=9999-W52"), 422, "invalid")


def test_a_draft_thrown_away_is_no_business_of_the_firm(loop: Loop) -> None:
    draft = taken(loop.wang.post("/issues", {
        "site_id": str(loop.site), "description": "通道堆物", "severity": "minor", "source": "patrol",
    }))["id"]
    assert loop.jia.get(f"/issues/{draft}").status_code == 404
    loop.wang.post(f"/issues/{draft}/discard")
    assert loop.look(draft, loop.wang)["state"] == "void"
    for stranger in (loop.jia, loop.zhao):
        assert stranger.get(f"/issues/{draft}").status_code == 404
        assert stranger.get("/issues").json["items"] == []


def test_a_firm_that_loses_an_issue_is_told_that_it_is_gone(loop: Loop) -> None:
    issue = loop.opened()
    pulled = loop.jia.get("/sync").json
    assert [one["id"] for one in pulled["issues"]] == [issue]
    stranger = loop.bing.get("/sync").json["cursor"]
    loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)})
    delta = loop.jia.get(f"/sync?cursor={pulled['cursor']}").json
    assert (delta["full"], delta["issues"], delta["gone"]) == (False, [], [{"kind": "issue", "id": issue}])
    came = loop.bing.get(f"/sync?cursor={stranger}").json
    assert ([one["id"] for one in came["issues"]], came["gone"]) == ([issue], [])
    loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.firm)})  # and it comes back
    delta = loop.jia.get(f"/sync?cursor={pulled['cursor']}").json
    assert ([one["id"] for one in delta["issues"]], delta["gone"]) == ([issue], [])


def test_a_firm_sees_no_paper_from_before_the_issue_was_its_own(loop: Loop) -> None:
    stays, goes = loop.opened("ELEV-A05"), loop.opened("ELEV-A01")
    notice = taken(loop.su.post("/notices", {"issue_ids": [stays, goes]}))
    taken(loop.jia.post(f"/issues/{goes}/objection", {"reason": "非我单位"}))
    taken(loop.su.post(f"/issues/{goes}/objection/settlement", {"result": "corrected", "comment": "改"}))
    loop.su.patch(f"/issues/{goes}", {"contractor_id": str(loop.other)})
    assert loop.bing.get("/documents").json["items"] == []
    assert loop.look(goes, loop.bing)["documents"] == []
    assert [one["id"] for one in loop.jia.get("/documents").json["items"]] == [notice["id"]]
    taken(loop.su.post(f"/issues/{goes}/notice"))
    assert len(loop.bing.get("/documents").json["items"]) == len(loop.look(goes, loop.bing)["documents"]) == 1


def test_lists_that_a_firm_may_not_open_are_not_named_to_it(loop: Loop) -> None:
    mine = loop.issued()
    theirs = loop.issued(site=loop.office.site("柴村小区", contractor=loop.other, inspectors=(loop.wang,)))
    taken(loop.su.post("/documents", {"kind": "handover_list", "issue_ids": [mine, theirs]}))
    shown = loop.look(mine, loop.jia)["documents"]
    assert [one["kind"] for one in shown] == ["rectification_notice"]
    assert len(loop.look(mine)["documents"]) == 2


def test_an_issue_and_its_history_name_the_same_moments(loop: Loop) -> None:
    draft = taken(loop.wang.post("/issues", {
        "site_id": str(loop.site), "description": "通道堆物", "severity": "minor", "source": "patrol",
    }))["id"]
    loop.wang.post(f"/issues/{draft}/submission")
    for issue in (draft, loop.closed()):
        shown = loop.look(issue)
        steps = {step["verb"]: step["at"] for step in shown["history"]}
        assert shown["created_at"] == steps.get("submit", steps.get("opened"))
        assert shown["closed_at"] == steps.get("pass")


def test_a_request_for_time_ends_with_the_notice_that_it_was_about(loop: Loop) -> None:
    issue = loop.issued()
    taken(loop.jia.post(f"/issues/{issue}/extensions", {"reason": "连日降雨", "due_on": "2099-03-01"}))
    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "非我方施工"}))
    taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "corrected", "comment": "重新核定"}))
    taken(loop.su.post(f"/issues/{issue}/notice"))
    assert loop.look(issue)["extensions"][0]["result"] == "refused"
    taken(loop.jia.post(f"/issues/{issue}/extensions", {"reason": "仍下雨", "due_on": "2099-03-01"}))


def test_photo_ids_in_capitals_are_the_same_photos(loop: Loop) -> None:
    photo, data = loop.picture(item="ELEV-A05")
    failed = {"item": "ELEV-A05", "value": "fail", "photos": [photo["id"].upper()]}
    report = loop.wang.send(report_body(loop.site, answers=[failed], photos=[photo]), {photo["id"]: data})
    opened = loop.su.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1})
    assert loop.look(taken(opened)["issues"][0])["photos"]["before"][0]["id"] == photo["id"]
