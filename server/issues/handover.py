"""Lists that go to a district: the hand-over list (交办单) and the escalation letter (督办函)."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.documents.models import Document
from server.documents.rules import Kind
from server.errors import invalid, not_found
from server.issues import papers, queries
from server.issues.models import Issue
from server.issues.rules import IssueState
from server.kit.actor import Actor
from server.programme.models import District


def give(db: Session, actor: Actor, asked: dict[str, Any]) -> tuple[Document, bool]:
    """Issue the paper, and say whether it is new: under an id that the same person has used, it is the same paper.

    `asked` is a loaded DistrictListIn. 404 for an issue that the actor may not see, 422 for one that has
    ended or was never submitted, and where not all are of one district."""
    known = db.get(Document, asked["id"]) if asked["id"] else None
    if known is not None:
        if known.issued_by != actor.id or known.kind.value != asked["kind"]:
            raise not_found()
        return known, False
    ids: list[uuid.UUID] = list(dict.fromkeys(asked["issue_ids"]))
    issues = list(db.scalars(sa.select(Issue).where(Issue.id.in_(ids), queries.visible_to(actor))))
    if len(issues) < len(ids):
        raise not_found()
    if len({one.district_code for one in issues}) > 1:
        raise invalid("issue_ids", "须为同一区的问题", "must be issues of one district")
    past = [one.number for one in issues if one.state in {IssueState.CLOSED, IssueState.VOID, IssueState.DRAFT}]
    if past:
        raise invalid("issue_ids", f"已销号、作废或尚未提交：{'、'.join(past)}", f"ended or not submitted: {', '.join(past)}")
    to = asked["to"] or db.get_one(District, issues[0].district_code).zh
    paper = papers.of_list(db, actor, Kind(asked["kind"]), issues, to=to, note=asked["note"])
    paper.copies_to = asked["copies_to"]
    if asked["due_on"] is not None:
        paper.due_on = asked["due_on"].isoformat()
    return papers.issue(db, actor, paper, issues, document_id=asked["id"]), True
