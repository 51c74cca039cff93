"""Verbs of the inbox: send once, read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.ids import new_id
from server.messages import rules
from server.messages.models import Message


def send(db: Session, person_ids: Iterable[uuid.UUID], kind: str, key: str, facts: Mapping[str, Any]) -> int:
    """Put a message into each person's inbox, with the caller's transaction; returns how many are new.

    Equal (person, key) is one message, however often and at once it is sent: the first one stays. `kind` is one of
    rules.CATALOGUE (KeyError otherwise); `facts` are plain JSON values that its sentences name.
    """
    rules.CATALOGUE[kind]
    now = clock.now()
    rows = [
        {"id": new_id(), "person_id": person, "key": key, "kind": kind, "facts": dict(facts), "created_at": now}
        for person in sorted(set(person_ids))  # one order for all, so that two senders never wait for each other
    ]
    if not rows:
        return 0
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = db.execute(
        insert(Message).values(rows).on_conflict_do_nothing(index_elements=["person_id", "key"]).returning(Message.id)
    )
    return len(written.all())


def read(db: Session, message: Message) -> Message:
    """Mark a message as read; the first time counts. No line in the trail: it concerns nobody but its reader."""
    db.execute(
        sa.update(Message).where(Message.id == message.id, Message.read_at.is_(None)).values(read_at=clock.now())
    )
    db.refresh(message)
    return message
