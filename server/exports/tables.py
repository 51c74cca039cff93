"""A table as it leaves the house: the same columns and cells as XLSX and as CSV, written row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from server.exports.rules import Format
from server.kit.i18n import Language
from server.kit.sheets import Cell, Column, Content, Link, Picture, Sheet, Shown, long_sheets, write_csv, write_xlsx
from server.kit.sheets.workbook import MAX_SHEET_ROWS


class Col(NamedTuple):
    """A column: headers in both languages, width in half characters (else measured), number format, alignment."""

    zh: str
    en: str
    width: float | None = None
    number_format: str | None = None
    align: str | None = None


class Table(NamedTuple):
    """Columns and rows under a title."""

    title: str
    columns: Sequence[Col]
    rows: Iterator[Sequence[Content]]


def write(
    path: Path, form: Format, table: Table, language: Language, *, most: int = MAX_SHEET_ROWS
) -> None:
    """The table at `path`; its memory stays flat, more than `most` rows go on on another sheet."""
    heads = [column.zh if language == "zh" else column.en for column in table.columns]
    if form is Format.CSV:
        write_csv(path, heads, ([plain(cell) for cell in row] for row in table.rows))
        return
    columns = [
        Column(head, _wide(column.width, language), column.number_format, column.align)
        for head, column in zip(heads, table.columns, strict=True)
    ]
    write_xlsx(
        path, long_sheets(Sheet(table.title, columns, table.rows, heading=table.title), most=most), constant_memory=True
    )


def plain(content: Content) -> Cell:
    """What a CSV can say of a cell."""
    match content:
        case Link():
            return content.text
        case Shown():
            return content.value
        case Picture():
            return None
        case _:
            return content


def _wide(width: float | None, language: Language) -> float | None:
    """English words are longer than Chinese ones."""
    return width if width is None or language == "zh" else width + 3
