"""What an issue is: its states, which of them are open, when it is overdue, its default due date."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class IssueState(StrEnum):
    """The loop from finding to close-out (销号)."""

    DRAFT = "draft"
    PENDING_ISSUE = "pending_issue"
    ISSUED = "issued"
    RECTIFYING = "rectifying"
    PENDING_VERIFICATION = "pending_verification"
    REJECTED = "rejected"
    CLOSED = "closed"
    REOPENED = "reopened"
    VOID = "void"


ENDED = frozenset({IssueState.CLOSED, IssueState.VOID})
NOT_OVERDUE = ENDED | {IssueState.PENDING_VERIFICATION}


def is_overdue(state: IssueState, due_on: date, today: date) -> bool:
    """Derived, never stored: past due and neither ended nor waiting for verification."""
    return today > due_on and state not in NOT_OVERDUE


def default_due_on(found_on: date, days: int) -> date:
    """Natural days after the day of finding."""
    return found_on + timedelta(days=days)
