"""The numbers of a worksheet as the text a person would have typed."""

import math
import re
from datetime import date, datetime, time, timedelta

from server.kit.tables.parts import Moment

DIGITS = 15  # what a number of a spreadsheet holds
_WHOLE = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?", re.ASCII)
_DAY_S = 86_400
_LAST_DAY = 2_958_466  # the day after 9999-12-31
_DAYS_TO_1904 = 1_462
_LEAP_BUG = 60  # in the 1900 system days up to here count from one day later: it has a 29 February 1900


def shown(raw: str, moment: Moment | None, *, from_1904: bool) -> str:
    """The text of a number: 140105001 without `.0`, 0.1 + 0.2 as 0.3, a day as 2022-09-14; what is none stays raw."""
    raw = raw.strip()
    if len(raw) > 64 or not _NUMBER.fullmatch(raw):
        return raw
    value = float(raw)
    if not math.isfinite(value):
        return ""
    if moment is not None and 0 <= value < _LAST_DAY - (_DAYS_TO_1904 if from_1904 else 0):
        return _moment(value, moment, from_1904=from_1904)
    if _WHOLE.fullmatch(raw):
        return str(int(raw))
    return _plain(value)


def is_imprecise(raw: str) -> bool:
    """Whether a number has more digits than a spreadsheet keeps, so that an id may have lost its last ones."""
    raw = raw.strip()
    return (
        len(raw) <= 64 and bool(_NUMBER.fullmatch(raw)) and math.isfinite(float(raw)) and abs(float(raw)) >= 10**DIGITS
    )


def _moment(value: float, moment: Moment, *, from_1904: bool) -> str:
    seconds = round(value * _DAY_S)
    days, rest = divmod(seconds, _DAY_S)
    if moment is Moment.DURATION:
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    clock = time(rest // 3600, rest // 60 % 60, rest % 60)
    if moment is Moment.TIME and days == 0:
        return clock.isoformat()
    days += _DAYS_TO_1904 if from_1904 else 0
    day = date(1899, 12, 30 if days >= _LEAP_BUG else 31) + timedelta(days=min(days, _LAST_DAY - 1))
    return day.isoformat() if rest == 0 else datetime.combine(day, clock).isoformat()


def _plain(value: float) -> str:
    """Fifteen digits, as a spreadsheet shows them, without an exponent."""
    text = f"{value:.{DIGITS}g}"
    if "e" in text:
        decimals = max(0, DIGITS - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
