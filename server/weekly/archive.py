"""The week in one ZIP: the workbook, the figures, and every table as a CSV; equal figures give equal bytes."""

from __future__ import annotations

import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from server.kit.i18n import Language
from server.weekly import render, rules
from server.weekly.figures import canonical

_EPOCH = (2000, 1, 1, 0, 0, 0)  # a fixed moment, as in the workbook
_READABLE = 0o644 << 16  # else what is unpacked on Linux may not be opened


def write(figures: dict[str, Any], language: Language, path: Path) -> None:
    """The ZIP at `path`; the workbook is written beside it first."""
    workbook = path.with_suffix(".xlsx")
    render.xlsx(figures, language, workbook)
    stem = _stem(figures, language)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open(_entry(f"{stem}.xlsx", zipfile.ZIP_STORED), "w") as out, workbook.open("rb") as made:
            shutil.copyfileobj(made, out)  # packed already
        packed.writestr(_entry(f"{stem}.json"), canonical(figures))
        for name in render.TABLES:
            packed.writestr(_entry(f"{render.title(name, language)}.csv"), render.csv_of(figures, name, language))
    workbook.unlink()


def _entry(name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    """Python marks a name that is not ASCII as UTF-8, which is what Chinese Windows needs to show it."""
    entry = zipfile.ZipInfo(name, date_time=_EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = method, 3, _READABLE
    return entry


def _stem(figures: dict[str, Any], language: Language) -> str:
    """The names that the files bear when they are fetched one by one."""
    told, district = figures["week"], figures["scope"]["district"]
    week = rules.Week(
        told["iso_year"], told["iso_week"], date.fromisoformat(told["starts_on"]),
        datetime.fromisoformat(told["start_at"]), datetime.fromisoformat(told["end_at"]),
    )
    if language == "zh":
        return rules.stem(week, district["zh"] if district else None)
    return rules.ascii_stem(week, district["code"] if district else None)
