"""Tables that people download: CSV and XLSX in which text stays text, numbers are numbers and days are days.

Cells are str, int, float, Decimal, bool, date, datetime (an aware one is shown in Asia/Shanghai) or None. Equal input
gives equal bytes. Nothing is ever written as a formula, and as a link only a Link.
"""

from server.kit.sheets.cells import Cell, guard, printable, unguard
from server.kit.sheets.delimited import csv_bytes, write_csv
from server.kit.sheets.workbook import (
    Column,
    Content,
    Link,
    Page,
    Picture,
    Sheet,
    Shown,
    fitting,
    long_sheets,
    sheet_name,
    write_xlsx,
    xlsx_bytes,
)

__all__ = [
    "Cell",
    "Column",
    "Content",
    "Link",
    "Page",
    "Picture",
    "Sheet",
    "Shown",
    "csv_bytes",
    "fitting",
    "guard",
    "long_sheets",
    "printable",
    "sheet_name",
    "unguard",
    "write_csv",
    "write_xlsx",
    "xlsx_bytes",
]
