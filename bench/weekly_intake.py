"""What intake notices of a week being made: `python -m bench.weekly_intake [--reports 5000] [--seconds 15] [--rate 5]
[--rounds 3] [--postgres]`.

A production server with its worker, the sample programme and a week of `--reports` visits. Phones send reports with
three photos of 300 KB, `--rate` a second, as many as a city sends in its busiest hours many times over; first with
nothing else to do, then while the worker counts the city's week and prints it in every form, then while it counts the week
again and again and prints nothing; so in turn, `--rounds` times, since a shared disk has better and worse minutes. Told are
the waiting times until the receipt of each round, and the ratios of all; beside them how long a report of the week then
took, and the most memory that the worker ever had.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

from bench.client import Line, Phone
from bench.stage import Stage, peak_memory
from bench.timing import get, percentile, share
from bench.weekly_city import fill
from server.kit import clock
from server.weekly.rules import Week, week_of
from tests import servers
from tests.factories import SiteOffice
from tests.photos import jpeg

PHONES = 4
EACH, BYTES = 3, 300_000
NAMES = ("nothing else", "the week is made", "it is only counted")


def paced(phones: list[Phone], rate: float, until: threading.Event) -> list[float]:
    """Waiting times of phones that each send a report at its time, whatever became of the one before."""
    errors: list[BaseException] = []

    def work(number: int, phone: Phone) -> None:
        due = time.perf_counter() + number / rate
        try:
            while not until.wait(max(0.0, due - time.perf_counter())):
                due = max(due + len(phones) / rate, time.perf_counter())
                phone.send_report()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the main thread
            errors.append(error)

    for phone in phones:
        phone.waited.clear()
    threads = [threading.Thread(target=work, args=one) for one in enumerate(phones)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return sorted(value for phone in phones for value in phone.waited)


def idle(phones: list[Phone], rate: float, seconds: float) -> list[float]:
    """Waiting times while the server has nothing else to do."""
    over = threading.Event()
    timer = threading.Timer(seconds, over.set)
    timer.start()
    return paced(phones, rate, over)


def busy(phones: list[Phone], rate: float, seconds: float, make_one: Callable[[], None]) -> list[float]:
    """Waiting times while one report of the week after the other is made, for so long at least."""
    over = threading.Event()

    def make() -> None:
        try:
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                make_one()
        finally:
            over.set()

    maker = threading.Thread(target=make)
    maker.start()
    found = paced(phones, rate, over)
    maker.join()
    return found


class Weeks:
    """Has the server's worker make the city's report of a week and print it."""

    def __init__(self, stage: Stage, week: Week, token: str) -> None:
        self.stage, self.week, self.token = stage, week, token
        self.weekly: str | None = None
        self.counted: list[float] = []
        self.printed: list[float] = []

    def make(self) -> None:
        """Count the week and print every form: anew each time, since the office has changed a word of it."""
        if self.weekly:
            self._reword(self.weekly)
        began = self.count()
        while self._waiting():
            time.sleep(0.1)
        self.printed.append(time.perf_counter() - began)

    def count(self) -> float:
        """Count the week; when that was begun. What it says is printed already, where nothing of it has changed."""
        body = json.dumps({"iso_year": self.week.iso_year, "iso_week": self.week.iso_week, "district": None}).encode()
        head = (
            f"POST /api/v1/weekly-reports HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode()
        began = time.perf_counter()
        status, answer = self._ask(head, body)
        assert status in {200, 202}, answer
        weekly = self.weekly = json.loads(answer)["id"]
        while (state := self._state(weekly)) != "ready":
            assert state != "failed"
            time.sleep(0.1)
        self.counted.append(time.perf_counter() - began)
        return began

    def _reword(self, weekly: str) -> None:
        body = json.dumps({"office": f"专班{len(self.printed)}"}).encode()
        status, answer = self._ask((
            f"PATCH /api/v1/weekly-reports/{weekly} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode(), body)
        assert status == 200, answer

    def _ask(self, head: bytes, body: bytes = b"") -> tuple[int, bytes]:
        line = Line("127.0.0.1", self.stage.port)  # a new one: the server closes those that are idle for a while
        try:
            return line.ask(head, body)
        finally:
            line.close()

    def _state(self, weekly: str) -> str:
        status, answer = self._ask(get(f"/api/v1/weekly-reports/{weekly}", self.token))
        assert status == 200, answer
        return str(json.loads(answer)["state"])

    def _waiting(self) -> bool:
        from server.kit.jobs import Job, JobState
        from server.weekly.freezing import PRINT

        with self.stage.office.database.read() as db:
            query = Job.__table__.select().where(Job.kind == PRINT, Job.state.in_([JobState.QUEUED, JobState.RUNNING]))
            return db.execute(query.limit(1)).first() is not None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--rate", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    week = week_of(clock.today()).previous()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(servers.postgres() if options.postgres else nullcontext(""))
        tokens: list[str] = []

        def filled(office: SiteOffice) -> None:
            fill(office.app, options.reports, [week.previous(), week])
            tokens.append(office.person("office", "office").tokens["access_token"])

        stage = stack.enter_context(Stage(home, url, fill=filled))
        worker = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "server", "worker"], cwd=servers.ROOT,
            env=servers.python_environment(**stage.settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        stack.callback(Stage.end, worker)
        photo = jpeg(1600, 1200, size=BYTES, seed=1)
        phones = [Phone(Line("127.0.0.1", stage.port), stage.token, stage.site_id, photo, EACH) for _ in range(PHONES)]
        part = share()
        idle(phones, options.rate, 3)
        weeks = Weeks(stage, week, tokens[0])
        rounds = [
            (idle(phones, options.rate, options.seconds), *(
                busy(phones, options.rate, options.seconds, make) for make in (weeks.make, weeks.count)
            ))
            for _ in range(options.rounds)
        ]
        memory = peak_memory(worker.pid)
    print(
        f"{'postgresql' if options.postgres else 'sqlite'}: {options.reports} visits in the week, {options.rate:g} reports a "
        f"second of {EACH} x {BYTES // 1000} KB, {part:.0%} of {os.cpu_count()} cores; until the receipt, ms:"
    )
    alone, made, counted = every = [list(itertools.chain.from_iterable(part)) for part in zip(*rounds, strict=True)]
    for name, waited in [*zip(itertools.cycle(NAMES), itertools.chain.from_iterable(rounds)),
                         *zip([f"all: {name}" for name in NAMES], every, strict=True)]:
        print(f"  {name:<23} {len(waited):>5} reports  p50 {percentile(waited, 50):6.1f}  p95 {percentile(waited, 95):6.1f}  "
              f"p99 {percentile(waited, 99):6.1f}")
    print(
        f"  p95 {percentile(made, 95) / percentile(alone, 95):.2f} times while it is made, "
        f"{percentile(counted, 95) / percentile(alone, 95):.2f} times while it is only counted; a week counted in "
        f"{statistics.median(weeks.counted):.1f} s ({max(weeks.counted):.1f} at most, {len(weeks.counted)} times) and "
        f"printed in every form after {max(weeks.printed):.1f} s at most, {len(weeks.printed)} times; the worker took "
        f"{memory:.0f} MB at most"
    )


if __name__ == "__main__":
    main()
