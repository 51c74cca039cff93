"""Notices and letters: the papers of the week, and those that hold an issue."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.documents.models import Document
from server.documents.rules import Kind
from server.issues.models import IssueDocument
from server.weekly.figures.counting import Span, at_once


def notices(db: Session, span: Span) -> list[dict[str, str]]:
    """The rectification notices (整改通知单) issued in the week, in the order of their numbers."""
    query = (
        sa.select(Document.district_code, Document.id, Document.number)
        .where(Document.kind == Kind.RECTIFICATION_NOTICE, span.holds(Document.issued_at),
               span.covers(Document.district_code))
        .order_by(Document.year, Document.serial)
    )
    return [
        {"district": district, "id": str(document_id), "number": number}
        for district, document_id, number in db.execute(query)
    ]


def newest_numbers(db: Session, span: Span, kind: Kind, issue_ids: Sequence[uuid.UUID]) -> dict[str, str]:
    """{issue: the number of the newest paper of that kind that holds it at the cut-off}."""
    found: dict[str, str] = {}
    for ids in at_once(issue_ids):
        query = (
            sa.select(IssueDocument.issue_id, Document.number)
            .join(Document, Document.id == IssueDocument.document_id)
            .where(IssueDocument.issue_id.in_(ids), Document.kind == kind, Document.issued_at < span.cutoff)
            .order_by(Document.issued_at, Document.serial)
        )
        found.update((str(issue_id), number) for issue_id, number in db.execute(query))
    return found
