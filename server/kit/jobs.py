"""Work that is done later: a job row written by the transaction that causes it, leased, and done at least once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.kit import clock
from server.kit.db import Base, Database
from server.kit.ids import new_id
from server.kit.prepared import insert

MAX_ATTEMPTS = 5


class JobState(StrEnum):
    """queued → running → done; after MAX_ATTEMPTS failures parked with the reason."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


class Job(Base):
    """One piece of work. Equal (kind, key) is one job, however often it is asked for."""

    __tablename__ = "job"
    __table_args__ = (
        sa.UniqueConstraint("kind", "key"),
        sa.Index("ix_job_state_run_at", "state", "run_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[JobState]
    run_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    why: Mapped[str | None]
    progress: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


def enqueue(
    db: Session, kind: str, payload: dict[str, Any], *, key: str | None = None, delay: timedelta = timedelta()
) -> uuid.UUID | None:
    """Write the job with the caller's transaction. None where an equal (kind, key) is already there."""
    job_id = new_id()
    now = clock.now()
    values = {
        "id": job_id, "kind": kind, "key": key or str(job_id), "payload": payload, "state": JobState.QUEUED,
        "run_at": now + delay, "attempts": 0, "progress": 0, "created_at": now,
    }
    return job_id if _INSERT.write(db, values) else None


_INSERT = insert(
    Job, ["id", "kind", "key", "payload", "state", "run_at", "attempts", "progress", "created_at"], unless_there=True
)


@dataclass(frozen=True, slots=True)
class Work:
    """What a handler is given: the database, the settings by way of `app`, and a way to say how far it is."""

    database: Database
    app: Any
    job_id: uuid.UUID
    payload: dict[str, Any]
    progress: Callable[[int], None]


Handler = Callable[[Work], None]
Parked = TypeVar("Parked", bound=Callable[[Session, dict[str, Any], str], None])
HANDLERS: dict[str, Handler] = {}
BACKGROUND: set[str] = set()  # kinds of which there may be thousands; others go before them


# kind → what else is to be told, in the same transaction, when a job of it is parked: (db, payload, why)
PARKED: dict[str, Callable[[Session, dict[str, Any], str], None]] = {}


def on_parked(kind: str) -> Callable[[Parked], Parked]:
    """Register the function that hears of parked jobs of `kind`, so that nobody waits for what will not come."""

    def register(told: Parked) -> Parked:
        PARKED[kind] = told
        return told

    return register


def handles(kind: str, *, background: bool = False) -> Callable[[Handler], Handler]:
    """Register the function that does jobs of `kind`. It may be run twice and must then do no harm.

    It is run inside the application's context. What it raises is kept as the reason and tried again; raise
    `LaterError` where trying again is no failure.
    """

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        if background:
            BACKGROUND.add(kind)
        return handler

    return register


class LaterError(Exception):
    """Not now: the job is put off for some seconds, and this does not count as a failure."""

    def __init__(self, why: str, seconds: float = 30.0) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Duty:
    """A job that comes back every `seconds`; with `when`, only while that says that there is something to do."""

    kind: str
    seconds: float
    when: Callable[[Session], bool] | None = None


DUTIES: dict[str, Duty] = {}
DUTY_KEY = "duty"


def patient() -> set[str]:
    """Kinds whose waiting says nothing about the worker: the many in the background, and duties with nothing to do."""
    return BACKGROUND | {duty.kind for duty in DUTIES.values() if duty.when is not None}


def every(seconds: float, kind: str, *, when: Callable[[Session], bool] | None = None) -> None:
    """Have jobs of `kind` done every `seconds` for as long as a worker runs, by one worker at a time.

    `when(db)` is a cheap look that spares the database a write every time there is nothing to do.
    """
    DUTIES[kind] = Duty(kind, seconds, when)


Chore = Callable[[Database], None]
# name → seconds between, and what is to be done. They have no row: every machine has its own, and a duty goes to one.
CHORES: dict[str, tuple[float, Chore]] = {}


def on_every_machine(seconds: float, name: str) -> Callable[[Chore], Chore]:
    """Register what each worker does when it starts and every `seconds`: with files that no other machine sees."""

    def register(chore: Chore) -> Chore:
        CHORES[name] = (seconds, chore)
        return chore

    return register
