"""What a supervisor may decide."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """approve closes the review, return asks for a new revision, void strikes the report out."""

    APPROVE = "approve"
    RETURN = "return"
    VOID = "void"
