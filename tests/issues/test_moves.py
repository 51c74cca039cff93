"""The table of moves, walked: every state × move × role over HTTP's verbs, and every edge tried in the database itself."""

from __future__ import annotations

import itertools
import re
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.issues.models import Issue
from server.issues.rules import ENDED, MOVES, NOT_OVERDUE, OWN_DRAFT, IssueState, Move, edges, fits, is_overdue
from server.kit import clock
from server.kit.actor import Role
from server.kit.ids import new_id
from server.kit.severity import Severity
from tests.factories import YINGZE, SiteOffice, Someone, report_body
from tests.issues.loop import ITEM, Loop, refused, taken

S = IssueState

# The rules of the site office, written out once more by hand: who may do what in which state.
TABLE = """
move              states                                             to                    who
submit            draft                                              pending_issue         author
discard           draft                                              void                  author
edit              draft                                              -                     author
correct           pending_issue,reopened                             -                     supervisor
notice            pending_issue,reopened                             issued                supervisor
fix_on_spot       pending_issue                                      pending_verification  -
acknowledge       issued,rejected                                    rectifying            contractor
reply             issued,rectifying,rejected                         pending_verification  contractor
pass              pending_verification                               closed                inspector,supervisor
fail              pending_verification                               rejected              inspector,supervisor
object            issued,rectifying                                  -                     contractor
keep              issued,rectifying                                  -                     supervisor
send_back         issued,rectifying                                  pending_issue         supervisor
withdraw          issued,rectifying                                  void                  supervisor
ask_extension     issued,rectifying,rejected                         -                     contractor
settle_extension  issued,rectifying,rejected                         -                     supervisor
reopen            closed                                             reopened              supervisor
residents_no      closed                                             reopened              -
holds             closed                                             -                     inspector,supervisor
false_closure     closed                                             reopened              inspector,supervisor
affirm            reopened                                           closed                supervisor
void              pending_issue,issued,rectifying,pending_verification,rejected,reopened  void  supervisor
"""
WRITTEN = {
    row[0]: (set(row[1].split(",")), None if row[2] == "-" else row[2], set(row[3].split(",")) - {"-"})
    for row in (line.split() for line in TABLE.strip().splitlines()[1:])
}


def test_the_rules_are_those_of_the_site_office() -> None:
    assert set(WRITTEN) == set(Move)
    for move, rule in MOVES.items():
        states, leads_to, who = WRITTEN[move]
        assert (set(rule.states), rule.to) == (states, leads_to), move
        assert {"inspector" if one == "author" else one for one in who} == set(rule.roles), move
        assert ("author" in who) == (move in OWN_DRAFT), move
    assert all(MOVES[move].other for move in (Move.PASS, Move.FAIL, Move.AFFIRM, Move.HOLDS, Move.FALSE_CLOSURE))


def test_office_and_admin_move_nothing() -> None:
    for move, state, role in itertools.product(Move, S, (Role.OFFICE, Role.ADMIN)):
        assert not fits(move, state, frozenset({role}))


@pytest.mark.parametrize("state", list(S))
def test_overdue_is_derived_from_state_and_day(state: IssueState) -> None:
    due = date(2026, 11, 25)
    assert not is_overdue(state, due, date(2026, 11, 25))
    assert is_overdue(state, due, date(2026, 11, 26)) == (state not in NOT_OVERDUE)


def test_every_state_can_be_reached_and_every_open_one_can_end() -> None:
    reached = {S.DRAFT}
    while new := {after for before, after in edges() if before in reached} - reached:
        reached |= new
    assert reached == set(S)
    for state in set(S) - ENDED:
        ways = {state}
        while new := {after for before, after in edges() if before in ways} - ways:
            ways |= new
        assert S.CLOSED in ways, state


# -- the database holds the same table ---------------------------------------------------------------------------------


