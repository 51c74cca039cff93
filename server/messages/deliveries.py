"""The moves of a delivery, each one transaction: taken, then sent, put back, parked or skipped (again.py: sent again).

What happens when a worker is killed, line by line (server/messages/jobs.py calls these):
  1. before `take` is committed: nothing was sent, the row waits, the job's lease runs out, another takes it;
  2. after `take`, before the first byte goes out: the row says `sending`. Nobody can tell this from 3;
  3. after bytes went out, before `sent` is committed: the row says `sending`, and it may have come;
  4. after `sent`: nothing is sent any more, a job that is done again finds nothing to do.
In 2 and 3 the next worker sends it again, with the same Message-ID or webhook-id and the same content, so that a receiver
can drop the repeat, and counts it in `repeats`, which the office sees: no repeat is silent. At least once is the right
side for reminders: a repeat costs a glance, one that never came costs the term. The same holds where no answer came to
what was sent.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.accounts.models import Person
from server.kit import clock
from server.kit.actor import Role
from server.kit.db import hold
from server.kit.ids import new_id
from server.messages import rules, service
from server.messages.failing import DeliveryError
from server.messages.models import Delivery, Outlet, Webhook
from server.messages.rules import OPEN, Channel, DeliveryState

MAX_WHY = 500
MOST_WAIT = 900.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Taken:
    """A try that is ours: what to send, and the mark by which its outcome is written."""

    id: uuid.UUID
    mark: uuid.UUID
    channel: Channel
    person_id: uuid.UUID | None
    webhook_id: uuid.UUID | None
    address: str | None
    kind: str
    facts: Mapping[str, Any]
    district: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Its outlet is held by another or left alone for a while."""

    seconds: float
    why: str


def take(db: Session, delivery_id: uuid.UUID, *, seconds: float) -> Taken | Wait | None:
    """Take a delivery and its outlet for `seconds`, within which the try ends. None: there is nothing to do (any more).

    One try at a time goes through an outlet, so that a slow one never holds more than one worker.
    """
    delivery = db.get(Delivery, delivery_id)
    if delivery is None or delivery.state not in OPEN:
        return None
    now = clock.now()
    outlet = _outlet(db, delivery.outlet, now)
    db.refresh(delivery)  # as it is now that nobody else decides about it
    if delivery.state not in OPEN:
        return None
    if delivery.attempts + outlet.failures > 0 and _too_old(delivery, now):
        _park(db, delivery, delivery.why or outlet.why or "没有答复 / nobody answered", whole=outlet.failures > 0)
        return None
    if outlet.open_at > now:
        return _wait(db, delivery, outlet, now)
    if delivery.state is DeliveryState.SENDING:
        delivery.repeats += 1
        log.warning("delivery-repeated", delivery=str(delivery.id), channel=delivery.channel, repeats=delivery.repeats)
    mark = new_id()
    delivery.state, delivery.taken_by, delivery.tried_at = DeliveryState.SENDING, mark, now
    delivery.attempts += 1
    outlet.open_at, outlet.held_by = now + timedelta(seconds=seconds), mark
    db.flush()
    return Taken(
        delivery.id, mark, delivery.channel, delivery.person_id, delivery.webhook_id, delivery.address, delivery.kind,
        delivery.facts, delivery.district_code, delivery.created_at,
    )


def _wait(db: Session, delivery: Delivery, outlet: Outlet, now: datetime) -> Wait:
    """How long until it is this one's turn, by those ahead of it: not all shall come back at once, and in their order."""
    ahead = db.scalar(sa.select(sa.func.count()).where(
        Delivery.outlet == delivery.outlet, Delivery.state.in_(OPEN), Delivery.id < delivery.id,
    )) or 0
    left, spacing = (outlet.open_at - now).total_seconds(), max(0.1, _spacing(db, delivery))
    if outlet.held_by is not None:
        left = min(left, spacing)  # a try mostly takes a fraction of the time that it may take
    return Wait(min(MOST_WAIT, left + ahead * spacing + 0.05), outlet.why or "等候前一条 / the one before is under way")


def sent(db: Session, taken: Taken) -> None:
    """It was taken in outside."""
    delivery = _ours(db, taken)
    if delivery is not None:
        _leave(delivery, DeliveryState.SENT, None)
        delivery.sent_at = clock.now()
        _give_back(db, delivery, taken, None)


def skip(db: Session, taken: Taken, why: str) -> None:
    """Nobody is to be told any more. The office is not troubled with it."""
    delivery = _ours(db, taken)
    if delivery is not None:
        _leave(delivery, DeliveryState.SKIPPED, why)
        _give_back(db, delivery, taken, None, untried=True)


