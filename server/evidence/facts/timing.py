"""When: a phone's clock against the server's, and the times that it gave against each other and the visit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from server.evidence.facts.rules import Found, Limits, Numbers, Shot, Source, Visit, minutes


def skew_of(own: float | None, others: Sequence[float], limits: Limits) -> float | None:
    """How many seconds the clock is ahead, from one's own sending (sent − received) and others of these days.

    A way takes time, so each of them is at most the truth, and the largest comes nearest. One's own is believed where
    it is not behind: others cannot make a clock that is right wrong, which was put right since. Where it is behind,
    the clock may be, or the way was long; then the sending with the shortest way tells.
    """
    if own is None:
        return max(others, default=None)
    if own >= -limits.clock_minutes * 60:
        return own
    return max([own, *others])


def of_report(visit: Visit, limits: Limits) -> Found:
    """The clock, and whether the report ended before it was sent and received."""
    found: Found = {}
    if visit.skew_s is not None and abs(visit.skew_s) > limits.clock_minutes * 60:
        found["clock-skew"] = {
            "minutes": minutes(visit.skew_s), "seconds": round(visit.skew_s), "ahead": visit.skew_s > 0,
            "sendings": visit.sendings,
        }
    late = _too_late(visit.finished_at, "finished", visit, limits) if visit.finished_at else None
    if late:
        found["time-order"] = late
    return found


def of_shot(visit: Visit, shot: Shot, limits: Limits) -> Found:
    """Of one photo: its own time against the reported one, the visit, and the sending."""
    found: Found = {}
    differs = _differs(visit, shot, limits)
    if differs:
        found["time-mismatch"] = differs
    own = shot.exif.taken_at if shot.exif else None
    taken = shot.captured_at or own
    if taken is None:
        return found
    late = _too_late(taken, "captured", visit, limits)
    if late:
        found["time-order"] = late
        return found  # what was taken after it was sent is outside the visit as well: one fact, said once
    if visit.started_at is None or visit.finished_at is None:
        return found
    before, after = _seconds(taken, visit.started_at), _seconds(visit.finished_at, taken)
    outside = max(before, after)
    if outside > limits.visit_minutes * 60:
        found["outside-visit"] = {"minutes": minutes(outside), "side": "before" if before > after else "after"}
    return found


def _differs(visit: Visit, shot: Shot, limits: Limits) -> Numbers | None:
    """The file's times against the reported one. The camera's clock is the phone's; the satellites' is right, so the
    phone's is put right first."""
    if shot.exif is None or shot.captured_at is None:
        return None
    for name, said, skew in (("exif", shot.exif.taken_at, 0.0), ("gps", shot.exif.gps_at, visit.skew_s or 0.0)):
        if said is None or (name == "gps" and shot.source == Source.GALLERY):
            continue
        apart = _seconds(said, shot.captured_at) - skew
        if abs(apart) > limits.times_minutes * 60:
            return {
                "minutes": minutes(apart), "clock": name, "own_at": said.isoformat(),
                "captured_at": shot.captured_at.isoformat(),
            }
    return None


def _too_late(moment: datetime, event: str, visit: Visit, limits: Limits) -> Numbers | None:
    """After it was sent by the same clock, or, where that is not known, after it was received."""
    if visit.sent_at is not None:
        against, late = "sent", _seconds(visit.sent_at, moment)
    else:
        against, late = "received", _seconds(visit.received_at, moment) - (visit.skew_s or 0.0)
    if late <= limits.clock_minutes * 60:
        return None
    return {"minutes": minutes(late), "event": event, "against": against}


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()
