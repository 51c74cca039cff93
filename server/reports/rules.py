"""What a report is and when it may change: states, visits, the canonical form and its digest."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any

import orjson
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


class Pen(StrEnum):
    """The colours in which a photo is marked."""

    RED = "red"
    YELLOW = "yellow"


class Order(StrEnum):
    """How a list of reports is sorted by receipt."""

    NEWEST = "newest"
    OLDEST = "oldest"


# Of one report, over all its revisions. A body that came by mistake is one or two; a phone that sends something else each
# time would fill the database.
MOST_ASIDE = 20
MOST_ASIDE_BYTES = 16 * 1024 * 1024


def has_room_aside(count: int, size: int) -> bool:
    """Whether one more body is kept aside where `count` of `size` bytes in all are: the first one always is, however
    long, and the one with which the bytes are reached is the last."""
    return count < MOST_ASIDE and size < MOST_ASIDE_BYTES


def content_of(body: dict[str, Any]) -> dict[str, Any]:
    """The body without `device.sent_at`: what makes two sendings of a report the same."""
    device = body.get("device")
    if not isinstance(device, dict) or "sent_at" not in device:
        return body
    return {**body, "device": {key: value for key, value in device.items() if key != "sent_at"}}


def canonical(content: dict[str, Any]) -> bytes:
    """RFC 8785 canonical JSON. Raises ValueError for a number beyond what JSON can say exactly.

    orjson writes the same text in a tenth of the time where keys are ASCII and numbers plain, as phones send them.
    """
    try:
        return orjson.dumps(_plain(content), option=orjson.OPT_SORT_KEYS)
    except _NotPlain:
        return _canonical(content)


class _NotPlain(Exception):  # noqa: N818 - not an error: the slower way knows it
    """Something of which orjson's text may differ from RFC 8785's."""


def _plain(value: Any) -> Any:
    """The same with whole floats as the integers that RFC 8785 writes them as."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int:
        if -_EXACT < value < _EXACT:
            return value
    elif kind is float:
        if value.is_integer() and -_EXACT < value < _EXACT:
            return int(value)
        if 1e-4 <= abs(value) < 1e15:  # beyond, the two write exponents differently
            return value
    elif kind is list:
        return [_plain(inner) for inner in value]
    elif kind is dict and all(map(str.isascii, value)):  # else sorted by UTF-16 here and by UTF-8 there
        return {key: _plain(inner) for key, inner in value.items()}
    raise _NotPlain


_EXACT = 2**53


def _canonical(content: dict[str, Any]) -> bytes:
    try:
        return rfc8785.dumps(content)
    except rfc8785.IntegerDomainError:
        return rfc8785.dumps(_as_doubles(content))
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error


def _as_doubles(value: Any) -> Any:
    """Whole numbers beyond 2^53 as the double that a phone's JavaScript has written so; ValueError where none is
    equal to it."""
    if isinstance(value, dict):
        return {key: _as_doubles(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_as_doubles(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        if int(float(value)) != value:
            raise ValueError(f"{value} is not a double")
        return float(value)
    return value


def digest(canonical_json: bytes) -> str:
    """The SHA-256, lower-case hexadecimal, that the phone can compute for itself."""
    return hashlib.sha256(canonical_json).hexdigest()


def reason_of_correction(before: State, given: str | None, standing: str | None) -> str | None:
    """Why a revision counts as a correction (更正), or None: it replaces an approved report, or a correction
    (`standing` is that one's reason) that was not approved yet."""
    if before is State.APPROVED:
        return given
    return (given or standing) if standing else None


def may_replace(state: State, has_reason: bool) -> bool:
    """Whether revision + 1 may come: not void; an approved one only with a correction reason."""
    if state is State.VOID:
        return False
    return state is not State.APPROVED or has_reason
