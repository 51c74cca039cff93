"""What a report is and when it may change: states, visits, the canonical form and its digest."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any

import rfc8785


class State(StrEnum):
    """incomplete (photos still missing) → submitted → approved | returned → (revision + 1) submitted; void."""

    INCOMPLETE = "incomplete"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    VOID = "void"


class Visit(StrEnum):
    """The kind of visit."""

    ROUTINE = "routine"
    THEMED = "themed"
    FOLLOW_UP = "follow_up"
    UNANNOUNCED = "unannounced"


class PhotoState(StrEnum):
    """Where a photo that a report names stands."""

    EXPECTED = "expected"
    STORED = "stored"
    REFUSED = "refused"


def content_of(body: dict[str, Any]) -> dict[str, Any]:
    """The body without `device.sent_at`: what makes two sendings of a report the same."""
    device = body.get("device")
    if not isinstance(device, dict) or "sent_at" not in device:
        return body
    return {**body, "device": {key: value for key, value in device.items() if key != "sent_at"}}


def canonical(content: dict[str, Any]) -> bytes:
    """RFC 8785 canonical JSON. Raises ValueError for a number beyond what JSON can say exactly."""
    try:
        return rfc8785.dumps(content)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def digest(canonical_json: bytes) -> str:
    """The SHA-256, lower-case hexadecimal, that the phone can compute for itself."""
    return hashlib.sha256(canonical_json).hexdigest()


def may_replace(state: State, has_reason: bool) -> bool:
    """Whether revision + 1 may come: not void; an approved one only with a correction reason."""
    if state is State.VOID:
        return False
    return state is not State.APPROVED or has_reason
