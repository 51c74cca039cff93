"""What each figure counts, and which rows stand behind each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from server.weekly.figures.formulas import FORMULAS
from server.weekly.figures.stock import MOVES

# figure → the rows of the same figures object that it counts. `where` are values of a row (of its own district, where
# the figure is a district's), `distinct` counts different values, `sum` adds a column up. So a click can list what is
# behind a figure: rows of T8 carry `report_id`, rows of T7 `issue_id` and `report_id`.
_NEW = {"is_new": True}
LISTS: dict[str, dict[str, Any]] = {
    "visits": {"table": "T8", "where": {}},
    **{name: {"table": "T8", "where": {"standing": name}} for name in ("approved", "unreviewed", "in_revision")},
    "late": {"table": "T8", "where": {"late": True}},
    "inspected_sites": {"table": "T8", "where": {}, "distinct": "site"},
    "inspected_projects": {"table": "T8", "where": {"in_progress": True}, "distinct": "site"},
    "new_issues": {"table": "T7", "where": _NEW},
    **{kind: {"table": "T7", "where": {**_NEW, "severity": kind}} for kind in ("minor", "major", "critical")},
    **{
        name: {"table": "T7", "where": {f"is_{name}": True}}
        for name in ("due", "on_time", "overdue", "recurring", "open_start", "open_end")
    },
    "first_verifications": {"table": "T7", "where": {"is_first_verified": True}},
    "first_passes": {"table": "T7", "where": {"is_first_passed": True}},
    **{name: {"table": "T7", "where": {}, "sum": f"times_{name}"} for name in MOVES},
    # what the lists of the programme show now; the same as the figure while the week runs
    "plan_count": {"sites_now": {}},
    **{name: {"sites_now": {"stage": [name]}} for name in ("in_progress", "suspended", "accepted")},
    "completed": {"sites_now": {"stage": ["completed", "accepted"]}},
    "started": {"sites_now": {"stage": ["in_progress", "suspended", "completed", "accepted"]}},
}

def definitions(weights: Mapping[str, int], recurrence_days: int) -> dict[str, Any]:
    """{"figures": {name: names, formula}, "weights": …, "recurrence_days": …}."""
    explained = {
        name: {
            "name": {"zh": zh, "en": en},
            "formula": {
                key: text.format(*weights.values(), days=recurrence_days)
                for key, text in (("zh", how_zh), ("en", how_en))
            },
        }
        for name, (zh, en, how_zh, how_en) in FORMULAS.items()
    }
    return {
        "figures": explained,
        "weights": dict(weights),
        "recurrence_days": recurrence_days,
    }

