"""What the service needs to be of use: the database at this version's shape, the store of files, jobs being done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from server import schema
from server.errors import Refusal
from server.kit import clock
from server.kit.db import Database
from server.kit.jobs import Job, JobState, patient
from server.kit.storage import Store

LATE = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Check:
    """One part: `away` says in both languages what is wrong, None where all is well."""

    part: str
    away: tuple[str, str] | None


def examine(database: Database, store: Store) -> list[Check]:
    """Look at every part. A database that is away is reported once and makes no second check wait."""
    found = [_database(database)]
    if found[0].away is None:
        found += [_migration(database), _jobs(database)]
    found.append(_storage(store))
    return found


def _database(database: Database) -> Check:
    try:
        with database.read() as db:
            db.execute(sa.select(1))
    except sa.exc.SQLAlchemyError:
        return Check("database", ("数据库没有应答", "the database does not answer"))
    return Check("database", None)


def _migration(database: Database) -> Check:
    wrong = ("数据库结构与程序版本不符", "the tables are not of this version")
    try:
        with database.read() as db:
            stands_at = db.execute(sa.text("select version_num from alembic_version")).scalar()
    except sa.exc.SQLAlchemyError:
        return Check("migration", wrong)
    return Check("migration", None if stands_at == schema.newest() else wrong)


def oldest_due(database: Database) -> float:
    """Seconds for which the job that waits longest has been due; 0 where nothing waits."""
    now = clock.now()
    waiting = sa.select(sa.func.min(Job.run_at)).where(
        Job.state == JobState.QUEUED, Job.run_at <= now, Job.kind.not_in(patient())
    )
    with database.read() as db:
        since = db.scalar(waiting)
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _somebody_works(database: Database) -> bool:
    """Whether a worker holds a job or finished one lately: a long queue alone is no reason to send phones away."""
    now = clock.now()
    signs = sa.or_(sa.and_(Job.state == JobState.RUNNING, Job.lease_until > now), Job.finished_at > now - LATE)
    with database.read() as db:
        return db.scalar(sa.select(Job.id).where(signs).limit(1)) is not None


def _jobs(database: Database) -> Check:
    try:
        waited = oldest_due(database)
        asleep = waited > LATE.total_seconds() and not _somebody_works(database)
    except sa.exc.SQLAlchemyError:
        return Check("jobs", ("任务表不可读", "the table of jobs cannot be read"))
    if asleep:
        return Check("jobs", (
            f"有任务已等待 {waited:.0f} 秒，后台进程可能未运行",
            f"a job has waited for {waited:.0f} s; is the worker running?",
        ))
    return Check("jobs", None)


def _storage(store: Store) -> Check:
    try:
        store.check()
    except (Refusal, OSError):
        return Check("storage", ("文件存储不可用", "the store of files cannot be used"))
    return Check("storage", None)
