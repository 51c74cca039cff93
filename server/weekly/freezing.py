"""Holding a week's figures at its cut-off, and freezing the whole bulletin under its number.

Held, the figures are not counted again; frozen, nothing that the report says changes any more, which the database holds
too. What comes after the moment up to which it counts is the next week's.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.kit import apart, changes, clock
from server.kit.actor import Actor
from server.kit.db import Database
from server.kit.jobs import enqueue
from server.kit.version import SOFTWARE
from server.weekly import drafting, numbering, own_words, queries, weeks
from server.weekly.figures import Counted, build, counted, unpacked
from server.weekly.models import WeeklyReport
from server.weekly.rules import WeeklyState

PRINT = "weekly-print"
_PATIENCE_S = 10.0
log = structlog.get_logger()


def count(
    database: Database, conf: Config, weekly_id: uuid.UUID, progress: Callable[[int], None] = lambda _per_cent: None
) -> Counted:
    """The figures of a week up to its cut-off or, while it runs, up to now.

    Raises StockBrokenError.
    """
    now = clock.now()
    wait_for_writers(database)
    return apart.run(_count, conf, weekly_id, now, tell=progress)


def _count(conf: Config, weekly_id: uuid.UUID, now: datetime, tell: Callable[[int], None]) -> Counted:
    """May be in a process of its own."""
    database = Database(conf.database, pool=1)
    try:
        with database.snapshot() as db:
            weekly = db.get_one(WeeklyReport, weekly_id)
            week = weeks.counted(db, conf, weekly.iso_year, weekly.iso_week, weekly.scope)
            past = weeks.before(db, conf, weekly.scope)
            figures = build(db, conf, week, weekly.scope or None, now, tell, past=past)
    finally:
        database.dispose()
    return counted(figures, min(week.end, now))


def wait_for_writers(database: Database) -> None:
    """Until every transaction that is under way in this database has ended: what happened before this moment can then be
    read, so that it is counted now or, where it came later, by the next report. Gives up after ten seconds."""
    if database.is_sqlite:
        database.write(lambda _db: None)  # one writer: those before it are done
        return
    with database.read() as db:
        # Its own number, above that of all who write: a snapshot knows but the newest that has ended.
        newest = db.scalar(sa.text("select pg_current_xact_id()::text::bigint"))
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        with database.read() as db:
            oldest = changes.horizon(db)
        if oldest is None or oldest >= newest:
            return
        time.sleep(0.02)
    log.warning("weekly-writers-not-awaited", seconds=_PATIENCE_S)


def hold(database: Database, conf: Config, weekly_id: uuid.UUID) -> bool:
    """Count a week that is over for the last time. False where that was done, or the report is frozen, already."""
    with database.read() as db:
        weekly = db.get_one(WeeklyReport, weekly_id)
        if weekly.held_at is not None or weekly.frozen_at is not None:
            return False
    found = count(database, conf, weekly_id)

    def keep(db: Session) -> bool:
        weekly = queries.locked(db, db.get_one(WeeklyReport, weekly_id))
        if weekly.held_at is not None or weekly.frozen_at is not None:
            return False
        _take_over(weekly, found)
        weekly.held_at = clock.now()
        audit.record(
            db, None, "weekly_report_held", "weekly_report", weekly.id, district=weekly.scope or None, digest=found.digest
        )
        return True

    return database.write(keep)


def freeze(database: Database, conf: Config, weekly_id: uuid.UUID, actor: Actor | None) -> WeeklyReport:
    """Freeze a report: figures, words, number. One that is frozen is left as it is, whoever asks and however often.

    A week that still runs is counted up to now. Raises StockBrokenError.
    """
    with database.read() as db:
        weekly = db.get_one(WeeklyReport, weekly_id)
    if weekly.frozen_at is not None:
        return weekly
    found = None if weekly.held_at is not None else count(database, conf, weekly_id)
    return database.write(lambda db: _freeze(db, weekly_id, actor, found))


def _freeze(db: Session, weekly_id: uuid.UUID, actor: Actor | None, found: Counted | None) -> WeeklyReport:
    weekly = queries.locked(db, db.get_one(WeeklyReport, weekly_id))
    if weekly.frozen_at is not None:
        return weekly
    if weekly.held_at is None:
        assert found is not None
        _take_over(weekly, found)
    now = clock.now()
    assert weekly.figures is not None
    weekly.words = own_words.of(db, weekly, drafting.key_points(unpacked(weekly.figures)))
    weekly.bulletin_year = weekly.iso_year
    weekly.serial, weekly.total = numbering.take(db, weekly.scope, weekly.bulletin_year)
    weekly.frozen_at, weekly.frozen_by, weekly.software = now, actor.id if actor else None, SOFTWARE
    weekly.job_id = enqueue(db, PRINT, {"weekly_id": str(weekly.id)})
    db.flush()
    audit.record(
        db, actor, "weekly_report_frozen", "weekly_report", weekly.id, district=weekly.scope or None,
        digest=weekly.figures_digest, serial=weekly.serial, year=weekly.bulletin_year, software=SOFTWARE,
        counted_to=weekly.counted_to.isoformat() if weekly.counted_to else None,
    )
    return weekly


def _take_over(weekly: WeeklyReport, found: Counted) -> None:
    weekly.figures, weekly.figures_digest, weekly.counted_to = found.packed, found.digest, found.counted_to
    weekly.made_at, weekly.state, weekly.progress, weekly.why = clock.now(), WeeklyState.READY, 100, None
    weekly.job_id = None  # whatever else counts it comes too late
