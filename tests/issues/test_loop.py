"""An issue goes round: found, noticed, acknowledged, replied to, verified by another, closed; and what stands in its way."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from server.kit import clock
from server.kit.ids import new_id
from server.messages.models import Message
from tests.factories import YINGZE, Someone, report_body
from tests.issues.loop import FAR_AWAY, ITEM, Loop, now, refused, taken


def test_the_whole_loop(loop: Loop) -> None:
    issue = loop.opened()
    assert loop.look(issue)["state"] == "pending_issue"
    notice = taken(loop.su.post("/notices", {"issue_ids": [issue]}))
    assert (notice["number"][0], notice["kind"], notice["serial"]) == ("〔", "rectification_notice", 1)
    assert loop.look(issue, loop.jia)["state"] == "issued"
    assert taken(loop.jia.post(f"/issues/{issue}/acknowledgement"))["state"] == "rectifying"
    reply = taken(loop.reply(issue, send=True))
    assert (reply["state"], reply["receipt"]) == ("incomplete", None)
    shown = loop.look(issue)
    assert (shown["state"], len(shown["photos"]["after"])) == ("pending_verification", 1)
    assert shown["pairs"] == [{
        "round": 1, "before": shown["photos"]["before"][0]["id"], "after": shown["photos"]["after"][0]["id"],
    }]
    verdict = taken(loop.wang.post(f"/issues/{issue}/verifications", {"result": "pass", "reply_id": reply["id"]}))
    assert verdict["issue"]["state"] == "closed"
    assert verdict["receipt"]["digest"]
    closed = loop.look(issue)
    assert [step["verb"] for step in closed["history"]] == ["opened", "notice", "acknowledge", "reply", "pass"]
    assert [paper["kind"] for paper in closed["documents"]] == [
        "rectification_notice", "rectification_reply", "verification_record"
    ]
    assert closed["days_left"] is None


def test_a_reply_is_in_effect_when_its_last_photo_is_here(loop: Loop) -> None:
    issue = loop.issued()
    first, data = loop.picture(captured_at=now(minutes=1))
    second, other = loop.picture(captured_at=now(minutes=1))
    body = {"id": str(new_id()), "measure": "已更换", "done_at": now(), "photos": [first, second]}
    answer = taken(loop.jia.post(f"/issues/{issue}/replies", body))
    assert (answer["photos"]["expected"], len(answer["photos"]["missing"])) == (2, 2)
    assert loop.look(issue)["state"] == "rectifying"  # a reply acknowledges
    loop.jia.upload(body["id"], first, data)
    again = loop.jia.post(f"/issues/{issue}/replies", body)
    assert (again.status_code, again.json["photos"]["received"], again.json["receipt"]) == (200, 1, None)
    loop.jia.upload(body["id"], second, other)
    again = loop.jia.post(f"/issues/{issue}/replies", body)
    assert again.json["receipt"]["digest"] == again.json["receipt"]["digest"]
    assert loop.look(issue)["state"] == "pending_verification"


def test_photos_may_come_before_their_reply(loop: Loop) -> None:
    issue = loop.issued()
    photo, data = loop.picture(captured_at=now(minutes=1))
    body = {"id": str(new_id()), "measure": "已更换", "done_at": now(), "photos": [photo]}
    assert loop.jia.upload(body["id"], photo, data).status_code == 201
    assert taken(loop.jia.post(f"/issues/{issue}/replies", body))["receipt"] is not None
    assert loop.look(issue)["state"] == "pending_verification"


def test_a_reply_without_an_after_photo_is_refused(loop: Loop) -> None:
    issue = loop.issued()
    body = {"id": str(new_id()), "measure": "已更换", "done_at": now(), "photos": []}
    refused(loop.jia.post(f"/issues/{issue}/replies", body), 422, "after-photo-missing")


def test_other_content_under_the_same_id_is_refused_and_changes_nothing(loop: Loop) -> None:
    issue = loop.issued()
    reply = taken(loop.reply(issue))
    again = loop.reply(issue, reply_id=reply["id"], send=False)
    refused(again, 409, "reply-conflict")
    assert len(loop.look(issue)["replies"]) == 1


def test_who_replied_never_verifies(loop: Loop) -> None:
    both = loop.office.person("both", "contractor", "supervisor", districts=(YINGZE,), organisation=loop.firm)
    issue = loop.issued()
    taken(loop.reply(issue, by=both))
    refused(both.post(f"/issues/{issue}/verifications", {"result": "pass"}), 403, "own-reply")
    assert "pass" not in loop.look(issue, both)["moves"]
    assert "pass" in loop.look(issue, loop.sun)["moves"]


def test_nobody_of_the_responsible_firm_decides_on_its_work(loop: Loop) -> None:
    """Whoever is of the firm and has another role too has none of that role's words over its own issues."""
    of_firm = {"districts": (YINGZE,), "organisation": loop.firm}
    chief = loop.office.person("chief", "contractor", "supervisor", **of_firm)
    walker = loop.office.person("walker", "contractor", "inspector", **of_firm)
    site = loop.office.site("自查小区", inspectors=(loop.wang, walker), contractor=loop.firm)
    issue = loop.issued(site=site)
    taken(loop.reply(issue))
    for someone in (chief, walker):
        assert {"pass", "fail", "void"}.isdisjoint(loop.look(issue, someone)["moves"])
        for verdict in ({"result": "pass"}, {"result": "fail", "comment": "未整改"}):
            refused(someone.post(f"/issues/{issue}/verifications", verdict), 403, "not-allowed")
    refused(chief.post(f"/issues/{issue}/void", {"reason": "误报"}), 403, "not-allowed")
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass"}))
    refused(chief.post(f"/issues/{issue}/reopening", {"reason": "居民反映"}), 403, "not-allowed")


