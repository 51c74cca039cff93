"""Prints of the week: XLSX and CSV, from the figures object and nothing else, so that every form says the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from server.kit.i18n import Language
from server.kit.sheets import Cell, Column, Sheet, Shown, csv_bytes, write_xlsx
from server.weekly.words import COLUMNS, DASH, FRONT, NOT_FILLED, RECURRING, REPORT, TITLES, TOTAL, WORDS, YES_NO, Col

VERSION = 2  # raise it when a print changes, so that stored files of older versions are not given out
FORMATS = {"rate": "0.0", "money": "#,##0.00", "ratio": "0.00", "count": "#,##0"}
ALIGN = {"count": "right", "rate": "right", "money": "right", "ratio": "right", "day": "center", "move": "center",
         "yes": "center", "word": "center"}
# Half characters, for what may be long and is wrapped, and for what is mostly empty; the rest is measured.
WIDTHS = {"description": 30, "site": 22, "category": 22, "checklist": 22, "contractor": 18, "measure": 14, "part": 9,
          "verdict": 9, "verifier": 9, "state": 13, "escalation": 14}
TABLES = ("T1", "T2", "T3", "T5", "T7", "T8")

Figures = dict[str, Any]


def xlsx(figures: Figures, language: Language, path: Path) -> None:
    """A workbook at `path`: key figures, a sheet for each table, definitions. Memory stays flat for long registers."""
    sheets = [_front(figures, language), *(_table(figures, name, language) for name in TABLES),
              _definitions(figures, language)]
    write_xlsx(path, sheets, constant_memory=True)


def csv(figures: Figures, language: Language, path: Path) -> None:
    """The register (table 7) at `path`, UTF-8 with a mark."""
    path.write_bytes(csv_of(figures, "T7", language))


def csv_of(figures: Figures, name: str, language: Language) -> bytes:
    """A table as CSV, UTF-8 with a mark; its last row is the total where there is one."""
    columns, table = COLUMNS[name], figures["tables"][name]
    rows, total = _rows(table, columns, language), _total(table, columns, language)
    return csv_bytes([column.header(language) for column in columns], [*rows, *([total] if total else [])])


def title(name: str, language: Language) -> str:
    """What a table is called."""
    return _pick(TITLES[name], language)


def cell(column: Col, row: dict[str, Any], language: Language) -> Cell:
    """A value as printed. What cannot be divided is a dash; what is not kept yet is empty."""
    value = row.get(column.key)
    shown = _SHOWN.get(column.kind)
    if shown is not None:
        return shown(value, row, language)
    return _word(column.key, value, language) if column.kind == "word" else value


def _pick(words: tuple[str, str], language: Language) -> str:
    return words[0] if language == "zh" else words[1]


def _word(key: str, value: str | None, language: Language) -> Cell:
    return None if value is None else _pick(WORDS[key][value], language)


def _move(value: int | None) -> str:
    return DASH if not value else f"{'↑' if value > 0 else '↓'}{abs(value)}"


def _remark(row: dict[str, Any], language: Language) -> Cell:
    words = [_word("state", row["state"], language), _pick(RECURRING, language) if row["is_recurring"] else None]
    return (";" if language == "zh" else "; ").join(str(word) for word in words if word) or None


_SHOWN: dict[str, Callable[[Any, dict[str, Any], Language], Cell]] = {
    "rate": lambda value, _row, _language: DASH if value is None else value,
    "ratio": lambda value, _row, _language: DASH if value is None else value,
    "day": lambda value, _row, _language: date.fromisoformat(value) if value else None,
    "name": lambda value, _row, language: value[language] if value else None,
    "site": lambda value, _row, _language: value["name"],
    "yes": lambda value, _row, language: _pick(YES_NO[value], language),
    "move": lambda value, _row, _language: _move(value),
    "remark": lambda _value, row, language: _remark(row, language),
}


def _table(figures: Figures, name: str, language: Language) -> Sheet:
    columns = COLUMNS[name]
    heads = [
        Column(column.header(language), _wide(column, language), FORMATS.get(column.kind), _align(column))
        for column in columns
    ]
    table = figures["tables"][name]
    return Sheet(
        title(name, language), heads, _rows(table, columns, language), _total(table, columns, language),
        heading(figures, language),
    )


def _wide(column: Col, language: Language) -> float | None:
    """English words are longer than Chinese ones."""
    wide = WIDTHS.get(column.key)
    return wide if wide is None or language == "zh" else wide + 3


def _align(column: Col) -> str | None:
    return "center" if column.key in {"no", "rank", "district"} else ALIGN.get(column.kind)


def heading(figures: Figures, language: Language) -> str:
    """What stands above every printed page: which report, of where, of which week."""
    week, district = figures["week"], figures["scope"]["district"]
    days = f"{week['starts_on']} – {week['ends_on']}"
    if language == "zh":
        scope = f"({district['zh']})" if district else ""
        return f"{REPORT[0]}{scope} {week['iso_year']}年第{week['iso_week']}周({days})"
    scope = f", {district['en']}" if district else ""
    return f"{REPORT[1]}{scope}, {week['iso_year']}-W{week['iso_week']:02d} ({days})"


def _rows(table: dict[str, Any], columns: tuple[Col, ...], language: Language) -> Iterator[list[Cell]]:
    for row in table["rows"]:
        yield [cell(column, row, language) for column in columns]


def _total(table: dict[str, Any], columns: tuple[Col, ...], language: Language) -> list[Cell] | None:
    """The city's place, score and move mean nothing and stay empty."""
    total = table.get("total")
    if total is None:
        return None
    return [
        _pick(TOTAL, language) if column.kind == "name" else cell(column, total, language) if column.key in total else None
        for column in columns
    ]


