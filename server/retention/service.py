"""Verbs of holds: lay one on a report, issue, site or photo; lift it. Both with a reason, both in the trail."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import hold as locked
from server.kit.ids import new_id
from server.retention import queries
from server.retention.models import LegalHold
from server.retention.rules import HoldKind

LOCK = "retention"  # whoever removes holds it too: a hold that is laid is seen, or what it is laid on was gone before


def lay(db: Session, actor: Actor, kind: HoldKind, object_id: uuid.UUID, reason: str) -> tuple[LegalHold, bool]:
    """The hold, and whether it is new: the same person's same reason again is the same hold. 404 for what is not there."""
    district = queries.district_of(db, actor, kind, object_id)
    locked(db, LOCK)
    there = db.scalar(sa.select(LegalHold).where(
        LegalHold.kind == kind, LegalHold.object_id == object_id, LegalHold.lifted_at.is_(None),
        LegalHold.by == actor.id, LegalHold.reason == reason,
    ).limit(1))
    if there is not None:
        return there, False
    laid = LegalHold(
        id=new_id(), kind=kind, object_id=object_id, district_code=district, reason=reason, by=actor.id, at=clock.now(),
        lifted_by=None, lifted_at=None, lifted_reason=None,
    )
    db.add(laid)
    db.flush()
    audit.record(db, actor, "hold_laid", kind.value, object_id, district=district, hold=str(laid.id), reason=reason)
    return laid, True


def lift(db: Session, actor: Actor, hold: LegalHold, reason: str) -> LegalHold:
    """End it. The same reason again changes nothing; another one is refused, for somebody has lifted it before."""
    locked(db, LOCK)
    hold = db.get_one(LegalHold, hold.id, with_for_update=True, populate_existing=True)
    if hold.lifted_at is not None:
        if hold.lifted_reason == reason:
            return hold
        raise Refusal("hold-lifted", extra={"lifted_at": hold.lifted_at.isoformat(), "lifted_reason": hold.lifted_reason})
    hold.lifted_by, hold.lifted_at, hold.lifted_reason = actor.id, clock.now(), reason
    db.flush()
    audit.record(
        db, actor, "hold_lifted", hold.kind.value, hold.object_id, district=hold.district_code, hold=str(hold.id),
        reason=reason,
    )
    return hold
