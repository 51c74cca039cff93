"""Reads a worksheet cell by cell into rows of text, each row only as long as its last filled cell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.kit.tables.archive import unreadable
from server.kit.tables.numbers import is_imprecise, shown
from server.kit.tables.parts import Moment, unescape
from server.kit.tables.shapes import Fault, Limits, RawRow, TableRefused
from server.kit.tables.xml import walk

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Context:
    """What cells refer to."""

    strings: list[str]
    moments: list[Moment | None]
    from_1904: bool
    limits: Limits


@dataclass(slots=True)
class _Cell:
    """The cell being read."""

    column: int
    kind: str
    style: str
    pieces: list[str] = field(default_factory=list)
    formula: list[str] | None = None


def read_rows(part: bytes, context: Context) -> list[RawRow]:
    """The rows with anything in them. TableRefused `table-too-large`, or `table-unreadable` for contradictions."""
    reader = _Reader(context)
    walk(part, reader)
    return reader.rows


class _Reader:
    """Follows rows and cells: by their reference where they have one, else the next place."""

    def __init__(self, context: Context) -> None:
        self.rows: list[RawRow] = []
        self._context = context
        self._seen = self._laid = self._characters = 0
        self._row = self._column = 0
        self._cell: _Cell | None = None
        self._hearing: list[str] | None = None
        self._aside = False
        self._cells: dict[int, str] = {}
        self._formulas: dict[int, str] = {}
        self._faults: list[Fault] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A row, a cell, or the value or formula within a cell."""
        if name == "row":
            self._start_row(attributes.get("r"))
        elif name == "c":
            self._start_cell(attributes)
        elif name == "rPh":
            self._aside = True
        self._hearing = None
        if self._cell is not None and (name == "v" or (name == "t" and not self._aside)):
            self._hearing = self._cell.pieces
        elif self._cell is not None and name == "f":
            self._hearing = self._cell.formula = []

    def end(self, name: str) -> None:
        """Whatever ended is laid down."""
        self._hearing = None
        if name == "rPh":
            self._aside = False
        elif name == "c" and self._cell is not None:
            self._lay(self._cell)
            self._cell = None
        elif name == "row":
            self._end_row()

    def text(self, data: str) -> None:
        """A piece of a value or formula."""
        if self._hearing is not None:
            self._hearing.append(data)

    def _start_row(self, reference: str | None) -> None:
        self._end_row()
        row = self._row + 1
        if reference is not None:
            if not _WHOLE.fullmatch(reference):
                raise _contradiction()
            row = int(reference)
        if not self._row < row <= MAX_ROW:
            raise _contradiction()
        self._row, self._column = row, 0

    def _end_row(self) -> None:
        if not self._cells:
            return
        width = max(self._cells) + 1
        self._laid += width
        if self._laid > self._context.limits.cells:
            raise self._too_large()
        cells = [""] * width
        for column, value in self._cells.items():
            cells[column] = value
        self.rows.append(RawRow(self._row, cells, tuple(self._faults), self._formulas))
        self._cells, self._faults, self._formulas = {}, [], {}

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._seen += 1
        if self._seen > 2 * self._context.limits.cells:  # blank ones with a border count too: they take time
            raise self._too_large()
        row, column = self._row, self._column + 1
        reference = attributes.get("r")
        if reference is not None:
            found = _REFERENCE.fullmatch(reference)
            if found is None:
                raise _contradiction()
            row, column = int(found[2]), _column_number(found[1])
        if row != self._row or row == 0 or column > MAX_COLUMN:
            raise _contradiction()
        self._column = column
        self._cell = _Cell(column - 1, attributes.get("t", "n"), attributes.get("s", "0"))

    def _lay(self, cell: _Cell) -> None:
        """Turn what was heard into text."""
        heard = "".join(cell.pieces)
        if cell.formula is not None:
            self._lay_formula(cell, "".join(cell.formula).strip(), has_result=bool(heard))
        if cell.kind == "e":
            self._faults.append(Fault(cell.column, "cell-error"))
            self._cells[cell.column] = ""
            return
        value = self._value(cell, heard) if heard else ""
        self._characters += len(value)
        if self._characters > self._context.limits.characters:
            raise self._too_large()
        if value:
            self._cells[cell.column] = value
            if cell.kind == "n" and is_imprecise(heard):
                self._faults.append(Fault(cell.column, "cell-imprecise"))

    def _lay_formula(self, cell: _Cell, formula: str, *, has_result: bool) -> None:
        """Keep a formula as text; `str` says that its result is text, which may be empty."""
        self._characters += len(formula)
        self._formulas[cell.column] = f"={formula.removeprefix('=')}" if formula else ""
        self._cells[cell.column] = ""  # so that the row is as long as this cell, whatever it shows
        if not has_result and cell.kind not in {"str", "e"}:
            self._faults.append(Fault(cell.column, "cell-formula"))

    def _value(self, cell: _Cell, heard: str) -> str:
        match cell.kind:
            case "s":
                index = heard.strip()
                if not _WHOLE.fullmatch(index) or int(index) >= len(self._context.strings):
                    raise _contradiction()
                return self._context.strings[int(index)]
            case "b":
                return "TRUE" if heard.strip() in {"1", "true"} else "FALSE"
            case "d":
                return heard.strip().removesuffix("T00:00:00")
            case "str" | "inlineStr":
                return unescape(heard)
            case _:
                return shown(heard, self._moment(cell.style), from_1904=self._context.from_1904)

    def _moment(self, style: str) -> Moment | None:
        known = self._context.moments
        return known[int(style)] if _WHOLE.fullmatch(style) and int(style) < len(known) else None

    def _too_large(self) -> TableRefused:
        return TableRefused(
            "table-too-large",
            f"数据区域过大(至第 {self._row} 行) / The filled area is too large (up to row {self._row})",
        )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _contradiction() -> TableRefused:
    return unreadable("工作表内部有矛盾", "The worksheet contradicts itself")
