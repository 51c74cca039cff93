"""Tables that people upload: a CSV or XLSX of unknown origin becomes rows of plain text, or is refused by name.

Nothing in such a file is believed: kind and encoding are found from the bytes, sizes are checked before anything is
unpacked, formulas are never worked out. Only `TableRefused` comes out of a bad file.
"""

from server.kit.tables.headers import Column, HeaderMatch, match_headers
from server.kit.tables.read import read_table
from server.kit.tables.shapes import Fault, Limits, Row, Table, TableRefused

__all__ = [
    "Column",
    "Fault",
    "HeaderMatch",
    "Limits",
    "Row",
    "Table",
    "TableRefused",
    "match_headers",
    "read_table",
]
