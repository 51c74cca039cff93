"""Text as it arrives from phones, made fit to be stored, printed and searched."""

from __future__ import annotations

import re
import unicodedata

# C0 controls but tab and newline, DEL and C1: PostgreSQL refuses NUL, XML and XLSX refuse the rest.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def has_surrogate(text: str) -> bool:
    """Whether a lone surrogate is in `text`: it cannot be written as UTF-8."""
    return bool(_SURROGATES.search(text))


def clean(text: str) -> str:
    """`text` without control characters and with lone surrogates replaced by U+FFFD; otherwise untouched."""
    return _CONTROLS.sub("", _SURROGATES.sub("\ufffd", text)).replace("\r\n", "\n")


def says_nothing(text: str | None) -> bool:
    """Whether there is no word in it."""
    return not (text or "").strip()


def one_line(text: str) -> str:
    """`clean`, with runs of white space as one space and none at the ends."""
    return " ".join(clean(text).split())


def code(text: str) -> str:
    """A code or user name as compared: NFKC (full-width digits become plain), no spaces around."""
    return unicodedata.normalize("NFKC", clean(text)).strip()


def fold(text: str) -> str:
    """`text` as searched: NFKC, lower case, one space between words."""
    return " ".join(unicodedata.normalize("NFKC", clean(text)).casefold().split())


def like(term: str) -> str:
    """A LIKE pattern that finds `term` anywhere; use it with escape='\\\\'."""
    escaped = term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
