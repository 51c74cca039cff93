"""What needs one word and no photo: acknowledging, objecting, asking for time, and the supervisor's settling of both;
reopening, affirming, making void."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal, invalid, not_found
from server.issues import telling
from server.issues.models import Extension, Issue, Objection
from server.issues.moving import as_it_is, demand, demand_alone, is_repeat, locked, make
from server.issues.rules import SETTLES, Extended, Move
from server.kit import clock
from server.kit.actor import Actor
from server.kit.ids import new_id

Done = tuple[Issue, bool]


def simply(db: Session, actor: Actor, issue: Issue, move: Move, body: dict[str, Any]) -> Done:
    """A move that takes at most a reason: acknowledge, reopen, affirm, void. The issue, and whether it was moved."""
    issue = locked(db, issue.id)
    if is_repeat(db, actor, issue, move, round_=body["round"]):
        return issue, False
    demand(db, actor, issue, move, round_=body["round"])
    if move is Move.REOPEN:
        demand_alone(db, issue)
    make(db, actor, issue, move, reason=body.get("reason"))
    if move is Move.REOPEN:
        telling.tell(
            db, "issue-reopened", f"reopened:{issue.id}:{issue.round}", issue, telling.contractor(db, issue),
            telling.PHONE, reason=body["reason"],
        )
    return issue, True


def object_to(db: Session, actor: Actor, issue: Issue, body: dict[str, Any]) -> Done:
    """The responsible firm's one objection (异议)."""
    issue = locked(db, issue.id)
    made = _objection(db, issue)
    if made is not None:
        if made.by == actor.id and made.reason == body["reason"]:
            return issue, False
        raise Refusal("objection-made", extra={"result": made.result.value if made.result else None})
    demand(db, actor, issue, Move.OBJECT, round_=body["round"])
    firm = issue.contractor_id
    db.add(Objection(issue_id=issue.id, contractor_id=firm, reason=body["reason"], by=actor.id, at=clock.now()))
    make(db, actor, issue, Move.OBJECT, reason=body["reason"])
    telling.tell(
        db, "issue-objection", f"objection:{issue.id}:{firm}", issue, telling.supervisors(db, issue),
        reason=body["reason"],
    )
    return issue, True


def _objection(db: Session, issue: Issue) -> Objection | None:
    """That of the firm that is responsible now."""
    return db.get(Objection, (issue.id, issue.contractor_id)) if issue.contractor_id else None


def _settled_last(db: Session, issue: Issue) -> Objection | None:
    return db.scalar(
        sa.select(Objection).where(Objection.issue_id == issue.id, Objection.result.is_not(None))
        .order_by(Objection.settled_at.desc()).limit(1)
    )


def settle_objection(db: Session, actor: Actor, issue: Issue, body: dict[str, Any]) -> Done:
    """kept: it stays; corrected: back to be corrected and noticed anew; withdrawn: void."""
    issue = locked(db, issue.id)
    made = _objection(db, issue) or _settled_last(db, issue)  # a repeat may come when the firm is another already
    if made is None:
        raise not_found()
    if made.result is not None:
        if made.settled_by == actor.id and made.result is body["result"]:
            return issue, False
        raise Refusal("issue-state", extra={**as_it_is(db, issue), "objection": made.result.value})
    move = SETTLES[body["result"]]
    demand(db, actor, issue, move, round_=body["round"])
    made.result, made.comment, made.settled_by, made.settled_at = (
        body["result"], body["comment"], actor.id, clock.now(),
    )
    make(db, actor, issue, move, comment=body["comment"])
    telling.tell(
        db, "issue-objection-settled", f"objection-settled:{issue.id}:{made.contractor_id}", issue,
        telling.contractor(db, issue), telling.PHONE, reason=body["comment"], result=body["result"].value,
    )
    return issue, True


def ask_extension(db: Session, actor: Actor, issue: Issue, body: dict[str, Any]) -> Done:
    """The contractor asks for more time (延期申请); one request at a time."""
    issue = locked(db, issue.id)
    known = db.get(Extension, body["id"]) if body["id"] else db.scalar(sa.select(Extension).where(
        Extension.issue_id == issue.id, Extension.by == actor.id, Extension.result.is_(None),
        Extension.reason == body["reason"], Extension.due_on == body["due_on"],
    ))
    if known is not None:
        if known.by != actor.id or known.issue_id != issue.id:
            raise not_found()
        return issue, False
    demand(db, actor, issue, Move.ASK_EXTENSION, round_=body["round"])
    if body["due_on"] <= issue.due_on or body["due_on"] < clock.today():
        raise invalid("due_on", "须晚于现有期限且不早于今天", "must be later than the present due date, and to come")
    if db.scalar(sa.select(Extension.id).where(Extension.issue_id == issue.id, Extension.result.is_(None))):
        raise Refusal("extension-open")
    asked = Extension(
        id=body["id"] or new_id(), issue_id=issue.id, round=issue.round, reason=body["reason"],
        due_on=body["due_on"], by=actor.id, at=clock.now(),
    )
    db.add(asked)
    make(db, actor, issue, Move.ASK_EXTENSION, reason=body["reason"], due_on=body["due_on"].isoformat())
    telling.tell(
        db, "issue-extension-asked", f"extension:{asked.id}", issue, telling.supervisors(db, issue),
        reason=body["reason"], due_on=body["due_on"].isoformat(),
    )
    return issue, True


def settle_extension(
    db: Session, actor: Actor, issue: Issue, extension_id: uuid.UUID, body: dict[str, Any]
) -> Done:
    """Granted, the due date is the new one; the first due date stays what it was."""
    issue = locked(db, issue.id)
    asked = db.get(Extension, extension_id)
    if asked is None or asked.issue_id != issue.id:
        raise not_found()
    if asked.result is not None:
        if asked.settled_by == actor.id and asked.result is body["result"]:
            return issue, False
        raise Refusal("issue-state", extra={**as_it_is(db, issue), "extension": asked.result.value})
    demand(db, actor, issue, Move.SETTLE_EXTENSION, round_=body["round"])
    if body["result"] is Extended.GRANTED:
        due_on = body["due_on"] or asked.due_on
        if due_on <= issue.due_on or due_on < clock.today():
            raise invalid("due_on", "须晚于现有期限且不早于今天", "must be later than the present due date, and to come")
        issue.due_on = asked.granted_due_on = due_on
    asked.result, asked.comment, asked.settled_by, asked.settled_at = (
        body["result"], body["comment"], actor.id, clock.now(),
    )
    make(
        db, actor, issue, Move.SETTLE_EXTENSION, result=body["result"].value, comment=body["comment"],
        due_on=issue.due_on.isoformat(),
    )
    telling.tell(
        db, "issue-extension-settled", f"extension-settled:{asked.id}", issue, telling.contractor(db, issue),
        telling.PHONE, reason=body["comment"] or "", result=body["result"].value,
    )
    return issue, True
