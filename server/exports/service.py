"""Verbs of exports: ask for one, take it away; and what the job tells of it."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.errors import Refusal
from server.exports import queries
from server.exports.models import Export
from server.exports.rules import UNDER_WAY, WITHDRAWN, ExportState, RowsOf
from server.kit import clock
from server.kit.actor import Actor
from server.kit.changes import losses
from server.kit.db import hold
from server.kit.i18n import Language
from server.kit.ids import new_id
from server.kit.jobs import enqueue

KIND = "export"


def ask(  # noqa: PLR0917 - a request is all of these
    db: Session, actor: Actor, conf: Config, wanted: dict[str, Any], language: Language, address: str
) -> Export:
    """Have a file made of what the actor will see when it is made. `wanted` is a loaded ExportIn.

    While an equal one is under way, that one is the answer. 429 `too-many-exports` beyond what one person may have.
    """
    rows_of = (wanted["rows"] or RowsOf.REPORTS) if wanted["kind"] == "reports" else None
    hold(db, f"export:{actor.id}")
    # after a loss an equal request is a new one: what is under way may have looked before, and would be refused
    said = [wanted["kind"], wanted["format"], rows_of, language, wanted["filters"], address, losses(db, actor.id)]
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    there = queries.under_way(db, actor.id)
    for one in there:
        if one.digest == digest:
            return one
    if len(there) >= conf.exports_per_person:
        raise Refusal("too-many-exports", extra={"most": conf.exports_per_person})
    export_id = new_id()
    export = Export(
        id=export_id, requested_by=actor.id, kind=wanted["kind"], format=wanted["format"], rows_of=rows_of,
        language=language, filters=wanted["filters"], address=address, digest=digest, state=ExportState.QUEUED,
        created_at=clock.now(), job_id=enqueue(db, KIND, {"export_id": str(export_id)}),
    )
    db.add(export)
    db.flush()
    audit.record(
        db, actor, "export_asked", "export", export_id, what=export.kind.value, format=export.format.value,
        rows=rows_of.value if rows_of else None, filters=wanted["filters"],
    )
    return export


def fetched(db: Session, actor: Actor, export_id: uuid.UUID) -> None:
    """The file was begun to be fetched; going on from the middle is no second time."""
    audit.record(db, actor, "export_fetched", "export", export_id)


def remove(db: Session, actor: Actor | None, export_id: uuid.UUID) -> None:
    """Forget an export, whose file is gone already; what still makes it finds no row and stops."""
    gone = db.execute(sa.delete(Export).where(Export.id == export_id))
    if gone.rowcount:  # type: ignore[attr-defined]
        audit.record(db, actor, "export_removed", "export", export_id)


def begin(db: Session, export_id: uuid.UUID, job_id: uuid.UUID) -> Export | None:
    """The export that this job is to make, from its beginning; None where there is nothing to do any more."""
    export = db.scalar(sa.select(Export).where(Export.id == export_id, Export.job_id == job_id))
    if export is None or export.state is ExportState.READY:
        return None
    export.state, export.progress, export.rows, export.expires_at = ExportState.RUNNING, 0, 0, None
    db.flush()
    return export


def tell(db: Session, export_id: uuid.UUID, job_id: uuid.UUID, **values: Any) -> bool:
    """Say how far it is; False where nobody waits for it any more."""
    told = db.execute(
        sa.update(Export)
        .where(Export.id == export_id, Export.job_id == job_id, Export.state.in_(sorted(UNDER_WAY))).values(**values)
    )
    return bool(told.rowcount)  # type: ignore[attr-defined]


def made(db: Session, conf: Config, export_id: uuid.UUID, job_id: uuid.UUID, key: str) -> bool:
    """Its file lies in the store under `key`. False where another file took its place, or it was taken away."""
    now = clock.now()
    told = db.execute(
        sa.update(Export)
        .where(
            Export.id == export_id, Export.job_id == job_id, Export.key == key, Export.state.in_(sorted(UNDER_WAY))
        )
        .values(
            state=ExportState.READY, progress=100, why=None, ready_at=now,
            expires_at=now + timedelta(days=conf.exports_days),
        )
    )
    if not told.rowcount:  # type: ignore[attr-defined]
        # a worker that was thought dead may have made the same bytes, and those are wanted
        return db.scalar(sa.select(Export.key).where(Export.id == export_id)) == key
    found = db.execute(sa.select(Export.rows, Export.size, Export.sha256).where(Export.id == export_id)).one()
    audit.record(
        db, None, "export_made", "export", export_id, count=found.rows, size=found.size, sha256=found.sha256
    )
    return True


def gave_up(db: Session, conf: Config, export_id: uuid.UUID, why: str) -> None:
    """It cannot be made. The row stays as long as a file would, so that its maker sees why."""
    db.execute(
        sa.update(Export).where(Export.id == export_id, Export.state.in_(sorted(UNDER_WAY))).values(
            state=ExportState.FAILED, why=why[:1000], expires_at=clock.now() + timedelta(days=conf.exports_days)
        )
    )
    audit.record(db, None, "export_failed", "export", export_id, why=why[:300])


def withdraw(db: Session, export_id: uuid.UUID) -> None:
    """Its maker may not see any more what it shows, and its file is gone. The row stays for its days, and says why."""
    told = db.execute(
        sa.update(Export).where(Export.id == export_id, Export.state == ExportState.READY)
        .values(state=ExportState.FAILED, why=WITHDRAWN, key=None)
    )
    if told.rowcount:  # type: ignore[attr-defined]
        audit.record(db, None, "export_withdrawn", "export", export_id)
