"""Tables of messages: the inbox, and what goes out by e-mail and webhook; the keys make each come once."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from server.kit.db import Base
from server.kit.ids import new_id
from server.messages.rules import Channel, DeliveryState, Preset


class Message(Base):
    """Something that one person should know, in words made when shown: `kind` and `facts` are what is kept."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "key"),
        sa.Index("ix_message_person_id_created_at_id", "person_id", "created_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("person.id"))
    key: Mapped[str]
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Webhook(Base):
    """An address outside that is told of events: a group's robot, or another system. The address of a robot holds its
    key, so that `url` is as secret as `secret`: neither is shown or logged."""

    __tablename__ = "webhook"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    preset: Mapped[Preset]
    secret: Mapped[str | None]
    kinds: Mapped[list[Any]]  # of messages; none: all of them
    districts: Mapped[list[Any]]  # none: all of them, and what concerns no district
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class Delivery(Base):
    """One thing that goes to one address outside: a person's message by e-mail, or an event to a webhook."""

    __tablename__ = "delivery"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "key"),
        sa.UniqueConstraint("webhook_id", "key"),
        sa.UniqueConstraint("address", "key"),
        sa.CheckConstraint(
            "(channel = 'email' and (person_id is null) <> (address is null) and webhook_id is null)"
            " or (channel = 'webhook' and webhook_id is not null and person_id is null and address is null)",
            name="one_target",
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent_at"),
        sa.CheckConstraint("(state = 'sending') = (taken_by is not null)", name="taken"),
        sa.CheckConstraint("state not in ('parked', 'skipped') or why is not null", name="why"),
        sa.Index("ix_delivery_webhook_id_id", "webhook_id", "id"),
        sa.Index("ix_delivery_outlet_state_id", "outlet", "state", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    channel: Mapped[Channel]
    person_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("person.id"))
    webhook_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("webhook.id"))
    address: Mapped[str | None]  # an e-mail address that is nobody's who signs in
    outlet: Mapped[str]  # through which it goes: "email", or the webhook's id
    key: Mapped[str]
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    district_code: Mapped[str | None]
    state: Mapped[DeliveryState]
    attempts: Mapped[int] = mapped_column(default=0)
    repeats: Mapped[int] = mapped_column(default=0)  # tries whose outcome nobody knows: it may have come so often more
    taken_by: Mapped[uuid.UUID | None]  # the try that is under way
    why: Mapped[str | None]
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    again_at: Mapped[datetime | None]  # when the office had it sent again after it was given up; patience begins anew
    sent_at: Mapped[datetime | None]


class Outlet(Base):
    """The mail server, or one webhook: asked by one worker at a time, and left alone for a while where it fails."""

    __tablename__ = "outlet"

    name: Mapped[str] = mapped_column(primary_key=True)  # "email", or the webhook's id
    open_at: Mapped[datetime]  # nobody asks it before
    held_by: Mapped[uuid.UUID | None]  # the try that holds it
    failures: Mapped[int] = mapped_column(default=0)  # one after another
    why: Mapped[str | None]  # of the last of them
