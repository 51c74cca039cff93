"""The matrix as a workbook: one sheet as wide as there are kinds of work, one with a line for each of them.

The Chinese wide sheet carries the import's own headers: filled in, it can be imported as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import Database
from server.kit.i18n import Language
from server.kit.sheets import Cell, Column, Sheet, write_xlsx
from server.programme.matrix import matrix
from server.programme.queries import SiteFilter
from server.programme.rules import KINDS, WorkType

BATCH = 500
NAMES = ("改造内容一览", "programme-matrix")
_NUMBER = "#,##0.######"
_SITE = (("项目编号", "Code"), ("小区名称", "Community"), ("区", "District"), ("片区", "Area"), ("进度", "Stage"))
_DONE = (("计划", "planned"), ("完成", "reported"), ("核实", "verified"))
_LONG = (
    ("工程类别", "Kind of work"), ("单位", "Unit"), ("计划量", "Planned"), ("上报完成", "Reported"),
    ("核实完成", "Verified"), ("填报核实", "Entered as verified"), ("核实依据", "Evidence"), ("证据报告数", "Reports"),
    ("最新报告", "Newest report"), ("审核通过日期", "Approved on"),
)
_SAYS = {
    "wide": ("改造内容一览", "Matrix"), "long": ("改造内容明细", "Work items"), "proven": ("有", "yes"),
    "awaiting": ("待证据", "awaiting evidence"), "none": ("无", "none"),
}


def write(
    database: Database, actor: Actor, wanted: SiteFilter, *, awaiting: bool, spoken: Language, path: Path
) -> None:
    """Write the visible sites of the filter to `path`, all as of one moment."""
    with database.snapshot() as db:
        rows: list[dict[str, Any]] = []
        cursor: str | None = None
        while cursor is not None or not rows:
            found = matrix(db, actor, wanted, awaiting=awaiting, cursor=cursor, limit=BATCH)
            rows += found.items
            cursor = found.next_cursor
            if cursor is None:
                break
    at = 0 if spoken == "zh" else 1
    kinds = [wanted.work_type] if wanted.work_type else list(WorkType)
    site = [Column(names[at]) for names in _SITE]
    wide = [Column(_header(kind, done, spoken), number_format=_NUMBER) for kind in kinds for done in _DONE]
    long = [Column(names[at], number_format=_NUMBER if 2 <= n <= 5 else None) for n, names in enumerate(_LONG)]
    write_xlsx(path, [
        Sheet(_SAYS["wide"][at], [*site, *wide], _wide(rows, kinds, spoken), heading=_SAYS["wide"][at],
              sparse=True),
        Sheet(_SAYS["long"][at], [*site, *long], _long(rows, spoken), heading=_SAYS["long"][at]),
    ], constant_memory=True)


def _header(kind: WorkType, done: tuple[str, str], spoken: Language) -> str:
    about = KINDS[kind]
    return f"{about.zh}{done[0]}（{about.unit}）" if spoken == "zh" else f"{about.en}, {done[1]} ({about.unit_en})"


def _site_cells(row: dict[str, Any], spoken: Language) -> list[Cell]:
    site = row["site"]
    return [
        site["code"], site["name"], site["district"]["zh" if spoken == "zh" else "en"],
        site["area"]["name"] if site["area"] else None, getattr(site["stage"], spoken),
    ]


def _wide(rows: list[dict[str, Any]], kinds: list[WorkType], spoken: Language) -> Iterator[list[Cell]]:
    for row in rows:
        by_kind = {item["type"]: item for item in row["items"]}
        cells = _site_cells(row, spoken)
        for kind in kinds:
            item = by_kind.get(kind)
            cells += [item["planned"], item["reported"], item["verified"]] if item else [None, None, None]
        yield cells


def _long(rows: list[dict[str, Any]], spoken: Language) -> Iterator[list[Cell]]:
    at = 0 if spoken == "zh" else 1
    for row in rows:
        for item in row["items"]:
            about, newest = KINDS[item["type"]], item["newest_evidence"]
            waits = item["verified_entered"] > item["verified"]
            stands = "awaiting" if waits else "proven" if newest else "none"
            yield [
                *_site_cells(row, spoken), (about.zh, about.en)[at], (about.unit, about.unit_en)[at], item["planned"],
                item["reported"], item["verified"], item["verified_entered"], _SAYS[stands][at], item["evidence"],
                newest["report_number"] if newest else None, clock.day_of(newest["approved_at"]) if newest else None,
            ]
