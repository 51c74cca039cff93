"""CSV out: UTF-8 with a mark so that Excel reads Chinese, CRLF line ends, no text that could act as a formula."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TextIO

from server.kit.sheets.cells import Cell, guard, local_time, printable


def csv_bytes(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A header and rows as a CSV file; days and moments in ISO form, moments in Asia/Shanghai."""
    out = io.StringIO(newline="")
    _write(out, headers, rows)
    return out.getvalue().encode("utf-8-sig")


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """As `csv_bytes`, into a file, row by row."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        _write(out, headers, rows)


def _write(out: TextIO, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guard(printable(header)) for header in headers])
    for row in rows:
        writer.writerow([_plain(cell) for cell in row])


def _plain(cell: Cell) -> str:  # noqa: PLR0911 - one line for each kind of cell
    """A cell of a CSV."""
    match cell:
        case None:
            return ""
        case bool():
            return "TRUE" if cell else "FALSE"
        case str():
            return guard(printable(cell))
        case datetime():
            return local_time(cell).isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
        case Decimal():
            return format(cell, "f") if cell.is_finite() else ""
        case float():
            return (format(Decimal(repr(cell)), "f").removesuffix(".0")) if math.isfinite(cell) else ""
        case _:
            return str(cell)
