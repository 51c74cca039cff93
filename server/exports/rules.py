"""What can be exported, in which form, and what the files are called."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')


class Kind(StrEnum):
    """Whose rows an export holds."""

    REPORTS = "reports"
    ISSUES = "issues"
    SITES = "sites"
    PHOTOS = "photos"


class Format(StrEnum):
    """How the file is written."""

    XLSX = "xlsx"
    CSV = "csv"
    ZIP = "zip"

    @property
    def media_type(self) -> str:
        """As HTTP names it."""
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.ZIP: "application/zip",
}


class RowsOf(StrEnum):
    """What a row of exported reports is: a report, or one answer of it."""

    REPORTS = "reports"
    ANSWERS = "answers"


class ExportState(StrEnum):
    """How far the making of a file is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


UNDER_WAY = frozenset({ExportState.QUEUED, ExportState.RUNNING})
FORMATS: dict[Kind, frozenset[Format]] = {
    Kind.REPORTS: frozenset({Format.XLSX, Format.CSV}),
    Kind.ISSUES: frozenset({Format.XLSX, Format.CSV}),
    Kind.SITES: frozenset({Format.XLSX, Format.CSV}),
    Kind.PHOTOS: frozenset({Format.ZIP}),
}
WITHDRAWN = "导出后您的权限已变更 / what you may see has changed since"
_NAMES: dict[tuple[Kind, RowsOf | None], tuple[str, str]] = {
    (Kind.REPORTS, RowsOf.REPORTS): ("检查报告台账", "reports"),
    (Kind.REPORTS, RowsOf.ANSWERS): ("检查项明细", "answers"),
    (Kind.ISSUES, None): ("销号台账", "issues"),
    (Kind.SITES, None): ("小区台账", "communities"),
    (Kind.PHOTOS, None): ("照片归档", "photos"),
}


def is_withdrawn(state: ExportState, then: int | None, now: int) -> bool:
    """Whether its maker has lost something since it was made: `then` and `now` count that (kit/changes.losses). One that was
    ready before this was counted is taken for it."""
    return state is ExportState.READY if then is None else then != now


def title(kind: Kind, rows_of: RowsOf | None) -> tuple[str, str]:
    """What an export is called, in both languages."""
    return _NAMES[kind, rows_of]


def stem(kind: Kind, rows_of: RowsOf | None, language: str, day: date, scope: str | None = None) -> str:
    """A file's name without its ending: `销号台账_迎泽区_2026-11-26`, or `issues_Yingze_2026-11-26` in English."""
    name = title(kind, rows_of)[0 if language == "zh" else 1]
    return _NOT_IN_NAMES.sub("_", "_".join(part for part in (name, scope, day.isoformat()) if part))


def plain_stem(kind: Kind, rows_of: RowsOf | None, day: date) -> str:
    """The same for programs that know ASCII alone."""
    return f"{title(kind, rows_of)[1]}-{day.isoformat()}"
