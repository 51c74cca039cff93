"""Sign-ins that have ended, and devices that nobody is signed in from: who worked when, from which phone.

No hold keeps these: it is laid on what was seen at a place, not on people.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Device, RefreshToken, SignIn
from server.kit import clock
from server.retention.queries import Holds
from server.retention.rules import Due
from server.retention.sources import Page, Run, Source, Terms, record, whole

AT_ONCE = 500


def _sign_ins() -> Any:
    """Without a token nobody goes on with it: tokens are swept once they have run out, also those of one that was ended,
    since a used token that comes again must be known till then."""
    tokens = sa.exists().where(RefreshToken.sign_in_id == SignIn.id).correlate(SignIn)
    return (
        sa.select(SignIn.id, SignIn.person_id, SignIn.created_at, SignIn.revoked_at, Device.last_seen_at)
        .outerjoin(Device, sa.and_(Device.person_id == SignIn.person_id, Device.id == SignIn.device_id))
        .where(sa.not_(tokens))
    )


def _devices(terms: Terms) -> Any:
    used = sa.exists().where(SignIn.person_id == Device.person_id, SignIn.device_id == Device.id).correlate(Device)
    return sa.select(Device.person_id, Device.id, Device.last_seen_at, Device.revoked_at).where(
        sa.not_(used), Device.last_seen_at < terms.cutoff
    )


def page(db: Session, terms: Terms, after: Any, _holds: Holds) -> Page:
    """First sign-ins, those of one person together; then devices."""
    kind, last = after or ("sign_in", None)
    if kind == "sign_in":
        query = _sign_ins().where(SignIn.created_at < terms.cutoff)
        if last is not None:
            query = query.where(SignIn.person_id >= last[0], sa.or_(SignIn.person_id > last[0], SignIn.id > last[1]))
        rows = db.execute(query.order_by(SignIn.person_id, SignIn.id).limit(AT_ONCE)).all()
        kept = whole(rows, AT_ONCE, lambda row: row.person_id)
        end = ("sign_in", (kept[-1].person_id, kept[-1].id)) if len(rows) == AT_ONCE else ("device", None)
        return _ended(terms, kept), end
    query = _devices(terms)
    if last is not None:
        query = query.where(Device.person_id >= last[0], sa.or_(Device.person_id > last[0], Device.id > last[1]))
    rows = db.execute(query.order_by(Device.person_id, Device.id).limit(AT_ONCE)).all()
    return _unused(terms, rows), ("device", (rows[-1].person_id, rows[-1].id)) if len(rows) == AT_ONCE else None


def again(db: Session, terms: Terms, things: Sequence[tuple[str, Any]], _holds: Holds) -> list[Due]:
    sign_ins = [what for kind, what in things if kind == "sign_in"]
    devices = [what for kind, what in things if kind == "device"]
    found: list[Due] = []
    if sign_ins:
        query = _sign_ins().where(SignIn.id.in_(sign_ins)).with_for_update(of=SignIn)
        found += _ended(terms, db.execute(query).all())
    if devices:
        query = _devices(terms).where(sa.tuple_(Device.person_id, Device.id).in_(devices)).with_for_update(of=Device)
        found += _unused(terms, db.execute(query).all())
    return found


def _ended(terms: Terms, rows: Sequence[Any]) -> list[Due]:
    """One that nobody ended ran out by itself, at the earliest so long after its device was last seen."""
    found = []
    for row in rows:
        used_at = max(row.created_at, row.last_seen_at or row.created_at)
        since = row.revoked_at or used_at + timedelta(days=terms.refresh_days)
        if since < terms.cutoff:
            found.append(Due(f"sign_in:{row.id}", since, 1, False, ("sign_in", row.id), about=row.person_id))
    return found


def _unused(terms: Terms, rows: Sequence[Any]) -> list[Due]:
    found = []
    for row in rows:
        since = max(row.last_seen_at, row.revoked_at or row.last_seen_at)
        if since < terms.cutoff:
            what = ("device", (row.person_id, row.id))
            found.append(Due(f"device:{row.person_id}:{row.id}", since, 1, False, what, about=row.person_id))
    return found


def remove(db: Session, run: Run, dues: Sequence[Due]) -> None:
    """One line for each person and day, of sign-ins and of devices."""
    groups: dict[tuple[str, uuid.UUID, date], list[Due]] = defaultdict(list)
    for due in dues:
        groups[due.what[0], due.about, clock.day_of(due.since)].append(due)
    record(db, run, [
        {"object_kind": kind, "object_id": str(person_id), "person_id": person_id, "day": day, "count": len(group),
         "counted_from": max(due.since for due in group)}
        for (kind, person_id, day), group in groups.items()
    ])
    sign_ins = [due.what[1] for due in dues if due.what[0] == "sign_in"]
    devices = [due.what[1] for due in dues if due.what[0] == "device"]
    db.execute(sa.delete(SignIn).where(SignIn.id.in_(sign_ins)))
    if devices:
        db.execute(sa.delete(Device).where(sa.tuple_(Device.person_id, Device.id).in_(devices)))


SOURCE = Source(page, again, remove)
