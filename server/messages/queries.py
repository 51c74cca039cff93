"""Selects over the inbox."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import not_found
from server.kit import paging
from server.kit.actor import Actor
from server.messages.models import Message
from server.permissions import Reach, reaches


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own messages, whoever one is."""
    return Message.person_id == actor.id if Reach.OWN in reaches(actor, "message") else sa.false()


def find_message(db: Session, actor: Actor, message_id: uuid.UUID) -> Message:
    """One's own message; 404 for another's."""
    message = db.scalar(sa.select(Message).where(Message.id == message_id, visible_to(actor)))
    if message is None:
        raise not_found()
    return message


def inbox(
    db: Session, actor: Actor, *, unread: bool | None = None, cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Message]:
    """One's own messages, newest first; `unread` True leaves out what was read, False what was not."""
    query = sa.select(Message).where(visible_to(actor))
    if unread is not None:
        query = query.where(Message.read_at.is_(None) if unread else Message.read_at.is_not(None))
    keys = [(Message.created_at, datetime, True), (Message.id, uuid.UUID, True)]
    return paging.page(db, query, keys, cursor=cursor, limit=limit)
