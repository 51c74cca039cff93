"""The bulletin: a week's figures with the office's own words and the masthead. It is all that a print is made from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

Bulletin = dict[str, Any]
SHAPE = 1
CASES = 6  # printed unless the office chose others


def of(figures: dict[str, Any], digest: str = "") -> Bulletin:
    """A bulletin of bare figures: no words of the office, no number, dated the day after the week."""
    ends_on = date.fromisoformat(figures["week"]["ends_on"])
    return {
        "shape": SHAPE, "figures": figures,
        "words": {
            "key_points": {"zh": [], "en": []}, "red_list": [], "black_list": [],
            "residents": dict.fromkeys(("hotline_received", "hotline_done", "hotline_in_time", "replies_valid",
                                        "replies_satisfied", "text")),
            "next_week": [], "distribution": dict.fromkeys(("report_to", "send_to", "issue_to", "copies")),
            "office": None, "cases": None,
        },
        "number": {"year": figures["week"]["iso_year"], "serial": None, "total": None},
        "day": (ends_on + timedelta(days=1)).isoformat(), "frozen_at": None, "figures_digest": digest,
        "software": "dudao",
    }


def cases(bulletin: Bulletin) -> list[dict[str, Any]]:
    """The typical cases that are printed: those that the office chose, in its order, else the first six."""
    found = bulletin["figures"].get("cases") or []
    chosen = bulletin["words"]["cases"]
    if chosen is None:
        return list(found[:CASES])
    by_id = {case["issue_id"]: case for case in found}
    return [by_id[issue] for issue in chosen if issue in by_id]


def table(bulletin: Bulletin, name: str) -> dict[str, Any]:
    """A table of the figures, or table 6, which is of the office's words; without rows where older figures lack it."""
    if name == "T6":
        words = bulletin["words"]
        return {"rows": [{"list": kind, **row} for kind in ("red", "black") for row in words[f"{kind}_list"]]}
    found: dict[str, Any] = bulletin["figures"]["tables"].get(name) or {"rows": []}
    return found
