"""Writing the trail: one line beside each verb, in the verb's own transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit.models import AuditEvent
from server.kit import clock
from server.kit.actor import Actor
from server.kit.prepared import insert

_INSERT = insert(AuditEvent, ["at", "actor_id", "verb", "object_kind", "object_id", "district_code", "facts"])


def record(
    db: Session,
    actor: Actor | None,
    verb: str,
    kind: str,
    object_id: uuid.UUID | str,
    *,
    district: str | None = None,
    **facts: Any,
) -> None:
    """`actor` did `verb` to the object; `facts` are plain JSON values that later readers need."""
    _INSERT.write(
        db,
        {
            "at": clock.now(), "actor_id": actor.id if actor else None, "verb": verb, "object_kind": kind,
            "object_id": str(object_id), "district_code": district, "facts": facts,
        },
    )


def record_later(
    db: Session, actor_id: uuid.UUID, verb: str, kind: str, object_id: uuid.UUID | str, *, district: str | None = None,
    **facts: Any,
) -> int:
    """As `record`, of what this person did earlier and was noted elsewhere meanwhile; the event's id, to find it by."""
    return db.scalars(
        sa.insert(AuditEvent).returning(AuditEvent.id), {
            "at": clock.now(), "actor_id": actor_id, "verb": verb, "object_kind": kind, "object_id": str(object_id),
            "district_code": district, "facts": facts,
        },
    ).one()


def record_all(
    db: Session, actor: Actor | None, verb: str, kind: str,
    objects: Iterable[tuple[uuid.UUID | str, str | None, dict[str, Any]]],
) -> None:
    """As `record`, for many objects at once: (id, district, facts) of each."""
    now, by = clock.now(), actor.id if actor else None
    _INSERT.write_all(db, [
        {
            "at": now, "actor_id": by, "verb": verb, "object_kind": kind, "object_id": str(object_id),
            "district_code": district, "facts": facts,
        }
        for object_id, district, facts in objects
    ])
