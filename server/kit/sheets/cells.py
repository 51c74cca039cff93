"""What may stand in a cell, and how text is kept from becoming a formula in a CSV.

A text that a spreadsheet would take for a formula, that is one whose first character (after spaces) is = + - @, tab or
carriage return, or the full-width form of one, gets an apostrophe in front, as OWASP's page on CSV injection advises.
A text that is only a signed number such as -5 stays as it is, since it can start nothing. `unguard` takes the
apostrophe off again. XLSX needs none of this: its strings are typed as strings.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from server.kit import text

Cell = str | int | float | Decimal | bool | date | datetime | None

SHANGHAI = ZoneInfo("Asia/Shanghai")
_STARTERS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"  # the last four are full-width
_SIGNED_NUMBER = re.compile(r"[+-][\d ]*\.?\d+%?", re.ASCII)
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


def guard(value: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet could take it for a formula."""
    starts = value.lstrip(" \n\u3000\u00a0")[:1]
    # a text that already looks guarded is guarded once more, so that `unguard` gives back exactly what went in
    if (starts and starts in _STARTERS and not _SIGNED_NUMBER.fullmatch(value)) or unguard(value) != value:
        return "'" + value
    return value


def unguard(value: str) -> str:
    """The text without the apostrophe that `guard` put before it."""
    if value.startswith("'"):
        rest = value.lstrip("'").lstrip(" \n\u3000\u00a0")[:1]
        if rest and rest in _STARTERS:
            return value[1:]
    return value


def printable(value: str) -> str:
    """The text without what XML cannot hold: control characters, non-characters; lone surrogates become U+FFFD."""
    return _NOT_IN_XML.sub("", text.clean(value).replace("\r", "\n"))


def local_time(moment: datetime) -> datetime:
    """Wall time in Asia/Shanghai without its zone."""
    try:
        return (moment.astimezone(SHANGHAI) if moment.tzinfo else moment).replace(tzinfo=None)
    except OverflowError:  # within hours of year 1 or 9999: not worth a crash
        return moment.replace(tzinfo=None)
