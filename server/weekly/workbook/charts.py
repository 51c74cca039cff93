"""The sheet of charts: each a native one beside the numbers it shows, so that it can be checked, changed and copied."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.kit.i18n import Language
from server.kit.sheets import fitting
from server.kit.sheets.look import Look, height, set_up_page
from server.weekly.bulletin import Bulletin
from server.weekly.cells import heading, pick, title
from server.weekly.workbook.figures import Shown, shown

_WIDTHS = (22, 13, 13, 13, 3)  # half characters: label, three numbers, a gap; charts begin to the right of it
_AT = len(_WIDTHS)
_ROW_POINTS, _ROW_PIXELS = 18.0, 24
_SPAN = 16  # rows that a chart takes
_SIZE = {"width": 640, "height": _SPAN * _ROW_PIXELS - 8}
_ON_A_PAGE = 2 * (_SPAN + 2)  # rows
# per cent: pages break between charts, which fitting to a width does not allow; WPS and LibreOffice draw columns wider
_SCALE = 66
_EMPTY = ("暂无数据", "no data")
_FONT, _INK, _GRID = "宋体", "#333333", "#E3E7ED"
_BLUE, _GREEN, _GREY = "#1F5FA8", "#3C9D6B", "#8A94A3"
_SEVERITY = ("#F0C24B", "#E8833A", "#C62828")  # minor, major, critical
_DISTRICTS = (_BLUE, "#E8833A", _GREEN, "#7B4FA3", "#C62828", "#00838F", "#8D6E63", "#5C6BC0", "#AFB42B", _GREY)


@dataclass(frozen=True, slots=True)
class Charts:
    """The sheet; see `server.kit.sheets.Page`."""

    bulletin: Bulletin
    language: Language

    @property
    def name(self) -> str:
        """What it is called."""
        return title("charts", self.language)

    def draw(self, book: Any, page: Any, look: Look) -> None:
        """Block below block: the title, the numbers on the left, the chart on the right."""
        set_up_page(page, heading(self.bulletin["figures"], self.language), landscape=True)
        page.set_print_scale(_SCALE)
        page.hide_gridlines(2)
        page.set_default_row(_ROW_POINTS)
        for at, wide in enumerate(_WIDTHS):
            page.set_column(at, at, wide)
        title_look = book.add_format({"font_name": "黑体", "font_size": 12, "font_color": _INK, "valign": "vcenter"})
        top, breaks, page_starts = 0, [], 0
        for block in shown(self.bulletin, self.language):
            span = _SPAN if block.rows else 2  # without a chart there is no need of its room
            tall = max(span, len(block.rows) + 1) + 2
            if top and top + span + 2 - page_starts > _ON_A_PAGE:
                breaks.append(top)
                page_starts = top
            self._block(page, look, block, top, title_look)
            if block.rows:
                page.insert_chart(top + 1, _AT, _chart(book, page.name, block, top + 2), {
                    "object_position": 1, "description": block.title,
                })
            last, top = top + span + 1, top + tall
        page.set_h_pagebreaks(breaks)
        page.print_area(0, 0, last, _AT + 10)  # of the many points of the last one, only those beside its chart

    def _block(self, page: Any, look: Look, block: Shown, top: int, title_look: Any) -> None:
        page.write_string(top, 0, block.title + (f" — {block.note}" if block.note else ""), title_look)
        heads = (block.label, *block.series)
        page.set_row(top + 1, max(_ROW_POINTS, *(height(head, wide) for head, wide in zip(heads, _WIDTHS, strict=False))))
        for at, head in enumerate(heads):
            page.write_string(top + 1, at, head, look.header())
        if not block.rows:
            page.write_string(top + 2, 0, pick(_EMPTY, self.language), look.cell("left"))
        for row, (label, numbers) in enumerate(block.rows, top + 2):
            page.write_string(row, 0, fitting(label), look.cell("left"))
            for at, (value, number_format) in enumerate(zip(numbers, block.formats, strict=True), 1):
                shape = look.cell("right", number_format)
                if value is None:
                    page.write_blank(row, at, None, shape)
                else:
                    page.write_number(row, at, value, shape)


def _chart(book: Any, sheet: str, block: Shown, first: int) -> Any:
    """The chart of a block whose rows begin at `first`."""
    made = _KINDS[block.name](book, sheet, block, first)
    made.set_title({
        "name": block.title + (f"（{block.note}）" if block.note else ""),
        "name_font": {"name": _FONT, "size": 12, "bold": True, "color": _INK},
    })
    made.set_size(_SIZE)
    made.set_chartarea({"border": {"color": "#B7BEC8"}})
    made.set_legend({"none": True} if block.name == "F3" else {"position": "bottom", "font": {"name": _FONT, "size": 10}})
    return made


def _series(sheet: str, block: Shown, first: int, at: int) -> dict[str, Any]:
    """One column of numbers. What is cached in the chart is given here, as rows already on the disk cannot be read."""
    last = first + len(block.rows) - 1
    return {
        "name": [sheet, first - 1, at], "name_data": [block.series[at - 1]],
        "categories": [sheet, first, 0, last, 0], "categories_data": [fitting(label) for label, _ in block.rows],
        "values": [sheet, first, at, last, at], "values_data": [numbers[at - 1] for _, numbers in block.rows],
        "gap": 60,
    }


def _axes(made: Any, *, number: str, across: bool = False) -> Any:
    font = {"name": _FONT, "size": 10, "color": _INK}
    words: dict[str, Any] = {"num_font": font, "line": {"color": "#B7BEC8"}, "major_tick_mark": "none"}
    values: dict[str, Any] = {
        "num_font": font, "num_format": number, "min": 0, "line": {"none": True},
        "major_gridlines": {"visible": True, "line": {"color": _GRID}},
    }
    if across:  # the first bar on top, as in the table; its axis being turned round, that of the numbers goes to its end
        made.set_x_axis(values)
        made.set_y_axis(words | {"reverse": True, "crossing": "max"})
    else:
        made.set_x_axis(words)
        made.set_y_axis(values)
    return made


def _labels(color: str = _INK, number: str = "#,##0;;") -> dict[str, Any]:
    """Numbers at the bars; none at a zero."""
    return {"value": True, "num_format": number, "font": {"name": _FONT, "size": 9, "color": color}}


def _rates(book: Any, sheet: str, block: Shown, first: int) -> Any:
    made = book.add_chart({"type": "column"})
    for at, color in enumerate((_BLUE, _GREEN), 1):
        made.add_series(_series(sheet, block, first, at) | {
            "fill": {"color": color}, "overlap": -5, "data_labels": _labels(number="0.0"),
        })
    return _axes(made, number="0")


def _money(book: Any, sheet: str, block: Shown, first: int) -> Any:
    made = book.add_chart({"type": "line"})
    dash = (_BLUE, 2.5, "solid"), (_GREY, 1.75, "dash")
    for at, (color, wide, kind) in enumerate(dash, 1):
        made.add_series(_series(sheet, block, first, at) | {"line": {"color": color, "width": wide, "dash_type": kind}})
    made.show_blanks_as("gap")
    return _axes(made, number="#,##0")


def _kinds(book: Any, sheet: str, block: Shown, first: int) -> Any:
    made = book.add_chart({"type": "bar"})
    made.add_series(_series(sheet, block, first, 1) | {"fill": {"color": _BLUE}, "data_labels": _labels()})
    return _axes(made, number="#,##0", across=True)


def _severity(book: Any, sheet: str, block: Shown, first: int) -> Any:
    made = book.add_chart({"type": "column", "subtype": "stacked"})
    for at, color in enumerate(_SEVERITY, 1):
        made.add_series(_series(sheet, block, first, at) | {
            "fill": {"color": color}, "data_labels": _labels("#FFFFFF" if at == len(_SEVERITY) else _INK),
        })
    return _axes(made, number="#,##0")


def _stock(book: Any, sheet: str, block: Shown, first: int) -> Any:
    """Bars for what came and went, a line for what was left."""
    made, line = book.add_chart({"type": "column"}), book.add_chart({"type": "line"})
    for at, color in enumerate(("#E8833A", _GREEN), 1):
        made.add_series(_series(sheet, block, first, at) | {"fill": {"color": color}, "overlap": -5})
    line.add_series(_series(sheet, block, first, 3) | {
        "line": {"color": _INK, "width": 2}, "data_labels": _labels() | {"position": "above"},
        "marker": {"type": "circle", "size": 6, "fill": {"color": _INK}, "border": {"color": _INK}},
    })
    made.combine(line)
    return _axes(made, number="#,##0")


def _places(book: Any, sheet: str, block: Shown, first: int) -> Any:
    """A point for each place, a colour for each district; no map below it."""
    made = book.add_chart({"type": "scatter"})
    numbered = itertools.groupby(enumerate(block.rows, first), key=lambda one: one[1][0])
    for (label, group), color in zip(numbered, itertools.cycle(_DISTRICTS), strict=False):
        some = list(group)
        start, end = some[0][0], some[-1][0]
        made.add_series({
            "name": [sheet, start, 0], "name_data": [fitting(label)],
            "categories": [sheet, start, 1, end, 1], "categories_data": [row[1][0] for _, row in some],
            "values": [sheet, start, 2, end, 2], "values_data": [row[1][1] for _, row in some],
            "marker": {"type": "circle", "size": 5, "fill": {"color": color}, "border": {"none": True}},
        })
    font = {"name": _FONT, "size": 9, "color": _INK}
    for axis, head in ((made.set_x_axis, block.series[0]), (made.set_y_axis, block.series[1])):
        axis({"name": head, "name_font": font | {"bold": False}, "num_font": font, "num_format": "0.00",
              "major_gridlines": {"visible": True, "line": {"color": _GRID}}})
    return made


_KINDS: dict[str, Callable[[Any, str, Shown, int], Any]] = {
    "F1": _rates, "F2": _money, "F3": _kinds, "F4": _severity, "F5": _stock, "F6": _places,
}
