"""Messages that were read, and what went out by e-mail and webhook and was delivered. What waits or was given up stays."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.messages.models import Delivery, Message
from server.messages.rules import DeliveryState
from server.retention import queries
from server.retention.queries import Holds
from server.retention.rules import Due
from server.retention.sources import Page, Run, Source, Terms, record, whole

AT_ONCE = 500


def _messages(terms: Terms) -> sa.Select[Any]:
    return sa.select(Message.id, Message.person_id, Message.facts, Message.read_at.label("since")).where(
        Message.read_at < terms.cutoff
    )


def _deliveries(terms: Terms) -> sa.Select[Any]:
    return sa.select(
        Delivery.id, Delivery.person_id, Delivery.webhook_id, Delivery.outlet, Delivery.facts, Delivery.sent_at.label("since")
    ).where(Delivery.state == DeliveryState.SENT, Delivery.sent_at < terms.cutoff)


def page(db: Session, terms: Terms, after: Any, holds: Holds) -> Page:
    """First the inboxes, one person's together; then what went out, one outlet's together."""
    kind, last = after or ("message", None)
    query: sa.Select[Any]
    whose: Any
    key: Any
    if kind == "message":
        query, whose, key = _messages(terms), Message.person_id, Message.id
    else:
        query, whose, key = _deliveries(terms), Delivery.outlet, Delivery.id
    if last is not None:
        query = query.where(whose >= last[0], sa.or_(whose > last[0], key > last[1]))
    rows = db.execute(query.order_by(whose, key).limit(AT_ONCE)).all()
    kept = whole(rows, AT_ONCE, lambda row: getattr(row, whose.key))
    end: Any = (kind, (getattr(kept[-1], whose.key), kept[-1].id)) if len(rows) == AT_ONCE else None
    if end is None and kind == "message":
        end = ("delivery", None)
    return _dues(db, kind, kept, holds), end


def again(db: Session, terms: Terms, things: Sequence[tuple[str, uuid.UUID]], holds: Holds) -> list[Due]:
    messages = [what for kind, what in things if kind == "message"]
    deliveries = [what for kind, what in things if kind == "delivery"]
    found: list[Due] = []
    if messages:
        rows = db.execute(_messages(terms).where(Message.id.in_(messages)).with_for_update()).all()
        found += _dues(db, "message", rows, holds)
    if deliveries:
        rows = db.execute(_deliveries(terms).where(Delivery.id.in_(deliveries)).with_for_update()).all()
        found += _dues(db, "delivery", rows, holds)
    return found


def _dues(db: Session, kind: str, rows: Sequence[Any], holds: Holds) -> list[Due]:
    """What speaks of a thing under a hold is kept with it: that a firm was told may be in dispute."""
    named = {row.id: set(_ids(row.facts)) for row in rows} if holds else {}
    held = queries.held_among(db, holds, {one for ids in named.values() for one in ids})
    return [
        Due(f"{kind}:{row.id}", row.since, 1, bool(named.get(row.id, set()) & held), (kind, row.id), about=_whose(kind, row))
        for row in rows
    ]


def _ids(value: Any) -> Iterator[uuid.UUID]:
    """Every id that is named in a message's facts."""
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _ids(one)
    elif isinstance(value, str) and len(value) == 36:
        try:
            yield uuid.UUID(value)
        except ValueError:
            return


def _whose(kind: str, row: Any) -> tuple[str, uuid.UUID | None]:
    """A person's inbox, or an outlet; whose address that is nobody who signs in has is not written down again."""
    return (str(row.person_id), row.person_id) if kind == "message" else (row.outlet, row.person_id)


def remove(db: Session, run: Run, dues: Sequence[Due]) -> None:
    """One line for each person and day, of each outlet."""
    groups: dict[tuple[str, tuple[str, uuid.UUID | None], date], list[Due]] = defaultdict(list)
    for due in dues:
        groups[due.what[0], due.about, clock.day_of(due.since)].append(due)
    record(db, run, [
        {"object_kind": kind, "object_id": name, "person_id": person_id, "day": day, "count": len(group),
         "counted_from": max(due.since for due in group)}
        for (kind, (name, person_id), day), group in groups.items()
    ])
    db.execute(sa.delete(Message).where(Message.id.in_([due.what[1] for due in dues if due.what[0] == "message"])))
    db.execute(sa.delete(Delivery).where(Delivery.id.in_([due.what[1] for due in dues if due.what[0] == "delivery"])))


SOURCE = Source(page, again, remove)
