"""The supervisor's verbs: decide on a report, and what an approval sets off."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.checklists import queries as checklists
from server.checklists.rules import Checklist, Verdict
from server.errors import Refusal, invalid
from server.issues import service as issues
from server.issues.service import Finding, Picture
from server.kit import clock, text
from server.kit.actor import Actor
from server.kit.ids import new_id
from server.permissions import demand_district
from server.reports import queries as report_queries
from server.reports import service as reports
from server.reports.judging import severity_of
from server.reports.models import Report
from server.reviews import queries
from server.reviews.models import Review
from server.reviews.rules import DECIDED, MOVES, Decision


def decide(
    db: Session, actor: Actor, conf: Config, report: Report, body: dict[str, Any]
) -> tuple[Review, list[uuid.UUID], bool]:
    """Approve, return or void one revision. Returns the review, the issues of what the report found, and whether it was new.

    The same decision again is a no-op; on a stale screen 409 says what changed; of two supervisors one wins.
    """
    report = db.scalars(
        sa.select(Report).where(Report.id == report.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if report_queries.inspected(db, actor.id, [report.id]):
        raise Refusal("own-report")
    demand_district(actor, report.district_code)
    decision: Decision = body["decision"]
    if body["revision"] != report.revision:
        raise Refusal("revision-stale", extra=_now(report))
    done = queries.review_of(db, report.id, report.revision, decision)
    allowed, leads_to = MOVES[decision]
    if done is not None and report.state is leads_to:
        return done, queries.issues_of(db, report.id), False
    if report.state not in allowed:
        raise Refusal("review-decided" if report.state in DECIDED else "report-state", extra=_now(report))
    checklist = checklists.get_version(db, report.checklist_code, report.checklist_version)
    if checklist is None:
        raise Refusal("conflict")
    _check_items(checklist, body["items"])
    review = Review(
        id=new_id(), report_id=report.id, revision=report.revision, decision=decision, comment=body["comment"],
        items=body["items"], reviewer_id=actor.id, at=clock.now(),
    )
    db.add(review)
    if decision is Decision.APPROVE:
        reports.approve(db, actor, report)
        issues.open_from(db, actor, conf, report, _findings(db, report, checklist))
    elif decision is Decision.RETURN:
        reports.send_back(db, actor, report)
    else:
        reports.void(db, actor, report)
    audit.record(
        db, actor, "reviewed", "report", report.id, district=report.district_code, decision=decision.value,
        revision=report.revision, comment=body["comment"], items=body["items"],
    )
    return review, queries.issues_of(db, report.id), True


def _now(report: Report) -> dict[str, Any]:
    """What a stale screen needs to know."""
    return {
        "revision": report.revision, "state": report.state.value,
        "decided_by": str(report.decided_by) if report.decided_by else None,
        "decided_at": report.decided_at.isoformat() if report.decided_at else None,
    }


def _check_items(checklist: Checklist, items: list[dict[str, Any]]) -> None:
    for number, entry in enumerate(items):
        if entry["item"] not in checklist.index:
            raise invalid(f"items.{number}.item", "检查表中没有此项", "not an item of this checklist")


def _findings(db: Session, report: Report, checklist: Checklist) -> list[Finding]:
    """Every failed item of the approved revision, in the order of its answers."""
    revision = report_queries.revision_of(db, report.id, report.revision)
    if revision is None:
        return []
    content = report_queries.body_of(revision)
    pictures = {uuid.UUID(photo["id"]): _picture(photo) for photo in content["photos"]}  # ids may be spelled in capitals
    found = []
    for answer in content["answers"]:
        code = answer["item"]
        if revision.verdicts.get(code) != Verdict.FAIL.value:
            continue
        item = checklist.index[code]
        said = answer.get("issue") or {}
        wanted = said.get("due_on")
        after = [uuid.UUID(one) for one in (said.get("after") or [])] if said.get("fixed_on_spot") else []
        named = [uuid.UUID(one) for one in answer.get("photos") or []]
        named += [uuid.UUID(photo["id"]) for photo in content["photos"] if photo.get("item") == code]
        found.append(Finding(
            item=code, description=text.clean(answer.get("note") or "") or item.zh,
            severity=severity_of(item, answer), due_on=date.fromisoformat(wanted) if wanted else None,
            photos=tuple(pictures[one] for one in dict.fromkeys(named) if one not in after),
            after=tuple(pictures[one] for one in dict.fromkeys(after)),
        ))
    return found


def _picture(photo: dict[str, Any]) -> Picture:
    taken, where = photo.get("captured_at"), photo.get("location")
    return Picture(
        uuid.UUID(photo["id"]), clock.read(taken) if taken else None, photo.get("caption"),
        photo.get("marks"), {"crs": "wgs84", **where} if where else None,
    )
