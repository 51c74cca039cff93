"""Verbs of the weekly report: ask for one, and make it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.errors import invalid
from server.kit import clock, jobs
from server.kit.actor import Actor
from server.kit.db import Database, hold
from server.kit.i18n import Language
from server.kit.ids import new_id
from server.kit.jobs import Work, enqueue
from server.kit.storage import Store
from server.programme.models import District
from server.weekly import files, queries
from server.weekly.figures import build, canonical, digest
from server.weekly.models import WeeklyReport
from server.weekly.rules import UNDER_WAY, Week, WeeklyState, week

KIND = "weekly-report"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def request(  # noqa: PLR0917 - a week and a scope
    db: Session, actor: Actor | None, conf: Config, iso_year: int, iso_week: int, district: str | None,
    *, by_job: bool = True,
) -> WeeklyReport:
    """Ask for the report of a week, of the city or one district; asked again, it is made again from the newest data,
    and what was made before stays until that is done.

    While one is under way, that one is the answer. Refuses with 422, naming the field, a week that the year has not,
    one that has not begun, and an unknown district. Without `by_job` the caller makes it.
    """
    asked = _week(conf, iso_year, iso_week)
    if district is not None and db.get(District, district) is None:
        raise invalid("district", "没有此区", "no such district")
    scope = district or queries.CITY
    hold(db, f"weekly:{iso_year}:{iso_week}:{scope}")
    weekly = queries.of_week(db, asked.iso_year, asked.iso_week, scope)
    if weekly is None:
        weekly = WeeklyReport(id=new_id(), iso_year=asked.iso_year, iso_week=asked.iso_week, scope=scope)
        db.add(weekly)
    elif by_job and weekly.state in UNDER_WAY and queries.job_runs(db, weekly.job_id):
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


def _week(conf: Config, iso_year: int, iso_week: int) -> Week:
    try:
        asked = week(iso_year, iso_week, starts_on=conf.week_starts_on)
    except ValueError:
        raise invalid("iso_week", f"{iso_year}年没有第{iso_week}周", f"{iso_year} has no week {iso_week}") from None
    if asked.start > clock.now():
        raise invalid("iso_week", "该周尚未开始", "this week has not begun")
    return asked


@jobs.handles(KIND)
def make_by_job(work: Work) -> None:
    """Make what was asked for. Done twice it does no harm; a job that a newer request overtook does nothing."""
    make(
        work.database, work.app.config["DUDAO"], work.app.extensions["dudao-store"],
        uuid.UUID(work.payload["weekly_id"]), job_id=work.job_id, progress=work.progress,
    )


def make(
    database: Database, conf: Config, store: Store, weekly_id: uuid.UUID, *, job_id: uuid.UUID | None = None,
    progress: Callable[[int], None] = lambda _per_cent: None,
) -> bool:
    """Count the figures at one moment, print every form, and keep them. False where a newer request is in charge.

    Whatever goes wrong is kept as the report's `why` and raised again, so that the job is tried once more.
    """

    def tell(per_cent: int) -> None:
        progress(per_cent)
        database.write(lambda db: _change(db, weekly_id, job_id, state=WeeklyState.RUNNING, progress=per_cent))

    if not database.write(lambda db: _change(db, weekly_id, job_id, state=WeeklyState.RUNNING, progress=1, why=None)):
        return False
    try:
        figures = _count(database, conf, weekly_id, tell)
        named = digest(canonical(figures))
        _print(store, conf.uploads_dir / "staging", weekly_id, (named, figures), tell)
        return database.write(lambda db: _keep(db, weekly_id, job_id, figures, named))
    except Exception as error:
        why = f"{type(error).__name__}: {error}"[:1000]
        database.write(lambda db: _change(db, weekly_id, job_id, state=WeeklyState.FAILED, why=why))
        raise


def _count(database: Database, conf: Config, weekly_id: uuid.UUID, tell: Callable[[int], None]) -> dict[str, Any]:
    with database.snapshot() as db:
        weekly = db.get_one(WeeklyReport, weekly_id)
        asked = week(weekly.iso_year, weekly.iso_week, starts_on=conf.week_starts_on)
        return build(db, conf, asked, weekly.scope or None, clock.now(), lambda per_cent: tell(per_cent * 6 // 10))


def _print(
    store: Store, folder: Path, weekly_id: uuid.UUID, made: files.Made, tell: Callable[[int], None]
) -> None:
    wanted = [(form, language) for form, about in files.FORMATS.items()
              for language in (LANGUAGES if about.spoken else LANGUAGES[:1])]
    for done, (form, language) in enumerate(wanted, 1):
        if store.size(files.key(weekly_id, made[0], form, language)) is None:
            files.put(store, folder, weekly_id, made, form, language)
        tell(60 + 39 * done // len(wanted))


def _change(db: Session, weekly_id: uuid.UUID, job_id: uuid.UUID | None, **values: Any) -> bool:
    """Write, unless a newer request has put its own job in charge."""
    mine = WeeklyReport.job_id == job_id if job_id else WeeklyReport.job_id.is_(None)
    changed = db.execute(sa.update(WeeklyReport).where(WeeklyReport.id == weekly_id, mine).values(**values))
    return bool(changed.rowcount)  # type: ignore[attr-defined]


def _keep(
    db: Session, weekly_id: uuid.UUID, job_id: uuid.UUID | None, figures: dict[str, Any], named: str
) -> bool:
    kept = _change(
        db, weekly_id, job_id, state=WeeklyState.READY, progress=100, why=None, figures=figures, figures_digest=named,
        made_at=clock.now(),
    )
    if kept:
        district = figures["scope"]["district"]
        audit.record(
            db, None, "weekly_report_made", "weekly_report", weekly_id, digest=named,
            district=district["code"] if district else None,
        )
    return kept
