"""A phone's clock from its sendings of these days."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from server.evidence.facts.rules import Limits
from server.evidence.facts.timing import skew_of

KEPT = 16  # sendings of one phone


class Reading(NamedTuple):
    """One sending: of which revision, when it was received, and by how many seconds it says it was sent later."""

    report_id: uuid.UUID
    revision: int
    received_at: datetime
    offset_s: float

    def as_json(self) -> list[Any]:
        return [str(self.report_id), self.revision, self.received_at.isoformat(), self.offset_s]

    @classmethod
    def of_json(cls, row: list[Any]) -> Reading:
        report_id, revision, received_at, offset_s = row
        return cls(uuid.UUID(report_id), revision, datetime.fromisoformat(received_at), offset_s)


def with_reading(kept: list[Any], own: Reading | None) -> list[Reading]:
    """All sendings that are known, one's own among them, the newest last."""
    known = {(one.report_id, one.revision): one for one in map(Reading.of_json, kept)}
    if own is not None:
        known[own.report_id, own.revision] = own
    return sorted(known.values(), key=lambda one: (one.received_at, one.report_id))[-KEPT:]


def skew_at(readings: list[Reading], at: datetime, own: Reading | None, days: int, limits: Limits) -> tuple[float | None, int]:
    """How many seconds the clock was ahead at this time, and from how many sendings that is known."""
    near = [one for one in readings if abs(one.received_at - at) <= timedelta(days=days) and one != own]
    skew = skew_of(own.offset_s if own else None, [one.offset_s for one in near], limits)
    return skew, len(near) + (own is not None)
