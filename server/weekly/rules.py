"""The week as the office counts it, and the formulas of its figures."""

from __future__ import annotations

from enum import StrEnum


class WeeklyState(StrEnum):
    """How far the making of a weekly report is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
