"""Figures 2 and 5: money week by week since the year began, and eight weeks of the stock of issues."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.issues.models import Issue, IssueEvent
from server.kit import clock
from server.programme.models import Site, SiteState
from server.weekly.figures.counting import Span, Sums, count_if
from server.weekly.figures.names import Names
from server.weekly.figures.plan import Planned
from server.weekly.figures.stock import move_kinds, was_opened
from server.weekly.rules import Stock, StockBrokenError, Week, half_up

WEEKS = 8
_WAN_FEN = 1_000_000


def money_by_week(
    db: Session, span: Span, earlier: Sequence[Week], sites: list[Planned], done_fen: int
) -> list[dict[str, Any]]:
    """Figure 2, from the year's first week to this one, in 万元. `earlier` are the weeks before, the newest first;
    `done_fen` is what table 1 says, with which the last point must agree."""
    weeks = [*(week for week in reversed(earlier) if week.iso_year == span.week.iso_year), span.week]
    ends = [*(week.end for week in weeks[:-1]), span.cutoff]
    done = _done_until(db, span, ends)
    if done[-1] != done_fen:
        raise StockBrokenError(span.district or "city", f"{done[-1]} fen by the history, but {done_fen} by table 1")
    planned = _planned_until(sites, [clock.day_of(end) for end in ends])
    return [
        {
            "iso_year": week.iso_year, "iso_week": week.iso_week, "invest_done": _wan(Fraction(money)),
            "invest_plan": None if planned is None else _wan(planned[n]),
        }
        for n, (week, money) in enumerate(zip(weeks, done, strict=True))
    ]


def _wan(fen: Fraction) -> int | float | None:
    return Names.number(half_up(fen / _WAN_FEN, 2))


def _done_until(db: Session, span: Span, ends: list[datetime]) -> list[int]:
    """The money spent at each of these moments: what every change of a site added, put into the week of the change. Of
    sites without a history it is what they show now, as everywhere."""
    before = sa.func.lag(SiteState.investment_done_fen, 1, 0).over(
        partition_by=SiteState.site_id, order_by=[SiteState.at, SiteState.id]
    )
    steps = (
        sa.select(SiteState.at, (SiteState.investment_done_fen - before).label("added"))
        .join(Site, Site.id == SiteState.site_id).where(span.covers(Site.district_code)).subquery()
    )
    put = sa.select(
        sa.case(*((steps.c.at < end, n) for n, end in enumerate(ends))).label("n"), steps.c.added
    ).where(steps.c.at < ends[-1], steps.c.added != 0).subquery()
    added = {
        int(n): int(fen) for n, fen in db.execute(sa.select(put.c.n, sa.func.sum(put.c.added)).group_by(put.c.n))
    }
    total = int(db.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Site.investment_done_fen), 0)).where(
            span.covers(Site.district_code), sa.not_(sa.exists().where(SiteState.site_id == Site.id))
        )
    ) or 0)
    found = []
    for n in range(len(ends)):
        total += added.get(n, 0)
        found.append(total)
    return found


def _planned_until(sites: list[Planned], days: list[date]) -> list[Fraction] | None:
    """The planned money of each site spread evenly over its planned days, as those days begin; None where no site has
    any. Fractions of one length are added up as whole numbers: there are some hundred lengths and thousands of sites."""
    spans: dict[tuple[date, date], int] = defaultdict(int)
    for site in sites:
        if site.planned_start_on is not None and site.planned_end_on is not None:
            spans[site.planned_start_on, site.planned_end_on] += site.planned_fen
    if not spans:
        return None
    sums: list[dict[int, int]] = [defaultdict(int) for _ in days]
    for (start, end), fen in spans.items():
        length = max((end - start).days + 1, 1)
        for by_length, day in zip(sums, days, strict=True):
            by_length[length] += fen * min(max((day - start).days, 0), length)
    return [sum((Fraction(parts, length) for length, parts in one.items()), Fraction(0)) for one in sums]


def stock_by_week(db: Session, span: Span, earlier: Sequence[Week], stock: Stock) -> list[dict[str, Any]]:
    """Figure 5, oldest first. The moves of eight weeks are counted by themselves; those of this week must be what the
    week's own stock says, and from its start the stock is counted back."""
    weeks = [span.week, *earlier[: WEEKS - 1]]
    flows = _flows(db, span, weeks)
    names = ("new", "reopened", "closed", "void")
    if any(flows[0][name] != getattr(stock, name) for name in names):
        raise StockBrokenError(span.district or "city", f"{flows[0]} by week, but {stock}")
    found, open_end = [], stock.open_end
    for week, moved in zip(weeks, flows, strict=True):
        found.append({
            "iso_year": week.iso_year, "iso_week": week.iso_week, "new": moved["new"], "closed": moved["closed"],
            "open_end": open_end,
        })
        open_end -= moved["new"] + moved["reopened"] - moved["closed"] - moved["void"]
    return found[::-1]


def _flows(db: Session, span: Span, weeks: list[Week]) -> list[Sums]:
    """What each week added to the stock and took from it, in the order of `weeks`, the newest first."""
    starts = [week.start for week in weeks]

    def which(moment: Any) -> sa.Label[int]:
        return sa.case(*((moment >= start, n) for n, start in enumerate(starts))).label("n")

    def held(moment: Any) -> sa.ColumnElement[bool]:
        return sa.and_(moment >= starts[-1], moment < span.cutoff)

    flows: list[Sums] = [dict.fromkeys(("new", "reopened", "closed", "void"), 0) for _ in weeks]
    opened = sa.select(which(Issue.created_at)).where(
        held(Issue.created_at), span.covers(Issue.district_code), was_opened()
    ).subquery()
    for n, count in db.execute(sa.select(opened.c.n, sa.func.count()).group_by(opened.c.n)):
        flows[n]["new"] = int(count)
    kinds = move_kinds()
    steps = sa.select(which(IssueEvent.at), *(kind.label(name) for name, kind in kinds.items())).where(
        held(IssueEvent.at), sa.or_(*kinds.values())
    )
    if span.district is not None:
        steps = steps.join(Issue, Issue.id == IssueEvent.issue_id).where(span.covers(Issue.district_code))
    moved = steps.subquery()
    for n, *counts in db.execute(
        sa.select(moved.c.n, *(count_if(moved.c[name]) for name in kinds)).group_by(moved.c.n)
    ):
        flows[n].update(zip(kinds, map(int, counts), strict=True))
    return flows