def put(office: SiteOffice, state: IssueState, *, site: Any = None, **values: Any) -> Any:
    """An issue that stands in `state`, written by hand."""
    issue_id, moment, where = new_id(), clock.now(), site or office.site()
    replier, closer = new_id(), new_id()
    usual = {
        "number": f"T-{issue_id}", "state": state, "district_code": YINGZE, "severity": Severity.MINOR,
        "description": "护栏松动", "due_on": date(2099, 1, 1), "first_due_on": date(2099, 1, 1), "opened_by": new_id(),
        "created_at": moment, "changed_at": moment, "issued_at": moment, "replied_by": replier,
        "closed_at": moment if state is S.CLOSED else None, "closed_by": closer if state is S.CLOSED else None,
    }
    office.write(lambda db: db.add(Issue(id=issue_id, site_id=where, **usual | values)))
    return issue_id


def test_the_database_refuses_every_edge_that_is_no_move(office: SiteOffice) -> None:
    site = office.site()
    for before, after in itertools.product(S, S):
        if before is after:
            continue
        issue = put(office, before, site=site)
        moment, somebody = clock.now(), new_id()
        values = {"state": after, "closed_at": moment if after is S.CLOSED else None,
                  "closed_by": somebody if after is S.CLOSED else None}

        def move(db: Any, issue: Any = issue, values: Any = values) -> None:
            db.execute(sa.update(Issue).where(Issue.id == issue).values(**values))

        if (before, after) in edges():
            office.write(move)
        else:
            with pytest.raises(sa.exc.DBAPIError):
                office.write(move)
        assert office.read(sa.select(Issue.state).where(Issue.id == issue)) == [
            after if (before, after) in edges() else before
        ]


@pytest.mark.parametrize("wrong", [
    {"closed_at": None}, {"closed_by": None}, {"replied_by": None}, {"issued_at": None, "state": S.ISSUED},
    {"round": 0}, {"state": S.ISSUED},  # closed_at without being closed
])
def test_the_database_refuses_what_cannot_be(office: SiteOffice, wrong: dict[str, Any]) -> None:
    moment = clock.now()
    whole = {"closed_at": moment, "closed_by": new_id()}
    with pytest.raises(sa.exc.IntegrityError):
        put(office, wrong.get("state", S.CLOSED), **{**whole, **{k: v for k, v in wrong.items() if k != "state"}})


def test_the_database_refuses_closing_by_who_replied(office: SiteOffice) -> None:
    somebody = new_id()
    with pytest.raises(sa.exc.IntegrityError):
        put(office, S.CLOSED, closed_by=somebody, replied_by=somebody)


def test_the_moves_of_the_newest_migration_are_those_of_the_rules() -> None:
    text = (Path(__file__).parents[2] / "migrations/versions/20261126_close_the_loop.py").read_text()
    written = set(re.findall(r"'([a-z_]+)>([a-z_]+)'", text))
    assert written == {(before.value, after.value) for before, after in edges()}


# -- state × move × role over HTTP -------------------------------------------------------------------------------------


def ask(loop: Loop, issue: str, move: Move, by: Someone) -> Any:
    """Make a move over HTTP with a body that would be taken."""
    said = {
        Move.SUBMIT: ("submission", {}), Move.DISCARD: ("discard", {}), Move.NOTICE: ("notice", {}),
        Move.ACKNOWLEDGE: ("acknowledgement", {}), Move.OBJECT: ("objection", {"reason": "有证"}),
        Move.KEEP: ("objection/settlement", {"result": "kept", "comment": "维持"}),
        Move.SEND_BACK: ("objection/settlement", {"result": "corrected", "comment": "更正"}),
        Move.WITHDRAW: ("objection/settlement", {"result": "withdrawn", "comment": "撤销"}),
        Move.ASK_EXTENSION: ("extensions", {"reason": "下雨", "due_on": "2099-06-01"}),
        Move.PASS: ("verifications", {"result": "pass", "reason": "到场核实"}),
        Move.FAIL: ("verifications", {"result": "fail", "comment": "未改"}),
        Move.HOLDS: ("follow-ups", {"result": "holds"}),
        Move.FALSE_CLOSURE: ("follow-ups", {"result": "false_closure", "comment": "未改"}),
        Move.REOPEN: ("reopening", {"reason": "反映"}), Move.AFFIRM: ("affirmation", {"reason": "核实"}),
        Move.VOID: ("void", {"reason": "重复"}),
    }
    if move in {Move.CORRECT, Move.EDIT}:
        return by.patch(f"/issues/{issue}", {"description": f"更正 {new_id()}"})
    if move is Move.REPLY:
        return loop.reply(issue, by=by)
    if move is Move.SETTLE_EXTENSION:
        asked = loop.su.get(f"/issues/{issue}").json["extensions"][0]["id"]
        return by.post(f"/issues/{issue}/extensions/{asked}/settlement", {"result": "granted"})
    word, body = said[move]
    return by.post(f"/issues/{issue}/{word}", body)