def test_an_early_or_distant_after_photo_asks_a_reason(loop: Loop) -> None:
    issue = loop.issued()
    taken(loop.reply(issue, captured_at="2026-11-01T09:00:00+08:00", location=FAR_AWAY))
    verdict = {"result": "pass", "comment": "合格", "reason": None}
    problem = refused(loop.su.post(f"/issues/{issue}/verifications", verdict), 422, "reason-missing")
    assert {doubt["code"] for doubt in problem["doubts"]} == {"after-photo-early", "after-photo-far"}
    assert loop.look(issue)["state"] == "pending_verification"
    done = taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", "reason": "本人到场核实"}))
    kept = done["issue"]["verifications"][0]
    assert (done["issue"]["state"], kept["reason"], len(kept["doubts"])) == ("closed", "本人到场核实", 2)


def test_a_photo_of_the_same_minute_as_the_notice_is_not_early(loop: Loop) -> None:
    """Cameras tell whole seconds, by a clock of their own."""
    issue = loop.issued()
    taken(loop.reply(issue, captured_at=(clock.now() - timedelta(seconds=40)).replace(microsecond=0).isoformat()))
    closed = taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass"}))["issue"]
    assert (closed["state"], closed["verifications"][0]["doubts"]) == ("closed", [])


def test_a_move_that_need_not_say_anything_needs_no_body(loop: Loop) -> None:
    issue = loop.opened()
    assert loop.su.ask("POST", f"/issues/{issue}/notice").status_code == 201
    assert loop.jia.ask("POST", f"/issues/{issue}/acknowledgement").status_code in {200, 201}
    refused(loop.su.ask("POST", f"/issues/{issue}/void"), 400, "not-json")
    refused(loop.su.post(f"/issues/{issue}/void", {"reason": " \u3000"}), 422, "invalid")


def test_the_verifiers_own_photo_takes_the_doubt_away(loop: Loop) -> None:
    issue = loop.issued()
    taken(loop.reply(issue, location=FAR_AWAY))
    photo, data = loop.picture(captured_at=now(minutes=2))
    body = {"id": str(new_id()), "result": "pass", "photos": [photo]}
    answer = taken(loop.wang.post(f"/issues/{issue}/verifications", body))
    assert answer["issue"]["state"] == "pending_verification"  # its photo is not here yet
    assert loop.wang.upload(body["id"], photo, data).status_code == 201
    closed = loop.look(issue)
    assert (closed["state"], closed["verifications"][0]["doubts"]) == ("closed", [])


