"""A value of the figures as a cell shows it. What cannot be divided or is not kept is a dash; no text is no text."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from server.kit.i18n import Language
from server.kit.sheets.cells import printable
from server.weekly.paper.columns import Column
from server.weekly.paper.labels import AND, DASH, ESCALATION, LATE, LETTER, VERDICT
from server.weekly.words import RECURRING, WORDS, YES_NO

ENOUGH = 30  # valid replies from which a rate of satisfaction says something
LONGEST = 160  # characters of a register's cell: more would fill a page at its width; the workbook has them all


class Place(NamedTuple):
    """In which language a cell speaks, and of which year its days need not say that they are."""

    language: Language
    year: int

    def pick(self, words: tuple[str, str]) -> str:
        return words[0] if self.language == "zh" else words[1]


def cell(column: Column, row: dict[str, Any], place: Place) -> str:
    """The text of a row's cell."""
    return fit(_SHOWN[column.kind](row.get(column.key), row, column.key, place))


def count(value: float | None) -> str:
    return DASH if value is None else str(value)


def rate(value: float | None) -> str:
    """Always with its one decimal, so that a column's points stand below each other."""
    return DASH if value is None else f"{value:.1f}"


def pct(value: float | None) -> str:
    return DASH if value is None else f"{value:.1f}%"


def ratio(value: float | None) -> str:
    return DASH if value is None else f"{value:.2f}"


def share(part: int, whole: int) -> float:
    """Of the office's own numbers: per cent with one decimal, halves up as in the figures."""
    return float((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


def money(value: float | None, language: Language) -> str:
    if value is None:
        return DASH
    return f"{value:.2f}" if language == "zh" else f"{value:,.2f}"


def fit(text: str) -> str:
    """As it can stand in XML. Only line breaks are left of what would lay out a page: docxtpl reads tabs and form feeds."""
    return printable(text).replace("\t", " ").strip()


def cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def word(key: str, value: str | None, place: Place) -> str:
    """The words for a code; one that is not known here stands for itself."""
    if not value:
        return ""
    if key == "verdict":
        return place.pick(VERDICT[value]) if value in VERDICT else value
    words = WORDS.get(key, {})
    return place.pick(words[value]) if value in words else value


def _day(value: str | None, place: Place) -> str:
    """`11-20`, or `2025-12-30` of another year."""
    if not value:
        return ""
    return value[5:] if value.startswith(f"{place.year}-") else value


def _move(value: int | None) -> str:
    return DASH if not value else f"{'↑' if value > 0 else '↓'}{abs(value)}"


def _remark(row: dict[str, Any], place: Place) -> str:
    said = [word("state", row["state"], place), place.pick(RECURRING) if row.get("is_recurring") else ""]
    return place.pick(AND).join(one for one in said if one)


def _standing(row: dict[str, Any], place: Place) -> str:
    said = [word("standing", row["standing"], place), place.pick(LATE) if row.get("late") else ""]
    return place.pick(AND).join(one for one in said if one)


def _escalation(row: dict[str, Any], place: Place) -> str:
    step, letter = row.get("escalation"), row.get("letter")
    said = place.pick(ESCALATION[step]) if step in ESCALATION else step or ""
    return "\n".join(one for one in (said, f"{place.pick(LETTER)}{letter}" if letter else "") if one)


_SHOWN: dict[str, Callable[[Any, dict[str, Any], str, Place], str]] = {
    "count": lambda value, _row, _key, _place: count(value),
    "rate": lambda value, _row, _key, _place: rate(value),
    "money": lambda value, _row, _key, place: money(value, place.language),
    "move": lambda value, _row, _key, _place: _move(value),
    "text": lambda value, _row, _key, _place: cut(value or ""),
    "long": lambda value, _row, _key, _place: cut(value or ""),
    "name": lambda value, _row, _key, place: cut(value[place.language]) if value else "",
    "site": lambda value, _row, _key, _place: cut(value["name"]) if value else "",
    "day": lambda value, _row, _key, place: _day(value, place),
    "date": lambda value, _row, _key, _place: value or "",
    "word": lambda value, _row, key, place: word(key, value, place),
    "yes": lambda value, _row, _key, place: place.pick(YES_NO[bool(value)]),
    "escalation": lambda _value, row, _key, place: _escalation(row, place),
    "remark": lambda _value, row, _key, place: _remark(row, place),
    "standing": lambda _value, row, _key, place: _standing(row, place),
}