def bring(loop: Loop, state: IssueState, move: Move) -> str:
    """A new issue brought to `state` by moves, with the papers that `move` needs where that state can have them."""
    if state is S.DRAFT or move in OWN_DRAFT:
        made = loop.wang.post("/issues", {"site_id": str(loop.site), "description": "路灯不亮", "severity": "minor"})
        issue = str(made.json["id"])
        if state is S.DRAFT:
            return issue
        assert loop.wang.post(f"/issues/{issue}/submission").status_code == 200
    else:
        issue = loop.opened(site=loop.office.site(inspectors=(loop.wang, loop.zhao), contractor=loop.firm))
    path = {
        S.PENDING_ISSUE: [], S.ISSUED: [Move.NOTICE], S.RECTIFYING: [Move.NOTICE, Move.ACKNOWLEDGE],
        S.PENDING_VERIFICATION: [Move.NOTICE, Move.REPLY], S.REJECTED: [Move.NOTICE, Move.REPLY, Move.FAIL],
        S.CLOSED: [Move.NOTICE, Move.REPLY, Move.PASS], S.REOPENED: [Move.NOTICE, Move.REPLY, Move.PASS, Move.REOPEN],
        S.VOID: [Move.VOID],
    }[state]
    for step in path:
        who = loop.jia if Role.CONTRACTOR in MOVES[step].roles else loop.su
        answer = ask(loop, issue, step, who)
        assert answer.status_code in {200, 201}, answer.text
        if step is Move.NOTICE:
            if move in {Move.KEEP, Move.SEND_BACK, Move.WITHDRAW}:
                assert ask(loop, issue, Move.OBJECT, loop.jia).status_code == 201
            if move is Move.SETTLE_EXTENSION:
                assert ask(loop, issue, Move.ASK_EXTENSION, loop.jia).status_code == 201
    return issue


def _is_repeat(move: Move, state: IssueState) -> bool:
    return move is Move.SUBMIT and state is not S.DRAFT


HUMAN = [move for move in Move if MOVES[move].roles]


@pytest.mark.parametrize("move", HUMAN)
def test_every_state_and_role_is_answered_as_the_table_says(loop: Loop, move: Move) -> None:
    actors = {
        "inspector": loop.wang, "supervisor": loop.sun, "contractor": loop.yi,
        "office": loop.office.person("clerk", "office"), "admin": loop.office.person("boss", "admin"),
    }
    states, leads_to, who = WRITTEN[move]
    needs_paper = move in {Move.KEEP, Move.SEND_BACK, Move.WITHDRAW, Move.SETTLE_EXTENSION}
    if move is Move.EDIT or move is Move.CORRECT:  # one address: what is asked of it depends on the state
        states = {"draft"} if move is Move.EDIT else {"pending_issue", "reopened"}
    for state in S:
        if needs_paper and state not in {S.ISSUED, S.RECTIFYING, S.REJECTED}:
            continue  # there is no objection or request to settle
        if (move is Move.EDIT and state in MOVES[Move.CORRECT].states) or (move is Move.CORRECT and state is S.DRAFT):
            continue  # that is the other of the two
        may = {role for role in actors if role in who or ("author" in who and role == "inspector")}
        issue, moved = bring(loop, state, move), False
        for role in sorted(actors, key=may.__contains__):  # those who may not go first, at one and the same issue
            someone, allowed = actors[role], role in may
            if moved:
                issue, moved = bring(loop, state, move), False
            answer = ask(loop, issue, move, someone)
            moved = answer.status_code < 300
            after = loop.office.read(sa.select(Issue.state).where(Issue.id == uuid.UUID(issue)))[0]
            case = f"{move} by {role} in {state}: {answer.status_code} {answer.text[:200]}"
            if allowed and state.value in states:
                assert answer.status_code in {200, 201}, case
                assert after == (leads_to or state), case
            else:
                assert after is state, case
                if _is_repeat(move, state):
                    continue  # the author's own, over again
                assert answer.status_code in {403, 404, 409}, case
                if (role, state) == ("contractor", S.DRAFT):
                    assert answer.status_code == 404, case  # a draft is none of their business
                elif allowed and move is not Move.EDIT:  # which is a correction once it is submitted
                    assert (answer.status_code, answer.json["code"]) == (409, "issue-state"), case
                    assert answer.json["state"] == state.value, case


