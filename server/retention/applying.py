"""Planning what a class would remove, and removing exactly that: page by page, each in a transaction of its own.

Inside it everything is asked once more, under the lock that laying a hold takes too, so that a hold that came meanwhile
wins. Nothing that was not in the plan goes, whatever has become due since.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.kit import clock
from server.kit.db import Database, hold
from server.kit.ids import new_id
from server.retention import accounts, messages, openings, originals, positions, queries, service
from server.retention.models import RetentionRule, RetentionRun
from server.retention.rules import By, Due, Figures, Plan
from server.retention.sources import Run, Source, Terms

SOURCES: dict[str, Source] = {
    "photo_originals": originals.SOURCE, "positions": positions.SOURCE, "sign_ins": accounts.SOURCE,
    "openings": openings.SOURCE, "messages": messages.SOURCE,
}
WAITS = timedelta(days=7)  # until the worker applies a rule that it has not met before
BROKEN_OFF = timedelta(hours=12)  # a run that has not ended by then never will


class PlanChangedError(Exception):
    """What would go now is not what the digest names; nothing was removed."""


@dataclass(slots=True)
class Done:
    """What one run removed; no run where there was nothing to do."""

    plan: Plan
    gone: Figures
    run_id: uuid.UUID | None = None


def days_of(conf: Config, name: str) -> int:
    """The rule of a class in days; 0: kept for ever."""
    return {
        "photo_originals": conf.retention_photo_originals_days, "positions": conf.retention_positions_days,
        "sign_ins": conf.retention_sign_ins_days, "openings": conf.retention_openings_days,
        "messages": conf.retention_messages_days,
    }[name]


def applies_from(db: Session, conf: Config, name: str) -> datetime | None:
    """When the worker begins to apply the rule as it is set now; None where there is none, or it has not met it yet."""
    rule = db.get(RetentionRule, name)
    days = days_of(conf, name)
    return rule.since + WAITS if rule is not None and days and rule.days == days else None


def met(db: Session, *, conf: Config, name: str) -> bool:
    """Whether the worker has known this rule for long enough. One that it has not met before is written down, also in the
    trail, and waits: who set it, or somebody who looks at the desk, has some days to find that it was a mistake."""
    rule, days = db.get(RetentionRule, name, with_for_update=True), days_of(conf, name)
    if rule is not None and rule.days == days:
        return bool(days) and clock.now() >= rule.since + WAITS
    if rule is None and not days:
        return False
    audit.record(db, None, "retention_rule_met", "retention", name, days=days, before=rule.days if rule else 0)
    if rule is None:
        db.add(RetentionRule(name=name, days=days, since=clock.now()))
    else:
        rule.days, rule.since = days, clock.now()
    db.flush()
    return False


def plan(database: Database, conf: Config, name: str, *, most: int | None = None) -> Plan:
    """What would go by the rule as it is set now; nothing where none is. With `most` only so many are looked at.

    The day is Shanghai's, so that a plan says the same from morning to evening, unless something happens to its things.
    """
    days = days_of(conf, name)
    found = Plan(name, days, clock.start_of(clock.today()) - timedelta(days=days))
    if not days:
        return found
    for dues in _pages(database, conf, found):
        for due in dues:
            found.figures.count(due)
            if not due.held:
                found.keys.add(due.key)
        if most is not None and len(found.keys) >= most:
            found.whole = False
            break
    return found


def _pages(database: Database, conf: Config, about: Plan) -> Iterator[list[Due]]:
    source, terms = SOURCES[about.name], _terms(conf, about)
    after: Any = None
    while True:
        with database.read() as db:
            dues, after = source.page(db, terms, after, queries.holds(db))
        yield dues
        if after is None:
            return


def _terms(conf: Config, about: Plan) -> Terms:
    return Terms(about.cutoff, conf.refresh_token_days)


def apply(database: Database, conf: Config, name: str, by: By, *, digest: str | None = None) -> Done:
    """Remove what the plan of this moment says. With `digest` only where that is the plan which it names."""
    about = plan(database, conf, name)
    if digest is not None and digest != about.digest:
        raise PlanChangedError
    if not about.keys:
        return Done(about, Figures())
    run = Run(new_id(), name, about.days)
    database.write(partial(_begin, run=run, about=about, by=by))
    gone = Figures(held=about.figures.held)
    for dues in _pages(database, conf, about):
        wanted = [due.what for due in dues if due.key in about.keys and not due.held]
        if wanted:
            for due in database.write(partial(_remove, conf=conf, run=run, about=about, wanted=wanted)):
                gone.count(due)
    database.write(partial(_end, run_id=run.id, verb="retention_applied", held=gone.held))
    return Done(about, gone, run.id)


def _begin(db: Session, *, run: Run, about: Plan, by: By) -> None:
    late = sa.select(RetentionRun.id).where(
        RetentionRun.finished_at.is_(None), RetentionRun.started_at < clock.now() - BROKEN_OFF
    )
    for run_id in db.scalars(late).all():
        _end(db, run_id=run_id, verb="retention_broken_off")
    db.add(RetentionRun(
        id=run.id, name=run.name, days=run.days, cutoff=about.cutoff, by=by, plan=about.digest, started_at=clock.now(),
        finished_at=None,
    ))
    db.flush()


def _remove(db: Session, *, conf: Config, run: Run, about: Plan, wanted: Sequence[Any]) -> list[Due]:
    hold(db, service.LOCK)
    source = SOURCES[about.name]
    now = source.again(db, _terms(conf, about), wanted, queries.holds(db))
    dues = [due for due in now if not due.held and due.key in about.keys]
    kept = sum(due.rows for due in now if due.held)
    if dues:
        source.remove(db, run, dues)
    db.execute(sa.update(RetentionRun).where(RetentionRun.id == run.id).values(
        rows=RetentionRun.rows + sum(due.rows for due in dues), files=RetentionRun.files + sum(due.files for due in dues),
        bytes=RetentionRun.bytes + sum(due.size for due in dues), held=RetentionRun.held + kept,
    ))
    return [*dues, *(due for due in now if due.held)]


def _end(db: Session, *, run_id: uuid.UUID, verb: str, held: int | None = None) -> None:
    """One line of the trail says what the run removed; one that was killed gets its line from the next."""
    run = db.get_one(RetentionRun, run_id, with_for_update=True, populate_existing=True)
    run.finished_at = clock.now()
    run.held = run.held if held is None else held
    db.flush()
    audit.record(
        db, None, verb, "retention_run", run.id, name=run.name, days=run.days, cutoff=run.cutoff.isoformat(),
        by=run.by.value, plan=run.plan, rows=run.rows, files=run.files, bytes=run.bytes, held=run.held,
    )
