"""What a figure is in print: a number, a day, or a word in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from server.kit.i18n import Language
from server.kit.sheets import Cell
from server.weekly.words import COLUMNS, DASH, LETTER, RECURRING, REPORT, TITLES, TOTAL, WORDS, YES_NO, Col

Row = dict[str, Any]


def pick(words: tuple[str, str], language: Language) -> str:
    """The words in the reader's language."""
    return words[0] if language == "zh" else words[1]


def title(name: str, language: Language) -> str:
    """What a table is called."""
    return pick(TITLES[name], language)


def cell(column: Col, row: Row, language: Language) -> Cell:
    """A value as printed. What cannot be divided is a dash; what is not kept yet is empty; a photo is its SHA-256."""
    value = row.get(column.key)
    shown = _SHOWN.get(column.kind)
    if shown is not None:
        return shown(value, row, language)
    return _word(column.key, value, language) if column.kind == "word" else value


def rows(table: dict[str, Any], name: str, language: Language) -> Iterator[list[Cell]]:
    """The rows of a table as printed."""
    for row in table["rows"]:
        yield [cell(column, row, language) for column in COLUMNS[name]]


def total(table: dict[str, Any], name: str, language: Language) -> list[Cell] | None:
    """The last row, where there is one. The city's place, score and move mean nothing and stay empty."""
    found = table.get("total")
    if found is None:
        return None
    return [
        pick(TOTAL, language) if column.kind == "name" else cell(column, found, language) if column.key in found else None
        for column in COLUMNS[name]
    ]


def heading(figures: dict[str, Any], language: Language) -> str:
    """What stands above every printed page: which report, of where, of which week."""
    week, district = figures["week"], figures["scope"]["district"]
    days = f"{week['starts_on']} – {week['ends_on']}"
    if language == "zh":
        scope = f"({district['zh']})" if district else ""
        return f"{REPORT[0]}{scope} {week['iso_year']}年第{week['iso_week']}周（{days}）"
    scope = f", {district['en']}" if district else ""
    return f"{REPORT[1]}{scope}, {week['iso_year']}-W{week['iso_week']:02d} ({days})"


def day(value: str | None) -> date | None:
    """A day of the figures."""
    return date.fromisoformat(value) if value else None


def _word(key: str, value: str | None, language: Language) -> Cell:
    return None if value is None else pick(WORDS[key][value], language)


def _move(value: int | None) -> str:
    return DASH if not value else f"{'↑' if value > 0 else '↓'}{abs(value)}"


def _remark(row: Row, language: Language) -> Cell:
    words = [_word("state", row["state"], language), pick(RECURRING, language) if row["is_recurring"] else None]
    return (";" if language == "zh" else "; ").join(str(word) for word in words if word) or None


def _escalation(value: str | None, row: Row, language: Language) -> Cell:
    """How far it was pressed, and the number of the letter where one was written."""
    letter = row.get("letter")
    words = [
        _word("escalation", value, language) if value != "none" or not letter else None,
        f"{pick(LETTER, language)} {letter}" if letter else None,
    ]
    return ("；" if language == "zh" else "; ").join(str(word) for word in words if word) or None


_SHOWN: dict[str, Callable[[Any, Row, Language], Cell]] = {
    "rate": lambda value, _row, _language: DASH if value is None else value,
    "ratio": lambda value, _row, _language: DASH if value is None else value,
    "day": lambda value, _row, _language: day(value),
    "name": lambda value, _row, language: value[language] if value else None,
    "site": lambda value, _row, _language: value["name"],
    "yes": lambda value, _row, language: pick(YES_NO[value], language),
    "move": lambda value, _row, _language: _move(value),
    "remark": lambda _value, row, language: _remark(row, language),
    "escalation": _escalation,
    "photo": lambda value, _row, _language: value["sha256"] if value else None,
}
