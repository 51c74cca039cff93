"""Every site of the plan as it stood at the cut-off, with its planned days and its work: what tables 4 and figure 2
need. Plain rows in memory; a programme has some thousand."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.programme.models import Site, SiteChange, WorkItem
from server.programme.rules import Stage
from server.weekly.figures.counting import Span, at_once
from server.weekly.figures.sites import at_both_ends

_DAYS = ("planned_start_on", "planned_end_on", "started_on", "ended_on")
_WORK = "work_items."
_MICRO = 10**6  # quantities are kept to six decimals: as whole millionths they are exact


@dataclass(slots=True)
class Planned:
    """A site; money in fen."""

    id: uuid.UUID
    code: str
    name: str
    district: str
    contractor: str | None
    stage: Stage
    planned_fen: int
    planned_start_on: date | None
    planned_end_on: date | None
    started_on: date | None
    ended_on: date | None

    def scheduled(self, day: date) -> Fraction | None:
        """计划进度: how much of the planned time has passed when `day` begins; None where it has no planned days."""
        if self.planned_start_on is None or self.planned_end_on is None:
            return None
        return share(self.planned_start_on, self.planned_end_on, day)


def share(start: date, end: date, day: date) -> Fraction:
    """Whole days passed of those from `start` to `end`, both of them worked, when `day` begins: 0 to 1."""
    total = max((end - start).days + 1, 1)
    return Fraction(min(max((day - start).days, 0), total), total)


def planned_sites(db: Session, span: Span) -> list[Planned]:
    """Those that were in the plan at the cut-off, by code; what was entered later is taken back."""
    there = at_both_ends(span)
    query = (
        sa.select(
            Site.id, Site.code, Site.name, Site.district_code, Organisation.name, there.c.stage_1,
            there.c.investment_planned_fen_1, *(getattr(Site, name) for name in _DAYS),
        )
        .join(there, there.c.id == Site.id).outerjoin(Organisation, Organisation.id == Site.contractor_id)
        .where(there.c.stage_1.is_not(None), span.covers(Site.district_code)).order_by(Site.code)
    )
    found = {row[0]: Planned(*row) for row in db.execute(query)}
    since = (
        sa.select(SiteChange.site_id, SiteChange.field, SiteChange.before)
        .where(SiteChange.at >= span.cutoff, SiteChange.field.in_(_DAYS)).order_by(SiteChange.id.desc())
    )
    for site_id, name, before in db.execute(since):  # the oldest change comes last and stays
        if site_id in found:
            setattr(found[site_id], name, date.fromisoformat(before["value"]) if before["value"] else None)
    return list(found.values())


Amounts = dict[str, Any]
Works = dict[str, dict[str, Amounts]]


def works_of(db: Session, span: Span, codes: Collection[str]) -> Works:
    """{code of the site: {kind of work: price, planned, reported, verified}} at the cut-off. Sites go by their codes:
    making thirteen thousand UUIDs takes longer than reading the rows."""
    items: Works = {}
    for some in at_once(sorted(codes)):
        query = sa.select(
            Site.code, WorkItem.type, WorkItem.contract_price_fen, WorkItem.planned, WorkItem.reported, WorkItem.verified,
        ).join(Site, Site.id == WorkItem.site_id).where(Site.code.in_(some))
        for code, kind, price, planned, reported, verified in db.execute(query):
            items.setdefault(code, {})[kind.value] = {
                "price": price, "planned": planned, "reported": reported, "verified": verified,
            }
    _take_back(db, span, items)
    return items


def _take_back(db: Session, span: Span, items: Works) -> None:
    """Work items keep no states of their own, but each change kept what was before."""
    since = (
        sa.select(Site.code, SiteChange.field, SiteChange.before).join(Site, Site.id == SiteChange.site_id)
        .where(SiteChange.at >= span.cutoff, SiteChange.field.startswith(_WORK)).order_by(SiteChange.id.desc())
    )
    for code, name, before in db.execute(since):
        _, kind, amount = name.split(".")
        item = items.get(code, {}).get(kind)
        if item is None:
            continue
        value = before["value"]
        if amount == "contract_price_yuan":
            item["price"] = round((value or 0) * 100)
        elif amount in item:
            item[amount] = value or 0  # None: the kind of work was added since


def physical(items: dict[str, Amounts], done: str) -> Fraction | None:
    """形象进度 by the quantities `reported` or `verified`: Σ(price × done ÷ planned) ÷ Σ price.

    Work beyond the plan counts as the plan. None where no item of work has both a price and a planned quantity. Added up
    over one growing denominator, which is reduced once at the end.
    """
    weight, above, below = 0, 0, 1
    for item in items.values():
        planned = round(item["planned"] * _MICRO)
        if planned > 0:
            weight += item["price"]
            above = above * planned + item["price"] * min(round(item[done] * _MICRO), planned) * below
            below *= planned
    return Fraction(above, below * weight) if weight else None
