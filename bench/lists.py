"""The review list, the summary and the issues of a large city over HTTP, through the production server.

    python -m bench.lists [--database sqlite,postgresql] [--reports N] [--seconds 3] [--only WORD] [--plans] [--quick]

1,000,000 reports and 300,000 issues on PostgreSQL, a tenth of it on SQLite (--quick: a twentieth of each). Four clients
ask at once. Beside each figure stands what the machine could do at best, measured in the same run: a bare Flask view
that answers as many bytes through the same web server, and the bare SQL of the request on one connection.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import city
from bench.ingest import bare
from bench.stage import Stage, cpu_seconds
from bench.timing import get, hammer, percentile, share
from server.kit.paging import encode
from tests import servers
from tests.factories import SiteOffice, Someone
from tests.servers import free_port

SIZES = {"postgresql": (1_000_000, 300_000), "sqlite": (100_000, 30_000)}
GOALS = {"postgresql": 50.0, "sqlite": 100.0}  # ms, p95
CLIENTS = 4
ONE, THREE = ("140106",), ("140105", "140106", "140110")


@dataclass(slots=True)
class Case:
    """One kind of question, asked in several ways by one person."""

    name: str
    person: Someone
    paths: list[str]

    def requests(self) -> list[bytes]:
        return [get(f"/api/v1{path}", self.person.tokens["access_token"]) for path in self.paths]


def cases(office: SiteOffice, made: city.City) -> list[Case]:
    """What a desk asks all day, and what is hard for a database."""
    one = office.person("desk.one", "supervisor", districts=ONE)
    three = office.person("desk.three", "supervisor", districts=THREE)
    everything = office.person("desk.office", "office")
    inspecting = office.sign_in(f"inspector.{ONE[0]}.0", uuid.UUID(made.inspectors[ONE[0]][0]))
    span = made.ends_at - made.begins_at
    moments = [(made.begins_at + span * part).isoformat() for part in (0.1, 0.5, 0.9)]
    deep, deep_issues = (cursors_at(everything, path, moments) for path in ("/reports", "/issues"))
    days = [(made.begins_at + span * part).date().isoformat() for part in (0.2, 0.6, 0.97)]
    busy = [site for site in made.sites if site.carried_out and site.district_code == ONE[0]]
    sites = [site.id for site in busy[:: len(busy) // 5]]
    names = [site.name for site in busy[:: len(busy) // 5]]
    inspectors = [uuid.UUID(one) for one in made.inspectors[ONE[0]][:4]]
    found = []

    def case(name: str, person: Someone, *paths: str) -> None:
        found.append(Case(name, person, list(paths)))

    def q(path: str, *terms: str) -> list[str]:
        return [f"{path}q={urllib.parse.quote(term)}" for term in terms]

    case("queue, 1 district", one, "/reports?state=submitted")
    case("queue, 3 districts", three, "/reports?state=submitted")
    case("queue, office", everything, "/reports?state=submitted")
    case("queue of 200, 3 districts", three, "/reports?state=submitted&limit=200")
    case("all, 1 district", one, "/reports")
    case("all, 3 districts", three, "/reports")
    case("all, office", everything, "/reports")
    case("approved, 3 districts", three, "/reports?state=approved")
    case("void or returned, 3 districts", three, "/reports?state=void", "/reports?state=returned")
    case("deep pages, 1 district", one, *(f"/reports?cursor={cursor}" for cursor in deep))
    case("deep pages, 3 districts", three, *(f"/reports?cursor={cursor}" for cursor in deep))
    case("deep pages of a state", three, *(f"/reports?state=approved&cursor={cursor}" for cursor in deep))
    case("q: name of a site, queue", three, *q("/reports?state=submitted&", *names))
    case("q: name of a site, office", everything, *q("/reports?", *names))
    case("q: common word", three, *q("/reports?", "小区", "1"))
    case("q: common word, queue", everything, *q("/reports?state=submitted&", "小区", "1"))
    case("q: number", everything, *q("/reports?", *made.numbers[:: len(made.numbers) // 5]))
    case("q: start of numbers", three, *q("/reports?", *(number[:15] for number in made.numbers[:: len(made.numbers) // 5])))
    case("q: nothing found", everything, *q("/reports?", "没有这个地方", "zzz"))
    case("site", three, *(f"/reports?site={site}" for site in sites))
    case("site and state", everything, *(f"/reports?state=returned&site={site}" for site in sites))
    case("inspector", one, *(f"/reports?inspector={person}" for person in inspectors))
    case("inspector, queue", three, *(f"/reports?state=submitted&inspector={person}" for person in inspectors))
    case("flag, common", three, "/reports?flag=outside-fence", "/reports?flag=no-exif")
    case("flag, common, queue", three, "/reports?state=submitted&flag=outside-fence", "/reports?state=submitted&flag=no-exif")
    case("flag, rare", everything, "/reports?flag=impossible-travel", "/reports?flag=edited")
    case("flag, rare, queue", three, "/reports?state=submitted&flag=impossible-travel")
    case("received from … to", three, *(f"/reports?received_from={day}&received_to={day}" for day in days))
    case("received from, queue", one, *(f"/reports?state=submitted&received_from={day}" for day in days))
    case("checklist, queue", three, "/reports?state=submitted&checklist=ELEV", "/reports?state=submitted&checklist=CABLE")
    case("summary, office", everything, "/programme/summary")
    case("summary, 1 district", one, "/programme/summary")
    case("summary, 3 districts", three, "/programme/summary")
    case("summary, as of", everything, *(f"/programme/summary?as_of={day}" for day in days))
    case("matrix, office", everything, "/programme/matrix", "/programme/matrix?q=1")
    case("matrix of 200, office", everything, "/programme/matrix?limit=200")
    case("matrix of a kind, 3 districts", three, "/programme/matrix?work_type=lift", "/programme/matrix?awaiting=true")
    case("unvisited, office", everything, "/programme/unvisited", "/programme/unvisited?days=60")
    case("schedule, office", everything, "/programme/schedule", "/programme/schedule?late=any")
    case("schedule, 1 district", one, "/programme/schedule")
    case("issues, office", everything, "/issues")
    case("issues, 3 districts", three, "/issues")
    case("issues overdue, 3 districts", three, "/issues?overdue=true")
    case("issues of a state", three, "/issues?state=pending_verification", "/issues?state=closed")
    case("issues critical, overdue", everything, "/issues?severity=critical&overdue=true")
    case("issues of a rare state", three, "/issues?state=reopened", "/issues?state=void&severity=critical")
    case("issues, an inspector", inspecting, "/issues")
    case("own reports, an inspector", inspecting, "/reports", "/reports?state=returned")
    case("issues of a site", everything, *(f"/issues?site={site}" for site in sites))
    case("issues, deep pages", three, *(f"/issues?cursor={cursor}" for cursor in deep_issues))
    return found


@dataclass(slots=True)
class Statement:
    text: str
    parameters: Any


def cursors_at(person: Someone, path: str, moments: list[str]) -> list[str]:
    """Cursors of this list that go on from these moments: one that the list gave, with another key in it."""
    given = person.get(path).json["next_cursor"]
    key = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    return [encode([moment, str(uuid.UUID(int=2**128 - 1)), *key[2:]]) for moment in moments]


def statements(office: SiteOffice, case: Case) -> list[list[Statement]]:
    """What each path of the case asks the database, sign-in included."""
    asked: list[Statement] = []

    def note(_connection: Any, _cursor: Any, text: str, parameters: Any, _context: Any, _many: bool) -> None:
        asked.append(Statement(text, parameters))

    engine, per_path = office.database.engine, []
    sa.event.listen(engine, "before_cursor_execute", note)
    for path in case.paths:
        asked.clear()
        answer = case.person.get(path)
        assert answer.status_code == 200, answer.text
        per_path.append(list(asked))
    sa.event.remove(engine, "before_cursor_execute", note)
    return per_path


def bare_sql(office: SiteOffice, per_path: Sequence[Sequence[Statement]], seconds: float) -> list[float]:
    """Seconds that the statements of one request take on one connection, without SQLAlchemy or HTTP."""
    spent = []
    with office.database.engine.connect() as connection:
        cursor = connection.connection.cursor()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            for asked in per_path:
                began = time.perf_counter()
                for one in asked:
                    cursor.execute(one.text, one.parameters)
                    cursor.fetchall()
                spent.append(time.perf_counter() - began)
        connection.rollback()
    return spent


def explain(office: SiteOffice, per_path: Sequence[Sequence[Statement]]) -> None:
    """Print the plan of every statement but the sign-in's."""
    word = "explain query plan " if office.database.is_sqlite else "explain (analyze, buffers) "
    with office.database.engine.connect() as connection:
        for asked in per_path:
            for one in asked[1:]:
                began = time.perf_counter()
                rows = connection.exec_driver_sql(one.text, one.parameters).all()
                took = (time.perf_counter() - began) * 1000
                print(f"\n-- {took:.1f} ms, {len(rows)} rows\n{one.text}\n-- {one.parameters}"[:3000])
                for row in connection.exec_driver_sql(word + one.text, one.parameters):
                    print("   ", row[-1])


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of an empty database; SQLite's is the server's own file."""
    if kind == "sqlite":
        yield ""
    else:
        with servers.postgres() as url:
            yield url


@contextlib.contextmanager
def bare_view() -> Iterator[int]:
    """The port of the bare Flask view."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = bare(Path(folder), port)
        try:
            Stage.wait_for(port)
            yield port
        finally:
            Stage.end(process)


