"""Many at once on one writer: each has its own success or failure, and what is told to be durable is."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal
from server.kit.jobs import Job
from tests.factories import SiteOffice
from tests.kit.test_prepared import PUT, row


def names(office: SiteOffice) -> list[str]:
    return sorted(office.read(sa.select(Job.key)))


class Together:
    """Verbs that are all waiting when the first of them is let go, so that they share one transaction on SQLite."""

    def __init__(self, office: SiteOffice) -> None:
        self.office = office
        self.ended: dict[str, Any] = {}
        self._threads: list[threading.Thread] = []
        self._begun, self._go = threading.Event(), threading.Event()

    def ask(self, name: str, verb: Callable[[Session], Any]) -> None:
        first = not self._threads

        def held(db: Session) -> Any:
            if first:
                self._begun.set()
                assert self._go.wait(20)
            return verb(db)

        def run() -> None:
            try:
                self.ended[name] = self.office.write(held)
            except BaseException as error:  # noqa: BLE001 - the test looks at it
                self.ended[name] = error

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()
        if first:
            assert self._begun.wait(20)
        elif self.office.database.is_sqlite:
            writer = self.office.database._writer
            while writer._waiting < len(self._threads) - 1:
                pass

    def go(self) -> dict[str, Any]:
        self._go.set()
        for thread in self._threads:
            thread.join(30)
        return self.ended


@contextmanager
def together(office: SiteOffice) -> Iterator[Together]:
    asked = Together(office)
    yield asked
    asked.go()


def put(name: str) -> Callable[[Session], int]:
    return lambda db: PUT.write(db, row(name))


def put_and_fail(name: str, error: Exception) -> Callable[[Session], None]:
    def verb(db: Session) -> None:
        PUT.write(db, row(name))
        db.add(Job(**row(f"{name} by the orm")))
        db.flush()
        raise error

    return verb


@pytest.mark.parametrize("failing", ["first", "second", "third"])
def test_one_that_fails_takes_nobody_with_it(office: SiteOffice, failing: str) -> None:
    with together(office) as group:
        for name in ("first", "second", "third"):
            group.ask(name, put_and_fail(name, ValueError("no")) if name == failing else put(name))
    assert isinstance(group.ended.pop(failing), ValueError)
    assert names(office) == sorted(group.ended)


def test_a_clash_is_tried_once_more_and_leaves_the_others_alone(office: SiteOffice) -> None:
    office.write(put("taken"))
    with together(office) as group:
        group.ask("twice", put("taken"))
        group.ask("other", put("other"))
    assert isinstance(group.ended["twice"], sa.exc.IntegrityError)
    assert names(office) == ["other", "taken"]


def test_a_refusal_that_keeps_is_committed_and_one_that_does_not_is_undone(office: SiteOffice) -> None:
    with together(office) as group:
        group.ask("kept", put_and_fail("kept", Refusal("report-conflict", keep=True)))
        group.ask("undone", put_and_fail("undone", Refusal("conflict")))
    assert {type(error) for error in group.ended.values()} == {Refusal}
    assert names(office) == ["kept", "kept by the orm"]


def test_a_lost_transaction_is_told_to_all_who_waited_for_it(office: SiteOffice) -> None:
    if not office.database.is_sqlite:
        with pytest.raises(sa.exc.DBAPIError):
            office.write(lambda db: (PUT.write(db, row("lost")), db.execute(sa.text("select 1 / 0"))))
        assert names(office) == []
        return

    def lose(db: Session) -> None:
        db.connection().connection.rollback()  # as SQLite itself does on a full disk
        raise sqlite3.OperationalError("database or disk is full")

    with together(office) as group:
        group.ask("before", put("before"))
        group.ask("losing", lose)
    assert all(isinstance(error, Exception) for error in group.ended.values()), group.ended
    assert names(office) == []
    office.write(put("afterwards"))
    assert names(office) == ["afterwards"]


def test_a_verb_must_not_open_a_second_transaction(office: SiteOffice) -> None:
    if office.database.is_sqlite:
        with pytest.raises(RuntimeError, match="second transaction"):
            office.write(lambda _db: office.write(put("inner")))
    office.write(put("outer"))
    assert names(office) == ["outer"]


def test_in_a_rush_each_is_told_its_own_and_nobody_is_forgotten(office: SiteOffice) -> None:
    def asking(number: int) -> str:
        name = f"{number:03}"
        try:
            office.write(put_and_fail(name, ValueError(name)) if number % 5 == 0 else put(name))
        except ValueError as error:
            return f"failed {error}"
        return name

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(asking, range(300), timeout=60))
    assert told == [f"failed {n:03}" if n % 5 == 0 else f"{n:03}" for n in range(300)]
    assert names(office) == [name for name in told if not name.startswith("failed")]
