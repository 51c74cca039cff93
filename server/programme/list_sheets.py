"""The unvisited sites and the schedule as workbooks: the sites, and the sums by district."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.kit import clock
from server.kit.i18n import Language
from server.kit.sheets import Cell, Sheet, write_xlsx
from server.programme.lateness import Late

UNVISITED, SCHEDULE = ("久未检查的在建小区", "unvisited-sites"), ("计划与实际", "plan-and-actual")
_SITE = (("项目编号", "Code"), ("小区名称", "Community"), ("区", "District"), ("施工单位", "Contractor"))
_QUIET = (
    ("未检查天数", "Days without a visit"), ("最近有效检查", "Last valid visit"), ("开工日期", "Started on"),
    ("督导员", "Inspectors"),
)
_DAYS = (
    ("进度", "Stage"), ("计划开工", "Planned start"), ("实际开工", "Actual start"), ("开工晚（天）", "Start, days late"),
    ("计划完工", "Planned end"), ("实际完工", "Actual end"), ("完工晚（天）", "End, days late"), ("延误情况", "Late"),
)
_LATE = {
    Late.START_OVERDUE: ("应开未开", "start overdue"), Late.STARTED_LATE: ("开工晚", "started late"),
    Late.RUNNING_LATE: ("超期未完", "running late"), Late.FINISHED_LATE: ("完工晚", "finished late"),
}
_BY_DISTRICT = ("各区情况", "By district")
_UNVISITED_SUMS = {
    "in_progress": ("在建", "In progress"), "unvisited": ("久未检查", "Not visited"),
    "never_visited": ("从未检查", "Never visited"),
}
_SCHEDULE_SUMS = {
    "sites": ("小区数", "Sites"), "is_late": ("有延误", "Late"), **{way.value: _LATE[way] for way in Late},
    "most_days_late": ("最长延误（天）", "Most days late"),
}


def unvisited(found: dict[str, Any], spoken: Language, path: Path) -> None:
    """Write what `unvisited.unvisited` found."""
    at = _at(spoken)
    rows = [
        [*_site(row, spoken), row["days_since"], clock.day_of(row["last_visit_at"]) if row["last_visit_at"] else None,
         row["started_on"], ("、", ", ")[at].join(one["name"] for one in row["assigned"])]
        for row in found["items"]
    ]
    days = found["days"]
    heading = (f"超过 {days} 天没有有效检查的在建小区", f"In progress, not visited for more than {days} days")[at]
    _write(path, at, UNVISITED, (*_SITE, *_QUIET), rows, heading, _sums(found, _UNVISITED_SUMS, at))


def schedule(found: dict[str, Any], spoken: Language, path: Path) -> None:
    """Write what `schedule.schedule` found."""
    at = _at(spoken)
    rows = [
        [*_site(row, spoken), getattr(row["site"]["stage"], spoken), row["planned_start_on"], row["started_on"],
         row["start_days_late"], row["planned_end_on"], row["ended_on"], row["end_days_late"],
         ("、", ", ")[at].join(_LATE[way][at] for way in row["late"])]
        for row in found["items"]
    ]
    heading = f"{SCHEDULE[0]} {found['as_of']}" if at == 0 else f"Plan and actual, {found['as_of']}"
    _write(path, at, SCHEDULE, (*_SITE, *_DAYS), rows, heading, _sums(found, _SCHEDULE_SUMS, at))


def _at(spoken: Language) -> int:
    return 0 if spoken == "zh" else 1


def _site(row: dict[str, Any], spoken: Language) -> list[Cell]:
    site = row["site"]
    firm = site["contractor"]["name"] if site["contractor"] else None
    return [site["code"], site["name"], site["district"]["zh" if spoken == "zh" else "en"], firm]


def _sums(found: dict[str, Any], named: dict[str, tuple[str, str]], at: int) -> Sheet:
    rows = [[one["zh" if at == 0 else "en"], *(one[key] for key in named)] for one in found["by_district"]]
    return Sheet(_BY_DISTRICT[at], [_SITE[2][at], *(words[at] for words in named.values())], rows)


def _write(  # noqa: PLR0917 - a workbook is made of all of these
    path: Path, at: int, names: tuple[str, str], columns: Sequence[tuple[str, str]], rows: list[list[Cell]], heading: str,
    sums: Sheet,
) -> None:
    name = names[0] if at == 0 else names[1].replace("-", " ").capitalize()
    write_xlsx(path, [Sheet(name, [words[at] for words in columns], rows, heading=heading), sums], constant_memory=True)
