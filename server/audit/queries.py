"""Selects over the trail."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit.hooks import names_hooks
from server.audit.models import AuditEvent
from server.kit import paging
from server.kit.actor import Actor
from server.permissions import Reach, reaches


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The events that the actor sees: all, or those of own districts."""
    seen = reaches(actor, "audit")
    if Reach.ALL in seen:
        return sa.true()
    if Reach.DISTRICTS in seen:
        return AuditEvent.district_code.in_(sorted(actor.districts))
    return sa.false()


def events(
    db: Session, actor: Actor, *, kind: str | None, object_id: str | None, cursor: str | None, limit: int
) -> paging.Page[dict[str, object]]:
    """The trail, newest first, of one object, of whatever bears an id, or of everything that the actor sees."""
    query = sa.select(AuditEvent).where(visible_to(actor))
    if object_id is not None:
        query = query.where(AuditEvent.object_id == object_id)
    if kind is not None:
        query = query.where(AuditEvent.object_kind == kind)
    page: paging.Page[AuditEvent] = paging.page(db, query, [(AuditEvent.id, int, True)], cursor=cursor, limit=limit)
    people = {event.actor_id for event in page.items if event.actor_id}
    names = {key: name for hook in names_hooks for key, name in hook(db, people).items()} if people else {}
    return paging.Page([_shown(event, names) for event in page.items], page.next_cursor)


def has(db: Session, verb: str, kind: str, object_id: uuid.UUID | str) -> bool:
    """Whether this was ever done to the object, by whomever."""
    such = sa.exists().where(
        AuditEvent.object_id == str(object_id), AuditEvent.object_kind == kind, AuditEvent.verb == verb
    )
    return bool(db.scalar(sa.select(such)))


def _shown(event: AuditEvent, names: dict[uuid.UUID, str]) -> dict[str, object]:
    actor = {"id": event.actor_id, "name": names.get(event.actor_id)} if event.actor_id else None
    return {
        "id": event.id, "at": event.at, "actor": actor, "verb": event.verb,
        "object": {"kind": event.object_kind, "id": event.object_id}, "district": event.district_code,
        "facts": event.facts,
    }