def test_the_answer_names_exactly_what_its_reader_may_do(loop: Loop) -> None:
    issue = loop.replied()
    assert set(loop.look(issue, loop.su)["moves"]) == {"pass", "fail", "void"}
    assert set(loop.look(issue, loop.wang)["moves"]) == {"pass", "fail"}
    assert loop.look(issue, loop.jia)["moves"] == []


def test_what_is_offered_to_who_was_there_is_what_they_may_do(loop: Loop) -> None:
    """Put right on the spot, it is verified and looked at again by somebody who was not at that visit."""
    both = loop.office.person("both", "inspector", "supervisor", districts=(YINGZE,))
    before, after = loop.picture(item=ITEM), loop.picture(captured_at="2026-11-20T09:40:00+08:00")
    failed = {"item": ITEM, "value": "fail", "photos": [before[0]["id"]],
              "issue": {"fixed_on_spot": True, "after": [after[0]["id"]]}}
    body = report_body(
        loop.site, answers=[failed], photos=[before[0], after[0]], co_inspectors=[str(loop.zhao.id), str(both.id).upper()],
    )
    report = loop.wang.send(body, {one["id"]: data for one, data in (before, after)})
    assert both.get(f"/reports/{report['id']}").status_code == 200
    refused(both.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1}), 403, "own-report")
    review = taken(loop.su.post(f"/reports/{report['id']}/reviews", {"decision": "approve", "revision": 1}))
    issue = review["issues"][0]
    loop.replied(item="ELEV-A01")  # another, which those who were there may well verify
    verdicts = {"pass": {"comment": "合格"}, "fail": {"comment": "未真正整改"}}
    looks = {"holds": {"comment": "完好"}, "false_closure": {"comment": "又坏了"}}

    def offered(who: Someone) -> set[str]:
        """As the issue says it, its list, and the desk's queues."""
        counted = who.get("/issues/counts").json["moves"]
        said = set(loop.look(issue, who)["moves"])
        for move in {*verdicts, *looks, "affirm", "void"}:
            listed = [one["id"] for one in who.get(f"/issues?move={move}").json["items"]]
            assert (issue in listed) == (move in said), (who.username, move)
            assert counted.get(move, len(listed)) == len(listed), (who.username, move)
        return said

    def only(who: Someone, kind: str, moves: dict[str, Any]) -> None:
        assert moves.keys().isdisjoint(offered(who)), who.username
        for result, said in moves.items():
            refused(who.post(f"/issues/{issue}/{kind}", {"result": result, **said}), 403, "own-reply")

    for there in (loop.wang, loop.zhao, both):
        only(there, "verifications", verdicts)
    assert offered(both) == {"void"}
    assert offered(loop.su) == {"pass", "fail", "void"}
    taken(loop.su.post(f"/issues/{issue}/verifications", {"result": "pass", **verdicts["pass"]}))
    for there in (loop.wang, loop.zhao, both):
        only(there, "follow-ups", looks)
    assert looks.keys() <= offered(loop.sun)

    taken(loop.su.post(f"/issues/{issue}/reopening", {"reason": "又坏了"}))
    assert "affirm" in offered(both), "what was seen then is not what is said now"
    taken(both.post(f"/issues/{issue}/affirmation", {"reason": "复查确认完好", "round": 2}))
    assert looks.keys() <= offered(both)
