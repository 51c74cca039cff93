"""XLSX out, by XlsxWriter: real numbers and days, text as text; frozen header, filter, and fit to be printed on A4."""

import io
import itertools
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import xlsxwriter  # type: ignore[import-untyped]

from server.kit import text
from server.kit.sheets.cells import Cell, local_time, printable
from server.kit.sheets.look import LINE, Look, height, set_up_page, width

MAX_SHEET_ROWS = 1_048_575  # below the header
MAX_CELL_UNITS = 32_767  # UTF-16 units that a cell of a workbook holds
FIRST_YEAR = 1900  # a workbook knows no earlier day: such a one is written as text
CUT_MARK = "…〔已截断 cut〕"
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# A fixed day, so that equal input gives equal bytes.
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - XlsxWriter takes it without a zone
_EXACT_INT = 10**15  # beyond, a spreadsheet loses digits
_MEASURED_ROWS = 200
_WIDEST, _HEADER_WORD = 60, 14  # half characters
_MOST_LINKS = 65_530  # of a sheet
_POINTS, _ROUND, _PIXELS_OF_A_HALF = 0.75, 3, 7  # points of a pixel; pixels around a picture and of a half character


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, a width in half characters (measured when None), a number format such as `0.0`, and where
    its cells stand: `left`, `center` or `right`; unless told, as their kind does. Text in a `right` column is centred:
    it stands for a number that is not there."""

    header: str
    width: float | None = None
    number_format: str | None = None
    align: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A value with a number format of its own."""

    value: Cell
    number_format: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to an address of ours. A sheet holds 65,530 of them; later ones are plain text."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that lies in its cell and moves with it: a JPEG or PNG, and its size in pixels. The file must stay
    until the workbook is written. It may lead to an address of ours, and be told in words to who cannot see it."""

    path: Path
    width: int
    height: int
    url: str | None = None
    told: str = ""


Content = Cell | Shown | Link | Picture


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: a name, its columns (plain headers will do) and rows as wide as them.

    `total` stands below the rows, out of the filter's reach. `heading` is printed above every page. A `sparse` sheet is
    mostly empty: its empty cells are not even drawn, which saves a fifth of the time. A `large` one is printed on A3.
    """

    name: str
    columns: Sequence[str | Column]
    rows: Iterable[Sequence[Content]]
    total: Sequence[Cell] | None = None
    heading: str = ""
    filtered: bool = True
    landscape: bool = True
    sparse: bool = False
    large: bool = False


class Page(Protocol):
    """A worksheet that draws itself, such as one with charts. In constant memory its rows must go downwards."""

    @property
    def name(self) -> str:
        """What it is called."""

    def draw(self, book: Any, page: Any, look: Look) -> None:
        """Write it on XlsxWriter's `page` of `book`; its name, as `page` has it, may differ from the one wanted."""


def xlsx_bytes(sheets: Iterable[Sheet | Page]) -> bytes:
    """A workbook in memory; see `write_xlsx`."""
    out = io.BytesIO()
    _write(out, sheets, constant_memory=False)
    return out.getvalue()


def write_xlsx(path: Path, sheets: Iterable[Sheet | Page], *, constant_memory: bool = False) -> None:
    """A workbook at the path: frozen header, filter, widths for Chinese text, real numbers and days.

    `constant_memory` writes row by row through temporary files, for long exports. A text longer than a cell holds is
    cut and says so; a whole number of more than 15 digits is written as text; NaN and infinity as an empty cell.
    Text that already looks like two overlapping escapes (`_x005F_x0041_`) comes back changed: XlsxWriter 3.3
    escapes only the first of them.

    ValueError `sheet-too-long` beyond 1,048,575 rows, `sheet-missing` without any sheet; OSError from the disk.
    """
    _write(str(path), sheets, constant_memory=constant_memory)


def long_sheets(sheet: Sheet, *, most: int = MAX_SHEET_ROWS) -> Iterator[Sheet]:
    """The sheet, and as many more of the same columns as its rows need. Write each before the next is asked for."""
    rows = iter(sheet.rows)
    yield replace(sheet, rows=itertools.islice(rows, most))
    for first in rows:
        yield replace(sheet, rows=itertools.chain([first], itertools.islice(rows, most - 1)))


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


