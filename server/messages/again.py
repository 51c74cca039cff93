"""Sending again what was given up: the office asks for it once it has mended what was wrong."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.messages import queries, service
from server.messages.models import Delivery, Outlet
from server.messages.rules import DeliveryState


def send_again(db: Session, actor: Actor, delivery: Delivery) -> tuple[Delivery, bool]:
    """Have a parked delivery tried anew for as long as a new one; and whether that is our doing.

    What waits, is under way or went out already is left alone: pressed twice, it goes once. It goes under the same
    Message-ID or webhook-id, so that whoever had it after all knows it. 409 `delivery-skipped` where nobody is to be told.
    """
    hold(db, f"outlet:{delivery.outlet}")
    db.refresh(delivery, with_for_update=True)
    if delivery.state is DeliveryState.SKIPPED:
        raise Refusal("delivery-skipped", extra={"why": delivery.why})
    if delivery.state is not DeliveryState.PARKED:
        return delivery, False
    delivery.state, delivery.again_at = DeliveryState.WAITING, clock.now()
    db.flush()
    service.set_to_work(db, delivery.id, delivery.again_at)
    # An outlet that failed is asked at once, since it may be mended; one that works keeps its pace.
    failing = sa.update(Outlet).where(Outlet.name == delivery.outlet, Outlet.failures > 0, Outlet.held_by.is_(None))
    db.execute(failing.values(open_at=clock.now()))
    audit.record(
        db, actor, "delivery_sent_again", "delivery", delivery.id, district=delivery.district_code,
        channel=delivery.channel.value, message=delivery.kind, to=view(db, [delivery])[0]["to"], why=delivery.why,
    )
    return delivery, True


FIELDS = (
    "id", "channel", "kind", "key", "district_code", "state", "attempts", "repeats", "why", "created_at", "tried_at",
    "again_at", "sent_at",
)


def view(db: Session, deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Deliveries as the office sees them: with whom they are for, by name."""
    persons = people.names_of(db, {one.person_id for one in deliveries if one.person_id})
    hooks = queries.webhook_names(db, {one.webhook_id for one in deliveries if one.webhook_id})
    return [
        {field: getattr(one, field) for field in FIELDS}
        | {"to": _whom(one, persons, hooks)}
        for one in deliveries
    ]


def _whom(delivery: Delivery, persons: Mapping[uuid.UUID, str], hooks: Mapping[uuid.UUID, str]) -> str | None:
    if delivery.person_id:
        return persons.get(delivery.person_id)
    return hooks.get(delivery.webhook_id) if delivery.webhook_id else delivery.address
