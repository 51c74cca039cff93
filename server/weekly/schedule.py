"""By itself: figures are held at the cut-off, and reports frozen, printed and mailed at the time that is set.

What a duty finds to do becomes one row in `weekly_run` and one job in the same transaction, so that however many workers
look, and whenever one is killed, each week of each scope is run once. A worker that slept runs the weeks that it slept
through, in their order; weeks that were over before the first look are left to people.
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.kit import clock
from server.kit.db import hold
from server.kit.jobs import Job, JobState, LaterError, Work, enqueue, every, handles, on_parked
from server.weekly import freezing, queries, rules, sending, service, weeks
from server.weekly.models import WeeklyReport, WeeklyRun
from server.weekly.rules import Week

LOOK, HOLD, RUN = "weekly-look", "weekly-hold", "weekly-run"
_MOST_WEEKS = 60  # slept through: more than a year is not made up for


@handles(LOOK)
def look(work: Work) -> None:
    """Begin what is due."""
    conf: Config = work.app.config["DUDAO"]
    with work.database.read() as db:
        waits = _waits(db, conf)
    if waits:
        work.database.write(lambda db: begin(db, conf))


def begin(db: Session, conf: Config) -> int:
    """Write down, and have done, what is due now; how many reports were begun.

    At the very first look none is: the week that ended last, and all before it, were over before.
    """
    last = weeks.last_over(conf)
    hold(db, "weekly-schedule")
    since = _newest(db)
    if since is None:
        db.add(WeeklyRun(iso_year=last.iso_year, iso_week=last.iso_week, scope=queries.CITY, at=clock.now(), job_id=None))
        return 0
    begun = 0
    for week in _between(since, last):
        payload = {"iso_year": week.iso_year, "iso_week": week.iso_week}
        enqueue(db, HOLD, payload, key=_label(week))
        for scope in queries.scopes(db) if _is_due(conf, week) else []:
            job_id = enqueue(db, RUN, payload | {"scope": scope}, key=f"{_label(week)}:{scope}")
            db.add(WeeklyRun(**payload, scope=scope, at=clock.now(), job_id=job_id))
            begun += 1
    return begun


def _waits(db: Session, conf: Config) -> bool:
    """Whether there is something to begin: most looks find nothing and write nothing."""
    since, last = _newest(db), weeks.last_over(conf)
    if since is None:
        return True
    waiting = _between(since, last)
    if not waiting:
        return False
    held = sa.select(Job.id).where(Job.kind == HOLD, Job.key == _label(last))
    return db.scalar(held) is None or _is_due(conf, waiting[0])


def _label(week: Week) -> str:
    return f"{week.iso_year}-W{week.iso_week:02d}"


def _newest(db: Session) -> Week | None:
    """The newest week that has its rows."""
    row = db.execute(
        sa.select(WeeklyRun.iso_year, WeeklyRun.iso_week)
        .order_by(WeeklyRun.iso_year.desc(), WeeklyRun.iso_week.desc()).limit(1)
    ).first()
    return None if row is None else rules.week(*row)


def _between(since: Week, last: Week) -> list[Week]:
    """The weeks after `since` up to `last`, oldest first."""
    found: list[Week] = []
    while (last.iso_year, last.iso_week) > (since.iso_year, since.iso_week) and len(found) < _MOST_WEEKS:
        found.append(last)
        last = last.previous()
    return found[::-1]


def _is_due(conf: Config, week: Week) -> bool:
    at = weeks.runs_at(conf, week)
    return at is not None and at <= clock.now()


every(60, LOOK)


@handles(HOLD)
def hold_by_job(work: Work) -> None:
    """Count the week that has just ended for the last time, for the city and every district."""
    conf: Config = work.app.config["DUDAO"]
    year, number = int(work.payload["iso_year"]), int(work.payload["iso_week"])
    with work.database.read() as db:
        scopes = queries.scopes(db)
    for done, scope in enumerate(scopes, 1):
        freezing.hold(work.database, conf, _named(work, year, number, scope))
        work.progress(100 * done // len(scopes))


@handles(RUN)
def run_by_job(work: Work) -> None:
    """Freeze and mail one scope's report; printing is a job of its own. Done again after a worker was killed, it goes on
    where that one was."""
    conf: Config = work.app.config["DUDAO"]
    year, number, scope = int(work.payload["iso_year"]), int(work.payload["iso_week"]), str(work.payload["scope"])
    with work.database.read() as db:
        if _earlier_under_way(db, year, number, scope):
            raise LaterError("前一期尚未完成 / the bulletin before is not frozen yet", 5)
    weekly_id = _named(work, year, number, scope)
    freezing.freeze(work.database, conf, weekly_id, None)
    work.progress(90)
    work.database.write(lambda db: sending.send(db, None, conf, db.get_one(WeeklyReport, weekly_id)))


def _earlier_under_way(db: Session, year: int, number: int, scope: str) -> bool:
    """Numbers follow the weeks: an older run of the scope that is still to be done goes first."""
    earlier = sa.or_(WeeklyRun.iso_year < year, sa.and_(WeeklyRun.iso_year == year, WeeklyRun.iso_week < number))
    frozen = sa.exists().where(
        WeeklyReport.iso_year == WeeklyRun.iso_year, WeeklyReport.iso_week == WeeklyRun.iso_week,
        WeeklyReport.scope == WeeklyRun.scope, WeeklyReport.frozen_at.is_not(None),
    )
    query = (
        sa.select(WeeklyRun.job_id).join(Job, Job.id == WeeklyRun.job_id)
        .where(WeeklyRun.scope == scope, earlier, ~frozen, Job.state.in_([JobState.QUEUED, JobState.RUNNING]))
    )
    return db.scalar(query.limit(1)) is not None


def _named(work: Work, year: int, number: int, scope: str) -> uuid.UUID:
    return work.database.write(lambda db: service.named(db, None, year, number, scope).id)


@on_parked(freezing.PRINT)
def tell_of_print(db: Session, payload: dict[str, object], why: str) -> None:
    """It was tried five times: a template may be at fault, and the office hears of it."""
    weekly = db.get_one(WeeklyReport, uuid.UUID(str(payload["weekly_id"])))
    sending.tell_failed(db, weekly.iso_year, weekly.iso_week, weekly.scope, why)


@on_parked(RUN)
def tell_office(db: Session, payload: dict[str, object], why: str) -> None:
    """It was tried five times: the office hears of it and can do it by hand."""
    sending.tell_failed(db, int(str(payload["iso_year"])), int(str(payload["iso_week"])), str(payload["scope"]), why)
