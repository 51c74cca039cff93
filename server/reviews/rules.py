"""What a supervisor may decide, in which state, and what comes of it."""

from __future__ import annotations

from enum import StrEnum

from server.reports.rules import State


class Decision(StrEnum):
    """approve closes the review, return asks for a new revision, void strikes the report out."""

    APPROVE = "approve"
    RETURN = "return"
    VOID = "void"


# decision → the states in which it may be taken, and the state that it leads to
MOVES: dict[Decision, tuple[frozenset[State], State]] = {
    Decision.APPROVE: (frozenset({State.SUBMITTED}), State.APPROVED),
    Decision.RETURN: (frozenset({State.SUBMITTED}), State.RETURNED),
    Decision.VOID: (frozenset({State.INCOMPLETE, State.SUBMITTED, State.RETURNED}), State.VOID),
}
DECIDED = frozenset({State.APPROVED, State.RETURNED, State.VOID})


def needs_reason(decision: Decision) -> bool:
    """Whoever has to do it again, or loses it, is told why."""
    return decision is not Decision.APPROVE