def failed(db: Session, taken: Taken, error: DeliveryError) -> float | None:
    """Put it back and say after how many seconds to try again, or park it: None."""
    delivery = _ours(db, taken)
    if delivery is None:
        return None
    pause = _give_back(db, delivery, taken, error)
    if error.maybe_taken:
        delivery.repeats += 1
    if error.permanent or _too_old(delivery, clock.now()):
        _park(db, delivery, error.why, whole=error.outlet)
        return None
    _leave(delivery, DeliveryState.WAITING, error.why)
    if error.tell:
        _tell_office(db, delivery, f"{error.why}（仍将重试 / it is tried again for 24 hours）", whole=error.outlet)
    return pause if error.outlet else max(error.pause or 0.0, rules.pause_of_delivery(delivery.attempts))


def give_up(db: Session, delivery_id: uuid.UUID, why: str) -> None:
    """Its job was parked: it took too many workers with it, or something here is broken."""
    delivery = db.get(Delivery, delivery_id)
    if delivery is not None and delivery.state in OPEN:
        _park(db, delivery, why, whole=True)


def _outlet(db: Session, name: str, now: datetime) -> Outlet:
    """The outlet's row, made where there is none, ours until the transaction ends."""
    hold(db, f"outlet:{name}")
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.execute(insert(Outlet).values(name=name, open_at=now, failures=0).on_conflict_do_nothing())
    return db.execute(sa.select(Outlet).where(Outlet.name == name).with_for_update()).scalar_one()


def _ours(db: Session, taken: Taken) -> Delivery | None:
    """The delivery, where this try is still the one that counts."""
    hold(db, f"outlet:{taken.webhook_id or rules.MAIL_OUTLET}")
    query = sa.select(Delivery).where(Delivery.id == taken.id, Delivery.taken_by == taken.mark).with_for_update()
    delivery = db.scalar(query)
    if delivery is None:
        log.warning("delivery-lost", delivery=str(taken.id))
    return delivery


def _give_back(
    db: Session, delivery: Delivery, taken: Taken, error: DeliveryError | None, *, untried: bool = False
) -> float:
    """Let others at the outlet, at once or after a pause of so many seconds."""
    outlet = db.scalar(sa.select(Outlet).where(Outlet.name == delivery.outlet, Outlet.held_by == taken.mark))
    if outlet is None:
        return _spacing(db, delivery)
    pause = 0.0 if untried else _spacing(db, delivery)
    if error is not None and error.outlet:
        outlet.failures += 1
        outlet.why = error.why[:MAX_WHY]
        pause = max(pause, rules.pause_of_outlet(outlet.failures), error.pause or 0.0)
    elif not untried:
        outlet.failures, outlet.why = 0, None
    outlet.open_at, outlet.held_by = clock.now() + timedelta(seconds=pause), None
    return pause


def _spacing(db: Session, delivery: Delivery) -> float:
    preset = db.scalar(sa.select(Webhook.preset).where(Webhook.id == delivery.webhook_id))
    return 0.0 if preset is None else rules.SPACING[preset]


def _leave(delivery: Delivery, state: DeliveryState, why: str | None) -> None:
    delivery.state, delivery.taken_by, delivery.why = state, None, None if why is None else why[:MAX_WHY]


def _too_old(delivery: Delivery, now: datetime) -> bool:
    patience = rules.TEST_PATIENCE if delivery.kind == rules.TEST_KIND else rules.PATIENCE
    return now - (delivery.again_at or delivery.created_at) > patience


def _park(db: Session, delivery: Delivery, why: str, *, whole: bool) -> None:
    _leave(delivery, DeliveryState.PARKED, why)
    log.warning("delivery-parked", delivery=str(delivery.id), channel=delivery.channel, message=delivery.kind)
    if delivery.kind != rules.TEST_KIND:  # whoever tests looks at what came of it
        _tell_office(db, delivery, why, whole=whole)


def _tell_office(db: Session, delivery: Delivery, why: str, *, whole: bool) -> None:
    """One message a day for each thing that is wrong: a dead mail server fails hundreds."""
    if delivery.channel is Channel.WEBHOOK:
        target = db.scalar(sa.select(Webhook.name).where(Webhook.id == delivery.webhook_id)) or str(delivery.webhook_id)
        about = str(delivery.webhook_id)
    elif whole:
        target, about = "电子邮件 / e-mail", rules.MAIL_OUTLET
    elif delivery.address is not None:
        target = about = delivery.address
    else:
        target = db.scalar(sa.select(Person.name).where(Person.id == delivery.person_id)) or str(delivery.person_id)
        about = str(delivery.person_id)
    facts = {
        "target": target, "reason": why[:MAX_WHY], "channel": delivery.channel.value, "of": delivery.kind,
        "site": delivery.facts.get("site"), "number": delivery.facts.get("number"), "link": delivery.facts.get("link"),
    }
    office = people.active_with(db, Role.OFFICE) or people.active_with(db, Role.ADMIN)
    service.send(db, office, "delivery-failed", f"delivery-failed:{about}:{clock.today()}", facts)
