"""Verbs of the second look: draw a week's sample, and say what the look found."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.errors import Refusal, invalid
from server.evidence.sampling import queries
from server.evidence.sampling.models import SampledWeek, SecondLook
from server.evidence.sampling.rules import Rule, Verdict, sample
from server.issues.follow_ups import days_of, week_of
from server.kit import clock
from server.kit.actor import Actor, Role
from server.kit.db import hold
from server.kit.text import says_nothing
from server.reports import queries as reports
from server.reports.models import Report


def last_week() -> str:
    """The week before the one that runs, as `2026-W47`."""
    return week_of(clock.today() - timedelta(days=7))


def draw(db: Session, conf: Config, week: str) -> list[uuid.UUID]:
    """Draw a week that is over, once; the drawn reports. 422 for one that is not over."""
    _, sunday = days_of(week)
    if clock.today() <= sunday:
        raise invalid("week", "该周尚未结束", "the week is not over yet")
    hold(db, f"second-look:{week}")
    if queries.is_drawn(db, week):
        return []
    rule = Rule(conf.second_look_percent, conf.second_look_flag_weight)
    reports = queries.approved_in(week)
    flags = queries.flags_by_report(db, reports)
    weights = {report_id: rule.weight(len(flags.get(report_id, ()))) for report_id in db.scalars(reports)}
    chosen = sample(week, weights, rule.percent)
    db.add(SampledWeek(
        week=week, drawn_at=clock.now(), percent=rule.percent, flag_weight=rule.flag_weight, reports=len(weights),
        chosen=len(chosen),
    ))
    db.flush()
    db.add_all(
        SecondLook(week=week, report_id=report_id, weight=weights[report_id], flags=sorted(flags.get(report_id, ())))
        for report_id in chosen
    )
    audit.record(
        db, None, "second_looks_drawn", "second_look", week, percent=rule.percent, flag_weight=rule.flag_weight,
        reports=len(weights), chosen=[str(one) for one in chosen],
    )
    return chosen


def hindrance(actor: Actor, report: Report, inspected: set[uuid.UUID]) -> str | None:
    """Why this person takes no second look at this report; None where they may. `inspected` names those reports whose
    inspections they carried out."""
    if report.id in inspected:
        return "own-report"
    if Role.SUPERVISOR not in actor.roles or report.district_code not in actor.districts:
        return "not-allowed"  # another role may show it
    return "own-decision" if report.decided_by == actor.id else None


def look(db: Session, actor: Actor, found: SecondLook, body: dict[str, Any]) -> SecondLook:
    """Say what the look found. The same again is a no-op; 409 `already-looked` where somebody was first; 403
    `own-decision` for whoever approved the report, 403 `own-report` for its inspectors; 422 `comment` where one disagrees
    without a word."""
    found = db.scalars(
        sa.select(SecondLook).where(SecondLook.id == found.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    report = db.get_one(Report, found.report_id)
    if hinders := hindrance(actor, report, reports.inspected(db, actor.id, [report.id])):
        raise Refusal(hinders)
    if found.verdict is not None:
        if (found.looked_by, found.verdict, found.comment) == (actor.id, body["verdict"], body["comment"]):
            return found
        raise Refusal("already-looked", extra={"verdict": found.verdict.value})
    if body["verdict"] is Verdict.DISAGREE and says_nothing(body["comment"]):
        raise invalid("comment", "不认可时请写明理由", "say why you disagree")
    found.verdict, found.comment = body["verdict"], body["comment"]
    found.looked_by, found.looked_at = actor.id, clock.now()
    db.flush()
    audit.record(
        db, actor, "second_look", "report", report.id, district=report.district_code, verdict=found.verdict.value,
        comment=found.comment, week=found.week,
    )
    return found
