"""What a checklist is and how its answers are judged: types, limits, required photos, score, minutes.

Plain functions over plain values. `judge` presumes that `check_value` had nothing against the value.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from server.kit.severity import Severity
from server.programme.rules import rate


class ItemType(StrEnum):
    """How an item is answered."""

    PASS_FAIL_NA = "pass_fail_na"  # noqa: S105
    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    PHOTO = "photo"


class PhotoRule(StrEnum):
    """When an answer needs at least one photo."""

    ALWAYS = "always"
    ON_FAIL = "on_fail"
    NONE = "none"


class Verdict(StrEnum):
    """What an answer comes to. `recorded` is neither good nor bad: nothing is set to judge it by."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NA = "na"
    RECORDED = "recorded"


NA = "na"  # accepted as the value of an item of any type: it does not apply here
MAX_TEXT = 4000
MAX_NUMBER = 1e12  # no measurement on a site is larger; beyond 2^53 the canonical form is not exact

COMPLAINTS: dict[str, tuple[str, str]] = {
    "value-not-pass-fail-na": ("须为 pass、fail 或 na", "must be pass, fail or na"),
    "value-not-a-number": ("须为数字，或 na", "must be a number, or na"),
    "value-out-of-range": ("数值超出可填范围", "is outside the range that may be entered"),
    "value-not-an-option": ("不是此项的选项", "is not an option of this item"),
    "value-not-text": ("须为文字", "must be text"),
    "value-too-long": (f"文字超过 {MAX_TEXT} 字", f"is longer than {MAX_TEXT} characters"),
    "value-not-null": ("照片项的值须为空(null)", "must be null: the answer to this item is its photos"),
}


class Option(NamedTuple):
    """One value of a choice; `fails` makes it a failure."""

    value: str
    zh: str
    en: str
    fails: bool = False


class Limit(NamedTuple):
    """Bounds that a site sets for an item, inclusive; at least one is given."""

    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One check. `min` and `max` are inclusive; with a `limit_source` they are only what may be entered."""

    code: str
    zh: str
    en: str
    type: ItemType
    severity: Severity
    photo: PhotoRule
    section: str
    unit: str | None = None
    unit_en: str | None = None
    min: float | None = None
    max: float | None = None
    options: tuple[Option, ...] = ()
    limit_source: str | None = None  # design | local_rule
    limit_kind: str | None = None  # min | max
    kpi: str | None = None
    default_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Checklist:
    """One published version, with its items by code. `content` is the shape of the contract."""

    code: str
    version: int
    content: Mapping[str, Any] = field(repr=False, compare=False)
    index: dict[str, Item] = field(repr=False, compare=False)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Checklist:
        """Build it from content of the contract's shape, which the loader has checked."""
        index = {
            entry["code"]: _item(entry, section["code"])
            for section in content["sections"]
            for entry in section["items"]
        }
        return cls(content["code"], content["version"], content, index)

    @property
    def photo_max(self) -> int:
        """How many photos one report by this checklist may hold."""
        return photo_max(self.index.values())


def _item(entry: Mapping[str, Any], section: str) -> Item:
    options = tuple(
        Option(option["value"], option["zh"], option["en"], bool(option.get("fails")))
        for option in entry.get("options") or ()
    )
    return Item(
        code=entry["code"], zh=entry["zh"], en=entry["en"], section=section,
        type=ItemType(entry["type"]), severity=Severity(entry["severity"]), photo=PhotoRule(entry["photo"]),
        unit=entry.get("unit"), unit_en=entry.get("unit_en"), min=entry.get("min"), max=entry.get("max"),
        options=options, limit_source=entry.get("limit_source"), limit_kind=entry.get("limit_kind"),
        kpi=entry.get("kpi"), default_enabled=entry.get("default_enabled", True),
    )


def check_value(item: Item, value: object) -> str | None:  # noqa: PLR0911 - one line for each complaint
    """What is wrong with the value, as a key of COMPLAINTS; None where it may be judged.

    Where the limit is set per project, the template's own min and max are what may be entered, so a value beyond
    them is a mistyping and refused here; otherwise a value beyond them is a failure, and `judge` says so.
    """
    if isinstance(value, str) and value == NA:
        return None
    match item.type:
        case ItemType.PASS_FAIL_NA:
            return None if isinstance(value, str) and value in {"pass", "fail"} else "value-not-pass-fail-na"
        case ItemType.NUMBER:
            if isinstance(value, bool) or not isinstance(value, int | float):
                return "value-not-a-number"
            if not -MAX_NUMBER <= value <= MAX_NUMBER:  # NaN is not in here either
                return "value-out-of-range"
            return "value-out-of-range" if item.limit_source and _outside(value, item.min, item.max) else None
        case ItemType.CHOICE:
            known = isinstance(value, str) and any(option.value == value for option in item.options)
            return None if known else "value-not-an-option"
        case ItemType.TEXT:
            if not isinstance(value, str):
                return "value-not-text"
            return "value-too-long" if len(value) > MAX_TEXT else None
        case ItemType.PHOTO:
            return None if value is None else "value-not-null"


