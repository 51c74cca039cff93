"""The job that makes exports, one at a time in a process, and the duty that takes away files whose days are over, or whose
maker may not see any more what they show."""

from __future__ import annotations

import shutil
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from server.errors import Refusal
from server.exports import making, queries, service
from server.exports.making import HopelessError, UnwantedError
from server.exports.schemas import filters_of
from server.kit.here import conf, staging, store
from server.kit.jobs import LaterError, Work, every, handles, on_parked

AGAIN_S = 2.0
BATCH = 200
ABANDONED_S = 24 * 3600.0
Found = Callable[[Session, int], list[tuple[uuid.UUID, str | None]]]
_one_at_a_time = threading.Lock()  # a long export must not keep every thread of the worker from what is urgent


@handles(service.KIND)
def make(work: Work) -> None:
    """Make the file that was asked for. Done twice it does no harm: it is made anew, of what is there then."""
    if not _one_at_a_time.acquire(blocking=False):
        raise LaterError("another export is being made", AGAIN_S)
    try:
        _make(work, uuid.UUID(work.payload["export_id"]))
    finally:
        _one_at_a_time.release()


def _make(work: Work, export_id: uuid.UUID) -> None:
    database, settings = work.database, conf()
    export = database.write(lambda db: service.begin(db, export_id, work.job_id))
    if export is None:
        return
    tell = making.teller(database, export_id, work.job_id)
    try:
        key = making.make(database, settings, store(), export, filters_of(export.kind, export.filters), tell)
        if not database.write(lambda db: service.made(db, settings, export_id, work.job_id, key)):
            store().delete(key)
    except UnwantedError:
        return
    except HopelessError as hopeless:
        why = str(hopeless)
        database.write(lambda db: service.gave_up(db, settings, export_id, why))
    except Refusal as refusal:
        if refusal.code == "papers-busy":
            raise LaterError("others are drawing papers") from None
        tell(why=f"{refusal.code}: {refusal.problem('en')['detail']}"[:1000])
        raise
    except Exception as error:
        tell(why=f"{type(error).__name__}: {error}"[:1000])
        raise


@on_parked(service.KIND)
def give_up(db: Session, payload: dict[str, Any], why: str) -> None:
    """It failed five times: whoever waits is told why."""
    service.gave_up(db, conf(), uuid.UUID(payload["export_id"]), why)


every(3600, "exports-sweep")


@handles("exports-sweep")
def sweep(work: Work) -> None:
    """Files go first and rows after them, so that what a crash leaves is found by the next run."""
    _clear(work, queries.expired, partial(service.remove, actor=None))
    _clear(work, queries.withdrawn, service.withdraw)
    with work.database.read() as db:
        running = {str(one) for one in queries.running(db)}
    for left in staging().glob(f"{making.FOLDER}*"):
        name = left.name.removeprefix(making.FOLDER)[:36]
        if name not in running and left.stat().st_mtime < time.time() - ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)


def _clear(work: Work, found: Found, settle: Callable[..., None]) -> None:
    while True:
        with work.database.read() as db:
            some = found(db, BATCH)
        for export_id, key in some:
            if key is not None:
                store().delete(key)
            work.database.write(partial(settle, export_id=export_id))
        if len(some) < BATCH:
            return
