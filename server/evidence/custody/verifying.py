"""Hashing originals again: every one, those since a day, or a sample that anybody can draw again.

No lock and no connection is held while bytes are read, and never more than a page of rows in memory.
"""

from __future__ import annotations

import hashlib
import heapq
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from server.audit import service as audit
from server.errors import Refusal
from server.evidence.custody import queries
from server.evidence.custody.models import OriginalCheck, OriginalDifference
from server.evidence.custody.queries import Kept, some_of
from server.evidence.custody.rules import Wrong
from server.kit import clock
from server.kit.db import Database
from server.kit.ids import new_id
from server.kit.storage import Store, original_key

PAGE = 200  # hashed before the differences among them are told
DRAWN_FROM = 2000  # rows at a time
TOLD = 20  # of the differences, in the trail's line
PAUSES_S = (5.0, 30.0, 120.0)  # while the store is away
FOLDER = "originals"


class Difference(NamedTuple):
    """An original that is not what was stored."""

    kept: Kept
    wrong: Wrong
    found_size: int | None
    found_sha256: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to check: all, or those stored since a moment, or `sample` of them drawn by `seed`."""

    since: datetime | None = None
    sample: int | None = None
    seed: str = ""
    strays: bool = False
    threads: int = 2


@dataclass(slots=True)
class Tally:
    """How far it is."""

    checked: int = 0
    bytes: int = 0
    differences: list[Difference] = field(default_factory=list)
    strays: int | None = None
    removed: int = 0  # by the rule of retention, and so neither looked for nor missing


Tell = Callable[[Difference], None]


def verify(
    database: Database, store: Store, plan: Plan, *, differs: Tell, stray: Callable[[str, int], None],
    progress: Callable[[Tally], None],
) -> Tally:
    """Hash what `plan` says; `differs` is told of each difference as it is found. What was found is kept in the table and
    in the trail, also where it breaks off because the store stays away, which is raised."""
    check = OriginalCheck(
        id=new_id(), started_at=clock.now(), since=plan.since, sample=plan.sample,
        seed=plan.seed if plan.sample is not None else None,
    )
    check_id, tally = check.id, Tally()
    database.write(lambda db: db.add(check))
    finished = False
    try:
        with ThreadPoolExecutor(plan.threads, "verify") as pool:
            for page in _pages(database, plan):
                found = [one for one in pool.map(lambda kept: _look(store, kept), page) if one is not None]
                differences = _still_named(database, found)
                tally.checked += len(page)
                tally.bytes += sum(kept.size for kept in page)
                tally.differences += differences
                _keep(database, check_id, differences)
                for one in differences:
                    differs(one)
                progress(tally)
        with database.read() as db:
            tally.removed = queries.removed_originals(db, plan.since)
        if plan.strays:
            tally.strays = _strays(database, store, stray)
        finished = True
    finally:
        _end(database, check_id, plan, tally, finished=finished)
    return tally


def _pages(database: Database, plan: Plan) -> Iterator[Sequence[Kept]]:
    if plan.sample is None:
        yield from _all(database, plan.since, PAGE)
    else:
        yield from some_of(_drawn(database, plan), PAGE)


def _all(database: Database, since: datetime | None, many: int) -> Iterator[list[Kept]]:
    after = ""
    while True:
        with database.read() as db:
            page = queries.originals_after(db, after, since, many)
        if not page:
            return
        yield page
        after = page[-1].sha256


def _drawn(database: Database, plan: Plan) -> list[Kept]:
    """Those whose SHA-256("<seed>:<sha256>") is smallest: as good as by lot, and the same ones whoever draws."""
    def place(kept: Kept) -> bytes:
        return hashlib.sha256(f"{plan.seed}:{kept.sha256}".encode()).digest()

    everything = (kept for page in _all(database, plan.since, DRAWN_FROM) for kept in page)
    return sorted(heapq.nsmallest(plan.sample or 0, everything, key=place))


def _look(store: Store, kept: Kept) -> Difference | None:
    """Read and hash one original. A store that is away is waited for."""
    for pause in (*PAUSES_S, None):
        try:
            return _compare(store, kept)
        except Refusal:
            if pause is None:
                raise
            time.sleep(pause)
    return None


def _compare(store: Store, kept: Kept) -> Difference | None:
    found, size = hashlib.sha256(), 0
    try:
        for piece in store.read(original_key(kept.sha256)):
            found.update(piece)
            size += len(piece)
    except FileNotFoundError:
        return Difference(kept, Wrong.MISSING, None, None)
    except OSError:
        return Difference(kept, Wrong.UNREADABLE, size, None)
    if size != kept.size:
        return Difference(kept, Wrong.SIZE, size, found.hexdigest())
    if found.hexdigest() != kept.sha256:
        return Difference(kept, Wrong.BYTES, size, found.hexdigest())
    return None


def _still_named(database: Database, found: list[Difference]) -> list[Difference]:
    """Without those whose row went while their bytes were looked for: what was removed by rule is no loss."""
    if not found:
        return []
    with database.read() as db:
        known = queries.known_originals(db, [one.kept.sha256 for one in found])
    return [one for one in found if one.kept.sha256 in known]


def _keep(database: Database, check_id: object, differences: list[Difference]) -> None:
    if differences:
        rows = [
            {"check_id": check_id, "sha256": one.kept.sha256, "wrong": one.wrong, "size": one.kept.size,
             "found_size": one.found_size, "found_sha256": one.found_sha256}
            for one in differences
        ]
        database.write(lambda db: db.execute(sa.insert(OriginalDifference), rows))


def _strays(database: Database, store: Store, stray: Callable[[str, int], None]) -> int:
    """Files that no row names: a photo that came this very moment, what a crash left, or what somebody put there."""
    count = 0
    for page in store.listed(FOLDER):
        with database.read() as db:
            known = queries.known_originals(db, [key.rsplit("/", 1)[-1] for key, _ in page], going=True)
        for key, size in page:
            sha256 = key.rsplit("/", 1)[-1]
            if sha256 not in known or key != original_key(sha256):
                count += 1
                stray(key, size)
    return count


def _end(database: Database, check_id: object, plan: Plan, tally: Tally, *, finished: bool) -> None:
    """The result, in the table and in the trail."""
    def write(db: sa.orm.Session) -> None:
        db.execute(
            sa.update(OriginalCheck).where(OriginalCheck.id == check_id).values(
                finished_at=clock.now() if finished else None, checked=tally.checked, bytes=tally.bytes,
                differences=len(tally.differences), strays=tally.strays,
            )
        )
        counted = {kind.value: sum(one.wrong is kind for one in tally.differences) for kind in Wrong}
        audit.record(
            db, None, "originals_verified" if finished else "verification_broken_off", "original_check", str(check_id),
            checked=tally.checked, bytes=tally.bytes, differences=len(tally.differences), strays=tally.strays,
            removed=tally.removed, since=plan.since.isoformat() if plan.since else None, sample=plan.sample,
            seed=plan.seed if plan.sample is not None else None,
            found={kind: count for kind, count in counted.items() if count},
            originals=[one.kept.sha256 for one in tally.differences[:TOLD]],
        )

    database.write(write)
