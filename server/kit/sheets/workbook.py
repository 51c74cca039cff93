"""XLSX out, by XlsxWriter: frozen header, filter, widths for Chinese text, real numbers and days, text as text."""

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from server.kit import text
from server.kit.sheets.cells import Cell, local_time, printable

MAX_SHEET_ROWS = 1_048_575  # below the header
MAX_CELL_UNITS = 32_767  # UTF-16 units that a cell of a workbook holds
FIRST_YEAR = 1900  # a workbook knows no earlier day: such a one is written as text
CUT_MARK = "…〔已截断 cut〕"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# A fixed day, so that equal input gives equal bytes.
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - XlsxWriter takes it without a zone
_EXACT_INT = 10**15  # beyond, a spreadsheet loses digits
_MEASURED_ROWS = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, a width in half characters (measured when None) and a number format such as `0.0`."""

    header: str
    width: float | None = None
    number_format: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: a name, its columns (plain headers will do) and rows as wide as them."""

    name: str
    columns: Sequence[str | Column]
    rows: Iterable[Sequence[Cell]]


def xlsx_bytes(sheets: Iterable[Sheet]) -> bytes:
    """A workbook in memory; see `write_xlsx`."""
    out = io.BytesIO()
    _write(out, sheets, constant_memory=False)
    return out.getvalue()


def write_xlsx(path: Path, sheets: Iterable[Sheet], *, constant_memory: bool = False) -> None:
    """A workbook at the path: frozen header, filter, widths for Chinese text, real numbers and days.

    `constant_memory` writes row by row through temporary files, for long exports. A text longer than a cell holds is
    cut and says so; a whole number of more than 15 digits is written as text; NaN and infinity as an empty cell.
    Text that already looks like two overlapping escapes (`_x005F_x0041_`) comes back changed: XlsxWriter 3.3
    escapes only the first of them.

    ValueError `sheet-too-long` beyond 1,048,575 rows, `sheet-missing` without any sheet; OSError from the disk.
    """
    _write(str(path), sheets, constant_memory=constant_memory)


def sheet_name(wanted: str, taken: Iterable[str] = ()) -> str:
    """A name that Excel takes: 31 characters at most, no brackets, slashes or : * ?, unlike those taken."""
    base = _NOT_IN_NAMES.sub("_", text.one_line(printable(wanted))).strip("'")
    base = base if base and base.lower() != "history" else "Sheet"
    used = {name.casefold() for name in taken}
    name, n = _cut_units(base, 31).strip("' "), 1
    while name.casefold() in used:
        n += 1
        name = _cut_units(base, 31 - len(f" ({n})")) + f" ({n})"
    return name


def _write(target: str | io.BytesIO, sheets: Iterable[Sheet], *, constant_memory: bool) -> None:
    options = {
        "in_memory": not constant_memory,
        "constant_memory": constant_memory,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": _EPOCH})
    names: list[str] = []
    try:
        for sheet in sheets:
            names.append(sheet_name(sheet.name, names))
            _Writer(book, names[-1], sheet).write()
        if not names:
            raise ValueError("sheet-missing")
    finally:
        if not names:
            book.add_worksheet()  # a workbook without a sheet cannot be closed, and closing frees its files
        book.close()


class _Writer:
    """Writes one worksheet."""

    def __init__(self, book: Any, name: str, sheet: Sheet) -> None:
        self.book = book
        self.page = book.add_worksheet(name)
        self.rows = sheet.rows
        self.columns = [Column(column) if isinstance(column, str) else column for column in sheet.columns]
        self.widths = [_width(printable(column.header)) + 3 for column in self.columns]  # room for the filter's arrow
        self.formats: dict[str, Any] = {}

    def write(self) -> None:
        """Header, rows, then what depends on their number."""
        bold = self.book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1})
        for at, column in enumerate(self.columns):
            self.page.write_string(0, at, _fitting(printable(column.header)), bold)
        last = 0
        for last, row in enumerate(self.rows, 1):
            if last > MAX_SHEET_ROWS:
                raise ValueError("sheet-too-long")
            for at, cell in enumerate(row):
                self._cell(last, at, cell)
        self.page.freeze_panes(1, 0)
        if self.columns:
            self.page.autofilter(0, 0, last, len(self.columns) - 1)
        for at, (column, width) in enumerate(zip(self.columns, self.widths, strict=True)):
            self.page.set_column(at, at, column.width or min(60, max(6, width)))

    def _cell(self, row: int, at: int, cell: Cell) -> None:
        wanted = self.columns[at].number_format if at < len(self.columns) else None
        shown = ""
        match cell:
            case None:
                return
            case bool():
                self.page.write_boolean(row, at, cell)
            case str():
                shown = _fitting(printable(cell))
                self.page.write_string(row, at, shown)
            case date() if cell.year < FIRST_YEAR:
                shown = cell.isoformat()
                self.page.write_string(row, at, shown)
            case datetime():
                shown = "2022-09-14 08:30"
                self.page.write_datetime(row, at, local_time(cell), self._format(wanted or "yyyy-mm-dd hh:mm"))
            case date():
                shown = "2022-09-14"
                self.page.write_datetime(row, at, cell, self._format(wanted or "yyyy-mm-dd"))
            case int() if abs(cell) >= _EXACT_INT:
                shown = str(cell)
                self.page.write_string(row, at, shown)
            case _:
                if not math.isfinite(cell):
                    return
                shown = str(cell)
                self.page.write_number(row, at, cell, self._format(wanted) if wanted else None)
        if row <= _MEASURED_ROWS and at < len(self.widths):
            self.widths[at] = max(self.widths[at], _width(shown) + 1)

    def _format(self, number_format: str) -> Any:
        """One format object for each number format, as a workbook has a limited number of them."""
        if number_format not in self.formats:
            self.formats[number_format] = self.book.add_format({"num_format": number_format})
        return self.formats[number_format]


def _width(shown: str) -> int:
    """Half characters: a Chinese one is as wide as two Latin ones. The widest line counts."""
    return max(
        (sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line[:80]) for line in shown.splitlines()),
        default=0,
    )


def _fitting(value: str) -> str:
    """The text as a cell can hold it."""
    if len(value) * 2 <= MAX_CELL_UNITS or len(value.encode("utf-16-le")) <= MAX_CELL_UNITS * 2:
        return value
    return _cut_units(value, MAX_CELL_UNITS - len(CUT_MARK)) + CUT_MARK


def _cut_units(value: str, units: int) -> str:
    """At most so many UTF-16 units, never half a character."""
    return value.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
