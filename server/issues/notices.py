"""The rectification notice (整改通知单): several issues of one site under one number, with a stop-work notice where
something critical is among them."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.documents.models import Document
from server.documents.rules import Kind
from server.errors import Refusal, invalid, not_found
from server.issues import entries, papers, queries, telling
from server.issues.models import Extension, Issue, IssueDocument
from server.issues.moving import all_locked, demand, make
from server.issues.rules import MOVES, Extended, Move
from server.kit import clock
from server.kit.actor import Actor
from server.kit.here import conf
from server.kit.severity import Severity
from server.programme.policy import policy_of

MOST = 100  # issues of one notice


def give_notice(
    db: Session, actor: Actor, issue_ids: list[uuid.UUID], *, round_: int | None = None, without_photos: bool = False
) -> tuple[list[Document], bool]:
    """pending_issue | reopened → issued, all of them or none. Returns the notice (and the stop-work notice after it)
    and whether it is new: the same supervisor's same notice over again is the same paper.
    """
    visible = set(db.scalars(sa.select(Issue.id).where(queries.visible_to(actor), Issue.id.in_(issue_ids))))
    if visible != set(issue_ids):
        raise not_found()
    issues = all_locked(db, issue_ids)
    known = _given_already(db, actor, issues)
    if known:
        return known, False
    for issue in issues:
        demand(db, actor, issue, Move.NOTICE, round_=round_)
    if len({issue.site_id for issue in issues}) > 1:
        raise invalid("issue_ids", "须为同一项目的问题", "must be issues of one site")
    firms = {issue.contractor_id for issue in issues}
    if None in firms:
        raise Refusal("contractor-missing")
    if len(firms) > 1:
        raise invalid("issue_ids", "须为同一责任单位的问题", "must be issues of one responsible firm")
    today = clock.today()
    past = [issue.number for issue in issues if issue.due_on < today]
    if past:
        raise invalid("due_on", f"整改期限已过，请先更正：{'、'.join(past)}", f"past, correct it first: {', '.join(past)}")
    if not without_photos:
        _demand_photos(db, issues)
    return _issue(db, actor, issues), True


def _demand_photos(db: Session, issues: list[Issue]) -> None:
    """The paper is frozen as it is given: a photo that comes a minute later would never stand on it. One that is lost
    for good must not keep the notice for ever, so whoever gives it may say that it goes without."""
    awaited = entries.awaited(db, [issue.id for issue in issues])
    if awaited:
        raise Refusal("photos-awaited", extra={
            "awaited": [
                {"id": str(issue.id), "number": issue.number, "photos": awaited[issue.id]}
                for issue in issues if issue.id in awaited
            ],
        })


def _issue(db: Session, actor: Actor, issues: list[Issue]) -> list[Document]:
    now = clock.now()
    stops = policy_of(db, conf()).stop_work_on_critical
    grave = [issue for issue in issues if stops and issue.severity is Severity.CRITICAL]
    for issue in issues:
        if issue.issued_at is None:
            issue.first_due_on = issue.due_on
        issue.issued_at = now
        issue.replied_by = None
        issue.stop_work = issue in grave
    db.flush()
    _end_requests(db, actor, issues)
    paper = papers.of_notice(db, actor, issues)
    for issue in issues:
        make(db, actor, issue, Move.NOTICE)
    # last: the series' row is held until commit
    notice = papers.issue(db, actor, paper, issues)
    telling.tell(
        db, "issue-notice", f"notice:{notice.id}", issues[0], telling.contractor(db, issues[0]), telling.PHONE,
        number=notice.number, count=len(issues), due_on=paper.due_on,
    )
    if not grave:
        return [notice]
    stop = papers.of_notice(db, actor, grave, stop_work=True)
    stop.refers_to = notice.number
    return [notice, papers.issue(db, actor, stop, grave)]


def _end_requests(db: Session, actor: Actor, issues: list[Issue]) -> None:
    """A request for more time was for the notice before, and perhaps another firm's: the new one sets a date of its own."""
    db.execute(
        sa.update(Extension)
        .where(Extension.issue_id.in_([issue.id for issue in issues]), Extension.result.is_(None))
        .values(
            result=Extended.REFUSED, comment="已重新下发通知，期限以新通知为准", settled_by=actor.id,
            settled_at=clock.now(),
        )
    )


def _given_already(db: Session, actor: Actor, issues: list[Issue]) -> list[Document]:
    """The actor's own notice over exactly these issues in their present round, where it still stands."""
    if any(issue.state in MOVES[Move.NOTICE].states for issue in issues):
        return []
    first = issues[0]
    papers_of_first = (
        sa.select(Document).join(IssueDocument, IssueDocument.document_id == Document.id)
        .where(IssueDocument.issue_id == first.id, IssueDocument.round == first.round, Document.issued_by == actor.id)
    )
    notices = papers_of_first.where(Document.kind == Kind.RECTIFICATION_NOTICE).order_by(Document.serial.desc())
    for notice in db.scalars(notices):
        if set(_held(db, notice)) == {issue.id for issue in issues}:
            return [notice, *stop_work_of(db, notice)]
    return []


def _held(db: Session, document: Document) -> list[uuid.UUID]:
    query = sa.select(IssueDocument.issue_id).where(IssueDocument.document_id == document.id)
    return list(db.scalars(query.order_by(IssueDocument.issue_id)))


def stop_work_of(db: Session, notice: Document) -> list[Document]:
    """The stop-work notice that went out with a notice."""
    query = (
        sa.select(Document).join(IssueDocument, IssueDocument.document_id == Document.id)
        .where(Document.kind == Kind.STOP_WORK_NOTICE, IssueDocument.issue_id.in_(_held(db, notice)))
    )
    return [one for one in db.scalars(query).unique() if one.content.get("refers_to") == notice.number][:1]


def shape(db: Session, papers_given: list[Document]) -> dict[str, Any]:
    """What POST /notices answers."""
    notice = papers_given[0]
    stop = papers_given[1] if len(papers_given) > 1 else None
    return {
        "id": notice.id, "kind": notice.kind, "number": notice.number, "year": notice.year, "serial": notice.serial,
        "site": queries.site_of(db, notice.site_id), "issue_ids": _held(db, notice), "issued_at": notice.issued_at,
        "stop_work": {"id": stop.id, "number": stop.number} if stop else None,
    }