def test_the_photo_of_the_round_before_shows_nothing_of_this_one(loop: Loop) -> None:
    issue, taken_at = loop.replied(), clock.now()
    clock.set_source(lambda: taken_at + timedelta(hours=2))
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail", "comment": "仍未整改"}))
    taken(loop.reply(issue, captured_at=(taken_at + timedelta(minutes=1)).isoformat()))
    verdict = {"result": "pass", "comment": "合格", "reason": None}
    doubts = refused(loop.su.post(f"/issues/{issue}/verifications", verdict), 422, "reason-missing")["doubts"]
    assert [(one["code"], one["numbers"]) for one in doubts] == [("after-photo-early", {"minutes": 119, "rejection": 1})]


def test_a_photo_after_the_rejection_is_beyond_doubt_and_one_before_a_later_notice_is_not(loop: Loop) -> None:
    issue = loop.replied()
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail", "comment": "仍未整改"}))
    taken(loop.reply(issue))
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", "reason": None}))
    taken(loop.su.post(f"/issues/{issue}/reopening", {"reason": "居民反映"}))
    noticed = clock.now() + timedelta(hours=2)
    clock.set_source(lambda: noticed)
    taken(loop.su.post(f"/issues/{issue}/notice"))
    taken(loop.reply(issue, captured_at=(noticed - timedelta(hours=1)).isoformat()))
    verdict = {"result": "pass", "reason": None}
    doubts = refused(loop.su.post(f"/issues/{issue}/verifications", verdict), 422, "reason-missing")["doubts"]
    assert [doubt["numbers"] for doubt in doubts] == [{"minutes": 60, "rejection": 0}]


def test_a_failed_verification_sends_back_with_a_new_date(loop: Loop) -> None:
    issue = loop.replied()
    first_due = loop.look(issue)["first_due_on"]
    refused(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail"}), 422, "invalid")
    back = taken(loop.su.post(f"/issues/{issue}/verifications", {
        "result": "fail", "comment": "仍有一人无证", "due_on": "2099-05-01",
    }))["issue"]
    assert (back["state"], back["round"], back["due_on"], back["first_due_on"]) == (
        "rejected", 2, "2099-05-01", first_due,
    )
    taken(loop.reply(issue))
    taken(loop.sun.post(f"/issues/{issue}/verifications", {"result": "pass"}))
    assert [reply["round"] for reply in loop.look(issue)["replies"]] == [1, 2]


def test_what_was_put_right_on_the_spot_goes_straight_to_another_person(loop: Loop) -> None:
    after, data = loop.picture(captured_at="2026-11-20T09:40:00+08:00")
    issue = loop.opened(issue={"fixed_on_spot": True, "after": [after["id"]]}, extra=[(after, data)])
    shown = loop.look(issue)
    assert (shown["state"], shown["fixed_on_spot"]) == ("pending_verification", True)
    assert shown["pairs"][0]["after"] == after["id"]
    refused(loop.wang.post(f"/issues/{issue}/verifications", {"result": "pass"}), 403, "own-reply")
    assert taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass"}))["issue"]["state"] == "closed"


def test_whoever_was_there_too_does_not_verify_what_was_put_right_on_the_spot(loop: Loop) -> None:
    both = loop.office.person("both", "inspector", "supervisor", districts=(YINGZE,))
    before, after = loop.picture(item=ITEM), loop.picture(captured_at="2026-11-20T09:40:00+08:00")
    failed = {"item": ITEM, "value": "fail", "photos": [before[0]["id"]],
              "issue": {"fixed_on_spot": True, "after": [after[0]["id"]]}}
    pictures = [before[0], after[0]]
    body = report_body(loop.site, answers=[failed], photos=pictures, co_inspectors=[str(both.id)])
    report = loop.wang.send(body, {one["id"]: data for one, data in (before, after)})
    issue = taken(loop.su.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1}))["issues"][0]
    refused(both.post(f"/issues/{issue}/verifications", {"result": "pass"}), 403, "own-reply")
    failed = taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail", "comment": "未真正整改"}))["issue"]
    taken(loop.reply(issue))
    assert failed["round"] == 2
    passed = taken(both.post(f"/issues/{issue}/verifications", {"result": "pass", "comment": "合格"}))
    assert passed["issue"]["state"] == "closed"


def test_put_right_on_the_spot_needs_its_after_photo(loop: Loop) -> None:
    photo, _ = loop.picture(item="ELEV-A05")
    failed = {"item": "ELEV-A05", "value": "fail", "photos": [photo["id"]], "issue": {"fixed_on_spot": True}}
    answer = loop.wang.put(f"/reports/{new_id()}", report_body(loop.site, answers=[failed], photos=[photo]))
    assert "answers.0.issue.after" in refused(answer, 422, "invalid")["errors"]


