"""Mailing a frozen report: to each address that its scope has, once; and telling those who work here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts import queries as people
from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock
from server.kit.actor import Actor, Role
from server.kit.ids import new_id
from server.messages import rules as message_rules
from server.messages import service as messages
from server.messages.models import Delivery
from server.messages.rules import Channel
from server.programme.models import District
from server.weekly import queries
from server.weekly.models import WeeklyRecipient, WeeklyReport

TOLD, FAILED = "weekly-report", "weekly-failed"
_LINK = "/desk#/weekly/{}"
_CITY = ("太原市", "Taiyuan")


def key(weekly: WeeklyReport) -> str:
    """By which every mail and message of this report is known: each address and person has it once."""
    return f"weekly-report:{weekly.id}"


def send(db: Session, actor: Actor | None, conf: Config, weekly: WeeklyReport) -> int:
    """Mail a frozen report to those who have not been sent it; how many those are. 409 `weekly-not-frozen`.

    The office, and whoever supervises the district, find it in their inboxes.
    """
    if weekly.frozen_at is None:
        raise Refusal("weekly-not-frozen")
    facts = _facts(db, weekly)
    mailed = {name: value for name, value in facts.items() if name != "link" or conf.week_mail != "attachment"}
    supervisors = people.people_of_district(db, Role.SUPERVISOR, weekly.scope) if weekly.scope else []
    told = {*people.active_with(db, Role.OFFICE), *supervisors}
    messages.notify(db, TOLD, key(weekly), facts, people=told, district=weekly.scope or None)
    written = [
        delivery_id
        for one in queries.recipients(db, weekly.scope)
        for delivery_id in messages.write(
            db,
            [{"channel": Channel.EMAIL, "person_id": None, "webhook_id": None, "address": one.email,
              "outlet": message_rules.MAIL_OUTLET}],
            kind=TOLD, key=key(weekly), facts=mailed | {"recipient": one.name}, district=weekly.scope or None,
        )
    ]
    if written:
        audit.record(
            db, actor, "weekly_report_sent", "weekly_report", weekly.id, district=weekly.scope or None,
            recipients=len(written),
        )
    return len(written)


def tell_failed(db: Session, iso_year: int, iso_week: int, scope: str, why: str) -> None:
    """Tell the office that a report did not come about by itself."""
    office = people.active_with(db, Role.OFFICE) or people.active_with(db, Role.ADMIN)
    facts = _where(db, scope) | _when(iso_year, iso_week) | {"reason": why[:300], "link": "/desk#/weekly"}
    messages.notify(db, FAILED, f"{FAILED}:{iso_year}-W{iso_week}:{scope}", facts, people=office, district=scope or None)


def _facts(db: Session, weekly: WeeklyReport) -> dict[str, Any]:
    counted_to = weekly.counted_to.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if weekly.counted_to else None
    return _where(db, weekly.scope) | _when(weekly.iso_year, weekly.iso_week) | {
        "weekly": str(weekly.id), "serial": weekly.serial, "counted_to": counted_to, "link": _LINK.format(weekly.id),
        "number": f"{weekly.iso_year}-W{weekly.iso_week:02d}",
    }


def _where(db: Session, scope: str) -> dict[str, str]:
    row = db.execute(sa.select(District.zh, District.en).where(District.code == scope)).first() if scope else None
    zh, en = (row.zh, row.en) if row else _CITY
    return {"scope": zh, "scope_en": en}


def _when(iso_year: int, iso_week: int) -> dict[str, str]:
    return {"week": f"{iso_year}年第{iso_week}周", "week_en": f"{iso_year}-W{iso_week:02d}"}


def deliveries(db: Session, weekly: WeeklyReport) -> list[Delivery]:
    """What went, goes or did not go to the addresses of this report."""
    query = sa.select(Delivery).where(Delivery.key == key(weekly), Delivery.address.is_not(None))
    return list(db.scalars(query.order_by(Delivery.id)))


def set_recipients(db: Session, actor: Actor | None, scope: str, wanted: Iterable[Mapping[str, str]]) -> None:
    """Have a scope's reports mailed to these addresses and no others; those that stay keep their place."""
    there = {one.email: one for one in queries.recipients(db, scope)}
    names = {one["email"]: one["name"] for one in wanted}
    before = {email: one.name for email, one in there.items()}
    if before == names:
        return
    now = clock.now()
    for email in there.keys() - names.keys():
        db.delete(there[email])
    for place, (email, name) in enumerate(names.items()):
        if email in there:
            there[email].name = name
        else:
            added_at = now + timedelta(microseconds=place)  # their order, as it was given
            db.add(WeeklyRecipient(id=new_id(), scope=scope, name=name, email=email, added_at=added_at))
    db.flush()
    audit.record(
        db, actor, "weekly_recipients_changed", "weekly_recipients", scope or "city", district=scope or None,
        before=sorted(before), after=sorted(names),
    )
