"""The office's own words of a week: what it has written lies over what is drafted or carried on from the week before."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Refusal, invalid
from server.kit import clock
from server.kit.actor import Actor
from server.kit.i18n import Language
from server.programme.models import Site
from server.weekly import drafting, queries
from server.weekly.figures import unpacked
from server.weekly.models import WeeklyReport

OFFICE = "太原市老旧小区改造工作专班办公室"
MAX_CASES = 24
OF_BEHIND = ("reason", "measure", "expected_on")  # of a site in table 4
_EMPTY: dict[str, Any] = {
    "key_points": {"zh": [], "en": []}, "red_list": [], "black_list": [],
    "residents": {
        "hotline_received": None, "hotline_done": None, "hotline_in_time": None, "replies_valid": None,
        "replies_satisfied": None, "text": None,
    },
    "behind": [],
    "next_week": [],
    "distribution": {"report_to": None, "send_to": None, "issue_to": None, "copies": None},
    "office": OFFICE, "cases": None,
}
_CARRIED_ON = ("behind", "distribution", "office")  # the same week after week, until somebody changes them
_IN_PARTS = ("key_points", "residents", "distribution")  # of which a change may name some keys alone


def empty() -> dict[str, Any]:
    """Every key, and nothing written."""
    return copy.deepcopy(_EMPTY)


Points = Mapping[Language, list[str]]
_drafts: dict[str, Points] = {}  # by the digest of the figures
_DRAFTS = 64


def drafted(db: Session, weekly: WeeklyReport) -> Points | None:
    """The key points that the last making gives. Kept by the process: every look at a report asks for them, and whoever
    waits for one looks again and again, while its figures take a tenth of a second to read."""
    if weekly.figures_digest is None or weekly.frozen_at is not None:
        return None
    known = _drafts.get(weekly.figures_digest)
    if known is not None:
        return known
    made = queries.last_made(db, weekly.id)
    if made is None:
        return None
    if len(_drafts) >= _DRAFTS:
        _drafts.clear()
    _drafts[made[0]] = found = drafting.key_points(unpacked(made[1]))
    return found


def of(db: Session, weekly: WeeklyReport, key_points: Points | None) -> dict[str, Any]:
    """All that is printed: every key is there. `key_points` are the drafted ones."""
    if weekly.frozen_at is not None and weekly.words is not None:
        return weekly.words
    words = empty()
    if key_points is not None:
        words["key_points"] = dict(key_points)
    before = queries.last_frozen_words(db, weekly.scope)
    words |= {key: before[key] for key in _CARRIED_ON if before and before.get(key)}
    return _over(words, weekly.words or {})


def _over(words: dict[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in written.items():
        words[key] = {**words[key], **value} if key in _IN_PARTS and isinstance(value, Mapping) else value
    return words


def change(
    db: Session, actor: Actor, weekly: WeeklyReport, changes: Mapping[str, Any], *, version: int | None
) -> None:
    """Write what `changes` names; None takes back what was written, so that the draft shows again.

    409 `weekly-frozen` once it is frozen, `weekly-changed` where `version` is not the newest; 422 naming what is wrong.
    What is so already makes no version.
    """
    queries.locked(db, weekly)
    if weekly.frozen_at is not None:
        raise Refusal("weekly-frozen", extra={"frozen_at": weekly.frozen_at.isoformat()})
    if version is not None and version != weekly.words_version:
        raise Refusal("weekly-changed", extra={"version": weekly.words_version})
    _check(db, changes)
    written = dict(weekly.words or {})
    for key, value in changes.items():
        if value is None:
            written.pop(key, None)
        elif key in _IN_PARTS:
            written[key] = {**written.get(key, {}), **value}
        else:
            written[key] = value
    if written == (weekly.words or {}):
        return
    weekly.words, weekly.words_version = written, weekly.words_version + 1
    weekly.words_at, weekly.words_by = clock.now(), actor.id
    db.flush()
    audit.record(
        db, actor, "weekly_report_worded", "weekly_report", weekly.id, district=weekly.scope or None,
        version=weekly.words_version, changed=sorted(changes),
    )


def _check(db: Session, changes: Mapping[str, Any]) -> None:
    seen: set[str] = set()
    for at, one in enumerate(changes.get("behind") or []):
        if one["site"] in seen:
            raise invalid(f"behind.{at}.site", "同一小区写了两次", "named twice")
        if db.get(Site, uuid.UUID(one["site"])) is None:
            raise invalid(f"behind.{at}.site", "没有此小区", "no such site")
        seen.add(one["site"])
    told = changes.get("residents") or {}
    for part, whole, zh, en in (
        ("hotline_done", "hotline_received", "办结件数多于受理件数", "more were settled than received"),
        ("replies_satisfied", "replies_valid", "满意份数多于有效问卷", "more are satisfied than replied"),
    ):
        if told.get(part) is not None and told.get(whole) is not None and told[part] > told[whole]:
            raise invalid(f"residents.{part}", zh, en)
