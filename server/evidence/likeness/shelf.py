"""The index of one process: filled from the table, kept in a file between runs, topped up before each look.

The table is the truth. The file spares a worker that starts reading millions of rows; where it does not fit the table
(another database, an older backup put back) it is left aside.
"""

from __future__ import annotations

import contextlib
import os
import threading
import uuid
from pathlib import Path

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.evidence.likeness import queries
from server.evidence.likeness.index import Found, Index
from server.evidence.likeness.models import Print
from server.evidence.likeness.prints import WORDS, Asked

_RECORD = np.dtype([("seq", "<i8"), ("bits", "<u8", (WORDS,))])
SAVE_AFTER = 50_000  # prints more than the file has


class Shelf:
    """Looks one at a time: an index is shared by a worker's threads."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._index, self._read, self._saved = Index(), 0, 0
        self._opened = False

    def look(self, db: Session, asked: Asked, *, within: float, most: int) -> list[Found]:
        """What is near among all prints whose rows are there now."""
        with self._lock:
            if not self._opened:
                self._open(db)
            self._top_up(db)
            return self._index.search(asked, within=within, most=most)

    def _top_up(self, db: Session) -> None:
        while True:
            seqs, bits, last = queries.prints_after(db, self._read)
            self._index.add(seqs, bits)
            if last == self._read:
                break
            self._read = last
        if len(self._index) - self._saved >= SAVE_AFTER:
            self._save()

    def _open(self, db: Session) -> None:
        self._opened = True
        try:
            records = np.fromfile(self._path, _RECORD)
        except FileNotFoundError:
            return
        if not len(records) or not _fits(db, records):
            return
        self._index.add(records["seq"].astype(np.int64), np.ascontiguousarray(records["bits"]).astype(np.uint64))
        self._read, self._saved = self._index.last, len(records)

    def _save(self) -> None:
        records = np.empty(len(self._index), _RECORD)
        records["seq"], records["bits"] = self._index.seqs, self._index.bits
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")
        with contextlib.suppress(OSError):  # the next worker reads the table then
            self._path.parent.mkdir(parents=True, exist_ok=True)
            records.tofile(draft)
            draft.replace(self._path)
        draft.unlink(missing_ok=True)
        self._saved = len(self._index)


def _fits(db: Session, records: npt.NDArray[np.void]) -> bool:
    """Whether the table holds as many prints up to the file's last, and the same at some places."""
    last = int(records["seq"][-1])
    many = db.scalar(sa.select(sa.func.count()).where(Print.seq <= last, Print.bits.is_not(None)))
    if many != len(records):
        return False
    places = np.unique(np.linspace(0, len(records) - 1, 64).astype(np.int64))
    some = {int(records["seq"][place]): records["bits"][place].tobytes() for place in places}
    rows = db.execute(sa.select(Print.seq, Print.bits).where(Print.seq.in_(some)))
    return {seq: bytes(bits or b"") for seq, bits in rows} == some
