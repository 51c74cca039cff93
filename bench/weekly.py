"""How long the week's figures and files take: `python -m bench.weekly [--reports 5000] [--weeks 10] [--times 10]
[--postgres] [--plans]`.

Fills a fresh database with the sample programme (3,259 sites) and `--weeks` weeks (bench/weekly_city.py), and makes the
last week's report in a process of its own, whose peak memory is told. Beside it stands the machine's own limit: the
same rows read by the bare driver, the history of all issues grouped once, and the figures put out as JSON. With
`--times` so many times the rows are then measured in the same way, and how many times as long they take.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

import config
from bench.timing import share
from bench.weekly_city import PHOTOS, fill
from server import create_app, schema
from server.issues.models import Issue
from server.kit import clock
from server.weekly import bulletin, render
from server.weekly.figures import build, canonical
from server.weekly.rules import Week, week_of
from tests import servers

ROUNDS = 3
_IN_PLAY = "(i.state <> 'closed' or i.closed_at >= :start)"
_STATEMENTS = (
    "select issue_id, max(id), min(at), count(*) from issue_event group by issue_id",
    f"select i.* from issue i where {_IN_PLAY}",
    f"select e.issue_id, e.kind, e.receipt_at, e.result, e.measure from issue_entry e join issue i on i.id = e.issue_id "
    f"where {_IN_PLAY}",
    f"select p.*, o.sha256 from issue_photo p join photo o on o.id = p.photo_id join issue i on i.id = p.issue_id "
    f"where {_IN_PLAY}",
    f"select p.* from issue_pair p join issue i on i.id = p.issue_id where {_IN_PLAY}",
    "select r.*, s.name, s.code from report r join site s on s.id = r.site_id where r.first_submitted_at >= :start",
    "select * from site_state",
    "select * from work_item",
)
_START = sa.bindparam("start", type_=Issue.closed_at.type)
_ROWS = [sa.text(text).bindparams(*([_START] if ":start" in text else [])) for text in _STATEMENTS]


@contextlib.contextmanager
def database(home: Path, postgres: bool) -> Iterator[str]:
    """The URL of an empty database."""
    if postgres:
        with servers.postgres() as url:
            yield url
    else:
        yield f"sqlite:///{home}/dudao.db"


def app_of(home: Path, url: str) -> Flask:
    return create_app(config.load({}, env="test", secret_key="x" * 40, data_dir=home, uploads_dir=home / "up",
                                  database_url=url, log_level="WARNING"))


def plans(base: Any, counted: list[tuple[str, Any]]) -> None:
    """Print the plan of every statement that the figures ran."""
    explain = "EXPLAIN QUERY PLAN " if base.is_sqlite else "EXPLAIN ANALYZE "
    with base.read() as db:
        connection = db.connection()
        for statement, parameters in list(counted):
            if statement.startswith("set "):
                connection.exec_driver_sql(statement)
                continue
            print("\n" + statement[:160].replace("\n", " "))
            for row in connection.exec_driver_sql(explain + statement, parameters):
                print("   ", *row)


def timed(what: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    made = what()
    return time.perf_counter() - began, made


def least(base: Any, last: Week, figures: dict[str, Any]) -> float:
    """What the machine needs for the same rows and the same JSON, without a figure being worked out."""

    def once() -> None:
        with base.snapshot() as db:
            for text in _ROWS:
                db.connection().execute(text, {"start": last.start} if ":start" in text.text else {}).cursor.fetchall()
        canonical(figures)

    return min(timed(once)[0] for _ in range(ROUNDS))


def measure(home: str, url: str, last: Week, show_plans: bool, tell: Any) -> None:
    """In a process of its own: the figures, then what the machine could do, then the prints."""
    app = app_of(Path(home), url)
    base = app.extensions["dudao"].database
    counted: list[tuple[str, Any]] = []
    sa.event.listen(base.engine, "before_cursor_execute", lambda _c, _k, statement, parameters, _x, _m: counted.append(
        (statement, parameters)))

    def once() -> dict[str, Any]:
        counted.clear()
        with base.snapshot() as db:
            return build(db, app.config["DUDAO"], last, None, clock.now())

    spent, used, figures = [], [], {}
    for _ in range(ROUNDS):
        figures.clear()
        began = time.process_time()
        seconds, figures = timed(once)
        spent.append(seconds)
        used.append(time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    status = Path("/proc/self/status").read_text().splitlines()
    alive = next(int(line.split()[1]) for line in status if line.startswith("RssAnon")) / 1024
    statements = len(counted)
    if show_plans:
        plans(base, counted)
    limit = least(base, last, figures)
    text = canonical(figures)
    xlsx, _ = timed(lambda: render.xlsx(bulletin.bare(figures), "zh", Path(home) / "a.xlsx"))
    csv, _ = timed(lambda: render.csv(bulletin.bare(figures), "zh", Path(home) / "a.csv"))
    base.dispose()
    tell.send({
        "figures": min(spent), "cpu": min(used), "limit": limit, "peak": peak, "alive": alive,
        "statements": statements,
        "json": len(text) / 1e6, "rows": len(figures["tables"]["T7"]["rows"]), "xlsx": xlsx, "csv": csv,
    })


def case(reports: int, weeks_back: int, *, postgres: bool, show_plans: bool) -> dict[str, float]:
    """Fill a city, measure its last week, print it."""
    with tempfile.TemporaryDirectory() as folder, database(Path(folder), postgres) as url:
        schema.upgrade(url)
        app = app_of(Path(folder), url)
        base, last = app.extensions["dudao"].database, week_of(clock.today()).previous()
        weeks = [last]
        while len(weeks) < weeks_back:
            weeks.append(weeks[-1].previous())
        filled, _ = timed(lambda: fill(app, reports, weeks[::-1]))
        if not base.is_sqlite:
            base.write(lambda db: db.execute(sa.text("analyze")))
        base.dispose()
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        part = share()
        child = multiprocessing.get_context("spawn").Process(
            target=measure, args=(folder, url, last, show_plans, theirs), daemon=True
        )
        child.start()
        theirs.close()
        found: dict[str, float] = ours.recv()
        child.join()
    print(
        f"{'postgresql' if postgres else 'sqlite'}: {reports} visits and {reports * PHOTOS} photos a week, {weeks_back} "
        f"weeks (filled in {filled:.0f} s), {found['rows']} rows of T7, {part:.0%} of the cores: figures "
        f"{found['figures']:.2f} s (its own CPU {found['cpu']:.2f}) in {found['statements']} statements, the machine's own "
        f"{found['limit']:.2f} s, ratio {found['figures'] / found['limit']:.1f}; "
        f"peak {found['peak']:.0f} MB with the mapped file, {found['alive']:.0f} without; JSON {found['json']:.1f} MB; XLSX "
        f"{found['xlsx']:.2f} s, CSV {found['csv']:.2f} s", flush=True,
    )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=5000, help="visits per week")
    parser.add_argument("--weeks", type=int, default=10)
    parser.add_argument("--times", type=int, default=1, help="measure so many times the visits too")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--plans", action="store_true")
    asked = parser.parse_args()
    one = case(asked.reports, asked.weeks, postgres=asked.postgres, show_plans=asked.plans)
    if asked.times > 1:
        many = case(asked.reports * asked.times, asked.weeks, postgres=asked.postgres, show_plans=False)
        print(f"{asked.times} times the visits: figures {many['figures'] / one['figures']:.1f} times as long, "
              f"the machine's own {many['limit'] / one['limit']:.1f} times")


if __name__ == "__main__":
    main()