def test_one_notice_holds_several_issues_of_one_site_and_firm(loop: Loop) -> None:
    issues = [loop.opened("ELEV-A05"), loop.opened("ELEV-A01")]
    elsewhere = loop.opened("ELEV-A05", site=loop.office.site(
        "柴村小区", contractor=loop.firm, inspectors=(loop.wang,)
    ))
    refused(loop.su.post("/notices", {"issue_ids": [*issues, elsewhere]}), 422, "invalid")
    assert {loop.look(issue)["state"] for issue in issues} == {"pending_issue"}
    notice = taken(loop.su.post("/notices", {"issue_ids": issues}))
    again = loop.su.post("/notices", {"issue_ids": issues[::-1]})
    assert (again.status_code, again.json["number"]) == (200, notice["number"])
    refused(loop.sun.post("/notices", {"issue_ids": issues}), 409, "issue-state")


def test_something_critical_also_stops_the_work(loop: Loop) -> None:
    issue = loop.opened(severity="critical")
    notice = taken(loop.su.post(f"/issues/{issue}/notice"))
    assert notice["stop_work"]["number"].endswith("1号")
    shown = loop.look(issue)
    assert (shown["stop_work"], len(shown["documents"])) == (True, 2)
    again = loop.su.post(f"/issues/{issue}/notice")
    assert (again.status_code, again.json) == (200, notice)


def test_before_the_notice_a_supervisor_corrects(loop: Loop) -> None:
    issue = loop.opened()
    other = loop.office.organisation("施工丙公司")
    fixed = loop.su.patch(f"/issues/{issue}", {
        "severity": "critical", "due_on": "2099-01-02", "description": "二层焊工无证", "contractor_id": str(other),
    }).json
    assert (fixed["severity"], fixed["due_on"], fixed["first_due_on"], fixed["contractor"]["name"]) == (
        "critical", "2099-01-02", "2099-01-02", "施工丙公司",
    )
    taken(loop.su.post(f"/issues/{issue}/notice"))
    refused(loop.su.patch(f"/issues/{issue}", {"severity": "minor"}), 409, "issue-state")
    assert loop.jia.get(f"/issues/{issue}").status_code == 404  # no longer their issue


def test_the_contractor_objects_once_and_the_supervisor_settles(loop: Loop) -> None:
    issue = loop.issued()
    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "该焊工有证，见附件"}))
    assert loop.jia.post(f"/issues/{issue}/objection", {"reason": "该焊工有证，见附件"}).status_code == 200
    refused(loop.yi.post(f"/issues/{issue}/objection", {"reason": "另有理由"}), 409, "objection-made")
    assert {"keep", "send_back", "withdraw"} <= set(loop.look(issue)["moves"])
    back = taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "corrected", "comment": "改责任单位"}))
    assert back["state"] == "pending_issue"
    refused(loop.sun.post(f"/issues/{issue}/objection/settlement", {"result": "kept", "comment": "维持"}),
            409, "issue-state")
    taken(loop.su.post(f"/issues/{issue}/notice"))
    refused(loop.jia.post(f"/issues/{issue}/objection", {"reason": "再次异议"}), 409, "objection-made")


def test_more_time_keeps_the_first_due_date(loop: Loop) -> None:
    issue = loop.issued()
    first = loop.look(issue)["due_on"]
    ask = {"id": str(new_id()), "reason": "连日降雨，无法焊接", "due_on": "2099-03-01"}
    asked = taken(loop.jia.post(f"/issues/{issue}/extensions", ask))
    assert loop.jia.post(f"/issues/{issue}/extensions", ask).status_code == 200
    refused(loop.yi.post(f"/issues/{issue}/extensions", {"reason": "再要", "due_on": "2099-04-01"}), 409, "extension-open")
    path = f"/issues/{issue}/extensions/{asked['extensions'][0]['id']}/settlement"
    granted = taken(loop.su.post(path, {"result": "granted", "due_on": "2099-02-01"}))
    assert (granted["due_on"], granted["first_due_on"]) == ("2099-02-01", first)
    refused(loop.sun.post(path, {"result": "refused", "comment": "不同意"}), 409, "issue-state")
    assert loop.su.post(path, {"result": "granted"}).status_code == 200


