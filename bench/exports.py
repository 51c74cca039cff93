"""How long exports and a report's document take, and how much memory: `python -m bench.exports [--reports 100000]
[--photos 2000] [--postgres]`.

Fills a fresh database with so many reports at the sample programme's sites, exports them as CSV and XLSX, each in a
process of its own whose highest memory is read; then an archive of photos, and the document of a report with 230
answers and 30 photos of 12 megapixels.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import random
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa
from flask import Flask

import config
from server import create_app, schema
from server.exports.models import Export
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import HANDLERS, Job, Work
from server.programme.models import Site
from server.reports.models import Report
from server.reports.rules import State, Visit
from tests import servers
from tests.factories import SiteOffice, Someone, photo_entry, report_body, representative
from tests.photos import jpeg
from tests.reports.test_paper import answers_to, big, work_off

AT_ONCE = 20_000


def fill(office: SiteOffice, person: uuid.UUID, count: int) -> None:
    """So many reports over two years."""
    dice = random.Random(47)
    with office.database.read() as db:
        sites = db.execute(sa.select(Site.id, Site.district_code)).all()
    for first in range(0, count, AT_ONCE):
        rows = [_report(person, dice.choice(sites), dice, number) for number in range(first, min(first + AT_ONCE, count))]
        office.write(lambda db, some=rows: db.execute(sa.insert(Report), some))


def _report(person: uuid.UUID, site: Any, dice: random.Random, number: int) -> dict[str, Any]:
    at = clock.now() - timedelta(seconds=dice.randrange(2 * 365 * 86400))
    return {
        "id": new_id(), "number": f"B-{uuid.uuid4().hex[:12]}-{number}", "inspector_id": person, "site_id": site.id,
        "district_code": site.district_code, "checklist_code": "ELEV", "checklist_version": 1, "revision": 1,
        "state": State.APPROVED, "visit": dice.choice(list(Visit)), "started_at": at, "finished_at": at, "received_at": at,
        "submitted_at": at, "first_submitted_at": at, "passed": 20, "failed": 3, "not_applicable": 1, "unanswered": 2,
    }


def _make(settings: dict[str, Any], job_id: uuid.UUID, export_id: str) -> None:
    app = create_app(config.load({}, **settings))
    with app.app_context():
        HANDLERS["export"](Work(app.extensions["dudao"].database, app, job_id, {"export_id": export_id}, lambda _: None))
    said = Path("/proc/self/status").read_text()  # getrusage also tells of whoever started us
    print(f"    highest memory {int(said.partition('VmHWM:')[2].split()[0]) / 1024:,.0f} MiB")


def export(office: SiteOffice, settings: dict[str, Any], who: Someone, **wanted: Any) -> None:
    """Ask for one, have another process make it, and say how long that took."""
    asked = who.post("/exports", wanted)
    assert asked.status_code == 202, asked.text
    row = office.read(sa.select(Export).where(Export.id == uuid.UUID(asked.json["id"])))[0]
    began = time.perf_counter()
    maker = multiprocessing.get_context("spawn").Process(target=_make, args=(settings, row.job_id, asked.json["id"]))
    maker.start()
    maker.join()
    seconds = time.perf_counter() - began
    shown = office.read(sa.select(Export).where(Export.id == row.id))[0]
    print(f"{wanted['kind']} {wanted['format']}: {shown.state.value}, {shown.rows:,} rows, {(shown.size or 0) / 1e6:,.1f} MB, "
          f"{seconds:.1f} s", flush=True)
    who.delete(f"/exports/{row.id}")


def photos(inspector: Someone, site: uuid.UUID, count: int) -> None:
    """Reports with so many photos of some hundred kilobytes."""
    for first in range(0, count, 20):
        data = {entry["id"]: picture for entry, picture in (
            (photo_entry(picture, item="ELEV-A05"), picture)
            for picture in (jpeg(320, 240, seed=first + number, size=300_000) for number in range(20))
        )}
        entries = [photo_entry(picture, item="ELEV-A05", photo_id=name) for name, picture in data.items()]
        inspector.send(report_body(site, photos=entries), data)


class Watched:
    """The most memory that a process started meanwhile was seen to have."""

    def __enter__(self) -> Watched:
        self.most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if "press" in " ".join(child.cmdline()):
                        self.most = max(self.most, child.memory_info().rss)


def paper(office: SiteOffice, inspector: Someone, site: uuid.UUID) -> None:
    """The document of a report with 230 answers and 30 photos, drawn the first time."""
    items = big(office, 230)
    data = {str(new_id()): jpeg(4000, 3000, seed=number, noise=0.05, orientation=6 if number % 3 == 0 else 1)
            for number in range(30)}
    entries = [photo_entry(picture, item=items[number]["code"], photo_id=name)
               for number, (name, picture) in enumerate(data.items())]
    report = inspector.send(report_body(
        site, checklist={"code": "BIG", "version": 1}, answers=answers_to(items), photos=entries,
        representative=representative(),
    ), data)["id"]
    for kept in (False, True):
        if kept:
            work_off(office, "renditions")
        for form in ("pdf", "docx"):
            lang = "zh" if kept else "en"
            began = time.perf_counter()
            with Watched() as watched:
                answer = inspector.get(f"/reports/{report}.{form}?lang={lang}")
            assert answer.status_code == 200
            print(f"report {form}, previews {'there' if kept else 'to be made'}: {time.perf_counter() - began:.1f} s, "
                  f"{len(answer.data) / 1e6:.1f} MB; highest memory of a child {watched.most / 2**20:,.0f} MiB", flush=True)


@contextlib.contextmanager
def database(home: Path, *, postgres: bool) -> Iterator[str]:
    if not postgres:
        yield f"sqlite:///{home / 'bench.db'}"
        return
    with servers.postgres() as url:
        yield url


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--photos", type=int, default=2_000)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, database(Path(folder), postgres=asked.postgres) as url:
        home = Path(folder)
        schema.upgrade(url)
        settings: dict[str, Any] = {
            "env": "test", "secret_key": "bench-only-0123456789abcdefghijklmnopqrstuv", "data_dir": home,
            "uploads_dir": home / "uploads", "database_url": url, "log_level": "WARNING", "argon2_memory_kib": 64,
            "argon2_time": 1, "min_free_bytes": 0,
        }
        app: Flask = create_app(config.load({}, **settings))
        assert app.test_cli_runner().invoke(args=["sample", "load"]).exit_code == 0
        office = _office(app)
        clerk, inspector = office.person("bench.clerk", "office"), office.person("bench.inspector", "inspector")
        site = office.site("照片小区", inspectors=(inspector,))
        paper(office, inspector, site)
        photos(inspector, site, asked.photos)
        export(office, settings, clerk, kind="photos", format="zip")
        for count in (asked.reports // 10, asked.reports - asked.reports // 10):
            fill(office, inspector.id, count)
            for form in ("csv", "xlsx"):
                export(office, settings, clerk, kind="reports", format=form)
        print(len(office.read(sa.select(Job.id))), "jobs were written")


class _Office(SiteOffice):
    """In the sample programme, which has its districts."""

    @staticmethod
    def _districts(_db: Any) -> None:
        return


def _office(app: Flask) -> SiteOffice:
    office = _Office(app)
    office.checklists()
    return office


if __name__ == "__main__":
    main()
