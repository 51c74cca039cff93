"""Typical cases (突出问题): the gravest issues of the week's register, with their pictures, for the office to choose from."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from server.documents.rules import Kind
from server.issues.rules import IssueState
from server.kit.severity import Severity
from server.weekly.figures.counting import Span
from server.weekly.figures.papers import newest_numbers
from server.weekly.figures.rectified import Rectified

MOST = 24
_GRAVEST_FIRST = [severity.value for severity in reversed(Severity)]
_KEPT = ("issue_id", "number", "district", "site", "severity", "item", "item_zh", "item_en", "description", "contractor",
         "found_on", "due_on", "state", "measure")


def typical_cases(
    db: Session, span: Span, rows: list[dict[str, Any]], done: dict[uuid.UUID, Rectified]
) -> list[dict[str, Any]]:
    """Of the register's rows those that are grave, long overdue, shown by a picture and new, in this order."""
    there = [row for row in rows if row["state"] != IssueState.VOID.value]
    chosen = sorted(there, key=_gravest)[:MOST]
    notices = newest_numbers(
        db, span, Kind.RECTIFICATION_NOTICE, [uuid.UUID(row["issue_id"]) for row in chosen]
    )
    return [
        {
            **{name: row[name] for name in _KEPT}, "notice": notices.get(row["issue_id"]),
            "days_late": row["overdue_days"] or 0,
            "pairs": [pair._asdict() for pair in done[uuid.UUID(row["issue_id"])].pairs],
        }
        for row in chosen
    ]


def _gravest(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        _GRAVEST_FIRST.index(row["severity"]), -(row["overdue_days"] or 0),
        row["before"] is None and row["after"] is None, not row["is_new"], row["number"],
    )
