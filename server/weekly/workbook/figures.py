"""What figures 1 to 6 show, as numbers: a title, headers and rows for each, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from server.kit.i18n import Language
from server.weekly.bulletin import Bulletin, table
from server.weekly.cells import pick

Number = int | float | None
MOST_POINTS = 2_000


@dataclass(frozen=True, slots=True)
class Shown:
    """The data of a chart: a label and numbers in each row. `series` are the headers of the numbers."""

    name: str  # F1 … F6
    title: str
    label: str
    series: tuple[str, ...]
    rows: list[tuple[str, tuple[Number, ...]]]
    formats: tuple[str, ...]
    note: str = ""


_Pair = tuple[str, str]
_TITLES: dict[str, _Pair] = {
    "F1": ("图1 各区开工率、完工率（%）", "F1 Start and completion rate (%)"),
    "F2": ("图2 累计完成投资与计划（万元）", "F2 Investment so far and plan (10k yuan)"),
    "F3": ("图3 本周问题按类别（个）", "F3 New issues by category"),
    "F4": ("图4 本周问题按等级（个）", "F4 New issues by severity"),
    "F5": ("图5 问题存量走势（个）", "F5 Stock of issues"),
    "F6": ("图6 检查点位示意", "F6 Places inspected"),
}
SKETCH: _Pair = ("示意图，不作划界依据", "A sketch; boundaries do not follow from it")
_DISTRICT: _Pair = ("区", "District")
_WEEK: _Pair = ("周", "Week")


def shown(bulletin: Bulletin, language: Language) -> list[Shown]:
    """The six, each without rows where the figures have none."""
    return [_one(bulletin, name, language) for name in _TITLES]


def _one(bulletin: Bulletin, name: str, language: Language) -> Shown:
    label, series, formats, rows = _FIGURES[name]
    return Shown(
        name, pick(_TITLES[name], language), pick(label, language), tuple(pick(one, language) for one in series),
        rows(bulletin, language), formats if len(formats) > 1 else formats * len(series),
        pick(SKETCH, language) if name == "F6" else "",
    )


_Rows = list[tuple[str, tuple[Number, ...]]]


def _of_table(name: str, named: str, keys: tuple[str, ...]) -> Callable[[Bulletin, Language], _Rows]:
    return lambda bulletin, language: [
        (row[named][language], tuple(row[key] for key in keys)) for row in table(bulletin, name)["rows"]
    ]


def _of_series(name: str, keys: tuple[str, ...]) -> Callable[[Bulletin, Language], _Rows]:
    return lambda bulletin, language: [
        (f"第{row['iso_week']}周" if language == "zh" else f"W{row['iso_week']:02d}", tuple(row[key] for key in keys))
        for row in (bulletin["figures"].get("series") or {}).get(name) or []
    ]


def _points(bulletin: Bulletin, language: Language) -> _Rows:
    """By district, so that each is a series of its own: longitude, latitude, visits."""
    seen: list[dict[str, Any]] = list(bulletin["figures"].get("sites_seen") or [])[:MOST_POINTS]
    seen.sort(key=lambda one: (one["district"]["code"], one["lon"], one["lat"]))
    return [(one["district"][language], (one["lon"], one["lat"], one["visits"])) for one in seen]


_FIGURES: dict[str, tuple[_Pair, tuple[_Pair, ...], tuple[str, ...], Callable[[Bulletin, Language], _Rows]]] = {
    "F1": (_DISTRICT, (("开工率%", "Start rate %"), ("完工率%", "Completion rate %")), ("0.0",),
           _of_table("T1", "district", ("start_rate", "completion_rate"))),
    "F2": (_WEEK, (("累计完成投资", "Invested so far"), ("计划", "Plan")), ("#,##0.00",),
           _of_series("F2", ("invest_done", "invest_plan"))),
    "F3": (("工程类别", "Category"), (("新发现问题", "New issues"),), ("#,##0",), _of_table("T3", "category", ("count",))),
    "F4": (_DISTRICT, (("一般", "Minor"), ("较大", "Major"), ("重大", "Critical")), ("#,##0",),
           _of_table("T2", "district", ("minor", "major", "critical"))),
    "F5": (_WEEK, (("新增", "New"), ("销号", "Closed"), ("未销号", "Open at week's end")), ("#,##0",),
           _of_series("F5", ("new", "closed", "open_end"))),
    "F6": (_DISTRICT, (("经度", "Longitude"), ("纬度", "Latitude"), ("检查次数", "Visits")),
           ("0.0000", "0.0000", "#,##0"), _points),
}
