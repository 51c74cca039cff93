"""On closing, where the programme has set it so, a link is there for the residents, to be handed out by those who may."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta

import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.kit import clock
from server.kit.ids import new_id
from server.programme import policy
from server.residents.models import Question
from server.residents.rules import hash_of
from tests.factories import JINYUAN, YINGZE
from tests.issues.loop import Loop, refused, taken
from tests.residents.word import look, send, sweep, turn_on


def code_of(loop: Loop, issue: str) -> str:
    link = loop.su.get(f"/issues/{issue}/residents").json["link"]
    assert link
    return str(link).rsplit("/", 1)[1]


def test_nobody_is_asked_unless_the_programme_has_set_it(loop: Loop) -> None:
    turn_on(loop.office, residents_asked=None)  # as it was delivered
    issue = loop.closed()
    shown = loop.su.get(f"/issues/{issue}/residents").json
    assert shown == {"asked": False, "link": None, "qr": None, "expires_at": None, "words": []}
    assert loop.look(issue)["residents"] is None
    refused(loop.su.post(f"/issues/{issue}/residents"), 409, "residents-off")
    assert loop.office.read(sa.select(Question)) == []


def test_closing_asks_and_those_who_may_read_the_link(loop: Loop, closed: str) -> None:
    clerk = loop.office.person("clerk", "office")
    assert [step["verb"] for step in loop.look(closed)["history"]][-1] == "pass"
    shown = {who.username: who.get(f"/issues/{closed}/residents").json for who in (loop.su, loop.wang, clerk)}
    links = {one["link"] for one in shown.values()}
    assert len(links) == 1
    assert re.fullmatch(r"http://localhost/r/[a-z2-7]{32}", links.pop())  # 160 bits
    assert shown["clerk"]["words"][0]["answer"] is None
    expires = loop.office.read(sa.select(Question.expires_at))[0]
    assert timedelta(days=13, hours=23) < expires - clock.now() <= timedelta(days=14)


def test_the_code_itself_is_in_no_table(loop: Loop, closed: str) -> None:
    code = code_of(loop, closed)
    with loop.office.database.read() as db:
        tables = [*db.execute(sa.select(Question.__table__)), *db.execute(sa.select(AuditEvent.__table__))]
    assert code not in repr(tables)
    assert loop.office.read(sa.select(Question.code_hash)) == [hash_of(code)]


def test_the_firm_never_sees_the_link_the_comment_or_the_photo(loop: Loop, closed: str) -> None:
    send(loop.office.app, code_of(loop, closed), "no", comment="北侧护栏还在晃")
    question = loop.su.get(f"/issues/{closed}/residents").json["words"][0]["id"]
    for path in ("residents", "residents.svg", f"residents/{question}/photo"):
        refused(loop.jia.get(f"/issues/{closed}/{path}"), 403, "not-allowed")
        refused(loop.bing.get(f"/issues/{closed}/{path}"), 404, "not-found")
    seen = loop.jia.get(f"/issues/{closed}")
    assert seen.json["residents"] is None
    assert "护栏还在晃" not in seen.get_data(as_text=True)
    assert "护栏还在晃" not in loop.jia.get("/sync").get_data(as_text=True)
    both = loop.office.person("both", "contractor", "inspector", "supervisor", districts=(YINGZE,), organisation=loop.firm)
    refused(both.get(f"/issues/{closed}/residents"), 403, "not-allowed")


def test_the_public_address_is_that_of_the_settings(loop: Loop, closed: str) -> None:
    conf = loop.office.app.config["DUDAO"]
    loop.office.app.config["DUDAO"] = dataclasses.replace(conf, public_url="https://dudao.example.cn/")
    link = loop.su.get(f"/issues/{closed}/residents").json["link"]
    assert link.startswith("https://dudao.example.cn/r/")


def test_the_link_is_a_qr_code_too(loop: Loop, closed: str) -> None:
    shown = loop.su.get(f"/issues/{closed}/residents").json
    drawn = loop.office.app.test_client().get(shown["qr"])  # signed: an <img> sends no token
    assert (drawn.status_code, drawn.mimetype) == (200, "image/svg+xml")
    assert shown["link"] in drawn.get_data(as_text=True)  # its title, for who cannot scan
    assert drawn.get_data() == loop.su.get(f"/issues/{closed}/residents.svg").get_data()
    assert loop.office.app.test_client().get(shown["qr"].partition("?")[0]).status_code == 401


def test_a_new_link_is_made_where_none_is_valid_and_by_the_supervisor_alone(loop: Loop, closed: str) -> None:
    first = code_of(loop, closed)
    assert loop.su.post(f"/issues/{closed}/residents").status_code == 200
    assert code_of(loop, closed) == first
    send(loop.office.app, first, "yes")
    assert loop.su.get(f"/issues/{closed}/residents").json["link"] is None
    refused(loop.su.get(f"/issues/{closed}/residents.svg"), 404, "residents-link-none")
    refused(loop.wang.post(f"/issues/{closed}/residents"), 403, "not-allowed")
    stranger = loop.office.person("far", "supervisor", districts=(JINYUAN,))
    refused(stranger.post(f"/issues/{closed}/residents"), 404, "not-found")
    made = taken(loop.sun.post(f"/issues/{closed}/residents"))
    assert code_of(loop, closed) != first
    assert [word["answer"] for word in made["words"]] == [None, "yes"]


def test_an_issue_that_is_not_closed_gets_no_new_link(loop: Loop) -> None:
    issue = loop.issued()
    assert refused(loop.su.post(f"/issues/{issue}/residents"), 409, "issue-state")["state"] == "issued"


def test_an_expired_link_is_made_anew(loop: Loop, closed: str) -> None:
    first = code_of(loop, closed)
    later = clock.now() + timedelta(days=14, seconds=1)
    clock.set_source(lambda: later)
    loop.su = loop.office.sign_in("su", loop.su.id)
    assert loop.su.get(f"/issues/{closed}/residents").json["link"] is None
    assert look(loop.office.app, first).status_code == 410
    taken(loop.su.post(f"/issues/{closed}/residents"))
    assert look(loop.office.app, code_of(loop, closed)).status_code == 200
    sweep(loop.office)
    assert loop.office.read(sa.select(sa.func.count()).where(Question.code_hash.is_not(None))) == [1]
    assert look(loop.office.app, first).status_code == 404


def test_a_code_of_another_secret_is_not_shown_and_a_new_link_can_be_made(loop: Loop, closed: str) -> None:
    first = code_of(loop, closed)
    conf = loop.office.app.config["DUDAO"]
    loop.office.app.config["DUDAO"] = dataclasses.replace(conf, secret_key="another-" + conf.secret_key)
    assert loop.su.get(f"/issues/{closed}/residents").json["link"] is None
    taken(loop.su.post(f"/issues/{closed}/residents"))
    assert look(loop.office.app, first).status_code == 410  # of two links the newer one counts


def test_the_next_closing_asks_anew_and_the_older_link_leads_nowhere(loop: Loop, closed: str) -> None:
    first = code_of(loop, closed)
    taken(loop.su.post(f"/issues/{closed}/reopening", {"reason": "又坏了"}))
    assert look(loop.office.app, first).status_code == 200  # nothing was closed since
    taken(loop.su.post(f"/issues/{closed}/notice"))
    taken(loop.reply(closed))
    taken(loop.sun.post(f"/issues/{closed}/verifications", {"result": "pass", "reason": "到场看过"}))
    assert code_of(loop, closed) != first
    assert look(loop.office.app, first).status_code == 410


def test_a_supervisor_who_affirms_does_not_ask_again(loop: Loop, closed: str) -> None:
    send(loop.office.app, code_of(loop, closed), "no")
    taken(loop.su.post(f"/issues/{closed}/affirmation", {"reason": "到场看过，确已修好"}))
    shown = loop.look(closed)
    assert (shown["state"], shown["residents"]["answer"]) == ("closed", "no")
    assert loop.su.get(f"/issues/{closed}/residents").json["link"] is None


def test_switched_off_links_lead_nowhere_until_switched_on_again(loop: Loop, closed: str) -> None:
    code = code_of(loop, closed)
    turn_on(loop.office, residents_asked=False)
    assert look(loop.office.app, code).status_code == 410
    assert send(loop.office.app, code, "no").status_code == 410
    assert loop.look(closed)["state"] == "closed"
    turn_on(loop.office)
    assert look(loop.office.app, code).status_code == 200


def test_the_days_of_a_link_are_those_of_the_policy(loop: Loop) -> None:
    conf = loop.office.app.config["DUDAO"]
    loop.office.write(lambda db: policy.change(db, conf, None, {"residents_link_days": 3}))
    loop.closed()
    [expires] = loop.office.read(sa.select(Question.expires_at))
    assert timedelta(days=2, hours=23) < expires - clock.now() <= timedelta(days=3)


def test_a_question_of_another_issue_is_not_found(loop: Loop, closed: str) -> None:
    other = loop.closed(item="ELEV-A01")
    question = loop.su.get(f"/issues/{other}/residents").json["words"][0]["id"]
    refused(loop.su.get(f"/issues/{closed}/residents/{question}/photo"), 404, "not-found")
    refused(loop.su.get(f"/issues/{closed}/residents/{new_id()}/photo"), 404, "not-found")
    refused(loop.su.get(f"/issues/{other}/residents/{question}/photo"), 404, "residents-photo-none")
