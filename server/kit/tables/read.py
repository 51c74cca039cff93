"""One door for every uploaded table: decides what it is, has it read, finds the header, tidies the cells."""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from server.kit import text
from server.kit.tables import delimited, workbook
from server.kit.tables.shapes import Fault, Limits, RawRow, Row, Table, TableRefused

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # legacy .xls, and the wrapper of an encrypted .xlsx
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_TITLE_ROWS = 10  # a header is looked for in so many rows that are not blank


def read_table(
    data: bytes | Path,
    filename: str,
    *,
    max_rows: int = Limits().rows,
    max_bytes: int = Limits().bytes,
    max_cells: int = Limits().cells,
) -> Table:
    """Read a CSV or XLSX into text.

    The first visible worksheet that holds anything is read. The header is the first row with two or more filled
    cells (the sheets of offices begin with a title in a merged cell), else the first row; blank rows are left out.
    Codes stay text, whole numbers come without `.0`, days as 2022-09-14, moments as 2022-09-14T08:30:00; a formula
    gives the value last saved with it and beside it its text, a text beginning with = + - @ stays that text.

    TableRefused `table-unreadable`, `table-too-large`, `table-bomb` or `table-no-header`; OSError when a path cannot
    be read.
    """
    limits = Limits(rows=max_rows, bytes=max_bytes, cells=max_cells)
    content = _content(data, limits)
    if content.startswith(_OLE):
        raise _ole_refusal(content)
    if content.startswith(b"PK"):
        sheet, raw = workbook.read(content, limits)
        headers, rows = _assemble(raw, limits)
        return Table(headers, rows, "xlsx", sheet=sheet)
    if filename.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")):
        raise TableRefused("table-unreadable", "文件内容不是 Excel 工作簿 / The content is not an Excel workbook")
    decoded, encoding = delimited.decode(content)
    headers, rows = _assemble(delimited.read(decoded), limits)
    return Table(headers, rows, "csv", encoding=encoding)


def _content(data: bytes | Path, limits: Limits) -> bytes:
    """The bytes, never more than allowed."""
    if isinstance(data, Path):
        with data.open("rb") as file:
            data = file.read(limits.bytes + 1)
    if len(data) > limits.bytes:
        raise TableRefused("table-too-large", f"文件超过 {limits.bytes} 字节 / More than {limits.bytes} bytes")
    if not data.strip():
        raise TableRefused("table-no-header", "文件是空的 / The file is empty")
    return data


def _ole_refusal(content: bytes) -> TableRefused:
    if _ENCRYPTED_STREAM in content:
        return TableRefused(
            "table-unreadable", "工作簿已加密，请取消密码后再上传 / The workbook is encrypted: remove the password first"
        )
    return TableRefused(
        "table-unreadable", "不支持旧版 .xls，请另存为 .xlsx / Legacy .xls is not supported: save it as .xlsx"
    )


def _assemble(raw: Iterable[RawRow], limits: Limits) -> tuple[list[str], list[Row]]:
    """Header and data rows, each row as wide as the header."""
    filled = (row for row in map(_tidy, _counted(raw, limits)) if any(row.cells) or row.faults)
    start = list(islice(filled, _TITLE_ROWS))
    first = next((i for i, row in enumerate(start) if any(row.cells)), None)  # one before it had nothing but faults
    if first is None:
        raise TableRefused("table-no-header", "没有找到表头 / No header row was found")
    at = next((i for i, row in enumerate(start) if sum(map(bool, row.cells)) > 1), first)
    headers = [unicodedata.normalize("NFKC", cell) for cell in start[at].cells]
    while not headers[-1]:
        headers.pop()
    rows: list[Row] = []
    for row in chain(start[at + 1 :], filled):
        if len(rows) >= limits.rows:
            raise TableRefused("table-too-large", f"超过 {limits.rows} 行数据 / More than {limits.rows} rows of data")
        rows.append(_fit(row, len(headers)))
    return headers, rows


def _counted(rows: Iterable[RawRow], limits: Limits) -> Iterator[RawRow]:
    """The rows, until their cells are too many."""
    cells = 0
    for row in rows:
        cells += len(row.cells)
        if cells > limits.cells:
            raise TableRefused("table-too-large", f"超过 {limits.cells} 个单元格 / More than {limits.cells} cells")
        yield row


def _tidy(row: RawRow) -> RawRow:
    """Cells fit to be stored, without white space round them; what had to be taken out is a fault."""
    cells, faults = [], list(row.faults)
    for column, cell in enumerate(row.cells):
        kept = text.clean(cell)
        if kept != cell.replace("\r\n", "\n"):
            faults.append(Fault(column, "cell-cleaned"))
        cells.append(kept.strip())
    formulas = {column: text.clean(formula).strip() for column, formula in row.formulas.items()}
    return RawRow(row.number, cells, tuple(faults), formulas)


def _fit(row: RawRow, width: int) -> Row:
    surplus = [Fault(width + i, "cell-surplus") for i, cell in enumerate(row.cells[width:]) if cell]
    cells = row.cells[:width] + [""] * (width - len(row.cells))
    kept = [fault for fault in row.faults if fault.column < width]
    formulas = {column: formula for column, formula in row.formulas.items() if column < width}
    return Row(row.number, cells, (*kept, *surplus), formulas)
