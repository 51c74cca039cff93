"""The files of originals that were removed: deleted once the rows say so, by whoever comes by, as often as it takes."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import Database
from server.kit.storage import Store, original_key, sync_folder
from server.photos.models import Original

AT_ONCE = 200
_GOING = sa.and_(Original.removed_at.is_not(None), Original.gone_at.is_(None))


def waiting(db: Session) -> bool:
    """Whether a file is still to be deleted: a cheap look before work."""
    return db.scalar(sa.select(Original.sha256).where(_GOING).limit(1)) is not None


def finish(database: Database, store: Store) -> int:
    """Delete the files of all that was removed; how many."""
    total = 0
    while True:
        with database.read() as db:
            some = list(db.scalars(sa.select(Original.sha256).where(_GOING).order_by(Original.removed_at).limit(AT_ONCE)))
        for sha256 in some:
            total += database.write(partial(_delete, store=store, sha256=sha256))
        if len(some) < AT_ONCE:
            return total


def _delete(db: Session, *, store: Store, sha256: str) -> bool:
    """Under the row's lock, since who sends the same bytes with another photo puts the file back under it. Killed after
    the file went and before the row says so, the next run finds nothing to delete, and says so."""
    row = db.scalar(sa.select(Original.sha256).where(Original.sha256 == sha256, _GOING).with_for_update())
    if row is None:
        return False
    key = original_key(sha256)
    store.delete(key)
    path = store.local(key)
    if path is not None and path.parent.is_dir():
        sync_folder(path.parent)  # else a power cut could bring the file back after the row said that it was gone
    db.execute(sa.update(Original).where(Original.sha256 == sha256).values(gone_at=clock.now()))
    return True
