"""The answers of a report as the lines of its document: what was asked, answered, held against, and found."""

from __future__ import annotations

import uuid
from typing import Any

from server.checklists.rules import Checklist, Item, ItemType
from server.documents.words import PHOTO, PHOTOS, code, pick
from server.kit.i18n import Language
from server.reports.paper import words

Limits = dict[str, tuple[float | None, float | None, bool]]


def sections(  # noqa: PLR0917 - a line is made of all of these
    checklist: Checklist | None, content: dict[str, Any], verdicts: dict[str, str], limits: Limits,
    numbers: dict[str, int], language: Language,
) -> list[dict[str, Any]]:
    """The answers in the checklist's order and under its headings; what it does not know comes last."""
    answered = {entry["item"]: entry for entry in content["answers"]}
    taken: dict[str, list[int]] = {}
    for entry in content["photos"]:
        if entry.get("item"):
            taken.setdefault(entry["item"], []).append(numbers[str(uuid.UUID(entry["id"]))])
    found = []
    for section in checklist.content["sections"] if checklist else ():
        lines = [
            _line(item, answered.pop(item["code"]), verdicts, limits, numbers, taken, checklist, language)
            for item in section["items"] if item["code"] in answered
        ]
        if lines:
            found.append({"title": f"{section['code']} {section[language]}", "rows": lines})
    if answered:
        empty = {"zh": "", "en": ""}
        found.append({"title": "", "rows": [
            _line(empty | {"code": name}, entry, verdicts, limits, numbers, taken, checklist, language)
            for name, entry in answered.items()
        ]})
    return found


def unanswered(checklist: Checklist | None, verdicts: dict[str, str], language: Language) -> str:
    """What was left open, by code."""
    left = [name for name in (checklist.index if checklist else ()) if name not in verdicts]
    return ("、" if language == "zh" else ", ").join(left)


def _line(  # noqa: PLR0917
    shown: dict[str, Any], entry: dict[str, Any], verdicts: dict[str, str], limits: Limits, numbers: dict[str, int],
    taken: dict[str, list[int]], checklist: Checklist | None, language: Language,
) -> dict[str, Any]:
    name = shown["code"]
    item = checklist.index.get(name) if checklist else None
    photos = sorted({*(numbers[str(uuid.UUID(one))] for one in entry.get("photos") or []), *taken.get(name, [])})
    verdict = verdicts.get(name)
    return {
        "code": name, "item": shown[language], "answer": answer(item, entry["value"], language),
        "limit": limit(item, shown, limits, language), "verdict": code(words.VERDICT, verdict, language),
        "bad": verdict == "fail",
        "note": "\n".join(filter(None, [entry.get("note") or "", photo_words(photos, language)])),
    }


def answer(item: Item | None, value: Any, language: Language) -> str:
    """An answer as people say it, with its unit."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return pick(words.YES if value else words.NO, language)
    if isinstance(value, int | float):
        return f"{_number(value)} {_unit(item, language)}".rstrip()
    text = str(value)
    if item is not None and item.type is ItemType.CHOICE:
        for option in item.options:
            if option.value == text:
                return option.zh if language == "zh" else option.en
    if item is not None and item.type is ItemType.TEXT and text != "na":
        return text
    return code(words.VERDICT, text, language)


def limit(item: Item | None, shown: dict[str, Any], limits: Limits, language: Language) -> str:
    """What the answer was held against: bounds of a number, else the checklist's criterion."""
    criterion = str(shown.get(f"criterion_{language}") or "")
    if item is None or item.type is not ItemType.NUMBER:
        return criterion
    if item.limit_source:
        if item.code not in limits:
            return "\n".join(filter(None, [pick(words.UNSET, language), criterion]))
        low, high, changed = limits[item.code]
        source = pick(words.SITE_LIMIT, language) + (pick(words.CHANGED_SINCE, language) if changed else "")
        return f"{_bounds(low, high, language)} {_unit(item, language)}".rstrip() + f"\n{source}"
    bounds = _bounds(item.min, item.max, language)
    return f"{bounds} {_unit(item, language)}".rstrip() if bounds else criterion


def photo_words(numbers: list[int], language: Language) -> str:
    """`照片1、3`."""
    if not numbers:
        return ""
    shown = ("、" if language == "zh" else ", ").join(map(str, numbers))
    return f"{pick(PHOTO if len(numbers) == 1 else PHOTOS, language)}{shown}"


def _bounds(low: float | None, high: float | None, language: Language) -> str:
    if low is not None and high is not None:
        return f"{_number(low)}{'～' if language == 'zh' else ' to '}{_number(high)}"  # a dash may be a minus
    if low is not None:
        return f"≥{_number(low)}"
    return f"≤{_number(high)}" if high is not None else ""


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)


def _unit(item: Item | None, language: Language) -> str:
    if item is None:
        return ""
    return (item.unit if language == "zh" else item.unit_en or item.unit) or ""
