"""Selects over reviews."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.issues.models import Issue, IssueFinding
from server.reports.models import Report
from server.reviews.models import Review
from server.reviews.rules import Decision


def review_of(db: Session, report_id: uuid.UUID, revision: int, decision: Decision) -> Review | None:
    return db.scalar(
        sa.select(Review).where(
            Review.report_id == report_id, Review.revision == revision, Review.decision == decision
        )
    )


def issues_of(db: Session, report_id: uuid.UUID) -> list[uuid.UUID]:
    """The issues of what a report found: those that it opened, and those that were open and that it found again."""
    found = sa.select(IssueFinding.issue_id).where(IssueFinding.report_id == report_id)
    return list(db.scalars(sa.select(Issue.id).where(Issue.id.in_(found)).order_by(Issue.number)))


def history(db: Session, report: Report) -> list[dict[str, Any]]:
    """Decisions as lines of a report's history."""
    query = sa.select(Review).where(Review.report_id == report.id).order_by(Review.at)
    return [
        {"at": review.at, "kind": "review", "revision": review.revision, "decision": review.decision.value,
         "comment": review.comment, "items": review.items, "by_id": review.reviewer_id}
        for review in db.scalars(query)
    ]
