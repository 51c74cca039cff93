"""kill -9 at random moments under load: no receipt may be lost, nothing half-stored, and every job is done in the end."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from server.audit import chain
from server.kit.jobs import DUTY_KEY, Job, JobState
from server.photos.models import Original, Renditions
from tests.city import City, Inspector, until
from tests.factories import photo_entry, report_body
from tests.ledger import Ledger, audit, fetch_back
from tests.phone import Phone, Sending
from tests.photos import jpeg, with_segment
from tests.torture.conftest import Figure

PHONES = 5
SAMPLE, FULL = 3, 50
GAINED = 4  # receipts between two kills, so that each meets a server at work
PICTURES = [jpeg(640, 480, seed=seed, size=size) for seed, size in enumerate((60_000, 150_000, 400_000))]


@dataclass(slots=True)
class Load:
    """Inspectors who send report after report until told to stop, and then finish what they have begun."""

    inspectors: list[Inspector]
    ledger: Ledger
    receipts: int = 0
    failures: list[BaseException] = field(default_factory=list)
    _enough: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for one in self.inspectors:
            self._threads.append(threading.Thread(target=self._work, args=(one.phone, one.site_id, random.Random())))
            self._threads[-1].start()

    def stop(self) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()
        for one in self.inspectors:
            one.phone.hang_up()

    def raise_failures(self) -> None:
        if self.failures:
            raise AssertionError(f"a phone gave up: {self.failures[0]!r}") from self.failures[0]

    def _work(self, phone: Phone, site_id: str, dice: random.Random) -> None:
        try:
            while not self._enough.is_set():
                phone.chunk = dice.choice([None, 32 * 1024])
                one = drawn(site_id, dice)
                self.ledger.enter(one, phone.deliver(one))
                self.receipts += 1
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.failures.append(error)


def drawn(site_id: str, dice: random.Random) -> Sending:
    """A report with none to two photos of some size."""
    pictures = [with_segment(dice.choice(PICTURES), 0xFE, dice.randbytes(16)) for _ in range(dice.randrange(3))]
    entries = [photo_entry(data, item="ELEV-A01") for data in pictures]
    body = report_body(site_id, photos=entries)
    return Sending(body, {entry["id"]: data for entry, data in zip(entries, pictures, strict=True)})


@pytest.fixture
def load(city: City, tmp_path: Path) -> Iterator[Load]:
    inspectors = [city.inspector(patience_s=120) for _ in range(PHONES)]
    ledger = Ledger(tmp_path / "receipts", [one.id for one in inspectors])
    made = Load(inspectors, ledger)
    made.start()
    yield made
    made.stop()
    ledger.close()


def web_process(city: City) -> list[psutil.Process]:
    """One of the processes that answer requests."""
    return _children_of(city, "server.web", inner=True)


def web_server(city: City) -> list[psutil.Process]:
    """The parent of those."""
    return _children_of(city, "server.web", inner=False)


def worker(city: City) -> list[psutil.Process]:
    """The process that does jobs."""
    return _children_of(city, "worker", inner=False)


def decoder(city: City) -> list[psutil.Process]:
    """What decodes pictures below the worker; the worker where none runs at the moment."""
    heads = worker(city)
    below = [child for head in heads for child in head.children(recursive=True)]
    return below or heads


def everything(city: City) -> list[psutil.Process]:
    """All of it at once, as a power cut would."""
    return city.processes()


TARGETS: list[Callable[[City], list[psutil.Process]]] = [web_process, worker, everything, web_server, decoder]


def _children_of(city: City, word: str, *, inner: bool) -> list[psutil.Process]:
    """The supervisor's children that have the word in their command line, or (`inner`) the children of those."""
    assert city.server.process is not None
    found = []
    for child in psutil.Process(city.server.process.pid).children():
        with suppress(psutil.Error):
            if any(word in part for part in child.cmdline()):
                found += child.children() if inner else [child]
    return found


def kill(city: City, target: Callable[[City], list[psutil.Process]], dice: random.Random) -> bool:
    """kill -9; of several equals one at random. False where there was nobody of that kind at that moment."""
    if target is everything:
        members = city.processes()
        city.server.kill()
        for process in members:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(members, timeout=20)
        city.server.start()
        return True
    with suppress(psutil.Error):
        victims = target(city)
        if victims:
            dice.choice(victims).kill()
            return True
    return False


def test_kill_9_at_any_moment_loses_no_receipt(city: City, load: Load, in_full: bool, figure: Figure) -> None:
    started, dice = time.monotonic(), random.Random()
    kills = dict.fromkeys((target.__name__ for target in TARGETS), 0)
    total = FULL if in_full else SAMPLE
    for number in range(total):
        target = TARGETS[number % len(TARGETS)]
        before = load.receipts
        until(lambda before=before: load.receipts >= before + GAINED or load.failures, "nothing comes in any more")
        time.sleep(dice.uniform(0, 0.4))  # a moment like any other
        until(lambda target=target: kill(city, target, dice), f"no {target.__name__} to kill")
        kills[target.__name__] += 1
    gained = load.receipts
    until(lambda: load.receipts >= gained + GAINED or load.failures, "it did not come back")
    load.stop()
    load.raise_failures()
    looked_at = audit(city, load.ledger)
    newest = list(load.ledger.lines()[-1]["photos"]) + list(load.ledger.lines()[0]["photos"])
    office = city.office.person("office", "office")
    fetch_back(city, office.tokens["access_token"], load.ledger, newest)
    all_jobs_done(city)
    chain_holds(city)
    assert "unexpected error" not in city.log(), city.log()[-3000:]
    answers: dict[int, int] = {}
    for one in load.inspectors:
        for status, count in one.phone.statuses.items():
            answers[status] = answers.get(status, 0) + count
    figure(f"kill -9, {city.kind}", kills=total, **kills, lines_lost=sum(one.phone.cuts for one in load.inspectors),
           reports=looked_at.reports, photos=looked_at.photos, answers=answers,
           seconds=round(time.monotonic() - started))


def all_jobs_done(city: City) -> None:
    """Every job that was ever asked for is done, those of other tests too, and every picture has its previews. However
    many there are: a machine that has other work to do takes its time, and only one that stands still has failed."""
    done, undone = Job.state == JobState.DONE, sa.and_(Job.key != DUTY_KEY, Job.state != JobState.DONE)

    def many(state: sa.ColumnElement[bool]) -> int:
        with city.office.database.read() as db:
            return db.scalar(sa.select(sa.func.count()).select_from(Job).where(state)) or 0

    def some() -> str:
        with city.office.database.read() as db:
            return f"jobs are left: {db.execute(sa.select(Job.kind, Job.state, Job.why).where(undone).limit(5)).all()}"

    while many(undone):
        before = many(done)
        until(lambda before=before: many(done) > before or not many(undone), some)
    with city.office.database.read() as db:
        states = set(db.scalars(sa.select(Original.renditions)))
    assert states <= {Renditions.MADE}


def chain_holds(city: City) -> None:
    """The audit trail of all this is one unbroken chain."""
    chain.forge_all(city.office.database, whole=True)
    with city.office.database.snapshot() as db:
        verdict = chain.verify(db)
    assert (verdict.broken, verdict.unchained) == (None, 0)
    assert verdict.head.position > 0