def _write(target: str | io.BytesIO, sheets: Iterable[Sheet | Page], *, constant_memory: bool) -> None:
    options: dict[str, Any] = {
        "in_memory": not constant_memory,
        "constant_memory": constant_memory,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    if isinstance(target, str):
        options["tmpdir"] = str(Path(target).parent)  # what goes through files is as large as what comes of it
    book = xlsxwriter.Workbook(target, options)
    book.set_properties({"created": _EPOCH})
    look = Look(book)
    names: list[str] = []
    try:
        for sheet in sheets:
            names.append(sheet_name(sheet.name, names))
            page = book.add_worksheet(names[-1])
            if isinstance(sheet, Sheet):
                _Writer(page, look, sheet).write()
            else:
                sheet.draw(book, page, look)
        if not names:
            raise ValueError("sheet-missing")
    finally:
        if not names:
            book.add_worksheet()  # a workbook without a sheet cannot be closed, and closing frees its files
        book.close()


class _Writer:
    """Writes one worksheet."""

    def __init__(self, page: Any, look: Look, sheet: Sheet) -> None:
        self.page, self.look, self.sheet = page, look, sheet
        self.columns = [Column(column) if isinstance(column, str) else column for column in sheet.columns]
        self.widths: list[float] = []
        self.links = 0

    def write(self) -> None:
        """Widths from the first rows, header, rows, total, then what depends on their number."""
        rows = iter(self.sheet.rows)
        first = list(itertools.islice(rows, _MEASURED_ROWS))
        set_up_page(self.page, printable(self.sheet.heading), landscape=self.sheet.landscape, large=self.sheet.large)
        self._measure([*first, *([self.sheet.total] if self.sheet.total else [])])
        self._header()
        last = 0
        for last, row in enumerate(itertools.chain(first, rows), 1):
            self._row(last, row)
        if self.columns and self.sheet.filtered:
            self.page.autofilter(0, 0, last, len(self.columns) - 1)
        if self.sheet.total:
            self._row(last + 1, self.sheet.total, total=True)

    def _measure(self, rows: Sequence[Sequence[Content]]) -> None:
        """Known before anything is written, since a row's height follows from them."""
        for at, column in enumerate(self.columns):
            widest = max((width(_said(row[at])) + 2 for row in rows if at < len(row)), default=0)
            header = printable(column.header)
            word = max((len(part) for part in header.split() if part.isascii()), default=0)  # others break anywhere
            head = max(math.ceil(width(header) / 2), min(word, _HEADER_WORD)) + 3
            self.widths.append(column.width or min(_WIDEST, max(6, widest, head)))
            self.page.set_column(at, at, self.widths[at])

    def _header(self) -> None:
        names = [fitting(column.header) for column in self.columns]
        if names:
            # the filter's arrow takes room in the last line
            self.page.set_row(0, max(height(f"{name} ▾", wide) for name, wide in zip(names, self.widths, strict=True)))
        for at, name in enumerate(names):
            self.page.write_string(0, at, name, self.look.header())
        self.page.freeze_panes(1, 0)
        self.page.repeat_rows(0)

    def _row(self, number: int, row: Sequence[Content], *, total: bool = False) -> None:
        if number > MAX_SHEET_ROWS:
            raise ValueError("sheet-too-long")
        words = ((cell, wide) for cell, wide in zip(row, self.widths, strict=False) if isinstance(cell, str))
        pictures = (cell.height * _POINTS + 2 * _ROUND for cell in row if isinstance(cell, Picture))
        self.page.set_row(number, max((*(height(cell, wide) for cell, wide in words), *pictures), default=LINE))
        for at, cell in enumerate(row):
            if cell is None and self.sheet.sparse:
                continue
            self._cell(number, at, cell, total=total)

    def _cell(self, row: int, at: int, given: Content, *, total: bool) -> None:
        column = self.columns[at] if at < len(self.columns) else Column("")
        if isinstance(given, Picture):
            self._picture(row, at, given)
            return
        if isinstance(given, Link):
            self.links += 1
            if self.links <= _MOST_LINKS:
                said = fitting(given.text)
                self.page.write_url(row, at, given.url, self.look.link(column.align or "left"), said)
                return
            given = given.text
        cell, wanted = (given.value, given.number_format) if isinstance(given, Shown) else (given, column.number_format)
        where, look = (row, at), self.look
        words = look.cell("center" if column.align == "right" else column.align or "left", total=total)
        days = column.align or "center"
        match cell:
            case None:
                self.page.write_blank(*where, None, words)
            case bool():
                self.page.write_boolean(*where, cell, look.cell(column.align or "center", total=total))
            case str():
                self.page.write_string(*where, fitting(cell), words)
            case date() if cell.year < FIRST_YEAR:
                self.page.write_string(*where, cell.isoformat(), words)
            case datetime():
                shape = look.cell(days, wanted or "yyyy-mm-dd hh:mm", total=total)
                self.page.write_datetime(*where, local_time(cell), shape)
            case date():
                self.page.write_datetime(*where, cell, look.cell(days, wanted or "yyyy-mm-dd", total=total))
            case int() if abs(cell) >= _EXACT_INT:
                self.page.write_string(*where, str(cell), words)
            case _ if not math.isfinite(cell):
                self.page.write_blank(*where, None, words)
            case _:
                self.page.write_number(*where, cell, look.cell(column.align or "right", wanted, total=total))


    def _picture(self, row: int, at: int, picture: Picture) -> None:
        """In the middle of its cell; sorted and filtered rows take it along."""
        self.page.write_blank(row, at, None, self.look.cell("center"))
        room = self.widths[at] * _PIXELS_OF_A_HALF
        self.page.insert_image(row, at, str(picture.path), {
            "object_position": 1, "x_offset": max(_ROUND, (room - picture.width) / 2), "y_offset": _ROUND,
            **({"url": picture.url} if picture.url else {}), "description": printable(picture.told),
            "decorative": not picture.told,
        })


def _said(given: Content) -> str:
    """About what a cell shows, to measure it."""
    if isinstance(given, Picture | Link):
        return printable(given.text) if isinstance(given, Link) else ""
    cell = given.value if isinstance(given, Shown) else given
    match cell:
        case None:
            return ""
        case str():
            return printable(cell)
        case datetime():
            return "2022-09-14 08:30"
        case date():
            return "2022-09-14"
        case _:
            return str(cell)


def fitting(value: str) -> str:
    """The text as a cell can hold it."""
    return _fitting(printable(value))


def _fitting(value: str) -> str:
    if len(value) * 2 <= MAX_CELL_UNITS or len(value.encode("utf-16-le")) <= MAX_CELL_UNITS * 2:
        return value
    return _cut_units(value, MAX_CELL_UNITS - len(CUT_MARK)) + CUT_MARK


def _cut_units(value: str, units: int) -> str:
    """At most so many UTF-16 units, never half a character."""
    return value.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore")