def test_a_false_closure_reopens_and_counts(loop: Loop) -> None:
    issue = loop.closed()
    refused(loop.jia.post(f"/issues/{issue}/follow-ups", {"result": "holds"}), 403, "not-allowed")
    look = {"result": "false_closure", "comment": "仍有无证焊工"}
    reopened = taken(loop.zhao.post(f"/issues/{issue}/follow-ups", look))["issue"]
    assert (reopened["state"], reopened["false_closures"], reopened["round"]) == ("reopened", 1, 2)
    taken(loop.su.post(f"/issues/{issue}/notice"))
    taken(loop.reply(issue))
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass"}))


def test_a_reopened_issue_may_be_affirmed_but_not_by_who_replied(loop: Loop) -> None:
    issue = loop.closed()
    taken(loop.su.post(f"/issues/{issue}/reopening", {"reason": "居民反映"}))
    assert loop.su.post(f"/issues/{issue}/reopening", {"reason": "居民反映"}).status_code == 200
    done = taken(loop.sun.post(f"/issues/{issue}/affirmation", {"reason": "现场核实无误"}))
    assert done["state"] == "closed"


def test_the_same_failure_within_ninety_days_is_a_recurrence(loop: Loop) -> None:
    first = loop.closed()
    second = loop.opened()
    shown = loop.look(second)
    assert (shown["recurrence_of"], shown["recurrence_count"]) == (first, 1)
    refused(loop.su.post(f"/issues/{first}/reopening", {"reason": "同一问题"}), 409, "issue-open-elsewhere")


def test_an_issue_entered_by_hand(loop: Loop) -> None:
    heard = {"id": str(new_id()), "site_id": str(loop.site), "description": "12345：三单元路灯不亮", "severity": "minor",
             "source": "hotline"}
    draft = taken(loop.wang.post("/issues", heard))
    assert (draft["state"], draft["item"], draft["report_id"]) == ("draft", None, None)
    assert loop.wang.post("/issues", heard).status_code == 200
    assert loop.jia.get(f"/issues/{draft['id']}").status_code == 404  # a draft is no issue yet
    assert loop.zhao.get(f"/issues/{draft['id']}").status_code == 404
    refused(loop.su.post(f"/issues/{draft['id']}/notice"), 409, "issue-state")
    assert loop.wang.post(f"/issues/{draft['id']}/submission").json["state"] == "pending_issue"
    taken(loop.su.post(f"/issues/{draft['id']}/notice"))
    taken(loop.reply(draft["id"]))
    assert loop.look(draft["id"])["pairs"][0]["before"] is None


def test_a_discarded_draft_stays_readable_and_counts_nowhere(loop: Loop) -> None:
    heard = {"site_id": str(loop.site), "description": "看错了", "severity": "minor"}
    draft = taken(loop.wang.post("/issues", heard))
    assert loop.wang.post(f"/issues/{draft['id']}/discard").json["state"] == "void"
    clerk = loop.office.person("clerk", "office")
    from server.kit.clock import today
    year, week, _ = today().isocalendar()
    made = clerk.post("/weekly-reports", {"iso_year": year, "iso_week": week})
    assert made.status_code == 202


def test_nobody_elses_photo_can_be_named(loop: Loop) -> None:
    issue = loop.issued()
    photo, data = loop.picture()
    assert loop.wang.upload(str(new_id()), photo, data).status_code == 201
    body = {"id": str(new_id()), "measure": "已更换", "done_at": now(), "photos": [photo]}
    assert loop.jia.post(f"/issues/{issue}/replies", body).status_code == 404


def test_a_stranger_firm_sees_nothing_of_it(loop: Loop) -> None:
    issue = loop.replied()
    after = loop.look(issue)["photos"]["after"][0]["id"]
    assert loop.bing.get(f"/issues/{issue}").status_code == 404
    assert loop.bing.get(f"/photos/{after}").status_code == 404
    assert loop.yi.get(f"/photos/{after}").status_code == 200
    assert loop.zhao.get(f"/photos/{after}").status_code == 200
    body = {"id": str(new_id()), "measure": "x", "done_at": now(), "photos": [loop.picture()[0]]}
    assert loop.bing.post(f"/issues/{issue}/replies", body).status_code == 404


