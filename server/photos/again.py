"""Bytes that come again after the rule of retention has removed them: with another photo they are kept anew.

The same photo sent again brings nothing back: its row says that it was stored, and its bytes are let pass.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal
from server.kit.db import Database
from server.kit.prepared import Asker, Prepared
from server.kit.storage import Store, original_key
from server.photos.models import Original
from server.photos.staging import Part

_REMOVED = Prepared(
    sa.select(Original.removed_at)
    .where(Original.sha256 == sa.bindparam("sha256", type_=sa.Text()), Original.removed_at.is_not(None))
)


def was_removed(db: Asker, sha256: str) -> bool:
    """Whether these bytes were here and the rule took them."""
    return _REMOVED.first(db, sha256=sha256) is not None


def returning(database: Database, sha256: str, removed: bool | None) -> bool:
    """Whether the rule took these bytes (`removed`, where that is known), and so they have to be put back. Announced
    before any file is there: should nobody come to own it, the job that deletes looks again."""
    if removed is None:
        with database.asking() as db:
            removed = was_removed(db, sha256)
    if removed:
        announce(database, sha256)
    return removed


def announce(database: Database, sha256: str) -> None:
    """A file may lie in the store that the rule has taken: the job that deletes has to look again."""
    database.write(lambda db: db.execute(
        sa.update(Original).where(Original.sha256 == sha256, Original.removed_at.is_not(None)).values(gone_at=None)
    ))


def put_back(db: Session, store: Store, part: Part, sha256: str, now: datetime) -> None:
    """Have the bytes in the store and the row say so. The row's lock keeps whoever deletes away until all of it stands,
    so that here, and here alone, a file is made durable inside a transaction."""
    row = db.execute(
        sa.select(Original.size, Original.removed_at).where(Original.sha256 == sha256).with_for_update()
    ).one()
    if row.removed_at is None:  # another phone was faster
        part.path.unlink(missing_ok=True)
        return
    key = original_key(sha256)
    if part.path.exists():
        store.adopt(part.path, key)
    elif store.size(key) != row.size:
        raise Refusal("busy")
    db.execute(
        sa.update(Original).where(Original.sha256 == sha256).values(removed_at=None, gone_at=None, stored_at=now)
    )


def demand_kept(db: Session, sha256: str) -> bool:
    """Whether the picture is damaged, of bytes that are known; nobody removes them until this transaction ends. Refuses
    where the rule took them while they came: sent again, they are put back."""
    row = db.execute(
        sa.select(Original.unreadable, Original.removed_at).where(Original.sha256 == sha256)
        .with_for_update(read=True, key_share=True)
    ).one()
    if row.removed_at is not None:
        raise Refusal("busy")
    return bool(row.unreadable)
