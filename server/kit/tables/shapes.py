"""What a table is once read, how large it may be, and how it is refused."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

RefusalCode = Literal["table-unreadable", "table-too-large", "table-bomb", "table-no-header"]
FaultCode = Literal["cell-cleaned", "cell-surplus", "cell-error", "cell-imprecise"]


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
    15 digits was stored as a number, so its last digits are already lost.
    """

    column: int
    code: FaultCode


class Row(NamedTuple):
    """One row that is not blank: its number as a spreadsheet shows it, and a cell for each header."""

    number: int
    cells: list[str]
    faults: tuple[Fault, ...] = ()


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
