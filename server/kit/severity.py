"""How grave a failure is: one word for checklists, reports and issues alike."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """一般 / 较大 / 重大."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
