"""The firm sees what concerns it and nothing else: every key of its JSON is written down here."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.issues import jobs
from server.issues.models import FollowUp
from server.issues.rules import ResidentsAnswer
from server.kit.ids import new_id
from server.messages.models import Message
from server.photos.service import raise_flag
from tests.factories import YINGZE
from tests.issues.loop import FAR_AWAY, Loop, at, now, refused, taken
from tests.issues.test_reminders import work
from tests.residents.word import put_question, send, turn_on

PERSON = {"id", "name"}
KEYS: dict[str, set[str]] = {
    "": {
        "checklist", "closed_at", "contractor", "created_at", "days_left", "description", "documents", "due_on",
        "extensions", "false_closures", "first_due_on", "fixed_on_spot", "follow_up", "history", "id", "issued_at",
        "item", "moves", "number", "objection", "overdue", "pairs", "photos", "photos_awaited", "recurrence_count",
        "recurrence_of", "replies", "report_id", "residents", "round", "severity", "site", "source", "state",
        "stop_work", "verifications",
    },
    "checklist": {"code", "version"}, "contractor": PERSON, "site": {"id", "code", "name", "district"},
    "site.district": {"code", "name"}, "photos": {"before", "after"},
    "photos.before": {"id", "captured_at", "caption", "marks", "links"},
    "photos.after": {"id", "captured_at", "caption", "marks", "links"},
    "pairs": {"round", "before", "after"},
    "documents": {"id", "kind", "number", "round", "issued_at", "links"},
    "replies": {
        "id", "round", "state", "by", "received_at", "cause", "measure", "prevention", "responsible_person", "done_at",
    },
    "replies.by": PERSON,
    "verifications": {
        "id", "kind", "round", "state", "by", "received_at", "result", "comment", "reason", "doubts", "due_on",
    },
    "verifications.by": PERSON,
    "extensions": {
        "id", "round", "reason", "due_on", "by", "at", "result", "granted_due_on", "comment", "settled_by", "settled_at",
    },
    "extensions.by": PERSON, "extensions.settled_by": PERSON,
    "objection": {"reason", "by", "at", "result", "comment", "settled_by", "settled_at"},
    "objection.by": PERSON, "objection.settled_by": PERSON,
    "history": {"at", "verb", "by", "round", "from_state", "to_state", "facts"}, "history.by": PERSON,
}
FLAG = {
    "id", "code", "title", "detail", "numbers", "object_kind", "object_id", "raised_at", "settled_by", "settled_by_name",
    "settled_reason", "settled_at", "answer", "answered_at", "answered_by_name",
}
FREE = {"numbers", "links", "marks", "facts", "moves"}  # their keys are names of files and words of verbs
EMPTY = ("report_id", "recurrence_of", "residents", "follow_up")  # the office's own


def keys(shown: Any, path: str = "") -> dict[str, set[str]]:
    """Every key that is there, by the path that leads to it."""
    if isinstance(shown, list):
        found: dict[str, set[str]] = {}
        for one in shown:
            for where, names in keys(one, path).items():
                found[where] = found.get(where, set()) | names
        return found
    if not isinstance(shown, dict):
        return {}
    found = {path: set(shown)}
    for name, value in shown.items():
        if name not in FREE:
            found |= keys(value, f"{path}.{name}" if path else name)
    return found


def full(loop: Loop) -> str:
    """An issue with everything that can hang on one, closed in spite of a doubt."""
    issue = loop.issued()
    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "有证"}))
    taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "kept", "comment": "维持"}))
    asked = taken(loop.jia.post(f"/issues/{issue}/extensions", {"reason": "下雨", "due_on": "2099-01-01"}))["extensions"][0]
    taken(loop.su.post(f"/issues/{issue}/extensions/{asked['id']}/settlement", {"result": "granted"}))
    taken(loop.reply(issue, location=FAR_AWAY))
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", "comment": "合格", "reason": "本人到过现场"}))
    return issue


def test_every_key_that_the_firm_reads_is_written_down(loop: Loop) -> None:
    issue = full(loop)
    after = uuid.UUID(loop.look(issue)["photos"]["after"][0]["id"])
    loop.office.write(lambda db: raise_flag(db, "from-gallery", "photo", after, numbers={"photos": 1}))
    shown = loop.look(issue, loop.jia)
    assert keys(shown) == {**KEYS, "": KEYS[""] | {"flags"}, "flags": FLAG}
    assert keys(loop.jia.get("/issues").json["items"]) == KEYS


def test_reasons_and_doubts_of_a_verdict_stay_with_those_who_judge(loop: Loop) -> None:
    issue = full(loop)
    ours, theirs = loop.look(issue)["verifications"][0], loop.look(issue, loop.jia)["verifications"][0]
    assert (ours["reason"], len(ours["doubts"])) == ("本人到过现场", 1)
    assert (theirs["result"], theirs["comment"], theirs["reason"], theirs["doubts"]) == ("pass", "合格", None, [])
    passed = next(step for step in loop.look(issue, loop.jia)["history"] if step["verb"] == "pass")
    assert passed["facts"] == {"comment": "合格"}
    for source in (loop.jia.get(f"/issues/{issue}"), loop.jia.get("/issues"), loop.jia.get("/sync")):
        assert "本人到过现场" not in source.text


def test_a_verdict_whose_photos_are_on_the_way_is_not_shown_yet(loop: Loop) -> None:
    issue = loop.replied()
    photo, data = loop.picture(captured_at=now(minutes=2))
    body = {"id": str(new_id()), "result": "fail", "comment": "仍未整改", "photos": [photo]}
    taken(loop.wang.post(f"/issues/{issue}/verifications", body))
    assert len(loop.look(issue)["verifications"]) == 1
    assert loop.look(issue, loop.jia)["verifications"] == []
    loop.wang.upload(body["id"], photo, data)
    assert [one["result"] for one in loop.look(issue, loop.jia)["verifications"]] == ["fail"]


@pytest.mark.parametrize("answer", list(ResidentsAnswer))
def test_what_residents_say_is_not_the_firms_to_read(loop: Loop, app: Flask, answer: ResidentsAnswer) -> None:
    issue = loop.closed()
    turn_on(loop.office)
    code = put_question(loop.office, issue).code
    send(app, code, answer.value, comment="楼道灯还是不亮")
    assert loop.look(issue)["residents"]["answer"] == answer
    shown = loop.look(issue, loop.jia)
    assert [shown[name] for name in EMPTY] == [None] * len(EMPTY)
    assert not any("residents" in step["verb"] for step in shown["history"])
    assert shown["state"] == ("closed" if answer is ResidentsAnswer.YES else "reopened")
    for page in (loop.jia.get(f"/issues/{issue}"), loop.jia.get("/sync?cursor=")):
        assert "question" not in page.text


def test_a_later_look_is_unseen_until_it_has_taken_effect(loop: Loop, app: Flask) -> None:
    issue = drawn(loop, app)
    photo, data = loop.picture()
    body = {"id": str(new_id()), "result": "false_closure", "comment": "又堆上了", "photos": [photo]}
    taken(loop.wang.post(f"/issues/{issue}/follow-ups", body))
    before = loop.look(issue, loop.jia)
    assert (before["state"], before["follow_up"], len(before["verifications"])) == ("closed", None, 1)
    assert photo["id"] not in [one["id"] for one in before["photos"]["after"]]
    assert loop.jia.get(f"/photos/{photo['id']}").status_code == 404
    loop.wang.upload(body["id"], photo, data)
    after = loop.look(issue, loop.jia)
    assert (after["state"], after["false_closures"], after["follow_up"]) == ("reopened", 1, None)
    assert [one["kind"] for one in after["verifications"]] == ["verification", "follow_up"]
    assert after["history"][-1]["facts"] == {"comment": "又堆上了"}


def drawn(loop: Loop, app: Flask) -> str:
    """A closed issue that last week's sample holds."""
    at("2026-11-20")
    issue = loop.closed()
    at("2026-11-23", "08:00")
    jobs.draw(work(app))
    assert len(loop.office.read(sa.select(FollowUp.id))) == 1
    return issue


