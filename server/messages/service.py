"""Verbs of messages: tell people once, by every way that is theirs; read."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import Job, JobState, enqueue
from server.kit.text import clean
from server.messages import queries, rules
from server.messages.models import Delivery, Message
from server.messages.rules import Channel, DeliveryState

JOB = "delivery"


def notify(
    db: Session, kind: str, key: str, facts: Mapping[str, Any], *, people: Iterable[uuid.UUID], district: str | None
) -> int:
    """Tell people, with the caller's transaction: the inbox of each, e-mail to those who have an address, and the
    webhooks that take this kind and district. Returns how many messages are new in inboxes.

    Equal `key` is one event, however often and at once it is told: each inbox, each address and each webhook has it once,
    in the words of the first. Nothing is sent here; jobs do that after the transaction, and not at all where it fails.
    `facts` are plain JSON values that the kind's sentences name, and `link`, a path of ours such as /desk#/issues/<id>.
    """
    told = sorted(set(people))
    new = send(db, told, kind, key, facts)
    said = rules.CATALOGUE[kind]
    deliveries: list[dict[str, Any]] = []
    if said.email:
        deliveries += [
            {"channel": Channel.EMAIL, "person_id": person, "webhook_id": None, "outlet": rules.MAIL_OUTLET}
            for person in queries.with_email(db, told)
        ]
    if said.outside:
        deliveries += [
            {"channel": Channel.WEBHOOK, "person_id": None, "webhook_id": webhook, "outlet": str(webhook)}
            for webhook in queries.takers(db, kind, district)
        ]
    write(db, deliveries, kind=kind, key=key, facts=facts, district=district)
    return new


def send(db: Session, person_ids: Iterable[uuid.UUID], kind: str, key: str, facts: Mapping[str, Any]) -> int:
    """Put a message into each person's inbox and nowhere else, with the caller's transaction; how many are new.

    Equal (person, key) is one message, however often and at once it is sent: the first one stays. `kind` is one of
    rules.CATALOGUE (KeyError otherwise); `facts` are plain JSON values that its sentences name.
    """
    rules.CATALOGUE[kind]
    now = clock.now()
    kept = _tidy(facts)
    rows = [
        {"id": new_id(), "person_id": person, "key": key, "kind": kind, "facts": kept, "created_at": now}
        for person in sorted(set(person_ids))  # one order for all, so that two senders never wait for each other
    ]
    if not rows:
        return 0
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = db.execute(
        insert(Message).values(rows).on_conflict_do_nothing(index_elements=["person_id", "key"]).returning(Message.id)
    )
    return len(written.all())


def write(
    db: Session, deliveries: list[dict[str, Any]], *, kind: str, key: str, facts: Mapping[str, Any],
    district: str | None,
) -> list[uuid.UUID]:
    """Write what is to go out, and a job for each that was not there yet; their ids."""
    if not deliveries:
        return []
    now, kept = clock.now(), _tidy(facts)
    rows = [
        {"address": None} | one | {
            "id": new_id(), "key": key, "kind": kind, "facts": kept, "district_code": district,
            "state": DeliveryState.WAITING, "attempts": 0, "repeats": 0, "created_at": now,
        }
        for one in deliveries
    ]
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = db.scalars(insert(Delivery).values(rows).on_conflict_do_nothing().returning(Delivery.id)).all()
    for delivery_id in written:
        set_to_work(db, delivery_id, None)
    return list(written)


def set_to_work(db: Session, delivery_id: uuid.UUID, again_at: datetime | None) -> None:
    """A job for the delivery. One that is sent again has a job of its own: that of before may still be ending."""
    enqueue(db, JOB, {"delivery": str(delivery_id)}, key=_job_key(delivery_id, again_at))


def _job_key(delivery_id: uuid.UUID, again_at: datetime | None) -> str:
    return f"{delivery_id}@{again_at.isoformat()}" if again_at else str(delivery_id)


def hasten(db: Session, waiting: Sequence[tuple[uuid.UUID, datetime | None]]) -> None:
    """Have deliveries that wait tried now, each named with the moment at which it was last sent again."""
    for start in range(0, len(waiting), 500):
        keys = [_job_key(*one) for one in waiting[start:start + 500]]
        db.execute(sa.update(Job).where(Job.kind == JOB, Job.key.in_(keys), Job.state == JobState.QUEUED)
                   .values(run_at=clock.now()))


def read(db: Session, message: Message) -> Message:
    """Mark a message as read; the first time counts. No line in the trail: it concerns nobody but its reader."""
    db.execute(
        sa.update(Message).where(Message.id == message.id, Message.read_at.is_(None)).values(read_at=clock.now())
    )
    db.refresh(message)
    return message


def _tidy(value: Any) -> Any:
    """Facts that can be written: names may hold a NUL or half a character, for which no event shall be lost."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(name)): _tidy(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_tidy(one) for one in value]
    return value
