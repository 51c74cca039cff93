"""CSV as it comes: UTF-8 with or without a mark, GB18030 from Chinese Excel, UTF-16 from "Unicode text"."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from server.kit.sheets.cells import unguard
from server.kit.tables.shapes import RawRow, TableRefused

_SEPARATORS = ",;\t"
_HINT = re.compile(r"sep=([,;\t])\r?\n", re.IGNORECASE)  # a first line by which Excel is told the separator
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f]")


def decode(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: a mark decides, else strict UTF-8, else strict GB18030.

    TableRefused `table-unreadable` when it is none of them, or is plainly no text.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tries = ["utf-16"]
    elif content.startswith(codecs.BOM_UTF8):
        tries = ["utf-8-sig"]
    else:
        tries = ["utf-8", "gb18030"]
    for encoding in tries:
        try:
            decoded = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(_CONTROLS.findall(decoded[:4096])) * 4 > len(decoded[:4096]):
            break
        return decoded, encoding
    raise TableRefused(
        "table-unreadable",
        "既不是 Excel 工作簿，也不是 UTF-8 或 GB18030 文本 / Neither an Excel workbook nor UTF-8 or GB18030 text",
    )


def read(decoded: str) -> Iterator[RawRow]:
    """The records, numbered as a spreadsheet would number them (a line break within quotes makes no new row).

    The apostrophe that our own exports, and Excel, put before = + - @ is taken off again. TableRefused
    `table-unreadable` for quotes that do not close: the rest of the file would end up in one cell.
    """
    hint = _HINT.match(decoded)
    separator = hint[1] if hint else _separator(decoded)
    source = io.StringIO(decoded[hint.end() :] if hint else decoded, newline="")
    reader = csv.reader(source, delimiter=separator, strict=True)
    first = 2 if hint else 1
    try:
        for number, cells in enumerate(reader, first):
            yield RawRow(number, [unguard(cell) for cell in cells])
    except csv.Error as problem:
        raise TableRefused(
            "table-unreadable", f"第 {reader.line_num} 行附近引号有误 / Near line {reader.line_num}: {problem}"
        ) from None


def _separator(decoded: str) -> str:
    """The separator that cuts the first record into most cells (the next where they tie), else the comma."""
    return max(_SEPARATORS, key=lambda separator: _widths(decoded[:20_000], separator))


def _widths(start: str, separator: str) -> list[int]:
    reader = csv.reader(io.StringIO(start, newline=""), delimiter=separator)
    widths: list[int] = []
    try:
        for cells, _ in zip(reader, range(12), strict=False):
            widths.append(len(cells))
    except csv.Error:
        pass
    return widths
