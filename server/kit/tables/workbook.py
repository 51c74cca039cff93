"""XLSX in: finds the first visible worksheet with anything in it and reads it.

Read by us, with expat, and not by python-calamine: calamine believes what a file says of itself, so that a sheet of
5 kB with one cell in XFD1048576, or a part with a large `count`, makes it ask for hundreds of gigabytes, and the
whole process dies with nothing to catch (0.9.1). The tests compare what both read from sound files.
"""

from server.kit.tables.archive import Archive, unreadable
from server.kit.tables.parts import Book, Relations, moments, shared_strings
from server.kit.tables.shapes import Limits, RawRow, TableRefused
from server.kit.tables.worksheet import Context, read_rows

_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def read(content: bytes, limits: Limits) -> tuple[str, list[RawRow]]:
    """Name and rows of the worksheet. TableRefused for whatever is no sound workbook."""
    archive = Archive(content, limits)
    if _BOOK not in archive or _RELATIONS not in archive:
        raise unreadable("不是 .xlsx 工作簿，请另存为 .xlsx", "Not an .xlsx workbook: save it as .xlsx")
    book, relations = Book(archive.part(_BOOK)), Relations(archive.part(_RELATIONS))
    context = Context(
        shared_strings(archive, relations.by_kind.get("sharedStrings", "")),
        moments(archive, relations.by_kind.get("styles", "")),
        book.from_1904,
        limits,
    )
    for name, relation in book.sheets:
        path = relations.by_id.get(relation, "")
        rows = read_rows(archive.part(path), context) if path in archive else []
        if rows:
            return name, rows
    raise TableRefused("table-no-header", "工作簿中没有数据 / The workbook holds no data")
