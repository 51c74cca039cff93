"""Sites under construction that nobody has visited for long.

Looked at are the sites in progress, as in the week's coverage of visits: at one not started there is nothing to
inspect, a suspended or finished one is visited on occasion and not by turn.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.kit import clock
from server.kit.actor import Actor
from server.programme.models import Site
from server.programme.policy import policy_of
from server.programme.queries import SiteFilter, site_conditions
from server.programme.ranked import Ranked, assigned_to, cut, seen_districts, site_refs
from server.programme.rules import Stage

_UNKNOWN = 10**6  # days: never visited and nobody knows since when; worse than all that is known


class Quiet(NamedTuple):
    """How long a site has not been visited: since the last visit, else since work started; None where that is not
    known either."""

    last_visit_at: datetime | None
    started_on: date | None
    days_since: int | None

    def longer_than(self, days: int) -> bool:
        """Whether more than so many whole days have passed without a visit."""
        return self.days_since is None or self.days_since > days


def stale_days(db: Session, conf: Config) -> int:
    """After how many days without a visit a site is to be told of."""
    return policy_of(db, conf).stale_days


def quiet(last_visit_at: datetime | None, started_on: date | None) -> Quiet:
    """The days of Asia/Shanghai that have passed without a visit until today."""
    since = clock.day_of(last_visit_at) if last_visit_at else started_on
    return Quiet(last_visit_at, started_on, max((clock.today() - since).days, 0) if since else None)


def of_site(site: Site, days: int) -> dict[str, Any]:
    """How long one site has not been visited, and whether that is too long."""
    stands = quiet(site.last_visit_at, site.started_on)
    return {**stands._asdict(), "days": days, "is_stale": site.stage is Stage.IN_PROGRESS and stands.longer_than(days)}


def unvisited(
    db: Session, actor: Actor, *, district: str | None, days: int, cursor: str | None, limit: int
) -> dict[str, Any]:
    """The sites in progress without a valid visit for more than `days`, those that waited longest first."""
    shown = seen_districts(db, actor, district)
    wanted = SiteFilter(district=district, stage=Stage.IN_PROGRESS)
    query = sa.select(Site.id, Site.code, Site.district_code, Site.last_visit_at, Site.started_on)
    sums: dict[str, Counter[str]] = {code: Counter() for code in shown}
    rows = []
    for site_id, code, of, last_visit_at, started_on in db.execute(query.where(*site_conditions(actor, wanted))):
        stands = quiet(last_visit_at, started_on)
        sums[of]["in_progress"] += 1
        if stands.longer_than(days):
            sums[of]["unvisited"] += 1
            sums[of]["never_visited"] += last_visit_at is None
            rank = _UNKNOWN if stands.days_since is None else stands.days_since
            rows.append(Ranked(rank, code, (site_id, stands)))
    page, more = cut(rows, cursor=cursor, limit=limit, of="unvisited")
    ids = [site_id for site_id, _ in page]
    sites, people = site_refs(db, ids), assigned_to(db, ids)
    return {
        "as_of": clock.today(), "days": days, "next_cursor": more,
        "items": [
            {"site": sites[site_id], **stands._asdict(), "assigned": people.get(site_id, [])}
            for site_id, stands in page if site_id in sites
        ],
        "by_district": [
            {"code": code, "zh": one.zh, "en": one.en,
             **{name: sums[code][name] for name in ("in_progress", "unvisited", "never_visited")}}
            for code, one in shown.items()
        ],
    }
