"""Two supervisors, two people of the firm and an inspector at once: no illegal edge, one winner, the other told why."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from werkzeug.test import TestResponse

from server.documents.models import Document
from server.issues.models import Issue, IssueEntry, IssueEvent, Reminded
from server.issues.rules import MOVES, EntryState, IssueState, Move, edges
from server.kit import clock
from server.messages.models import Message
from tests.city import until
from tests.factories import Someone
from tests.issues.loop import Loop
from tests.issues.test_moves import ask, put
from tests.kit.worker_process import worker_process

ACTORS = ("su", "sun", "jia", "yi", "bing", "wang")  # bing is of the other firm, which may be made responsible
PLAYED = [
    Move.NOTICE, Move.ACKNOWLEDGE, Move.REPLY, Move.PASS, Move.FAIL, Move.OBJECT, Move.KEEP, Move.SEND_BACK,
    Move.ASK_EXTENSION, Move.REOPEN, Move.HOLDS, Move.FALSE_CLOSURE, Move.AFFIRM,
]


def at_once(asks: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    """All begin at the same moment."""
    start, answers = threading.Barrier(len(asks)), dict[int, TestResponse]()

    def work(number: int) -> None:
        start.wait(10)
        answers[number] = asks[number]()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(asks))]


class Racing(RuleBasedStateMachine):
    """One issue, and people who press buttons at the same moment. The world is one for all examples, the site is not."""

    loop: Loop

    @initialize()
    def open(self) -> None:
        site = self.loop.office.site(inspectors=(self.loop.wang, self.loop.zhao), contractor=self.loop.firm)
        self.issue = self.loop.opened(site=site)

    @rule(who=st.sampled_from(["su", "sun"]), to=st.sampled_from(["firm", "other"]))
    def corrected_to(self, who: str, to: str) -> None:
        someone: Someone = getattr(self.loop, who)
        answer = someone.patch(f"/issues/{self.issue}", {"contractor_id": str(getattr(self.loop, to))})
        assert answer.status_code in {200, 409}, answer.text

    @rule(who=st.sampled_from(["su", "sun"]), result=st.sampled_from(["granted", "refused"]))
    def extension_settled(self, who: str, result: str) -> None:
        someone: Someone = getattr(self.loop, who)
        waiting = [one for one in self.loop.look(self.issue)["extensions"] if one["result"] is None]
        for one in waiting:
            body = {"result": result, "comment": "已核"}
            answer = someone.post(f"/issues/{self.issue}/extensions/{one['id']}/settlement", body)
            assert answer.status_code in {200, 201, 409, 422}, answer.text

    @rule(who=st.sampled_from(["su", "sun"]))
    def made_void(self, who: str) -> None:
        """Seldom, or every example would end early: what is void moves no more, and a new issue takes its place."""
        someone: Someone = getattr(self.loop, who)
        if someone.post(f"/issues/{self.issue}/void", {"reason": "重复"}).status_code in {200, 201}:
            self.history_is_one_legal_path()
            self.open()

    @rule(first=st.sampled_from(PLAYED), second=st.sampled_from(PLAYED), who=st.tuples(
        st.sampled_from(ACTORS), st.sampled_from(ACTORS)))
    def two_at_once(self, first: Move, second: Move, who: tuple[str, str]) -> None:
        before = self.state()
        people: list[Someone] = [getattr(self.loop, name) for name in who]
        moves = [first, second]
        answers = at_once([
            lambda number=number: ask(self.loop, self.issue, moves[number], people[number]) for number in (0, 1)
        ])
        for answer in answers:
            assert answer.status_code in {200, 201, 403, 404, 409, 422}, answer.text
            if answer.status_code == 409 and answer.json["code"] in {"issue-state", "issue-changed"}:
                assert answer.json["state"] in set(IssueState)
                assert answer.json["changed_at"]
        won = [move for move, answer in zip(moves, answers, strict=True) if answer.status_code == 201]
        if len(won) == 2 and all(before in MOVES[move].states and MOVES[move].to for move in won):
            after_one = [{MOVES[move].to, before} for move in won]
            one_after_other = any(
                MOVES[won[1 - number]].states & after_one[number] for number in (0, 1)
            )
            assert one_after_other, f"{won} cannot both have been made from {before}"

    def state(self) -> IssueState:
        return IssueState(self.loop.office.read(sa.select(Issue.state).where(Issue.id == uuid.UUID(self.issue)))[0])

    @invariant()
    def history_is_one_legal_path(self) -> None:
        if not hasattr(self, "issue"):
            return
        with self.loop.office.database.read() as db:
            steps = list(db.execute(
                sa.select(IssueEvent.from_state, IssueEvent.to_state)
                .where(IssueEvent.issue_id == uuid.UUID(self.issue)).order_by(IssueEvent.id)
            ))
            counting = list(db.execute(
                sa.select(IssueEntry.kind, IssueEntry.round, sa.func.count())
                .where(IssueEntry.issue_id == uuid.UUID(self.issue), IssueEntry.state == EntryState.COMPLETE,
                       IssueEntry.kind != "follow_up").group_by(IssueEntry.kind, IssueEntry.round)
            ))
            row = db.execute(sa.select(Issue.replied_by, Issue.closed_by).where(Issue.id == uuid.UUID(self.issue))).one()
        legal = {(one.value, other.value) for one, other in edges()}
        for (_, came), (left, went) in itertools.pairwise(steps):
            assert left == came
            assert left == went or (left, went) in legal
        assert steps[-1][1] == self.state()
        assert all(number == 1 for _, _, number in counting), "two replies or verdicts count for one round"
        assert row.closed_by is None or row.closed_by != row.replied_by


def test_whoever_presses_at_once_the_issue_goes_one_legal_way(loop: Loop, request: pytest.FixtureRequest) -> None:
    machine = type("Racing", (Racing,), {"loop": loop})
    examples, steps = (100, 40) if request.config.getoption("--torture") else (6, 12)
    run_state_machine_as_test(machine, settings=settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    ))


@pytest.mark.parametrize(("move", "other"), [
    (Move.PASS, Move.FAIL), (Move.PASS, Move.PASS), (Move.FAIL, Move.VOID),
])
def test_of_two_verdicts_at_once_one_counts_and_the_other_hears_what_changed(loop: Loop, move: Move, other: Move) -> None:
    issue = loop.replied()
    answers = at_once([lambda: ask(loop, issue, move, loop.su), lambda: ask(loop, issue, other, loop.sun)])
    if Move.VOID in {move, other}:  # from rejected it may still be made void: then both were made, one after the other
        assert sorted(answer.status_code for answer in answers) in ([201, 201], [201, 409])
        return
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert lost.json["code"] in {"issue-state", "conflict"}
    assert lost.json["state"] == loop.look(issue)["state"]
    assert lost.json["changed_by"] in {str(loop.su.id), str(loop.sun.id)}


def test_two_replies_at_once_are_one_reply(loop: Loop) -> None:
    issue = loop.issued()
    answers = at_once([lambda: loop.reply(issue, by=loop.jia), lambda: loop.reply(issue, by=loop.yi)])
    assert all(answer.status_code in {201, 409} for answer in answers)
    shown = loop.look(issue)
    assert shown["state"] == "pending_verification"
    assert [reply["state"] for reply in shown["replies"]].count("complete") == 1


def test_twenty_notices_at_once_get_twenty_numbers_and_a_doubled_one_gets_its_own_again(loop: Loop) -> None:
    sites = [loop.office.site(f"小区{number}", inspectors=(loop.wang,), contractor=loop.firm) for number in range(20)]
    issues = [loop.opened(site=site) for site in sites]
    answers = at_once([lambda issue=issue: loop.su.post(f"/issues/{issue}/notice") for issue in issues])
    assert [answer.status_code for answer in answers] == [201] * 20
    assert sorted(answer.json["serial"] for answer in answers) == list(range(1, 21))
    again = at_once([lambda issue=issue: loop.su.post(f"/issues/{issue}/notice") for issue in issues])
    assert [answer.json["number"] for answer in again] == [answer.json["number"] for answer in answers]
    numbers = loop.office.read(sa.select(Document.serial).where(Document.kind == "rectification_notice"))
    assert sorted(numbers) == list(range(1, 21))


def test_twenty_equal_notices_at_once_are_one(loop: Loop) -> None:
    issue = loop.opened()
    answers = at_once([lambda: loop.su.post(f"/issues/{issue}/notice")] * 20)
    assert {answer.json["number"] for answer in answers} == {answers[0].json["number"]}
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert len(loop.look(issue)["documents"]) == 1


def test_workers_killed_again_and_again_remind_of_everything_once(loop: Loop, tmp_path: Path) -> None:
    """A real worker process, killed by SIGKILL in the middle of its round, and another, until one comes to the end."""
    late = clock.today() - timedelta(days=2)
    wanted = 16
    for _ in range(wanted):
        put(loop.office, IssueState.ISSUED, site=loop.site, due_on=late, first_due_on=late, contractor_id=loop.firm)

    def reminded() -> int:
        return len(loop.office.read(sa.select(Reminded.issue_id)))

    for killed_after in (1, 8):
        with worker_process(loop.office, tmp_path) as worker:
            until(lambda least=killed_after: reminded() >= least, "a round has begun")
            worker.kill()
            worker.wait()
    with worker_process(loop.office, tmp_path):
        until(lambda: reminded() == wanted, "the round is at its end")
    for someone in (loop.jia, loop.yi, loop.su, loop.sun):
        told = loop.office.read(sa.select(Message.key).where(
            Message.person_id == someone.id, Message.kind == "issue-late-1"
        ))
        assert len(told) == len(set(told)) == wanted
