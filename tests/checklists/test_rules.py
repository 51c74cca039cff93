"""How answers are judged, which photos they need, what a checklist scores and costs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.checklists import files
from server.checklists.rules import (
    COMPLAINTS,
    Checklist,
    Item,
    ItemType,
    Limit,
    PhotoRule,
    Severity,
    Verdict,
    check_value,
    estimated_minutes,
    judge,
    pass_rate,
    photos_required,
    score,
)

ALL = {version.code: Checklist.of(version.content) for version in files.read_all()}
ITEMS = {code: item for checklist in ALL.values() for code, item in checklist.index.items()}
FIRE_LANE = ITEMS["ELEV-C02"]  # at least 4.0 m
LEVELLING = ITEMS["ELEV-D04"]  # -10 to 10 mm
PLUMB = ITEMS["ELEV-B03"]  # the design sets the most
BACKFILL = ITEMS["CABLE-D02"]  # the design sets the least; 100 % is the most that can be entered
SEWER_GRADE = ITEMS["ROAD-B04"]  # grades 3 and 4 fail
STAGE = ITEMS["MGMT-A01"]  # a choice where nothing fails
PERMIT = ITEMS["ELEV-A01"]
PHOTO = next(item for item in ITEMS.values() if item.type is ItemType.PHOTO)
TEXT = next(item for item in ITEMS.values() if item.type is ItemType.TEXT)


@pytest.mark.parametrize(
    ("item", "value", "verdict"),
    [
        (PERMIT, "pass", Verdict.PASS),
        (PERMIT, "fail", Verdict.FAIL),
        (PERMIT, "na", Verdict.NA),
        (FIRE_LANE, 4.0, Verdict.PASS),
        (FIRE_LANE, 4, Verdict.PASS),
        (FIRE_LANE, 3.99, Verdict.FAIL),
        (FIRE_LANE, "na", Verdict.NA),
        (LEVELLING, -10, Verdict.PASS),
        (LEVELLING, 10, Verdict.PASS),
        (LEVELLING, 10.1, Verdict.FAIL),
        (LEVELLING, -10.1, Verdict.FAIL),
        (PLUMB, 12.5, Verdict.RECORDED),
        (SEWER_GRADE, "2", Verdict.PASS),
        (SEWER_GRADE, "3", Verdict.FAIL),
        (STAGE, "suspended", Verdict.RECORDED),
        (TEXT, "一小区一策", Verdict.RECORDED),
        (PHOTO, None, Verdict.RECORDED),
        (PHOTO, "na", Verdict.NA),
    ],
)
def test_a_value_is_judged_by_its_item(item: Item, value: Any, verdict: Verdict) -> None:
    assert check_value(item, value) is None
    assert judge(item, value) is verdict


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [
        (None, Verdict.RECORDED),
        (Limit(max=10), Verdict.FAIL),
        (Limit(max=12.5), Verdict.PASS),
        (Limit(20), Verdict.FAIL),
    ],
)
def test_where_the_project_sets_the_limit_only_the_sites_own_judges(limit: Limit | None, verdict: Verdict) -> None:
    assert judge(PLUMB, 12.5, limit) is verdict


def test_a_sites_limit_does_not_touch_an_item_whose_limit_the_standard_sets() -> None:
    assert judge(FIRE_LANE, 4.5, Limit(min=5)) is Verdict.PASS


@pytest.mark.parametrize(
    ("item", "value", "complaint"),
    [
        (PERMIT, "PASS", "value-not-pass-fail-na"),
        (PERMIT, True, "value-not-pass-fail-na"),
        (PERMIT, ["pass"], "value-not-pass-fail-na"),
        (PERMIT, None, "value-not-pass-fail-na"),
        (FIRE_LANE, "4.2", "value-not-a-number"),
        (FIRE_LANE, True, "value-not-a-number"),
        (FIRE_LANE, None, "value-not-a-number"),
        (FIRE_LANE, {"value": 4}, "value-not-a-number"),
        (FIRE_LANE, float("nan"), "value-out-of-range"),
        (FIRE_LANE, float("inf"), "value-out-of-range"),
        (FIRE_LANE, 10**400, "value-out-of-range"),
        (FIRE_LANE, 2**63, "value-out-of-range"),
        (BACKFILL, 100.1, "value-out-of-range"),
        (PLUMB, -1, "value-out-of-range"),
        (SEWER_GRADE, "5", "value-not-an-option"),
        (SEWER_GRADE, 2, "value-not-an-option"),
        (SEWER_GRADE, {}, "value-not-an-option"),
        (TEXT, 5, "value-not-text"),
        (TEXT, "长" * 4001, "value-too-long"),
        (PHOTO, "pass", "value-not-null"),
    ],
)
def test_a_wrong_value_is_named_in_both_languages(item: Item, value: object, complaint: str) -> None:
    assert check_value(item, value) == complaint
    assert all(COMPLAINTS[complaint])


def test_na_is_a_value_of_every_item() -> None:
    assert {check_value(item, "na") for item in ITEMS.values()} == {None}
    assert {judge(item, "na", Limit(1, 1)) for item in ITEMS.values()} == {Verdict.NA}


def test_photos_follow_the_items_rule() -> None:
    def item(photo: PhotoRule, kind: ItemType = ItemType.PASS_FAIL_NA) -> Item:
        return Item("X-A01", "项", "item", kind, Severity.MINOR, photo, "X-A")

    needs = {rule: {v for v in Verdict if photos_required(item(rule), v)} for rule in PhotoRule}
    assert needs == {
        PhotoRule.ALWAYS: {Verdict.PASS, Verdict.FAIL, Verdict.RECORDED},
        PhotoRule.ON_FAIL: {Verdict.FAIL},
        PhotoRule.NONE: set(),
    }
    assert photos_required(item(PhotoRule.NONE, ItemType.PHOTO), Verdict.RECORDED)


def test_the_score_leaves_out_what_does_not_apply_and_what_is_only_recorded() -> None:
    given_ = [Verdict.PASS] * 5 + [Verdict.FAIL] * 3 + [Verdict.NA] * 4 + [Verdict.RECORDED] * 2
    assert score(given_) == (5, 3, 4, 2, 62.5)
    assert score([Verdict.NA, Verdict.RECORDED]) == (0, 0, 1, 1, None)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_pass_rate_is_rounded_half_up(passed: int, failed: int) -> None:
    shown = pass_rate(passed, failed)
    if passed + failed == 0:
        assert shown is None
        return
    assert shown is not None
    exact = Fraction(passed * 1000, passed + failed)
    tenths = round(shown * 10)
    assert shown == tenths / 10
    assert Fraction(-1, 2) < tenths - exact <= Fraction(1, 2)


def test_a_longer_checklist_costs_more_minutes_and_one_item_little() -> None:
    one = [PERMIT]
    assert estimated_minutes(one) == 6
    assert estimated_minutes(list(ALL["ELEV"].index.values())) == 40
    assert estimated_minutes([*one, FIRE_LANE]) > estimated_minutes(one)
    off = [item for item in ITEMS.values() if not item.default_enabled]
    assert len(off) == 1
    assert estimated_minutes(off) == estimated_minutes([])


def test_every_checklist_allows_a_photo_for_every_item_that_may_ask_for_one() -> None:
    for checklist in ALL.values():
        asking = sum(photos_required(item, Verdict.FAIL) for item in checklist.index.values())
        assert checklist.photo_max >= max(asking, 40)
