"""Reminders and escalation: each step of each due date once, whenever the worker comes and whatever the clock does."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from server.issues import jobs, reminders
from server.issues.models import Reminded
from server.kit.jobs import Work
from server.kit.severity import Severity
from server.messages.models import Message
from server.programme.policy_rules import Policy
from tests.factories import SiteOffice, Someone
from tests.issues.loop import Loop, at, taken

POLICY = Policy(due_days={one.value: 3 for one in Severity}, recurrence_days=90)
DUE = date(2026, 11, 25)  # an issue of 22 November, major: three days


def work(app: Flask) -> Work:
    import uuid

    return Work(app.extensions["dudao"].database, app, uuid.uuid4(), {}, lambda _percent: None)


def told(office: SiteOffice, someone: Someone) -> Counter[str]:
    kinds = office.read(sa.select(Message.kind).where(Message.person_id == someone.id))
    return Counter(kind for kind in kinds if kind.startswith(("issue-due", "issue-late")))


@pytest.fixture
def issue(loop: Loop) -> str:
    at("2026-11-22")
    return loop.issued()


def test_the_steps_of_a_due_date() -> None:
    def steps(day: int) -> list[int]:
        return reminders.steps_due(DUE, DUE + timedelta(days=day), POLICY)

    assert [steps(day) for day in (-2, -1, 0, 1, 2, 3, 7, 30)] == [[], [-1], [], [1], [1], [1, 3], [1, 3, 7], [1, 3, 7]]


@given(st.integers(-40, 40))
def test_steps_never_go_back(day: int) -> None:
    today = DUE + timedelta(days=day)
    earlier = [step for step in reminders.steps_due(DUE, today, POLICY) if step != reminders.TOMORROW]
    later = reminders.steps_due(DUE, today + timedelta(days=1), POLICY)
    assert later[:len(earlier)] == earlier


def test_day_by_day(loop: Loop, app: Flask, issue: str) -> None:
    clerk = loop.office.person("clerk", "office")
    expected = {"2026-11-23": None, "2026-11-24": "issue-due-tomorrow", "2026-11-25": None,
                "2026-11-26": "issue-late-1", "2026-11-28": "issue-late-3", "2026-12-02": "issue-late-7"}
    so_far: Counter[str] = Counter()
    for day, kind in expected.items():
        at(day)
        for _ in range(3):  # the worker comes as often as it likes
            jobs.remind(work(app))
        so_far.update([kind] if kind else [])
        assert told(loop.office, loop.jia) == so_far, day
    assert told(loop.office, loop.su) == so_far - Counter(["issue-due-tomorrow"])
    assert told(loop.office, clerk) == Counter(["issue-late-3", "issue-late-7"])
    assert told(loop.office, loop.bing) == Counter()
    assert loop.look(issue)["days_left"] == -7


@pytest.mark.usefixtures("issue")
def test_a_worker_that_slept_tells_the_last_step_alone_and_a_clock_put_back_nothing(loop: Loop, app: Flask) -> None:
    at("2026-12-10")
    jobs.remind(work(app))
    assert told(loop.office, loop.jia) == Counter(["issue-late-7"])
    for day in ("2026-11-24", "2026-11-26", "2026-12-11"):
        at(day)
        jobs.remind(work(app))
    assert told(loop.office, loop.jia) == Counter(["issue-late-7"])


def test_a_new_due_date_is_reminded_of_anew(loop: Loop, app: Flask, issue: str) -> None:
    at("2026-11-24")
    jobs.remind(work(app))
    asked = taken(loop.jia.post(f"/issues/{issue}/extensions", {"reason": "连日降雨", "due_on": "2026-11-30"}))
    path = f"/issues/{issue}/extensions/{asked['extensions'][0]['id']}/settlement"
    taken(loop.su.post(path, {"result": "granted"}))
    for day in ("2026-11-26", "2026-11-29"):
        at(day)
        jobs.remind(work(app))
    assert told(loop.office, loop.jia) == Counter({"issue-due-tomorrow": 2})


def test_what_waits_for_verification_is_not_reminded_of(loop: Loop, app: Flask, issue: str) -> None:
    taken(loop.reply(issue))
    at("2026-12-10")
    jobs.remind(work(app))
    assert told(loop.office, loop.jia) == Counter()


@pytest.mark.usefixtures("issue")
def test_eight_workers_at_once_tell_it_once(loop: Loop, app: Flask) -> None:
    at("2026-11-26")
    threads = [threading.Thread(target=jobs.remind, args=(work(app),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told(loop.office, loop.jia) == told(loop.office, loop.su) == Counter(["issue-late-1"])
    assert loop.office.read(sa.select(Reminded.step)) == [1]


@pytest.mark.usefixtures("issue")
def test_a_worker_killed_in_between_has_told_nobody_and_the_next_one_tells_all(
    loop: Loop, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row and the messages are one transaction; here it dies between the two tellings of one step."""
    at("2026-11-26")
    whole, said = reminders.telling.tell, []

    def dies(*args: object, **facts: object) -> None:
        if said:
            raise KeyboardInterrupt
        said.append(args)
        whole(*args, **facts)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(reminders.telling, "tell", dies)
        with pytest.raises(KeyboardInterrupt):
            jobs.remind(work(app))
    assert told(loop.office, loop.jia) == told(loop.office, loop.su) == Counter()
    jobs.remind(work(app))
    assert told(loop.office, loop.jia) == told(loop.office, loop.su) == Counter(["issue-late-1"])
