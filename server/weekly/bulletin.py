"""The bulletin: figures, words and number of one week in one plain object, the only thing that is printed from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.version import SOFTWARE
from server.weekly import drafting, own_words
from server.weekly.figures import canonical, digest, unpacked
from server.weekly.models import WeeklyReport

Bulletin = dict[str, Any]
SHAPE = 1
CASES = 6  # printed unless the office chose others


def of(db: Session, weekly: WeeklyReport) -> Bulletin:
    """What the report says now; a frozen one says the same for ever."""
    assert weekly.figures is not None
    figures = unpacked(weekly.figures)
    return {
        "shape": SHAPE,
        "figures": figures,
        "words": own_words.of(db, weekly, drafting.key_points(figures)),
        "number": {"year": weekly.bulletin_year or weekly.iso_year, "serial": weekly.serial, "total": weekly.total},
        "day": _day(weekly, figures).isoformat(),
        "frozen_at": weekly.frozen_at.isoformat() if weekly.frozen_at else None,
        "figures_digest": weekly.figures_digest,
        "software": weekly.software or SOFTWARE,
    }


def _day(weekly: WeeklyReport, figures: dict[str, Any]) -> date:
    """Of the masthead: when it was frozen; before that the day after the week."""
    return clock.day_of(weekly.frozen_at) if weekly.frozen_at is not None else _day_after(figures)


def _day_after(figures: dict[str, Any]) -> date:
    return date.fromisoformat(figures["week"]["ends_on"]) + timedelta(days=1)


def bare(figures: dict[str, Any], figures_digest: str = "") -> Bulletin:
    """A bulletin of figures alone: no words of the office, no number."""
    return {
        "shape": SHAPE, "figures": figures, "words": own_words.empty(),
        "number": {"year": figures["week"]["iso_year"], "serial": None, "total": None},
        "day": _day_after(figures).isoformat(), "frozen_at": None, "figures_digest": figures_digest, "software": SOFTWARE,
    }


def digest_of(bulletin: Bulletin) -> str:
    """SHA-256 of all that is printed."""
    return digest(canonical(bulletin))


def cases(bulletin: Bulletin) -> list[dict[str, Any]]:
    """The typical cases that are printed: those that the office chose, in its order, else the first six."""
    found = bulletin["figures"].get("cases") or []
    chosen = bulletin["words"]["cases"]
    if chosen is None:
        return list(found[:CASES])
    by_id = {case["issue_id"]: case for case in found}
    return [by_id[issue] for issue in chosen if issue in by_id]


def table(bulletin: Bulletin, name: str) -> dict[str, Any]:
    """A table of the figures; table 6 is of the office's words, and so are some columns of table 4. Without rows where
    older figures lack it."""
    if name == "T6":
        words = bulletin["words"]
        return {"rows": [{"list": kind, **row} for kind in ("red", "black") for row in words[f"{kind}_list"]]}
    found: dict[str, Any] = bulletin["figures"]["tables"].get(name) or {"rows": []}
    if name == "T4":
        told = {one["site"]: one for one in bulletin["words"].get("behind") or []}
        return {"rows": [{**row, **_told(told.get(row["site"]["id"]))} for row in found["rows"]]}
    return found


def _told(words: dict[str, Any] | None) -> dict[str, Any]:
    """What the office says of a site that is behind its plan."""
    return {key: words[key] if words else None for key in own_words.OF_BEHIND}