def _front(figures: Figures, language: Language) -> Sheet:
    """The week, whom it is about, and the key figures."""
    week, district = figures["week"], figures["scope"]["district"]
    zh = language == "zh"
    city = "太原市" if zh else "Taiyuan"
    facts: list[list[Cell | Shown]] = [
        ["报告" if zh else "Report",
         _pick(REPORT, language)],
        ["范围" if zh else "Scope", district[language] if district else city],
        ["周次" if zh else "Week",
         f"{week['iso_year']}年第{week['iso_week']}周" if zh else f"{week['iso_year']}-W{week['iso_week']:02d}"],
        ["起" if zh else "From", date.fromisoformat(week["starts_on"])],
        ["止" if zh else "To", date.fromisoformat(week["ends_on"])],
        ["数据状态" if zh else "Figures",
         ("整周" if week["is_over"] else "本周未结束，截至制作时") if zh
         else ("whole week" if week["is_over"] else "the week still runs; as of the making")],
    ]
    heads = [
        Column(text, width, align="left")
        for text, width in (("指标" if zh else "Figure", 34), ("数值" if zh else "Value", 48))
    ]
    totals: list[list[Cell | Shown]] = [
        [words_zh if zh else words_en,
         Shown(cell(Col(key, words_zh, words_en, kind), figures["totals"], language), FORMATS.get(kind))]
        for key, words_zh, words_en, kind in FRONT
    ]
    return Sheet(
        title("front", language), heads, [*facts, *totals], heading=heading(figures, language), filtered=False,
        landscape=False,
    )


def _definitions(figures: Figures, language: Language) -> Sheet:
    explained = figures["definitions"]["figures"]
    words = ("指标", "口径", "说明") if language == "zh" else ("Figure", "Formula", "Note")
    heads = [Column(text, width) for text, width in zip(words, (26, 76, 46), strict=True)]
    rows: list[list[Cell]] = [
        [one["name"][language], one["formula"][language], _reason(one["why"], language)] for one in explained.values()
    ]
    rows += [
        [_name_of(name, language), None, _reason(why, language)]
        for name, why in figures["definitions"]["unfilled"].items() if name not in explained
    ]
    return Sheet(
        title("definitions", language), heads, rows, heading=heading(figures, language), filtered=False
    )


def _name_of(unfilled: str, language: Language) -> str:
    """The words for a table or column that is not filled: `T4`, `T5.escalation`, or a column of table 2."""
    if unfilled in TITLES:
        return title(unfilled, language)
    table, _, key = unfilled.rpartition(".")
    name = table or "T2"
    header = next((column.header(language) for column in COLUMNS[name] if column.key == key), key)
    return f"{title(name, language)} · {header}"


def _reason(why: dict[str, str] | None, language: Language) -> str | None:
    return _pick(NOT_FILLED, language) + why[language] if why else None
