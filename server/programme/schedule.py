"""Plan against actual over all sites that one sees: who is late and by how many days, with sums by district."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.actor import Actor
from server.programme.lateness import Late, Lateness, Span, lateness
from server.programme.models import Site
from server.programme.queries import SiteFilter, site_conditions
from server.programme.ranked import Ranked, cut, seen_districts, site_refs

ANY = "any"


def of_site(site: Site) -> dict[str, Any]:
    """How one site stands against its plan today."""
    span = Span(site.planned_start_on, site.planned_end_on, site.started_on, site.ended_on, site.stage)
    return _shown(span, lateness(span, clock.today()))


def schedule(
    db: Session, actor: Actor, wanted: SiteFilter, *, late: str | None, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Sites, the latest first; `late` keeps those behind in that way, or in `any`. The sums by district are over all
    sites of the filter, late or not."""
    shown = seen_districts(db, actor, wanted.district)
    today = clock.today()
    query = sa.select(Site.id, Site.code, Site.district_code, *(getattr(Site, name) for name in Span._fields))
    sums: dict[str, Counter[str]] = {code: Counter() for code in shown}
    rows = []
    for site_id, code, district, *days in db.execute(query.where(*site_conditions(actor, wanted))):
        span = Span(*days)
        stands = lateness(span, today)
        _count(sums[district], stands)
        if late is None or (stands.late if late == ANY else Late(late) in stands.late):
            rows.append(Ranked(stands.days_late, code, (site_id, span, stands)))
    page, more = cut(rows, cursor=cursor, limit=limit, of="schedule")
    sites = site_refs(db, [site_id for site_id, _, _ in page])
    return {
        "as_of": today, "next_cursor": more,
        # a site that went away between the statements is simply not shown
        "items": [{"site": sites[site_id], **_shown(span, stands)} for site_id, span, stands in page if site_id in sites],
        "by_district": [
            {"code": code, "zh": one.zh, "en": one.en, **{name: sums[code][name] for name in ("sites", "is_late", *Late)},
             "most_days_late": sums[code]["most"]}
            for code, one in shown.items()
        ],
    }


def _count(sums: Counter[str], stands: Lateness) -> None:
    sums["sites"] += 1
    sums["is_late"] += bool(stands.late)
    sums.update(stands.late)
    sums["most"] = max(sums["most"], stands.days_late)


def _shown(span: Span, stands: Lateness) -> dict[str, Any]:
    return {**span._asdict(), **stands._asdict(), "days_late": stands.days_late}
