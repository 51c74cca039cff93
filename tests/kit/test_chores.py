"""What each machine does for itself: files in its own folders, which no other machine sees."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.kit import runner
from server.kit.db import Database
from server.kit.jobs import Job
from tests.factories import SiteOffice
from tests.kit.test_jobs import until, working
from tests.kit.worker_process import worker_process


def test_what_is_of_every_machine_is_done_by_each_and_goes_on_after_a_failure(
    office: SiteOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def chore(_database: Database) -> None:
        done.append(threading.current_thread().name)
        if len(done) == 1:
            raise OSError("the disk is away")

    monkeypatch.setattr(runner, "DUTIES", {})
    monkeypatch.setattr(runner, "CHORES_EVERY_S", 0.01)
    monkeypatch.setattr(runner, "CHORES", {"files": (0.5, chore)})
    with working(office.app), working(office.app):
        until(lambda: len(done) >= 4)
    assert office.read(sa.select(sa.func.count()).where(Job.kind == "files")) == [0], "it needs no row"


def test_a_worker_settles_what_a_dead_process_of_its_machine_left(office: SiteOffice, tmp_path: Path) -> None:
    """The duty of custody is not due: another machine has just done it for itself."""
    left = tmp_path / "b" / "custody" / "dead.lines"
    left.parent.mkdir(parents=True)
    left.touch()
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir(exist_ok=True)
    ended = sa.select(Job.finished_at).where(Job.kind == "custody-leftovers", Job.finished_at.is_not(None))
    with worker_process(office, tmp_path / "a"):
        until(lambda: office.read(ended) != [])
    assert left.exists()
    with worker_process(office, tmp_path / "b"):
        until(lambda: not left.exists())
