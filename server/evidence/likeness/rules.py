"""When likeness is a fact to look at, and when it is as it should be. Plain Python."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

FLAG = "seen-before"
CUT_FROM = 0.015  # of a side: less is the rounding of sizes


class Kind(StrEnum):
    """What two photos that are alike are to each other."""

    SAME_BYTES = "same-bytes"
    NEAR_COPY = "near-copy"
    SAME_VIEW = "same-view"  # the same item on a later visit, from the same spot: shows progress
    BURST = "burst"  # of one visit, within minutes
    PAIR = "pair"  # before and after of one issue
    NOTHING = "nothing"


FLAGGED = frozenset({Kind.SAME_BYTES, Kind.NEAR_COPY})
SHOWN = FLAGGED | {Kind.SAME_VIEW}


class Transform(StrEnum):
    """What was done to a copy beyond saving it again."""

    NONE = "none"
    MIRRORED = "mirrored"
    CROPPED = "cropped"
    MIRRORED_CROPPED = "mirrored-cropped"


def transform_of(*, mirrored: bool, cut: float) -> Transform:
    if cut > CUT_FROM:
        return Transform.MIRRORED_CROPPED if mirrored else Transform.CROPPED
    return Transform.MIRRORED if mirrored else Transform.NONE


@dataclass(slots=True)
class Shown:
    """Where a photo is shown, by whom, of what. A photo that nothing shows is no evidence of anything."""

    photo_id: uuid.UUID
    owner_id: uuid.UUID
    received_at: datetime
    reports: set[uuid.UUID] = field(default_factory=set)
    issues: set[uuid.UUID] = field(default_factory=set)
    sites: set[uuid.UUID] = field(default_factory=set)
    items: set[str] = field(default_factory=set)
    visits: set[tuple[uuid.UUID, date]] = field(default_factory=set)  # (site, day), of reports that are not void
    newest: tuple[uuid.UUID, str] | None = None  # the report that came last, its district
    captured_at: datetime | None = None
    day: date | None = None  # in Asia/Shanghai

    @property
    def anywhere(self) -> bool:
        return bool(self.reports or self.issues)


    @property
    def again(self) -> int:
        """For how many visits beyond the first this one photo is given: one visit may have several reports."""
        return max(0, len(self.visits) - 1)


@dataclass(frozen=True, slots=True)
class Alike:
    """What is known of how two photos are alike, whichever came first."""

    same_bytes: bool = False
    copy: bool = False  # the check on aligned thumbs says so
    one_light: bool = True  # the same light lies over both, as far as is known, or one is the other mirrored


def is_one_light(light: float | None, *, permille: int) -> bool:
    """Whether nothing speaks against one light over both; `light` is the share of brightness by which it differs."""
    return light is None or 1000 * light <= permille


def kind_of(one: Shown, other: Shown, alike: Alike, *, burst_minutes: int) -> Kind:
    """What they are to each other.

    A copy of a before-photo given as its after-photo is flagged, and so is one of an earlier visit to the same item. What
    is taken anew from the very same spot may fit as a copy does, but another light lies over it; only where it may well
    have been taken anew does that excuse it, and it is shown as the same view.
    """
    if one.photo_id == other.photo_id or not (one.anywhere and other.anywhere):
        return Kind.NOTHING
    if alike.same_bytes:
        return Kind.NOTHING if one.reports & other.reports else Kind.SAME_BYTES
    if _one_visit(one, other) and _close(one, other, burst_minutes):
        return Kind.BURST
    view = _view(one, other)
    if not alike.copy:
        return view
    return Kind.NEAR_COPY if alike.one_light or view is Kind.NOTHING else Kind.SAME_VIEW


def _view(one: Shown, other: Shown) -> Kind:
    """What two photos are of which none is a copy of the other."""
    if one.issues & other.issues:
        return Kind.PAIR
    same = one.sites & other.sites and one.items & other.items
    is_later_visit = one.day is not None and other.day is not None and one.day != other.day
    return Kind.SAME_VIEW if same and is_later_visit else Kind.NOTHING


def _one_visit(one: Shown, other: Shown) -> bool:
    if one.reports & other.reports:
        return True
    same = one.owner_id == other.owner_id and one.sites & other.sites
    return bool(same and one.day is not None and one.day == other.day)


def _close(one: Shown, other: Shown, minutes: int) -> bool:
    """Where a phone did not say when, nothing speaks against it."""
    if one.captured_at is None or other.captured_at is None:
        return True
    return abs((one.captured_at - other.captured_at).total_seconds()) <= minutes * 60


def later_of(one: Shown, other: Shown) -> tuple[Shown, Shown]:
    """(the photo that came later, the other): the flag stands on the later one."""
    later, earlier = sorted((one, other), key=lambda shown: (shown.received_at, shown.photo_id), reverse=True)
    return later, earlier