def test_who_is_of_the_firm_too_neither_sees_nor_takes_a_later_look(loop: Loop, app: Flask) -> None:
    both = loop.office.person("both", "inspector", "contractor", districts=(YINGZE,), organisation=loop.firm)
    loop.site = loop.office.site("双重身份小区", inspectors=(loop.wang, both), contractor=loop.firm)
    issue = drawn(loop, app)
    assert both.get("/follow-ups").json["items"] == []
    assert both.get("/sync").json["issues"] == []
    shown = loop.look(issue, both)
    assert (shown["follow_up"], {"holds", "false_closure"} & set(shown["moves"])) == (None, set())
    assert both.get("/issues?move=holds").json["items"] == []
    refused(both.post(f"/issues/{issue}/follow-ups", {"result": "holds"}), 403, "not-allowed")
    told = loop.office.read(sa.select(Message.person_id).where(Message.kind == "follow-up-drawn"))
    assert both.id not in told
    assert loop.wang.id in told
    assert [one["issue"]["id"] for one in loop.wang.get("/follow-ups?open=true").json["items"]] == [issue]


def test_the_next_firm_sees_nothing_of_the_one_before(loop: Loop) -> None:
    issue = loop.replied()
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "fail", "comment": "仍未整改"}))
    taken(loop.jia.post(f"/issues/{issue}/extensions", {"reason": "甲公司缺人", "due_on": "2099-01-01"}))
    taken(loop.jia.post(f"/issues/{issue}/acknowledgement"))
    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "甲公司已退场"}))
    taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "corrected", "comment": "改"}))
    loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)})
    shown = loop.look(issue, loop.bing)
    assert [shown[name] for name in ("replies", "verifications", "extensions", "pairs", "objection", "documents")] == [
        [], [], [], [], None, [],
    ]
    assert (len(shown["photos"]["before"]), shown["photos"]["after"]) == (1, [])
    assert [(step["verb"], step["facts"]) for step in shown["history"][1:]] == [("correct", {"changed": {}})]
    assert "甲公司" not in loop.bing.get(f"/issues/{issue}").text.replace("施工甲公司", "")
    taken(loop.su.post(f"/issues/{issue}/notice"))
    taken(loop.reply(issue, by=loop.bing))
    shown = loop.look(issue, loop.bing)
    assert [len(shown[name]) for name in ("replies", "pairs")] == [1, 1]
    assert len(shown["photos"]["after"]) == 1
    assert len(loop.look(issue)["replies"]) == 2
