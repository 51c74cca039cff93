"""What a table is once read, how large it may be, and how it is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

RefusalCode = Literal["table-unreadable", "table-too-large", "table-bomb", "table-no-header"]
FaultCode = Literal["cell-cleaned", "cell-surplus", "cell-error", "cell-imprecise", "cell-formula"]
NO_FORMULAS: Mapping[int, str] = MappingProxyType({})


class TableRefused(ValueError):  # noqa: N818 - a refusal, as everywhere in this house
    """The file cannot be taken. `code` is one of the catalogue; `detail` says in both languages what to do."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Limits(NamedTuple):
    """How much is read at most: data rows, bytes as sent, cells in the rectangle, bytes and characters unpacked."""

    rows: int = 20_000
    bytes: int = 10 * 1024 * 1024
    cells: int = 1_000_000
    unpacked: int = 64 * 1024 * 1024
    characters: int = 50_000_000


class Fault(NamedTuple):
    """Something odd in one cell, for the importer to judge. `column` counts from 0.

    cell-cleaned: control characters or lone surrogates were taken out. cell-surplus: text beyond the last header,
    not in `cells`. cell-error: the sheet shows an error such as #DIV/0!. cell-imprecise: a number of more than
    15 digits was stored as a number, so its last digits are already lost. cell-formula: a formula that no result was
    saved with.
    """

    column: int
    code: FaultCode


class Row(NamedTuple):
    """One row that is not blank: its number as a spreadsheet shows it, and a cell for each header.

    Where a cell is a formula, `cells` holds the result last saved with it ("" for none or an empty one), `formulas` its
    text by column, with = in front ("" where the sheet shares it with another cell and does not repeat it).
    """

    number: int
    cells: list[str]
    faults: tuple[Fault, ...] = ()
    formulas: Mapping[int, str] = NO_FORMULAS

    def literal(self, column: int) -> str:
        """What was typed into a cell: a formula as its text, not as its result."""
        return self.formulas.get(column) or self.cells[column]

    def name(self, column: int) -> str:
        """What a spreadsheet calls the cell, such as AB7."""
        letters, rest = "", column + 1
        while rest:
            rest, letter = divmod(rest - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.number}"


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows. `encoding` is that of a CSV; `sheet` is the name of the worksheet read."""

    headers: list[str]
    rows: list[Row]
    format: Literal["csv", "xlsx"]
    encoding: str | None = None
    sheet: str | None = None


class RawRow(NamedTuple):
    """A row as a reader finds it, before headers are known."""

    number: int
    cells: list[str]
    faults: tuple[Fault, ...] = ()
    formulas: Mapping[int, str] = NO_FORMULAS
