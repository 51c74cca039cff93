"""Holding a report's answers against its checklist version: types, limits, required photos, counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from server.checklists.rules import (
    COMPLAINTS,
    Checklist,
    Item,
    ItemType,
    Limit,
    Verdict,
    check_value,
    judge,
    photos_required,
)
from server.errors import Refusal
from server.kit.severity import Severity


@dataclass(slots=True)
class Judged:
    """Verdict by item code, and how many of each."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)
    passed: int = 0
    failed: int = 0
    not_applicable: int = 0
    unanswered: int = 0
    critical: list[str] = field(default_factory=list)


def judge_report(checklist: Checklist, limits: dict[str, Limit], body: dict[str, Any]) -> Judged:
    """Verdicts of a loaded report. Refuses with 422 naming the item: unknown, wrong type, a photo missing."""
    errors: dict[str, list[str]] = {}
    missing: dict[str, list[str]] = {}
    shown = {photo["item"] for photo in body["photos"] if photo["item"]}
    for number, photo in enumerate(body["photos"]):
        if photo["item"] and photo["item"] not in checklist.index:
            errors[f"photos.{number}.item"] = [f"{photo['item']}: 检查表中没有此项 / not an item of this checklist"]
    result = Judged()
    for number, answer in enumerate(body["answers"]):
        code, value = answer["item"], answer["value"]
        item = checklist.index.get(code)
        if item is None:
            errors[f"answers.{number}.item"] = [f"{code}: 检查表中没有此项 / not an item of this checklist"]
            continue
        has_photo = bool(answer["photos"]) or code in shown
        if value is None and item.type is not ItemType.PHOTO:
            continue  # left open, like an item that is not in the list at all
        problem = check_value(item, value)
        if problem:
            errors[f"answers.{number}.value"] = [f"{code}: {' / '.join(COMPLAINTS[problem])}"]
            continue
        verdict = judge(item, value, limits.get(code))
        result.verdicts[code] = verdict
        if photos_required(item, verdict) and not has_photo:
            missing[f"answers.{number}.photos"] = [f"{code}: 须附照片 / needs a photo"]
        if verdict is Verdict.FAIL and severity_of(item, answer) is Severity.CRITICAL:
            result.critical.append(code)
    if errors:
        raise Refusal("invalid", errors={**errors, **missing}, extra={"items": _codes(errors | missing)})
    if missing:
        raise Refusal("photo-missing", errors=missing, extra={"items": _codes(missing)})
    _count(checklist, result)
    return result


def severity_of(item: Item, answer: dict[str, Any]) -> Severity:
    """What the inspector proposes for this failure, else what the checklist says."""
    proposed = (answer.get("issue") or {}).get("severity")
    return Severity(proposed) if proposed else item.severity


def _count(checklist: Checklist, result: Judged) -> None:
    for verdict in result.verdicts.values():
        result.passed += verdict is Verdict.PASS
        result.failed += verdict is Verdict.FAIL
        result.not_applicable += verdict is Verdict.NA
    result.unanswered = len(checklist.index) - len(result.verdicts)


def _codes(errors: dict[str, list[str]]) -> list[str]:
    return sorted({message.split(":")[0] for messages in errors.values() for message in messages})
