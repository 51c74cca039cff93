"""Selects over the inbox, webhooks and what goes out."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.errors import not_found
from server.kit import paging
from server.kit.actor import Actor
from server.messages.models import Delivery, Message, Outlet, Webhook
from server.messages.rules import Channel, DeliveryState
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


def with_email(db: Session, person_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Those of these people who have an address and are not disabled, in the order of their ids."""
    found: list[uuid.UUID] = []
    for start in range(0, len(person_ids), 500):
        query = sa.select(Person.id).where(
            Person.id.in_(person_ids[start:start + 500]), Person.active, Person.email.is_not(None)
        )
        found += db.scalars(query)
    return sorted(found)


def takers(db: Session, kind: str, district: str | None) -> list[uuid.UUID]:
    """The webhooks that want this kind of message of this district (None: it concerns the whole city)."""
    query = sa.select(Webhook.id, Webhook.kinds, Webhook.districts).where(Webhook.enabled).order_by(Webhook.id)
    return [
        webhook_id for webhook_id, kinds, districts in db.execute(query)
        if (not kinds or kind in kinds) and (not districts or district in districts)
    ]


def see_webhooks(actor: Actor) -> sa.ColumnElement[bool]:
    """All of them, or none."""
    return sa.true() if Reach.ALL in reaches(actor, "webhook") else sa.false()


def find_webhook(db: Session, actor: Actor, webhook_id: uuid.UUID) -> Webhook:
    webhook = db.scalar(sa.select(Webhook).where(Webhook.id == webhook_id, see_webhooks(actor)))
    if webhook is None:
        raise not_found()
    return webhook


def webhooks(
    db: Session, actor: Actor, *, cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT
) -> paging.Page[Webhook]:
    """Webhooks by name."""
    query = sa.select(Webhook).where(see_webhooks(actor))
    return paging.page(db, query, [(Webhook.name, str, False)], cursor=cursor, limit=limit)


def troubles(db: Session, webhook_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Why the last tries of these webhooks failed; those whose last try went well are left out."""
    query = sa.select(Outlet.name, Outlet.why).where(
        Outlet.name.in_([str(one) for one in webhook_ids]), Outlet.failures > 0, Outlet.why.is_not(None)
    )
    return {uuid.UUID(name): str(why) for name, why in db.execute(query)}


def webhook_names(db: Session, webhook_ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = db.execute(sa.select(Webhook.id, Webhook.name).where(Webhook.id.in_(webhook_ids)))
    return {row.id: row.name for row in rows}


def see_deliveries(actor: Actor) -> sa.ColumnElement[bool]:
    """All of them, or none."""
    return sa.true() if Reach.ALL in reaches(actor, "delivery") else sa.false()


def find_delivery(db: Session, actor: Actor, delivery_id: uuid.UUID) -> Delivery:
    delivery = db.scalar(sa.select(Delivery).where(Delivery.id == delivery_id, see_deliveries(actor)))
    if delivery is None:
        raise not_found()
    return delivery


def deliveries(
    db: Session, actor: Actor, *, state: DeliveryState | None = None, channel: Channel | None = None,
    cursor: str | None = None, limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Delivery]:
    """What went, goes and did not go to anyone, by e-mail and to webhooks, newest first."""
    query = sa.select(Delivery).where(see_deliveries(actor))
    if state is not None:
        query = query.where(Delivery.state == state)
    if channel is not None:
        query = query.where(Delivery.channel == channel)
    return paging.page(db, query, [(Delivery.id, uuid.UUID, True)], cursor=cursor, limit=limit)


def deliveries_of(
    db: Session, webhook_id: uuid.UUID, *, state: DeliveryState | None = None, cursor: str | None = None,
    limit: int = paging.DEFAULT_LIMIT,
) -> paging.Page[Delivery]:
    """What went, goes and did not go to a webhook, newest first."""
    query = sa.select(Delivery).where(Delivery.webhook_id == webhook_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return paging.page(db, query, [(Delivery.id, uuid.UUID, True)], cursor=cursor, limit=limit)
