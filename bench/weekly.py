"""How long the week's figures and files take: `python -m bench.weekly [--reports 5000] [--weeks 20] [--postgres] [--plans]`.

Fills a fresh database with the sample programme, `--weeks` weeks of visits and issues (half as many as visits, nine of
ten closed again), then makes the last week's report.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

import config
from server import create_app, schema
from server.accounts.models import Person
from server.checklists import files as checklist_files
from server.checklists.service import publish
from server.issues.models import Issue, IssueEvent
from server.issues.rules import IssueState
from server.kit import clock
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.programme.models import Site
from server.reports.models import Report
from server.reports.rules import State, Visit
from server.weekly import bulletin, render
from server.weekly.figures import build, canonical
from server.weekly.rules import Week, week_of
from tests import servers

CHECKLISTS = ("ELEV", "FACADE", "ROAD", "SAFE", "CABLE", "PARK")


def fill(app: Flask, per_week: int, weeks: list[Week]) -> None:
    """Sample programme, and visits and issues spread over the weeks."""
    runner = app.test_cli_runner()
    assert runner.invoke(args=["sample", "load"]).exit_code == 0
    database, dice = app.extensions["dudao"].database, random.Random(47)
    database.write(lambda db: publish(db, checklist_files.read_all()))
    person = Person(id=new_id(), username="bench", name="王督导", active=True, created_at=clock.now())
    database.write(lambda db: db.add(person))
    with database.read() as db:
        sites = db.execute(sa.select(Site.id, Site.district_code, Site.contractor_id)).all()
    taken: set[tuple[uuid.UUID, str]] = set()
    for week in weeks:
        reports, issues, events = [], [], []
        for n in range(per_week):
            site, code = dice.choice(sites), dice.choice(CHECKLISTS)
            at = week.start + timedelta(seconds=dice.randrange(7 * 86400))
            report = _report(person.id, site, code, at, dice)
            reports.append(report)
            item = f"{code}-{dice.randrange(10_000)}"
            if n % 2 == 0 and (site.id, item) not in taken:
                issue, steps = _issue(person.id, site, report, item, at + timedelta(hours=5), dice)
                if issue["state"] != IssueState.CLOSED:
                    taken.add((site.id, item))
                issues.append(issue)
                events += steps
        for table, rows in ((Report, reports), (Issue, issues), (IssueEvent, events)):
            for start in range(0, len(rows), 2000):
                part = rows[start:start + 2000]
                database.write(lambda db, table=table, part=part: db.execute(sa.insert(table), part))


def _report(person: uuid.UUID, site: Any, code: str, at: datetime, dice: random.Random) -> dict[str, Any]:
    return {
        "id": new_id(), "number": uuid.uuid4().hex, "inspector_id": person, "site_id": site.id,
        "district_code": site.district_code, "checklist_code": code, "checklist_version": 1, "revision": 1,
        "state": dice.choice([State.APPROVED, State.APPROVED, State.SUBMITTED]), "visit": Visit.ROUTINE,
        "started_at": at - timedelta(hours=30), "finished_at": at - timedelta(hours=29), "received_at": at,
        "submitted_at": at, "first_submitted_at": at, "passed": 18, "failed": 2, "not_applicable": 1, "unanswered": 0,
        "has_critical": False, "photos_expected": 3, "photos_received": 3,
    }


def _issue(
    person: uuid.UUID, site: Any, report: dict[str, Any], item: str, at: datetime, dice: random.Random
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    closed_at = at + timedelta(days=dice.randrange(1, 20)) if dice.random() < 0.9 else None
    if closed_at and closed_at > clock.now():
        closed_at = None
    issue_id = new_id()
    path = [("opened", None, "pending_issue", at), ("issued", "pending_issue", "issued", at + timedelta(hours=1))]
    if closed_at:
        path.append(("closed", "issued", "closed", closed_at))
    issue = {
        "id": issue_id, "number": uuid.uuid4().hex, "site_id": site.id, "district_code": site.district_code,
        "report_id": report["id"], "item": item, "checklist_code": report["checklist_code"], "checklist_version": 1,
        "severity": dice.choice(list(Severity)), "description": "护栏高度不足1.05米,局部松动", "due_on": clock.day_of(at),
        "first_due_on": clock.day_of(at), "contractor_id": site.contractor_id, "opened_by": person, "created_at": at,
        "issued_at": at + timedelta(hours=1), "closed_at": closed_at,
        "state": IssueState.CLOSED if closed_at else IssueState.ISSUED,
    }
    return issue, [
        {"issue_id": issue_id, "at": when, "by": person, "verb": verb, "from_state": before, "to_state": after, "facts": {}}
        for verb, before, after, when in path
    ]


@contextlib.contextmanager
def database(home: Path, postgres: bool) -> Iterator[str]:
    """The URL of an empty database."""
    if postgres:
        with servers.postgres() as url:
            yield url
    else:
        yield f"sqlite:///{home}/dudao.db"


def plans(app: Flask, counted: list[tuple[str, Any]]) -> None:
    """Print the plan of every statement that the figures ran."""
    base = app.extensions["dudao"].database
    explain = "EXPLAIN QUERY PLAN " if base.is_sqlite else "EXPLAIN ANALYZE "
    with base.read() as db:
        connection = db.connection()
        for statement, parameters in list(counted):
            print("\n" + statement[:160].replace("\n", " "))
            for row in connection.exec_driver_sql(explain + statement, parameters):
                print("   ", *row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=5000, help="visits per week")
    parser.add_argument("--weeks", type=int, default=20)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--plans", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(Path(folder), asked.postgres) as url:
        home = Path(folder)
        schema.upgrade(url)
        app = create_app(config.load({}, env="test", secret_key="x" * 40, data_dir=home, uploads_dir=home / "up",
                                     database_url=url, log_level="WARNING"))
        base, last = app.extensions["dudao"].database, week_of(clock.today()).previous()
        weeks = [last]
        while len(weeks) < asked.weeks:
            weeks.append(weeks[-1].previous())
        fill(app, asked.reports, weeks[::-1])
        if not base.is_sqlite:
            base.write(lambda db: db.execute(sa.text("analyze")))
        counted: list[tuple[str, Any]] = []
        sa.event.listen(base.engine, "before_cursor_execute", lambda _c, _k, statement, parameters, _x, _m: counted.append(
            (statement, parameters)))
        spent = []
        for _ in range(3):
            counted.clear()
            began = time.perf_counter()
            with base.snapshot() as db:
                figures = build(db, app.config["DUDAO"], last, None, clock.now())
            spent.append(time.perf_counter() - began)
        began = time.perf_counter()
        text = canonical(figures)
        canonical_s = time.perf_counter() - began
        began = time.perf_counter()
        render.xlsx(bulletin.bare(figures), "zh", home / "a.xlsx")
        xlsx_s = time.perf_counter() - began
        began = time.perf_counter()
        render.csv(bulletin.bare(figures), "zh", home / "a.csv")
        print(
            f"{'postgresql' if asked.postgres else 'sqlite'}: {asked.reports} visits a week, {asked.weeks} weeks, "
            f"{len(figures['tables']['T7']['rows'])} rows of T7: figures {min(spent):.2f} s, canonical JSON "
            f"{len(text) / 1e6:.1f} MB {canonical_s:.3f} s, XLSX {xlsx_s:.2f} s, CSV {time.perf_counter() - began:.2f} s"
        )
        if asked.plans:
            plans(app, counted)
        base.dispose()


if __name__ == "__main__":
    main()
