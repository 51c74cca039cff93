"""What was asked for is judged after all that asked for it, and what is known is not overruled by who knew less."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import pytest
import sqlalchemy as sa

from server.evidence.facts import asking, service
from server.kit.ids import new_id
from server.kit.jobs import Job, JobState
from server.photos import flagging
from server.photos.models import Flag
from server.reports.models import Report
from server.reports.rules import State
from tests import photos as sample
from tests.city import until
from tests.evidence.desk import HERE, Desk, honest, spot, taken
from tests.factories import photo_entry, report_body

# On SQLite one transaction ends before the next begins: there is nothing to race.
with_many_writers = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def test_who_asks_after_the_job_has_begun_has_it_done_again(desk: Desk) -> None:
    report = new_id()

    def keys() -> list[str]:
        return desk.office.read(sa.select(Job.key).where(Job.kind == asking.KIND).order_by(Job.run_at))

    for _ in range(3):
        desk.office.write(lambda db: asking.ask(db, report))
    assert len(keys()) == 1, "it waits for all of them"
    for state in (JobState.RUNNING, JobState.DONE):
        desk.office.write(lambda db, now=state: db.execute(sa.update(Job).values(state=now)))
        desk.office.write(lambda db: asking.ask(db, report))
    assert len(keys()) == 3


@with_many_writers
def test_a_job_does_not_begin_before_all_that_ask_for_it_have_ended(desk: Desk) -> None:
    report, asked, go_on = new_id(), threading.Event(), threading.Event()
    desk.office.write(lambda db: asking.ask(db, report))

    def slow(db: Any) -> None:
        asking.ask(db, report)
        asked.set()
        assert go_on.wait(30)

    slowly = threading.Thread(target=desk.office.write, args=(slow,))
    slowly.start()
    assert asked.wait(30)
    lease = sa.update(Job).where(Job.kind == asking.KIND).values(state=JobState.RUNNING)
    with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
        desk.office.write(lambda db: (db.execute(sa.text("set local lock_timeout = '200ms'")), db.execute(lease)))
    go_on.set()
    slowly.join(30)
    desk.office.write(lambda db: db.execute(lease))


def test_a_slow_worker_does_not_take_back_what_another_found_meanwhile(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = honest(gps=(37.95, 112.55))
    entry, _ = taken(data)
    body = report_body(desk.site, photos=[entry])
    report = str(desk.wang.send(body, {entry["id"]: data})["id"])
    real = service._case
    with desk.office.app.app_context(), desk.office.database.read() as db:
        conf = desk.office.app.config["DUDAO"]
        stale = [real(db, conf, service.limits_of(conf), uuid.UUID(report))]
    desk.work_off()
    assert desk.of_photo(report, entry["id"]).keys() == {"position-mismatch"}
    monkeypatch.setattr(service, "_case", lambda *given: stale.pop() if stale else real(*given))
    with desk.office.app.app_context():
        service.work_out(desk.office.database, conf, uuid.UUID(report))
    assert not stale
    assert desk.of_photo(report, entry["id"]).keys() == {"position-mismatch"}


def test_a_photo_of_two_reports_is_judged_by_the_other_once_the_first_is_void(desk: Desk) -> None:
    data = sample.jpeg(640, 480, make=None, model=None)
    entry = photo_entry(data, location=spot(*HERE))
    first = desk.send((entry, data))
    second = desk.send((entry, data))
    assert first < second
    assert [flag["object_id"] for flag in desk.flags(first)] == [entry["id"]]
    desk.office.write(lambda db: db.execute(
        sa.update(Report).where(Report.id == uuid.UUID(first)).values(state=State.VOID)
    ))
    desk.office.write(lambda db: db.execute(sa.delete(Flag)))
    desk.office.write(lambda db: asking.ask(db, uuid.UUID(second)))
    desk.work_off()
    assert desk.of_photo(second, entry["id"]).keys() == {"no-exif"}
    assert desk.office.read(sa.select(Flag.report_id)) == [uuid.UUID(second)]


@with_many_writers
def test_what_is_settled_as_it_is_judged_anew_keeps_the_numbers_that_were_read(desk: Desk) -> None:
    report = desk.send(location=spot(37.8636, 112.55))
    (flag,) = desk.flags(report)
    settled, go_on = threading.Event(), threading.Event()
    su = desk.su

    def settle(db: Any) -> None:
        from server.kit.actor import Actor

        actor = Actor(id=su.id, username="su", name="Su", roles=frozenset(), organisation_id=None)
        flagging.settle(db, actor, uuid.UUID(flag["id"]), "坐标登记有误")
        settled.set()
        assert go_on.wait(30)

    def judge(db: Any) -> None:
        found = {("report", uuid.UUID(report)): {"outside-fence": {"distance_m": 9999}}}
        flagging.keep_to(db, ("report", uuid.UUID(report)), found, ["outside-fence"])

    threads = [threading.Thread(target=desk.office.write, args=(verb,)) for verb in (settle, judge)]
    threads[0].start()
    assert settled.wait(30)
    threads[1].start()
    until(lambda: _waits(desk), "the judge waits for the settlement")
    go_on.set()
    for thread in threads:
        thread.join(30)
    (now,) = desk.flags(report)
    assert (now["settled_reason"], now["numbers"]) == ("坐标登记有误", flag["numbers"])


def _waits(desk: Desk) -> bool:
    with desk.office.database.read() as db:
        return bool(db.scalar(sa.text(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
        )))
