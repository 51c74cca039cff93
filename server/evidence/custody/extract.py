"""The lines of the audit trail about some objects, each with its link of the chain, so that others can check them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import queries as audit
from server.audit.models import AuditEvent, AuditLink
from server.audit.rules import FIRST, canonical
from server.evidence.custody.models import OriginalOpening
from server.evidence.custody.queries import some_of
from server.kit.actor import Actor

_EVENT = (
    AuditEvent.id, AuditEvent.at, AuditEvent.actor_id, AuditEvent.verb, AuditEvent.object_kind, AuditEvent.object_id,
    AuditEvent.district_code, AuditEvent.facts,
)


def lines(
    db: Session, actor: Actor, objects: Iterable[uuid.UUID], photos: Collection[uuid.UUID]
) -> list[dict[str, Any]]:
    """In the order in which they were written. `event` is the very text that the link's digest was taken over; an event
    that is so new that it has no link yet has none here either."""
    # that a photo came belongs to no district: whoever may see the photo may see it
    seen = sa.or_(
        audit.visible_to(actor), sa.and_(AuditEvent.object_kind == "photo", AuditEvent.district_code.is_(None))
    )
    link, before = AuditLink, sa.orm.aliased(AuditLink)
    query = (
        sa.select(link.position, link.digest, before.digest.label("previous"), *_EVENT)
        .outerjoin(link, link.event_id == AuditEvent.id).outerjoin(before, before.position == link.position - 1)
        .where(seen)
    )
    found: dict[int, dict[str, Any]] = {}
    for some in some_of(str(one) for one in {*objects, *photos}):
        found |= _read(db, query.where(AuditEvent.object_id.in_(some)))
    for photo_ids in some_of(photos):
        naming = sa.select(OriginalOpening.event_id).where(
            OriginalOpening.photo_id.in_(photo_ids), OriginalOpening.event_id.is_not(None)
        )
        found |= _read(db, query.where(AuditEvent.id.in_(naming)))
    return [found[event_id] for event_id in sorted(found)]


def _read(db: Session, query: sa.Select[Any]) -> dict[int, dict[str, Any]]:
    return {
        event["id"]: {
            "position": position, "previous": None if position is None else previous or FIRST, "digest": digest,
            "event": canonical(**event),
        }
        for position, digest, previous, event in (
            (row.position, row.digest, row.previous, {column.key: getattr(row, column.key) for column in _EVENT})
            for row in db.execute(query)
        )
    }
