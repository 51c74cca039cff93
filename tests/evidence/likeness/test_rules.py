"""What two photos that are alike are to each other."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.evidence.likeness.rules import Alike, Kind, Shown, Transform, is_one_light, kind_of, later_of, transform_of
from server.kit import clock

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
WANG, ZHAO = uuid.UUID(int=1), uuid.UUID(int=2)
REPORT, ANOTHER, ISSUE, HERE, THERE = (uuid.UUID(int=number) for number in range(11, 16))
COPY, SIMILAR, SAME = Alike(copy=True), Alike(), Alike(same_bytes=True)
OTHER_LIGHT = Alike(copy=True, one_light=False)


def shown(
    number: int, owner: uuid.UUID = WANG, report: uuid.UUID | None = REPORT, site: uuid.UUID | None = HERE,
    at: datetime | None = NOON, **more: Any,
) -> Shown:
    return Shown(
        uuid.UUID(int=100 + number), owner, NOON + timedelta(days=number), reports={report} if report else set(),
        sites={site} if site else set(), captured_at=at, day=clock.day_of(at or NOON), **more,
    )


FIRST = shown(0, items={"A01"}, issues={ISSUE})
SOON, LATE, NEXT_DAY = NOON + timedelta(minutes=9), NOON + timedelta(minutes=11), NOON + timedelta(days=1)


@pytest.mark.parametrize(("other", "alike", "kind"), [
    (FIRST, SAME, Kind.NOTHING),
    (shown(1), SAME, Kind.NOTHING),  # twice in one report
    (shown(1, report=ANOTHER), SAME, Kind.SAME_BYTES),
    (shown(1, ZHAO, ANOTHER, THERE), SAME, Kind.SAME_BYTES),
    (shown(1, ZHAO, None, HERE, issues={ISSUE}), SAME, Kind.SAME_BYTES),  # its before-photo given as its after-photo
    (shown(1, ZHAO, None, None), SAME, Kind.NOTHING),  # shown nowhere
    (shown(1, at=SOON), COPY, Kind.BURST),
    (shown(1, at=None), COPY, Kind.BURST),
    (shown(1, at=LATE), COPY, Kind.NEAR_COPY),
    (shown(1, report=ANOTHER, at=SOON), COPY, Kind.BURST),
    (shown(1, report=ANOTHER, site=THERE, at=SOON), COPY, Kind.NEAR_COPY),
    (shown(1, ZHAO, ANOTHER, at=SOON), COPY, Kind.NEAR_COPY),  # a colleague's photo is not one's own visit
    (shown(1, report=ANOTHER, at=NEXT_DAY), COPY, Kind.NEAR_COPY),
    (shown(1, ZHAO, None, issues={ISSUE}, at=NEXT_DAY), COPY, Kind.NEAR_COPY),
    (shown(1, ZHAO, None, issues={ISSUE}, at=NEXT_DAY), SIMILAR, Kind.PAIR),
    (shown(1, ZHAO, None, issues={ISSUE}, at=NEXT_DAY), OTHER_LIGHT, Kind.SAME_VIEW),
    (shown(1, ZHAO, ANOTHER, items={"A01"}, at=NEXT_DAY), COPY, Kind.NEAR_COPY),
    (shown(1, ZHAO, ANOTHER, items={"A01"}, at=NEXT_DAY), OTHER_LIGHT, Kind.SAME_VIEW),  # taken anew from the very spot
    (shown(1, ZHAO, ANOTHER, items={"A01"}, at=LATE), OTHER_LIGHT, Kind.NEAR_COPY),
    (Shown(uuid.UUID(int=101), ZHAO, NOON, reports={ANOTHER}, sites={HERE}, items={"A01"}), OTHER_LIGHT, Kind.NEAR_COPY),
    (shown(1, ZHAO, ANOTHER, items={"A02"}, at=NEXT_DAY), OTHER_LIGHT, Kind.NEAR_COPY),
    (shown(1, ZHAO, ANOTHER, THERE, items={"A01"}, at=NEXT_DAY), OTHER_LIGHT, Kind.NEAR_COPY),
    (shown(1, ZHAO, ANOTHER, items={"A01"}, at=NEXT_DAY), SIMILAR, Kind.SAME_VIEW),
    (shown(1, ZHAO, ANOTHER, items={"A01"}, at=LATE), SIMILAR, Kind.NOTHING),  # the same day is no later visit
    (shown(1, ZHAO, ANOTHER, items={"A02"}, at=NEXT_DAY), SIMILAR, Kind.NOTHING),
    (shown(1, ZHAO, ANOTHER, THERE, items={"A01"}, at=NEXT_DAY), SIMILAR, Kind.NOTHING),
])
def test_kind(other: Shown, alike: Alike, kind: Kind) -> None:
    assert kind_of(FIRST, other, alike, burst_minutes=10) is kind
    assert kind_of(other, FIRST, alike, burst_minutes=10) is kind


@pytest.mark.parametrize(("light", "one"), [(None, True), (0.0, True), (0.003, True), (0.0031, False), (0.2, False)])
def test_one_light_lies_over_a_copy(light: float | None, one: bool) -> None:
    assert is_one_light(light, permille=3) is one


def test_the_later_one_is_told_by_its_receipt_and_not_by_what_the_phone_says() -> None:
    early, late = shown(1, at=NEXT_DAY), shown(2, at=NOON)
    assert later_of(early, late) == later_of(late, early) == (late, early)


@pytest.mark.parametrize(("mirrored", "cut", "transform"), [
    (False, 0.0, Transform.NONE), (False, 0.01, Transform.NONE), (True, 0.0, Transform.MIRRORED),
    (False, 0.05, Transform.CROPPED), (True, 0.05, Transform.MIRRORED_CROPPED),
])
def test_what_was_done_to_it(mirrored: bool, cut: float, transform: Transform) -> None:
    assert transform_of(mirrored=mirrored, cut=cut) is transform
