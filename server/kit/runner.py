"""Doing jobs: a relay finds those that are due and sends their ids, consumers lease them, do them, and say so.

The job table is the truth. What huey or Redis loses is sent again; a worker that is killed lets its leases run out.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from time import monotonic

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.orm import Session

from config import Config
from server.errors import Refusal
from server.kit import clock, leases
from server.kit.db import Database
from server.kit.ids import new_id
from server.kit.jobs import CHORES, DUTIES, DUTY_KEY, HANDLERS, LaterError, Work
from server.kit.transport import Transport

POLL_S = 0.4
TROUBLE_S = 1.5
RESEND_S = 30.0
CHORES_EVERY_S = 1.0
FALLEN_EVERY_S = 5.0  # or sooner, where leases are short
PROGRESS_EVERY_S = 1.0
AWAY = {"database-away", "storage-away", "disk-full", "busy"}
log = structlog.get_logger()


class Runner:
    """The worker of one process. `start`, then `stop`; all its work is done in threads of its own."""

    def __init__(self, app: Flask, *, backoff_s: float = 2.0, workers: int | None = None) -> None:
        self._app = app
        self._conf: Config = app.config["DUDAO"]
        self._database: Database = app.extensions["dudao"].database
        self._transport = Transport(self._conf.jobs_url, app.config["JWT_SECRET_KEY"])
        self._backoff_s = backoff_s
        self._workers = workers or self._conf.jobs_workers
        self.name = f"{socket.gethostname()}:{os.getpid()}:{new_id().hex[-6:]}"
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._handed: set[uuid.UUID] = set()  # given to this process's queue and not done yet
        self._running: set[uuid.UUID] = set()
        self._threads: list[threading.Thread] = []
        self._resend_before = clock.now()
        self._fallen_at = self._duties_set_at = float("-inf")
        self._duty_at: dict[str, float] = {}

    def start(self) -> None:
        loops: list[Callable[[], None]] = [self._relay, self._heart, self._chores, *[self._consume] * self._workers]
        for loop in loops:
            thread = threading.Thread(target=loop, name=loop.__name__.strip("_"), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, grace_s: float = 8.0) -> None:
        """Take nothing new, let what runs end within `grace_s` seconds, and give back what does not."""
        self._stopping.set()
        self._wake.set()
        self._transport.wake()
        deadline = monotonic() + grace_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        with self._lock:
            left = list(self._running)
        for job_id in left:
            self._tell(partial(leases.put_off, job_id=job_id, worker=self.name, why="the worker stopped", seconds=0))

    # -- the relay: what is due goes out -------------------------------------------------------------------------

    def _relay(self) -> None:
        troubled = False
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._turn()
                if troubled:
                    log.info("jobs-go-on")
                    troubled = False
            except Exception as error:  # noqa: BLE001 - whatever is away comes back, and the relay must be there then
                self._resend_before = clock.now() + timedelta(seconds=TROUBLE_S)
                if not troubled:
                    log.warning("jobs-wait", error=f"{type(error).__name__}: {error}"[:300])
                troubled = True
            self._wake.wait(TROUBLE_S if troubled else POLL_S)

    def _turn(self) -> None:
        """One look at the table."""
        now = monotonic()
        if now - self._fallen_at > min(FALLEN_EVERY_S, self._conf.jobs_lease_s / 2):
            self._pick_up_fallen()
            self._fallen_at = now
        for job_id in self._due_duties(now):
            self._send([job_id])
        room = self._transport.room() if self._transport.shared else self._workers * 2 - len(self._handed)
        if room > 0:
            with self._lock:
                known = frozenset(self._handed)
            # what was sent before the queue was last away may be lost with it
            again = max(clock.now() - timedelta(seconds=RESEND_S), self._resend_before)
            with self._database.read() as db:
                found = leases.due(db, room, resend_before=again if self._transport.shared else None, known=known)
            self._send(found)

    def _send(self, job_ids: list[uuid.UUID]) -> None:
        if not job_ids:
            return
        for job_id in job_ids:
            with self._lock:
                if job_id in self._handed:
                    continue
                if not self._transport.shared:
                    self._handed.add(job_id)
            self._transport.send(job_id)
        if self._transport.shared:
            self._database.write(lambda db: leases.mark_sent(db, job_ids))

    def _pick_up_fallen(self) -> None:
        with self._lock:
            ours = set(self._running)  # a heart that was held up is not a worker that fell silent
        with self._database.read() as db:
            fallen = [job_id for job_id in leases.fallen(db) if job_id not in ours]
        if fallen:
            log.warning("jobs-picked-up", count=len(fallen))
            self._database.write(lambda db: leases.pick_up(db, fallen))

    def _due_duties(self, now: float) -> list[uuid.UUID]:
        if not DUTIES:
            return []
        if self._duties_set_at < 0:
            self._database.write(leases.set_duties)
            self._duties_set_at = now
        kinds = [kind for kind, duty in DUTIES.items()
                 if now - self._duty_at.get(kind, float("-inf")) >= min(duty.seconds / 2, 30.0)]
        if not kinds:
            return []
        self._duty_at |= dict.fromkeys(kinds, now)
        with self._database.read() as db:
            return leases.duties_due(db, kinds)

    # -- the consumers: what came is done ------------------------------------------------------------------------

    def _consume(self) -> None:
        while not self._stopping.is_set():
            try:
                job_id = self._transport.take()
            except Exception as error:  # noqa: BLE001 - Redis away, or a message that is not ours
                log.debug("queue-trouble", error=str(error)[:300])
                self._stopping.wait(TROUBLE_S)
                continue
            if job_id is None:
                continue
            try:
                self._do(job_id)
            finally:
                with self._lock:
                    self._handed.discard(job_id)
                self._wake.set()

    def _do(self, job_id: uuid.UUID) -> None:
        try:
            taken = self._database.write(lambda db: leases.lease(db, job_id, self.name, self._conf.jobs_lease_s))
        except sa.exc.SQLAlchemyError as error:
            log.warning("job-not-leased", job=str(job_id), error=str(error)[:300])
            self._stopping.wait(TROUBLE_S)
            return
        if taken is None:
            return
        with self._lock:
            self._running.add(job_id)
        try:
            self._tell(self._attempt(job_id, taken))
        finally:
            with self._lock:
                self._running.discard(job_id)

    def _attempt(
        self, job_id: uuid.UUID, taken: leases.Taken
    ) -> Callable[[Session], None]:
        """Run the handler; what the table is to be told of it."""
        kind, attempts = taken.kind, taken.attempts
        why: str | None = None
        try:
            handler = HANDLERS[kind]
            with self._app.app_context():
                handler(Work(self._database, self._app, job_id, taken.payload, self._progress(job_id)))
        except LaterError as later:
            reason, seconds = str(later), later.seconds
            return lambda db: leases.put_off(db, job_id, self.name, reason, seconds)
        except Refusal as refusal:
            why = f"{refusal.code}: {refusal.problem('en')['detail']}"
            if refusal.code in AWAY:
                reason = why
                return lambda db: leases.put_off(db, job_id, self.name, reason, refusal_pause(attempts))
        except KeyError as error:
            why = f"no handler for {kind}" if kind not in HANDLERS else f"KeyError: {error}"
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            log.warning("job-failed", job=str(job_id), kind=kind, attempts=attempts, exc_info=error)
        duty = DUTIES.get(kind) if taken.key == DUTY_KEY else None
        if duty is not None:
            seconds_between = duty.seconds
            return lambda db: leases.come_back(db, job_id, self.name, seconds_between, why)
        if why is None:
            return lambda db: leases.done(db, job_id, self.name)
        failure = why
        return lambda db: leases.failed(db, job_id, self.name, failure, attempts=attempts, backoff=self._backoff_s)

    def _tell(self, verb: Callable[[Session], None]) -> None:
        """Write it; where the database is away for long, the lease runs out and the job is done again."""
        for pause in (0.2, 1.0, 3.0, None):
            try:
                self._database.write(verb)
            except sa.exc.SQLAlchemyError as error:
                log.warning("job-not-told", error=str(error)[:300])
                if pause is None or self._stopping.wait(pause):
                    return
            else:
                return

    def _progress(self, job_id: uuid.UUID) -> Callable[[int], None]:
        last = float("-inf")

        def say(percent: int) -> None:
            nonlocal last
            if monotonic() - last >= PROGRESS_EVERY_S:
                last = monotonic()
                self._database.write(lambda db: leases.advance(db, job_id, self.name, percent))

        return say

    def _heart(self) -> None:
        """Leases of what runs here are renewed well before they run out."""
        while not self._stopping.wait(self._conf.jobs_lease_s / 3):
            with self._lock:
                running = list(self._running)
            if running:
                try:
                    self._database.write(partial(
                        leases.beat, job_ids=running, worker=self.name, seconds=self._conf.jobs_lease_s
                    ))
                except sa.exc.SQLAlchemyError as error:
                    log.warning("lease-not-renewed", error=str(error)[:300])


    def _chores(self) -> None:
        """What each machine has to do for itself; one that fails is done when its time comes again."""
        done_at: dict[str, float] = {}
        while not self._stopping.wait(CHORES_EVERY_S):
            for name, (seconds, chore) in CHORES.items():
                if monotonic() - done_at.get(name, float("-inf")) < seconds:
                    continue
                done_at[name] = monotonic()
                try:
                    with self._app.app_context():
                        chore(self._database)
                except Exception as error:  # noqa: BLE001 - whatever is away comes back
                    log.warning("chore-failed", chore=name, error=f"{type(error).__name__}: {error}"[:300])


def refusal_pause(attempts: int) -> float:
    """Seconds until something that is away is asked again."""
    return min(60.0, 5.0 * attempts)
