"""Verbs of the weekly report: ask for one, and make it. Freezing is in freezing.py, sending in sending.py."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.errors import invalid
from server.kit import apart, clock, jobs
from server.kit.actor import Actor
from server.kit.db import Database, hold
from server.kit.ids import new_id
from server.kit.jobs import LaterError, Work, enqueue
from server.kit.storage import Store, make_store
from server.programme.models import District
from server.weekly import files, freezing, queries, weeks
from server.weekly.figures import Counted
from server.weekly.models import WeeklyReport
from server.weekly.rules import UNDER_WAY, WeeklyState

KIND = "weekly-report"


def request(  # noqa: PLR0917 - a week and a scope
    db: Session, actor: Actor | None, conf: Config, iso_year: int, iso_week: int, district: str | None,
    *, by_job: bool = True,
) -> WeeklyReport:
    """Ask for the report of a week, of the city or one district; asked again, it is made again from the newest data,
    and what was made before stays until that is done.

    While one is under way, that one is the answer; and so is a frozen one, which is not made again. Refuses with 422,
    naming the field, a week that the year has not, one that has not begun, and an unknown district. Without `by_job`
    the caller makes it.
    """
    weekly = begun(db, actor, conf, iso_year, iso_week, district)
    if weekly.frozen_at is not None:
        return weekly
    if by_job and weekly.state in UNDER_WAY and queries.job_runs(db, weekly.job_id):
        return weekly
    weekly.state, weekly.progress, weekly.why = WeeklyState.QUEUED, 0, None
    weekly.requested_by, weekly.requested_at = actor.id if actor else None, clock.now()
    weekly.job_id = enqueue(db, KIND, {"weekly_id": str(weekly.id)}) if by_job else None
    db.flush()
    audit.record(
        db, actor, "weekly_report_requested", "weekly_report", weekly.id, district=district,
        iso_year=iso_year, iso_week=iso_week,
    )
    return weekly


def begun(  # noqa: PLR0917 - see request
    db: Session, actor: Actor | None, conf: Config, iso_year: int, iso_week: int, district: str | None
) -> WeeklyReport:
    """The report that is meant; begun where there is none. Refuses as `request` does."""
    asked = weeks.asked_for(conf, iso_year, iso_week)
    if district is not None and db.get(District, district) is None:
        raise invalid("district", "没有此区", "no such district")
    return named(db, actor, asked.iso_year, asked.iso_week, district or queries.CITY)


def named(db: Session, actor: Actor | None, iso_year: int, iso_week: int, scope: str) -> WeeklyReport:
    """The report of a week and scope, ours until the transaction ends; begun where there is none."""
    hold(db, f"weekly:{iso_year}:{iso_week}:{scope}")
    weekly = queries.of_week(db, iso_year, iso_week, scope)
    if weekly is None:
        weekly = WeeklyReport(
            id=new_id(), iso_year=iso_year, iso_week=iso_week, scope=scope, state=WeeklyState.QUEUED,
            requested_by=actor.id if actor else None, requested_at=clock.now(), words_version=0,
        )
        db.add(weekly)
        db.flush()
    return weekly


@jobs.handles(KIND)
def make_by_job(work: Work) -> None:
    """Make what was asked for. Done twice it does no harm; a job that a newer request overtook does nothing."""
    weekly_id = uuid.UUID(work.payload["weekly_id"])
    make(work.database, work.app.config["DUDAO"], weekly_id, job_id=work.job_id, progress=work.progress)


@jobs.handles(freezing.PRINT)
def print_by_job(work: Work) -> None:
    """Print what was made or frozen, so that nobody waits for it: one form, and then others' jobs have their turn."""
    if apart.run(_print_one, work.app.config["DUDAO"], uuid.UUID(work.payload["weekly_id"]), tell=work.progress):
        raise LaterError("the other forms", 0)


def _print_one(conf: Config, weekly_id: uuid.UUID, tell: Callable[[int], None]) -> int:
    """How many forms are left then. May be in a process of its own."""
    house, database = files.House(conf, make_store(conf)), Database(conf.database, pool=1)
    try:
        with database.read() as db:
            made = files.made(db, db.get_one(WeeklyReport, weekly_id))
        missing = files.missing(house, made)
        if missing:
            tell(100 - 100 * len(missing) // len(files.printed()))
            files.put(house, made, *missing[0])
    finally:
        database.dispose()
    return max(0, len(missing) - 1)


def print_now(database: Database, conf: Config, store: Store, weekly_id: uuid.UUID) -> None:
    """Print every form of what the report says now."""
    with database.read() as db:
        made = files.made(db, db.get_one(WeeklyReport, weekly_id))
    house = files.House(conf, store)
    for form, language in files.missing(house, made):
        files.put(house, made, form, language)


def make(
    database: Database, conf: Config, weekly_id: uuid.UUID, *, job_id: uuid.UUID | None = None,
    progress: Callable[[int], None] = lambda _per_cent: None,
) -> bool:
    """Count the figures at one moment unless they are held, keep them, and have every form printed by a job of its own;
    whoever asks for a file sooner has it printed then. False where a newer request is in charge.

    Whatever goes wrong is kept as the report's `why` and raised again, so that the job is tried once more.
    """

    def tell(per_cent: int) -> None:
        progress(per_cent)
        database.write(lambda db: _change(db, weekly_id, job_id, state=WeeklyState.RUNNING, progress=per_cent))

    if not database.write(lambda db: _change(db, weekly_id, job_id, state=WeeklyState.RUNNING, progress=1, why=None)):
        return False
    try:
        return _made(database, conf, weekly_id, job_id, tell)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"[:1000]
        database.write(lambda db: _change(db, weekly_id, job_id, state=WeeklyState.FAILED, why=why))
        raise


def _made(
    database: Database, conf: Config, weekly_id: uuid.UUID, job_id: uuid.UUID | None, tell: Callable[[int], None]
) -> bool:
    found = None
    with database.read() as db:
        held = db.get_one(WeeklyReport, weekly_id).held_at is not None
    if not held:
        found = freezing.count(database, conf, weekly_id, tell)
        tell(99)
    return database.write(lambda db: _keep(db, weekly_id, job_id, found))


def _change(
    db: Session, weekly_id: uuid.UUID, job_id: uuid.UUID | None, *, counting: bool = False, **values: Any
) -> bool:
    """Write, unless a newer request has put its own job in charge, or the report is frozen, or its figures are held and
    `counting` would replace them."""
    mine = WeeklyReport.job_id == job_id if job_id else WeeklyReport.job_id.is_(None)
    open_to = [WeeklyReport.frozen_at.is_(None), *([WeeklyReport.held_at.is_(None)] if counting else [])]
    changed = db.execute(sa.update(WeeklyReport).where(WeeklyReport.id == weekly_id, mine, *open_to).values(**values))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _keep(db: Session, weekly_id: uuid.UUID, job_id: uuid.UUID | None, found: Counted | None) -> bool:
    values: dict[str, Any] = {"state": WeeklyState.READY, "progress": 100, "why": None}
    if found is not None:
        values |= {
            "figures": found.packed, "figures_digest": found.digest, "counted_to": found.counted_to, "made_at": clock.now(),
        }
    kept = _change(db, weekly_id, job_id, counting=found is not None, **values)
    if kept:
        enqueue(db, freezing.PRINT, {"weekly_id": str(weekly_id)})
    if kept and found is not None:
        scope = db.scalar(sa.select(WeeklyReport.scope).where(WeeklyReport.id == weekly_id))
        audit.record(
            db, None, "weekly_report_made", "weekly_report", weekly_id, digest=found.digest, district=scope or None
        )
    return kept