def test_a_list_of_what_one_may_do_goes_by_the_papers_too(loop: Loop) -> None:
    plain, objected = loop.issued(), loop.issued(item="ELEV-A04")
    taken(loop.jia.post(f"/issues/{objected}/objection", {"reason": "不属本标段"}))
    due_on = (clock.today() + timedelta(days=60)).isoformat()
    taken(loop.jia.post(f"/issues/{plain}/extensions", {"reason": "材料未到", "due_on": due_on}))

    def listed(someone: Someone, move: str) -> list[str]:
        return [one["id"] for one in someone.get(f"/issues?move={move}").json["items"]]

    assert listed(loop.su, "keep") == listed(loop.su, "send_back") == listed(loop.su, "withdraw") == [objected]
    assert listed(loop.su, "settle_extension") == [plain]
    assert (listed(loop.jia, "object"), listed(loop.jia, "ask_extension")) == ([plain], [objected])
    for move in ("keep", "settle_extension"):
        assert all(move in one["moves"] for one in loop.su.get(f"/issues?move={move}").json["items"])


def test_of_a_client_that_knows_no_reasons_the_comment_is_the_reason_and_the_doubts_are_kept(loop: Loop) -> None:
    issue = loop.issued()
    taken(loop.reply(issue, captured_at="2026-11-01T09:00:00+08:00"))
    refused(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass"}), 422, "reason-missing")
    done = taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", "comment": "到场看过"}))
    kept = done["issue"]["verifications"][0]
    assert (kept["reason"], [doubt["code"] for doubt in kept["doubts"]]) == ("到场看过", ["after-photo-early"])


def test_the_record_of_a_failed_verification_is_of_its_own_round(loop: Loop) -> None:
    issue = loop.replied()
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail", "comment": "仍有一人无证"}))
    rounds = {paper["kind"]: paper["round"] for paper in loop.look(issue)["documents"]}
    assert rounds == {"rectification_notice": 1, "rectification_reply": 1, "verification_record": 1}


def test_a_stop_of_work_ends_with_its_issue(loop: Loop) -> None:
    issue = loop.closed(severity="critical")
    assert loop.look(issue)["stop_work"] is False


def test_a_false_closure_beside_another_open_issue_of_the_item_names_that_one(loop: Loop) -> None:
    first = loop.closed()
    second = loop.look(loop.opened())["number"]
    look = {"result": "false_closure", "comment": "仍有无证焊工"}
    problem = refused(loop.zhao.post(f"/issues/{first}/follow-ups", look), 409, "issue-open-elsewhere")
    assert problem["number"] == second


def test_a_doubled_hand_over_list_is_one_paper(loop: Loop) -> None:
    asked = {"id": str(new_id()), "kind": "handover_list", "issue_ids": [loop.opened()]}
    first = taken(loop.su.post("/documents", asked))
    again = loop.su.post("/documents", asked)
    assert (again.status_code, again.json["number"]) == (200, first["number"])
    assert loop.sun.post("/documents", asked).status_code == 404


def test_each_firm_that_becomes_responsible_may_object_once(loop: Loop) -> None:
    issue = loop.issued()
    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "非我单位"}))
    taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "corrected", "comment": "改"}))
    loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)})
    assert loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "corrected", "comment": "改"}).status_code == 200
    taken(loop.su.post(f"/issues/{issue}/notice"))
    assert "object" in loop.look(issue, loop.bing)["moves"]
    assert [one["id"] for one in loop.bing.get("/issues?move=object").json["items"]] == [issue]
    assert (loop.look(issue)["objection"], "keep" in loop.look(issue)["moves"]) == (None, False)
    taken(loop.bing.post(f"/issues/{issue}/objection", {"reason": "也非我单位"}))
    refused(loop.bing.post(f"/issues/{issue}/objection", {"reason": "再次异议"}), 409, "objection-made")
    assert (loop.look(issue)["objection"]["reason"], "keep" in loop.look(issue)["moves"]) == ("也非我单位", True)
    assert [one["id"] for one in loop.su.get("/issues?move=keep").json["items"]] == [issue]
    taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "kept", "comment": "维持"}))
    told = loop.office.read(sa.select(Message.key).where(
        Message.person_id == loop.su.id, Message.kind == "issue-objection"
    ))
    assert len(told) == 2
