"""The job table's moves, each one transaction: due → leased → done, put off, or parked with the reason."""

from __future__ import annotations

import random
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.jobs import BACKGROUND, DUTIES, DUTY_KEY, MAX_ATTEMPTS, PARKED, Job, JobState, enqueue

MAX_WHY = 1000


def due(db: Session, limit: int, *, resend_before: datetime | None, known: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Jobs that may start now, oldest first, the many in the background last.

    Left out are duties (the relay looks after them), `known` ones, and, unless `resend_before` is None, those that
    were sent after it.
    """
    now = clock.now()
    query = (
        sa.select(Job.id)
        .where(Job.state == JobState.QUEUED, Job.run_at <= now, Job.key != DUTY_KEY)
        .order_by(Job.run_at)
    )
    if known:
        query = query.where(Job.id.not_in(known))
    if resend_before is not None:
        query = query.where(sa.or_(Job.sent_at.is_(None), Job.sent_at < resend_before))
    first = list(db.scalars(query.where(Job.kind.not_in(BACKGROUND)).limit(limit)))
    if len(first) < limit and BACKGROUND:
        first += db.scalars(query.where(Job.kind.in_(BACKGROUND)).limit(limit - len(first)))
    return first


def mark_sent(db: Session, job_ids: Sequence[uuid.UUID]) -> None:
    """Remember that these were handed to the queue, so that nobody hands them over again for a while."""
    db.execute(sa.update(Job).where(Job.id.in_(job_ids), Job.state == JobState.QUEUED).values(sent_at=clock.now()))


@dataclass(frozen=True, slots=True)
class Taken:
    """A leased job; `attempts` counts this one too."""

    kind: str
    key: str
    payload: dict[str, Any]
    attempts: int


def lease(db: Session, job_id: uuid.UUID, worker: str, seconds: float) -> Taken | None:
    """Take a job, or None where it is not to be had. One winner on either database."""
    now = clock.now()
    taken = db.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.state == JobState.QUEUED, Job.run_at <= now)
        .values(
            state=JobState.RUNNING, leased_by=worker, lease_until=now + timedelta(seconds=seconds),
            attempts=Job.attempts + 1, sent_at=None,
        )
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        return None
    kind, key, payload, attempts = db.execute(
        sa.select(Job.kind, Job.key, Job.payload, Job.attempts).where(Job.id == job_id)
    ).one()
    return Taken(kind, key, payload, attempts)


def beat(db: Session, job_ids: Collection[uuid.UUID], worker: str, seconds: float) -> None:
    """Say that these are still being worked on."""
    db.execute(
        sa.update(Job)
        .where(Job.id.in_(job_ids), Job.leased_by == worker, Job.state == JobState.RUNNING)
        .values(lease_until=clock.now() + timedelta(seconds=seconds))
    )


def advance(db: Session, job_id: uuid.UUID, worker: str, percent: int) -> None:
    """Say how far it is."""
    db.execute(
        sa.update(Job).where(Job.id == job_id, Job.leased_by == worker, Job.state == JobState.RUNNING)
        .values(progress=max(0, min(100, percent)))
    )


def done(db: Session, job_id: uuid.UUID, worker: str) -> None:
    _leave(db, job_id, worker, state=JobState.DONE, progress=100, finished_at=clock.now(), why=None)


def put_off(db: Session, job_id: uuid.UUID, worker: str, why: str, seconds: float) -> None:
    """Try again later; this was no failure of the job's."""
    run_at = clock.now() + timedelta(seconds=seconds)
    _leave(db, job_id, worker, state=JobState.QUEUED, run_at=run_at, why=why[:MAX_WHY], attempts=Job.attempts - 1)


def failed(db: Session, job_id: uuid.UUID, worker: str, why: str, *, attempts: int, backoff: float) -> None:
    """Try again after a growing pause, `backoff` seconds at first; after MAX_ATTEMPTS park it with the reason."""
    if attempts >= MAX_ATTEMPTS:
        if _leave(db, job_id, worker, state=JobState.PARKED, why=why[:MAX_WHY], finished_at=clock.now()):
            _tell_parked(db, [job_id], why)
        return
    pause = backoff * 4 ** (attempts - 1) * random.uniform(0.8, 1.2)
    run_at = clock.now() + timedelta(seconds=pause)
    _leave(db, job_id, worker, state=JobState.QUEUED, why=why[:MAX_WHY], run_at=run_at)


def come_back(db: Session, job_id: uuid.UUID, worker: str, seconds: float, why: str | None) -> None:
    """A duty is done, or failed, and comes again."""
    run_at = clock.now() + timedelta(seconds=seconds)
    values: dict[str, Any] = {"state": JobState.QUEUED, "run_at": run_at, "why": why, "attempts": 0}
    if why is None:
        values |= {"progress": 100, "finished_at": clock.now()}
    _leave(db, job_id, worker, **values)


def _leave(db: Session, job_id: uuid.UUID, worker: str, **values: Any) -> bool:
    """Change a job that is still ours; False for one whose lease was lost: it belongs to another worker now."""
    left = db.execute(
        sa.update(Job)
        .where(Job.id == job_id, Job.leased_by == worker, Job.state == JobState.RUNNING)
        .values(leased_by=None, lease_until=None, sent_at=None, **values)
    )
    return bool(left.rowcount)  # type: ignore[attr-defined]


def _tell_parked(db: Session, job_ids: Collection[uuid.UUID], why: str) -> None:
    for kind, payload in db.execute(sa.select(Job.kind, Job.payload).where(Job.id.in_(job_ids))).all():
        if kind in PARKED:
            PARKED[kind](db, payload, why)


def fallen(db: Session) -> list[uuid.UUID]:
    """Jobs whose worker fell silent."""
    query = sa.select(Job.id).where(Job.state == JobState.RUNNING, Job.lease_until < clock.now())
    return list(db.scalars(query))


def pick_up(db: Session, job_ids: Sequence[uuid.UUID]) -> None:
    """Give the jobs of a worker that fell silent to others; one that took MAX_ATTEMPTS workers with it is parked."""
    lost = sa.and_(Job.id.in_(job_ids), Job.state == JobState.RUNNING, Job.lease_until < clock.now())
    free = {"leased_by": None, "lease_until": None, "sent_at": None}
    why = "the worker ended while doing it"
    hopeless = list(db.scalars(
        sa.update(Job).where(lost, Job.attempts >= MAX_ATTEMPTS, Job.key != DUTY_KEY)
        .values(state=JobState.PARKED, why=why, finished_at=clock.now(), **free)
        .returning(Job.id)
    ))
    _tell_parked(db, hopeless, why)
    db.execute(sa.update(Job).where(lost).values(state=JobState.QUEUED, **free))


def set_duties(db: Session) -> None:
    """Make sure that every duty has its row, also one that was left done or parked by an older version."""
    for duty in DUTIES.values():
        if enqueue(db, duty.kind, {}, key=DUTY_KEY) is None:
            db.execute(
                sa.update(Job)
                .where(Job.kind == duty.kind, Job.key == DUTY_KEY, Job.state.in_([JobState.DONE, JobState.PARKED]))
                .values(state=JobState.QUEUED, run_at=clock.now(), attempts=0)
            )


def duties_due(db: Session, kinds: Collection[str]) -> list[uuid.UUID]:
    """Duties of these kinds whose time has come and that have something to do."""
    query = sa.select(Job.id, Job.kind).where(
        Job.key == DUTY_KEY, Job.kind.in_(kinds), Job.state == JobState.QUEUED, Job.run_at <= clock.now()
    )
    found = []
    for job_id, kind in db.execute(query).all():
        when = DUTIES[kind].when
        if when is None or when(db):
            found.append(job_id)
    return found


def retry(db: Session, job_id: uuid.UUID) -> bool:
    """Give a parked job five new tries; False where it is not parked."""
    again = db.execute(
        sa.update(Job).where(Job.id == job_id, Job.state == JobState.PARKED)
        .values(state=JobState.QUEUED, attempts=0, run_at=clock.now(), finished_at=None, sent_at=None)
    )
    return bool(again.rowcount)  # type: ignore[attr-defined]
