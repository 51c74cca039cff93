"""Native charts beside the numbers that they show."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from server.kit.i18n import Language
from tests.weekly import bulletins
from tests.weekly.reading import CHART, DRAWING, links, part, sheet_part, title, workbook

RANGE = re.compile(r"'?([^'!]+)'?!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?")
KINDS = {
    1: {"barChart"}, 2: {"lineChart"}, 3: {"barChart"}, 4: {"barChart"}, 5: {"barChart", "lineChart"}, 6: {"scatterChart"},
}


def cells(book: dict[str, list[list[Any]]], formula: str | None) -> list[Any]:
    """What stands in a range."""
    found = RANGE.fullmatch(formula or "")
    assert found, formula
    sheet, column, first, _, last = found.groups()
    return [book[sheet][row - 1][ord(column) - ord("A")] for row in range(int(first), int(last or first) + 1)]


def cached(series: ET.Element, of: str) -> list[str | None]:
    """What the chart shows before anything is reckoned anew; None at a gap."""
    found = series.find(f"{CHART}{of}")
    assert found is not None
    count = int(found.find(f".//{CHART}ptCount").attrib["val"])  # type: ignore[union-attr]
    points = {int(point.attrib["idx"]): point[0].text for point in found.iter(f"{CHART}pt")}
    return [points.get(at) for at in range(count)]


def same(cell: Any, told: str | None) -> bool:
    if isinstance(cell, float) and told is not None:
        return math.isclose(cell, float(told))  # a cell has 16 digits
    return bool(cell == (told or ""))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_chart_shows_the_numbers_beside_it(language: Language, tmp_path: Path) -> None:
    week = bulletins.full()
    book = workbook(week, language, tmp_path)
    figures = week["figures"]
    tables, series = figures["tables"], figures["series"]
    seen: dict[int, list[tuple[list[Any], list[Any]]]] = {}
    for number, kinds in KINDS.items():
        chart = part(tmp_path, f"xl/charts/chart{number}.xml")
        assert {one.tag.removeprefix(CHART) for one in chart.iter() if one.tag.endswith("Chart")} == kinds
        seen[number] = []
        for one in (found for found in chart.iter() if found.find(f"{CHART}order") is not None):
            names = ("xVal", "yVal") if number == 6 else ("cat", "val")
            pair = []
            for of in names:
                told = cells(book, one.findtext(f"{CHART}{of}//{CHART}f"))
                assert len(told) == len(cached(one, of))
                assert [cell for cell, was in zip(told, cached(one, of), strict=True) if not same(cell, was)] == []
                pair.append(told)
            seen[number].append((pair[0], pair[1]))
            assert cells(book, one.findtext(f"{CHART}tx//{CHART}f")) == cached(one, "tx")
    weeks = [f"第{row['iso_week']}周" if language == "zh" else f"W{row['iso_week']:02d}" for row in series["F2"]]

    def columns(rows: list[dict[str, Any]], *keys: str) -> list[list[Any]]:
        return [["" if row[key] is None else row[key] for row in rows] for key in keys]

    assert [values for _, values in seen[1]] == columns(tables["T1"]["rows"], "start_rate", "completion_rate")
    assert seen[1][0][0] == [row["district"][language] for row in tables["T1"]["rows"]]
    assert seen[2] == [(weeks, values) for values in columns(series["F2"], "invest_done", "invest_plan")]
    assert seen[3] == [([row["category"][language] for row in tables["T3"]["rows"]], columns(tables["T3"]["rows"], "count")[0])]
    assert [values for _, values in seen[4]] == columns(tables["T2"]["rows"], "minor", "major", "critical")
    assert [values for _, values in seen[5]] == columns(series["F5"], "new", "closed", "open_end")
    points = [(round(x, 9), round(y, 9)) for xs, ys in seen[6] for x, y in zip(xs, ys, strict=True)]
    assert sorted(points) == sorted((round(one["lon"], 9), round(one["lat"], 9)) for one in figures["sites_seen"])
    assert len(seen[6]) == 6  # a series for each district


def test_they_lie_on_their_sheet_beside_their_numbers(tmp_path: Path) -> None:
    book = workbook(bulletins.full(), "zh", tmp_path)[title("charts", "zh")]
    drawing = next(target for target in links(tmp_path, sheet_part("charts")).values() if "drawing" in target)
    anchors = list(part(tmp_path, drawing.replace("..", "xl")).iter(f"{DRAWING}twoCellAnchor"))
    assert len(anchors) == 6
    for number, anchor in enumerate(anchors, 1):
        column, row = (int(anchor.findtext(f"{DRAWING}from/{DRAWING}{at}") or -1) for at in ("col", "row"))
        assert column == 5
        assert str(book[row - 1][0]).startswith(f"图{number} ")  # the title is in the row above
    last = [int(anchor.findtext(f"{DRAWING}to/{DRAWING}row") or 0) for anchor in anchors]
    first = [int(anchor.findtext(f"{DRAWING}from/{DRAWING}row") or 0) for anchor in anchors]
    assert all(end < start for end, start in zip(last, first[1:], strict=False))  # none lies on another


def test_the_points_are_said_to_be_a_sketch(tmp_path: Path) -> None:
    workbook(bulletins.full(), "zh", tmp_path)
    told = "".join(part(tmp_path, "xl/charts/chart6.xml").itertext())
    assert "示意图，不作划界依据" in told


def test_an_empty_week_has_no_empty_charts(tmp_path: Path) -> None:
    rows = workbook(bulletins.empty(), "zh", tmp_path)[title("charts", "zh")]
    assert sum("暂无数据" in row for row in rows) == 6
    assert not [target for target in links_or_none(tmp_path) if "drawing" in target]


def links_or_none(folder: Path) -> list[str]:
    try:
        return list(links(folder, sheet_part("charts")).values())
    except KeyError:
        return []


def test_many_points_and_weeks_stay_within_their_limits(tmp_path: Path) -> None:
    week = bulletins.full()
    week["figures"]["sites_seen"] *= 30
    rows = workbook(week, "zh", tmp_path)[title("charts", "zh")]
    start = next(at for at, row in enumerate(rows) if str(row[0]).startswith("图6"))
    assert len([row for row in rows[start + 2:] if row[1] != ""]) == 2000
