"""How a downloaded workbook looks, on the screen and on paper: one style for every table that leaves the house."""

import math
import unicodedata
from typing import Any

_FONT = {"font_name": "宋体", "font_size": 10}  # there on every office computer in China
_LINE, _PADDING, _TALLEST = 13.5, 5.0, 409.0  # points; the last is the most that a row may have
LINE = _LINE + _PADDING  # a row of one line
_A3, _A4 = 8, 9
_RULE, _SHADE = "#B7BEC8", "#E4EAF2"


class Look:
    """The formats of one workbook: one object for each look, as a workbook has a limited number of them."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, str | None, bool], Any] = {}
        self._header: Any = None
        self._link: Any = None

    def header(self) -> Any:
        """Bold on a shade, centred, wrapped."""
        if self._header is None:
            self._header = self._format(bold=True, text_wrap=True, align="center", bg_color=_SHADE)
        return self._header

    def cell(self, align: str, number_format: str | None = None, *, total: bool = False) -> Any:
        """A cell in a grid of thin lines. Numbers keep off the text to their right, text off the line to its left.

        What keeps a number off is in its format: of an indent on the right LibreOffice leaves some out.
        """
        known = self._made.get((align, number_format, total))
        if known is not None:
            return known
        more: dict[str, Any] = {"indent": 1, "text_wrap": True} if align == "left" else {}
        if align == "right":
            more["num_format"] = f"{number_format or 'General'}_)"
        elif number_format:
            more["num_format"] = number_format
        if total:
            more |= {"bold": True, "bg_color": _SHADE}
        made = self._made[align, number_format, total] = self._format(align=align, **more)
        return made

    def link(self, align: str) -> Any:
        """As a cell, blue and underlined."""
        if self._link is None:
            self._link = self._format(align=align, text_wrap=True, font_color="#0B57D0", underline=1)
        return self._link

    def _format(self, **looks: Any) -> Any:
        fixed = {**_FONT, "valign": "vcenter", "border": 1, "border_color": _RULE}
        return self._book.add_format(fixed | looks)


def set_up_page(page: Any, heading: str, *, landscape: bool, large: bool = False) -> None:
    """A4, or A3 where `large`, one page wide; the heading and the sheet's name above, the page's number below."""
    if landscape:
        page.set_landscape()
    page.set_paper(_A3 if large else _A4)
    page.fit_to_pages(1, 0)
    page.center_horizontally()
    page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.6)
    told = heading.replace("&", "&&")[:200]
    page.set_header(f"&L&10{_after_size(told)}&R&10&A", {"scale_with_doc": False})
    page.set_footer("&C&9&P / &N", {"scale_with_doc": False})


def _after_size(told: str) -> str:
    """A digit right after the code of a size would be read as part of it."""
    return f" {told}" if told[:1].isdigit() else told


def width(shown: str) -> int:
    """Half characters: a Chinese one is as wide as two Latin ones. The widest line counts."""
    return max((_halves(line[:80]) for line in shown.splitlines()), default=0)


def height(shown: str, wide: float) -> float:
    """Points that a row needs for this text in a cell so many half characters wide."""
    room = max(1.0, wide - 1.5)  # the indent and the lines take theirs
    lines = sum(max(1, math.ceil(_halves(line[:2000]) / room)) for line in shown[:4000].splitlines()) or 1
    return min(_TALLEST, lines * _LINE + _PADDING)


def _halves(line: str) -> int:
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in line)
