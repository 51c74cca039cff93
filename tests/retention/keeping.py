"""The loop's world with rules of retention, a clock that goes on by days, and the worker's hands."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import Result

from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import HANDLERS, Job, JobState, Work
from server.kit.storage import original_key
from server.photos.models import Original, Photo
from server.retention.models import Removal
from tests.factories import SiteOffice, Someone
from tests.issues.loop import Loop

YEAR = 365
JOBS = ("renditions", "evidence-facts")


class Keeping(Loop):
    """Wang, Su and the firm as in the loop, and Min of the office."""

    def __init__(self, office: SiteOffice) -> None:
        super().__init__(office)
        self.min = office.person("min", "office")

    def rule(self, **days: int) -> None:
        """rule(photo_originals=365), which the worker meets at once: a week later it applies it."""
        app = self.office.app
        app.config["DUDAO"] = replace(app.config["DUDAO"], **{f"retention_{name}_days": many for name, many in days.items()})
        self.job("retention")

    def done(self) -> str:
        """An issue that went all the way round, with previews and positions; its id."""
        issue = self.closed()
        self.work_off()
        return issue

    def work_off(self) -> None:
        for _ in range(20):
            with self.office.database.read() as db:
                waiting = [(job.id, job.kind, job.payload) for job in db.scalars(sa.select(Job).where(
                    Job.state == JobState.QUEUED, Job.kind.in_(JOBS)
                ).order_by(Job.kind.desc(), Job.id))]
            for job_id, kind, payload in waiting:
                self.office.write(lambda db, one=job_id: db.execute(sa.delete(Job).where(Job.id == one)))
                self.job(kind, payload)
            if not waiting:
                return
        raise AssertionError("jobs ask for jobs without end")

    def job(self, kind: str, payload: dict[str, Any] | None = None) -> None:
        with self.office.app.app_context():
            HANDLERS[kind](Work(self.office.database, self.office.app, new_id(), payload or {}, lambda _percent: None))

    def later(self, days: float) -> None:
        """So many days on, and everybody signed in again."""
        moment = clock.now() + timedelta(days=days)
        clock.set_source(lambda: moment)
        for name in ("wang", "su", "jia", "min"):
            setattr(self, name, self.office.sign_in(name, getattr(self, name).id))

    def run(self, *arguments: str, code: int = 0) -> str:
        done: Result = self.office.app.test_cli_runner().invoke(args=["retention", *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == code, done.output
        return done.stdout if not code else done.output

    def plan(self, name: str) -> dict[str, Any]:
        (found,) = json.loads(self.run("plan", "--class", name, "--json"))
        return dict(found)

    def apply(self, name: str) -> dict[str, Any]:
        """What the plan says, removed; the plan."""
        plan = self.plan(name)
        self.run("apply", "--class", name, "--plan", plan["plan"])
        return plan

    def files(self) -> set[str]:
        """SHA-256 sums of the originals in the store."""
        folder: Path = self.office.app.config["DUDAO"].uploads_dir / "originals"
        return {path.name for path in folder.rglob("*") if path.is_file()}

    def file(self, sha256: str) -> Path:
        root: Path = self.office.app.config["DUDAO"].uploads_dir
        return root / original_key(sha256)

    def record(self, name: str) -> list[Removal]:
        return self.office.read(sa.select(Removal).where(Removal.name == name).order_by(Removal.id))

    def photos(self) -> dict[uuid.UUID, str]:
        with self.office.database.read() as db:
            return {photo.id: photo.sha256 for photo in db.scalars(sa.select(Photo))}

    def originals(self, *, removed: bool) -> list[str]:
        there = Original.removed_at.is_not(None) if removed else Original.removed_at.is_(None)
        return self.office.read(sa.select(Original.sha256).where(there))

    def hold(self, kind: str, object_id: Any, reason: str = "案件 12", by: Someone | None = None) -> str:
        laid = (by or self.min).post("/holds", {"kind": kind, "id": str(object_id), "reason": reason})
        assert laid.status_code == 201, laid.text
        return str(laid.json["id"])

    def report_of(self, issue: str) -> str:
        return str(self.su.get(f"/issues/{issue}").json["report_id"])
