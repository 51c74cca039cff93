"""Which papers an actor may see: those that hold an issue of theirs."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.documents.models import Document
from server.documents.rules import Kind
from server.errors import not_found
from server.issues import queries
from server.issues.models import Issue, IssueDocument, IssueEvent
from server.issues.rules import Move
from server.kit.actor import Actor
from server.kit.paging import Page, page
from server.permissions import Reach, reaches

LISTS = (Kind.HANDOVER_LIST, Kind.ESCALATION_LETTER)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Whoever sees one of its issues sees a paper; a firm sees no list on which there are issues of others too, and no
    paper from before the issue became its own: it was another firm's, perhaps with issues that still are."""
    reach = reaches(actor, "issue")
    if Reach.ALL in reach:
        return sa.true()
    its = aliased(IssueDocument)
    held = sa.select(its.document_id).where(its.document_id == Document.id).correlate(Document)
    seen = held.where(its.issue_id.in_(queries.visible_ids(actor))).exists()
    if reach != {Reach.ORGANISATION}:
        return seen
    corrected = sa.func.coalesce(  # to another firm, last
        sa.select(sa.func.max(IssueEvent.at)).where(
            IssueEvent.issue_id == its.issue_id, IssueEvent.verb.in_([Move.CORRECT, Move.EDIT]),
            sa.cast(IssueEvent.facts, sa.Text).like('%"contractor_id":[%'),
        ).correlate(its).scalar_subquery(), Document.issued_at,
    )
    seen = held.where(its.issue_id.in_(queries.visible_ids(actor)), Document.issued_at >= corrected).exists()
    strange = held.where(its.issue_id.not_in(queries.visible_ids(actor))).exists()
    return sa.and_(seen, sa.or_(Document.kind.not_in(LISTS), sa.not_(strange)))


def seen_of(db: Session, actor: Actor, document_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these papers, which hold visible issues, that the actor may see: only a firm may not see all."""
    if reaches(actor, "issue") != {Reach.ORGANISATION} or not document_ids:
        return set(document_ids)
    return set(db.scalars(sa.select(Document.id).where(Document.id.in_(document_ids), visible_to(actor))))


def find_document(db: Session, actor: Actor, document_id: uuid.UUID, **_path: Any) -> Document:
    """The paper, or 404 where this actor may not see it."""
    found = db.scalar(sa.select(Document).where(Document.id == document_id, visible_to(actor)))
    if found is None:
        raise not_found()
    return found


def newest_of_issue(db: Session, actor: Actor, issue_id: uuid.UUID, kind: Kind) -> Document:
    """The newest paper of that kind that holds a visible issue, or 404."""
    issue = queries.find_issue(db, actor, issue_id)
    found = db.scalar(
        sa.select(Document).join(IssueDocument, IssueDocument.document_id == Document.id)
        .where(IssueDocument.issue_id == issue.id, Document.kind == kind, visible_to(actor))
        .order_by(Document.issued_at.desc(), Document.serial.desc()).limit(1)
    )
    if found is None:
        raise not_found()
    return found


def list_documents(db: Session, actor: Actor, query: dict[str, Any]) -> Page[Document]:
    """One page of the visible papers, the newest first. `query` is a loaded DocumentQuery."""
    select = sa.select(Document).where(visible_to(actor))
    same = {Document.kind: query["kind"], Document.site_id: query["site"], Document.year: query["year"]}
    select = select.where(*(column == value for column, value in same.items() if value is not None))
    return page(
        db, select, [(Document.issued_at, datetime, True), (Document.id, uuid.UUID, True)],
        cursor=query["cursor"], limit=query["limit"],
    )


def issue_ids(db: Session, actor: Actor, documents: list[Document]) -> dict[uuid.UUID, list[uuid.UUID]]:
    """The issues on each paper that the actor may see."""
    rows = db.execute(
        sa.select(IssueDocument.document_id, IssueDocument.issue_id).join(Issue, Issue.id == IssueDocument.issue_id)
        .where(IssueDocument.document_id.in_([one.id for one in documents]), queries.visible_to(actor))
        .order_by(Issue.number)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {one.id: [] for one in documents}
    for document_id, issue_id in rows:
        found[document_id].append(issue_id)
    return found