def run(kind: str, options: argparse.Namespace) -> int:
    """Fill, ask, print; → how many cases missed the goal."""
    reports, issues = (number // (20 if options.quick else 1) for number in SIZES[kind])
    if options.reports:
        reports, issues = options.reports, options.reports * 3 // 10
    made: list[city.City] = []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, database(kind) as url, Stage(
        Path(folder), url, fill=lambda office: made.append(city.build(office, reports, issues))
    ) as stage:
        print(f"\n{kind}: {reports:,} reports, {issues:,} issues, filled in {time.perf_counter() - began:.0f} s; "
              f"{CLIENTS} clients; goal p95 < {GOALS[kind]:.0f} ms; {share():.0%} of the cores are ours")
        print(f"{'case':32} {'p50':>6} {'p95':>6} {'p99':>6} ms {'CPU':>5} {'per s':>6} {'KB':>4} | {'bare view':>9} {'x':>4}"
              f" | {'bare SQL':>8} {'x':>4}")
        asked = [case for case in cases(stage.office, made[0]) if options.only in case.name]
        missed = 0
        for case in asked:
            per_path = statements(stage.office, case)
            if options.plans:
                explain(stage.office, per_path)
            missed += show(case, stage, per_path, options.seconds, GOALS[kind])
        stage.office.database.dispose()
    return missed


def show(case: Case, stage: Stage, per_path: list[list[Statement]], seconds: float, goal: float) -> bool:
    """Measure and print one line; → whether the goal was missed."""
    used = cpu_seconds(stage.pid)
    waits, size = hammer(stage.port, case.requests(), clients=CLIENTS, seconds=seconds, checked=_is_whole)
    cpu = (cpu_seconds(stage.pid) - used) / (len(waits) + CLIENTS * len(case.paths)) * 1000
    sql = percentile(bare_sql(stage.office, per_path, seconds / 4), 95)
    with bare_view() as port:
        plain = percentile(hammer(port, [get(f"/bytes/{size}", "x")], clients=CLIENTS, seconds=seconds / 4)[0], 95)
    p95 = percentile(waits, 95)
    print(f"{case.name:32} {percentile(waits, 50):6.1f} {p95:6.1f} {percentile(waits, 99):6.1f}    {cpu:5.1f}"
          f" {len(waits) / seconds:6.0f} {size / 1000:4.0f} | {plain:9.1f} {p95 / plain:4.0f} | {sql:8.1f} {p95 / sql:4.1f}"
          f"{'  MISSED' if p95 > goal else ''}", flush=True)
    return p95 > goal


def _is_whole(_status: int, body: bytes) -> None:
    assert body.endswith(b"}"), body[-100:]
    if len(body) < 200:
        json.loads(body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="postgresql,sqlite")
    parser.add_argument("--reports", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", default="", help="cases whose name holds this")
    parser.add_argument("--plans", action="store_true", help="print the plan of every statement")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the rows")
    options = parser.parse_args()
    missed = sum(run(kind, options) for kind in options.database.split(","))
    print(f"\n{missed} missed their goal")


if __name__ == "__main__":
    main()
