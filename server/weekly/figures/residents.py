"""The residents' word in the week: how many were asked whether it is fixed, and what they answered."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.issues.models import Issue
from server.issues.rules import ResidentsAnswer
from server.residents.models import Question
from server.weekly.figures.counting import Span

ANSWERS = ("asked", "yes", "no")


def residents_word(db: Session, span: Span) -> dict[str, list[dict[str, str]]]:
    """{asked, yes, no: the issues, once for each question}. An answer counts in the week in which it came."""
    counted = {"asked": span.holds(Question.created_at), **{
        answer.value: sa.and_(span.holds(Question.answered_at), Question.answer == answer) for answer in ResidentsAnswer
    }}
    query = (
        sa.select(Issue.district_code, Issue.id, *(sa.case((found, 1), else_=0).label(name) for name, found in counted.items()))
        .join(Question, Question.issue_id == Issue.id)
        .where(sa.or_(span.holds(Question.created_at), span.holds(Question.answered_at)), span.covers(Issue.district_code))
        .order_by(Question.created_at, Question.id)
    )
    rows: list[Any] = list(db.execute(query))
    return {
        name: [{"district": row.district_code, "id": str(row.id)} for row in rows if row._mapping[name]]
        for name in ANSWERS
    }
