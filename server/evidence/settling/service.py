"""Two verbs: the inspector answers a flag of their own report, a reviewer settles it. Never the same person."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.errors import Refusal
from server.evidence.settling import queries
from server.kit.actor import Actor
from server.permissions import demand_district
from server.photos import flagging
from server.photos import queries as photos
from server.photos.models import Flag
from server.reports import queries as reports
from server.reports.models import Report


def settle(db: Session, actor: Actor, flag: Flag, reason: str) -> Flag:
    """With a reason, once: nothing of it is taken back, and nothing hangs on it but that it was looked at."""
    report = queries.report_of(db, flag)
    went_there = report is not None and reports.inspected(db, actor.id, [report.id])
    if went_there or actor.id == queries.author_of(db, flag, report):
        raise Refusal("own-report")
    district = _district(db, flag, report)
    demand_district(actor, district)
    return flagging.settle(db, actor, flag.id, reason, district=district)


def answer(db: Session, actor: Actor, flag: Flag, text: str) -> Flag:
    """A note beside the flag, which the reviewer reads."""
    report = queries.report_of(db, flag)
    if queries.author_of(db, flag, report) != actor.id:
        raise Refusal("not-allowed")
    return flagging.answer(db, actor, flag.id, text, district=_district(db, flag, report))


def _district(db: Session, flag: Flag, report: Report | None) -> str | None:
    return report.district_code if report else photos.district_of(db, flag.object_id)