def judge(item: Item, value: Any, limit: Limit | None = None) -> Verdict:  # noqa: PLR0911
    """The verdict on a value that `check_value` accepts; `limit` is what the site has set for this item.

    A number is judged by its own bounds or, where those are set per project, by the site's limit alone; without
    any bound it is recorded. So are text, photos, and a choice that has no failing option.
    """
    if value == NA:
        return Verdict.NA
    match item.type:
        case ItemType.PASS_FAIL_NA:
            return Verdict(value)
        case ItemType.NUMBER:
            low, high = judged_by(item, limit)
            if low is None and high is None:
                return Verdict.RECORDED
            return Verdict.FAIL if _outside(value, low, high) else Verdict.PASS
        case ItemType.CHOICE:
            failing = [option.value for option in item.options if option.fails]
            if not failing:
                return Verdict.RECORDED
            return Verdict.FAIL if value in failing else Verdict.PASS
        case _:
            return Verdict.RECORDED


def judged_by(item: Item, limit: Limit | None) -> tuple[float | None, float | None]:
    """The bounds, inclusive, that a number is held against: the item's own, or what the site has set where it must."""
    if item.type is not ItemType.NUMBER:
        return None, None
    return (limit or Limit()) if item.limit_source else (item.min, item.max)


def _outside(value: float, low: float | None, high: float | None) -> bool:
    return (low is not None and value < low) or (high is not None and value > high)


def photos_required(item: Item, verdict: Verdict) -> bool:
    """Whether an answered item needs at least one photo. What does not apply never does."""
    if verdict is Verdict.NA:
        return False
    if item.photo is PhotoRule.ALWAYS or item.type is ItemType.PHOTO:
        return True
    return item.photo is PhotoRule.ON_FAIL and verdict is Verdict.FAIL


class Score(NamedTuple):
    """Counts of verdicts; `pass_rate` in per cent with one decimal, None where nothing was judged."""

    passed: int
    failed: int
    na: int
    recorded: int
    pass_rate: float | None


def score(verdicts: Iterable[Verdict]) -> Score:
    """Count the verdicts; what does not apply and what is only recorded is left out of the rate."""
    given = list(verdicts)
    passed, failed = given.count(Verdict.PASS), given.count(Verdict.FAIL)
    return Score(passed, failed, given.count(Verdict.NA), given.count(Verdict.RECORDED), pass_rate(passed, failed))


def pass_rate(passed: int, failed: int) -> float | None:
    """合格率: pass ÷ (pass + fail) in per cent, one decimal, halves up; None where nothing was judged."""
    share = rate(passed, passed + failed)
    return None if share is None else float(share)


# What a checklist costs an inspector on the spot, in seconds: reading and looking, measuring, writing, one photo.
# They are assumptions to be put right by the times that reports tell (finished_at - started_at).
SECONDS = {
    ItemType.PASS_FAIL_NA: 60,
    ItemType.NUMBER: 100,
    ItemType.CHOICE: 45,
    ItemType.TEXT: 60,
    ItemType.PHOTO: 20,
}
SECONDS_PER_PHOTO = 25
SECONDS_PER_REPORT = 240  # finding the place, position, summary, sending
EXPECTED_FAILURES = 0.1  # share of items that fail, hence need a photo where photo is on_fail


def estimated_minutes(items: Collection[Item]) -> int:
    """Whole minutes that one report takes: the sum of its items by type, their expected photos, and the start."""
    seconds: float = SECONDS_PER_REPORT
    for item in items:
        if not item.default_enabled:
            continue
        seconds += SECONDS[item.type]
        if item.photo is PhotoRule.ALWAYS or item.type is ItemType.PHOTO:
            seconds += SECONDS_PER_PHOTO
        elif item.photo is PhotoRule.ON_FAIL:
            seconds += SECONDS_PER_PHOTO * EXPECTED_FAILURES
    return math.ceil(seconds / 60)


PHOTOS_PER_ITEM, LEAST_PHOTOS = 3, 40


def photo_max(items: Iterable[Item]) -> int:
    """Three photos for each item that can ask for one, and never fewer than 40."""
    asking = sum(item.photo is not PhotoRule.NONE or item.type is ItemType.PHOTO for item in items)
    return max(LEAST_PHOTOS, PHOTOS_PER_ITEM * asking)
