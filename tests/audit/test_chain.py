"""The trail cannot be changed, and where somebody with the database in hand changed it, it shows."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import Result

from server.audit import chain, jobs, service
from server.audit.models import AuditEvent, AuditLink
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import DUTIES, Work
from tests.factories import SiteOffice


def record(office: SiteOffice, count: int) -> None:
    def verb(db: sa.orm.Session) -> None:
        for number in range(count):
            service.record(db, None, "counted", "thing", str(number), district=None, number=number, 名="迎泽 🏗️", x=0.1)

    office.write(verb)


@pytest.fixture
def trail(office: SiteOffice) -> SiteOffice:
    """Ten chained events."""
    record(office, 10)
    assert chain.forge_all(office.database) == 10
    return office


def verdict(office: SiteOffice, expected: chain.Head | None = None) -> chain.Verdict:
    with office.database.snapshot() as db:
        return chain.verify(db, expected)


def audit(office: SiteOffice, *arguments: str) -> Result:
    return office.app.test_cli_runner().invoke(args=["audit", *arguments])


def run(office: SiteOffice, *statements: str) -> None:
    office.write(lambda db: [db.connection().exec_driver_sql(statement) for statement in statements])


def unlock(office: SiteOffice) -> None:
    """What only somebody with the database in hand can do: drop the triggers (and the ties between the tables)."""
    if office.database.is_sqlite:
        triggers = office.write(lambda db: list(db.scalars(sa.text(
            "select name from sqlite_master where type = 'trigger' and name like 'audit%'"))))
        run(office, *(f"drop trigger {name}" for name in triggers))
        office.database._writer._sit_down().raw.execute("PRAGMA foreign_keys=OFF")
        return
    run(office, *(f"drop trigger {table}_append_only on {table}" for table in ("audit_event", "audit_link")),
        "alter table audit_link drop constraint fk_audit_link_event_id")


# --- append-only


@pytest.mark.parametrize("statement", [
    "update audit_event set verb = 'nothing'", "delete from audit_event", "update audit_link set digest = ''",
    "delete from audit_link", "delete from audit_event where id = 1", "update audit_event set id = 99 where id = 1",
])
def test_the_database_itself_refuses_to_change_the_trail(trail: SiteOffice, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        run(trail, statement)
    assert verdict(trail) == chain.Verdict(verdict(trail).head, None, 0)


def test_nor_can_it_be_emptied_or_replaced(trail: SiteOffice) -> None:
    if trail.database.is_sqlite:
        tricks = [
            "insert or replace into audit_event (id, at, verb, object_kind, object_id, facts) "
            "values (3, '2026-01-01', 'x', 'x', 'x', '{}')",
            "insert or replace into audit_link (position, event_id, digest) values (3, 3, 'x')",
        ]
    else:
        tricks = ["truncate audit_link", "truncate audit_event cascade"]
    for trick in tricks:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            run(trail, trick)
    assert verdict(trail).broken is None


# --- forging


def test_positions_have_no_gaps_and_each_event_one_link(trail: SiteOffice) -> None:
    record(trail, 3)
    assert chain.forge_all(trail.database) == 3
    assert chain.forge_all(trail.database) == 0
    assert trail.read(sa.select(AuditLink.position).order_by(AuditLink.position)) == list(range(1, 14))
    assert sorted(trail.read(sa.select(AuditLink.event_id))) == sorted(trail.read(sa.select(AuditEvent.id)))


def test_a_digest_is_sha256_over_the_one_before_and_the_canonical_event(trail: SiteOffice) -> None:
    import hashlib
    import json

    event = trail.read(sa.select(AuditEvent).order_by(AuditEvent.id))[1]
    first, second = trail.read(sa.select(AuditLink.digest).order_by(AuditLink.position))[:2]
    told = json.dumps({
        "actor_id": None, "at": event.at.isoformat(timespec="microseconds"), "district_code": None,
        "facts": {"number": 1, "x": 0.1, "名": "迎泽 🏗️"}, "id": event.id, "object_id": "1", "object_kind": "thing",
        "verb": "counted",
    }, ensure_ascii=False, separators=(",", ":"))
    assert second == hashlib.sha256((first + told).encode()).hexdigest()


def test_many_batches_and_many_workers_at_once_forge_one_chain(
    office: SiteOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "PAGE", 7)
    record(office, 60)
    linked: list[int] = []

    def work() -> None:
        while count := office.write(lambda db: chain.forge(db, limit=5)):
            linked.append(count)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(linked) == 60
    assert verdict(office).broken is None
    assert verdict(office).head.position == 60


def test_an_event_that_becomes_visible_late_is_linked_later(office: SiteOffice) -> None:
    """Only PostgreSQL has transactions side by side; on SQLite ids are in the order of commits."""
    if office.database.is_sqlite:
        record(office, 2)
        assert [chain.forge_all(office.database), verdict(office).head.position] == [2, 2]
        return
    with sa.orm.Session(office.database.engine) as slow:
        service.record(slow, None, "slow", "thing", "late")
        slow.flush()
        record(office, 3)
        assert chain.forge_all(office.database) == 3
        slow.commit()
    assert chain.forge_all(office.database) == 1
    order = office.read(sa.select(AuditLink.event_id).order_by(AuditLink.position))
    assert order[-1] == min(order)
    assert verdict(office).broken is None


def test_what_is_behind_the_look_back_is_found_by_the_whole_search(
    office: SiteOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "LOOK_BACK", 2)
    record(office, 6)
    office.write(lambda db: db.execute(sa.insert(AuditLink), [
        {"position": place, "event_id": event, "digest": "x"} for place, event in enumerate((2, 3, 4, 5, 6), 1)]))
    assert office.write(chain.forge) == 0
    assert office.write(lambda db: chain.forge(db, whole=True)) == 1


def test_the_standing_duties_chain_what_is_new(office: SiteOffice) -> None:
    work = Work(database=office.database, app=office.app, job_id=new_id(), payload={}, progress=lambda _: None)
    look = DUTIES["audit-chain"].when
    assert look is not None
    with office.database.read() as db:
        assert not look(db)
    record(office, 3)
    with office.database.read() as db:
        assert look(db)
    jobs.forge_chain(work)
    jobs.forge_chain(work)
    with office.database.read() as db:
        assert not look(db)
    record(office, 1)
    jobs.forge_whole_chain(work)
    assert verdict(office).head.position == 4


# --- verifying


def test_an_untouched_trail_verifies_and_shows_its_head(trail: SiteOffice) -> None:
    shown = audit(trail, "verify")
    assert shown.exit_code == 0, shown.output
    head = audit(trail, "head").output.strip()
    assert re.fullmatch(r"10:[0-9a-f]{64}", head)
    assert f"10 links, head {head}" in shown.output
    assert audit(trail, "verify", "--head", head).exit_code == 0
    assert audit(trail, "verify", "--head", "nonsense").exit_code == 2


def test_an_empty_trail_verifies(office: SiteOffice) -> None:
    assert audit(office, "head").output == "0:\n"
    assert audit(office, "verify").exit_code == 0


def swap(office: SiteOffice) -> None:
    run(office, "update audit_link set event_id = -1 where position = 4",
        "update audit_link set event_id = 4 where position = 5",
        "update audit_link set event_id = 5 where position = 4")


def insert(office: SiteOffice) -> None:
    """Make room behind link 3 and put a made-up event there, with the digests of the others left as they were."""
    for place in range(10, 3, -1):
        run(office, f"update audit_link set position = {place + 1} where position = {place}")
    record(office, 1)
    run(office, "insert into audit_link (position, event_id, digest) values (4, 11, 'f00')")


TAMPERING: dict[str, tuple[Callable[[SiteOffice], None], str]] = {
    "a fact was altered": (lambda o: run(o, "update audit_event set facts = '{\"number\":7}' where id = 4"),
                           "link 4: event 4 was altered"),
    "a moment was altered": (lambda o: run(o, "update audit_event set at = '2020-01-01 00:00:00' where id = 10"),
                             "link 10: event 10 was altered"),
    "the facts are no JSON": (lambda o: run(o, "update audit_event set facts = 'junk' where id = 4"),
                              "link 4: event 4 was altered"),
    "the doer was altered": (lambda o: run(o, f"update audit_event set actor_id = '{new_id().hex}' where id = 1"),
                             "link 1: event 1 was altered"),
    "an event was removed": (lambda o: run(o, "delete from audit_event where id = 4"),
                             "link 4: its event 4 was removed"),
    "an event and its link were removed": (
        lambda o: run(o, "delete from audit_link where position = 4", "delete from audit_event where id = 4"),
        "link 4: is missing; the next one is 5"),
    "the first link was removed": (lambda o: run(o, "delete from audit_link where position = 1"),
                                   "link 1: is missing; the next one is 2"),
    "two events changed places": (swap, "link 4: event 5 was altered, or links were removed, inserted or reordered"),
    "a link was put in": (insert, "link 4: event 11 was altered, or links were removed, inserted or reordered"),
    "a digest was altered": (lambda o: run(o, "update audit_link set digest = 'f00' where position = 6"),
                             "link 6: event 6 was altered"),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_the_first_broken_link_is_named(trail: SiteOffice, what: str) -> None:
    tamper, said = TAMPERING[what]
    unlock(trail)
    tamper(trail)
    shown = audit(trail, "verify")
    assert shown.exit_code == 1
    assert f"broken at {said}" in shown.output


def test_a_chain_cut_short_or_forged_anew_does_not_match_the_head_that_was_written_down(trail: SiteOffice) -> None:
    head = audit(trail, "head").output.strip()
    unlock(trail)
    run(trail, "delete from audit_link where position = 10", "delete from audit_event where id = 10")
    assert audit(trail, "verify").exit_code == 0  # the end alone cannot tell that there was more
    shown = audit(trail, "verify", "--head", head)
    assert (shown.exit_code, "link 10: is missing" in shown.output) == (1, True)
    run(trail, "delete from audit_link", "update audit_event set verb = 'nothing' where id = 2")
    record(trail, 1)
    assert audit(trail, "chain").output == "10 events linked\n"
    assert audit(trail, "verify").exit_code == 0
    shown = audit(trail, "verify", "--head", head)
    assert (shown.exit_code, "forged anew" in shown.output) == (1, True)


def test_old_events_without_a_link_are_a_warning(trail: SiteOffice) -> None:
    record(trail, 2)
    assert verdict(trail).unchained == 0
    later = clock.now() + timedelta(minutes=11)
    clock.set_source(lambda: later)
    shown = audit(trail, "verify")
    assert shown.exit_code == 0
    assert "warning: 2 events older than 10 minutes have no link" in shown.output
