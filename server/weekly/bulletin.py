"""The bulletin: figures, words and number of one week in one plain object, the only thing that is printed from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.version import SOFTWARE
from server.weekly import own_words
from server.weekly.figures import canonical, digest
from server.weekly.models import WeeklyReport

SHAPE = 1
Bulletin = dict[str, Any]


def of(
    db: Session, weekly: WeeklyReport, counted: tuple[dict[str, Any], str] | None = None
) -> Bulletin:
    """What the report says now; a frozen one says the same for ever. `counted` are figures, and their digest, that are
    not kept yet."""
    figures, figures_digest = counted or (weekly.figures, weekly.figures_digest)
    assert figures is not None
    return {
        "shape": SHAPE,
        "figures": figures,
        "words": own_words.of(db, weekly, figures),
        "number": {"year": weekly.bulletin_year or weekly.iso_year, "serial": weekly.serial, "total": weekly.total},
        "day": _day(weekly, figures).isoformat(),
        "frozen_at": weekly.frozen_at.isoformat() if weekly.frozen_at else None,
        "figures_digest": figures_digest,
        "software": weekly.software or SOFTWARE,
    }


def _day(weekly: WeeklyReport, figures: dict[str, Any]) -> date:
    """Of the masthead: when it was frozen; before that the day after the week."""
    if weekly.frozen_at is not None:
        return clock.day_of(weekly.frozen_at)
    return date.fromisoformat(figures["week"]["ends_on"]) + timedelta(days=1)


def digest_of(bulletin: Bulletin) -> str:
    """SHA-256 of all that is printed."""
    return digest(canonical(bulletin))
