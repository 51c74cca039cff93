"""What time it is: UTC inside, days and weeks of Asia/Shanghai for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")  # one zone, no daylight saving since 1991

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _source()


def today() -> date:
    """The present day in Asia/Shanghai."""
    return now().astimezone(SHANGHAI).date()


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai on which `moment` falls."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The first moment of `day` in Asia/Shanghai, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).astimezone(UTC)


def read(text: str) -> datetime:
    """A moment as RFC 3339 writes it, also in small letters or with a space; ValueError for anything else."""
    return datetime.fromisoformat(text.upper().replace(" ", "T"))


def set_source(source: Callable[[], datetime] | None) -> None:
    """Tests put their own clock here; None gives the real one back."""
    global _source
    _source = source or (lambda: datetime.now(UTC))
