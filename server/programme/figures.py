"""The programme's roll-up: sites, households, money and kinds of work, for the city and its districts, as of a day."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import not_found
from server.kit import clock
from server.kit.actor import Actor
from server.permissions import Reach, reaches
from server.programme import queries
from server.programme.models import Site, SiteChange, SiteState, WorkItem
from server.programme.rules import FINISHED, KINDS, STARTED, Stage, WorkType

_WORK_FIELD = "work_items."
CHUNK = 500


@dataclass(slots=True)
class Counts:
    """What is counted of sites. Money in fen."""

    planned: int = 0
    started: int = 0
    carried_out: int = 0
    in_progress: int = 0
    suspended: int = 0
    completed: int = 0
    accepted: int = 0
    households: int = 0
    households_benefiting: int = 0
    investment_planned_fen: int = 0
    investment_done_fen: int = 0

    def add(self, other: Counts) -> None:
        for one in fields(Counts):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(slots=True)
class Works:
    """What is summed of one kind of work; the reported and verified money is worked out item by item, in whole fen,
    so that districts add up to the city."""

    sites: int = 0
    quantity: float = 0.0
    planned: float = 0.0
    reported: float = 0.0
    verified: float = 0.0
    contract_price_fen: int = 0
    reported_fen: int = 0
    verified_fen: int = 0


def summary(db: Session, actor: Actor, *, district: str | None = None, as_of: date | None = None) -> dict[str, Any]:
    """The figures that the actor sees, for one district or all of theirs; 404 for one they do not see.

    `as_of` a past day: as the programme stood at that day's end, by what was entered until then.
    """
    shown = {one.code: one for one in queries.districts(db)}
    everywhere = Reach.ALL in reaches(actor, "site")
    if not everywhere:
        shown = {code: one for code, one in shown.items() if code in actor.districts}
    if district is not None:
        if district not in shown:
            raise not_found()
        shown, everywhere = {district: shown[district]}, False
    day = min(as_of or clock.today(), clock.today())
    until = clock.start_of(day + timedelta(days=1)) if day < clock.today() else None
    counted = count_sites(db, list(shown), until=until)
    total = Counts()
    for counts in counted.values():
        total.add(counts)
    where = None if everywhere else list(shown)
    # A programme seldom grows: that no site came since is a short question, asking it of each work item a long one.
    grown = until is not None and total.planned != _site_count(db, where)
    works = sum_works(db, where, until=until, grown=grown)
    return {
        "as_of": day, **asdict(total),
        "by_district": [
            {"code": code, "name": one.zh, "en": one.en, **asdict(counted.get(code, Counts()))}
            for code, one in shown.items()
        ],
        "by_work_type": [
            {
                "type": kind, "zh": kind.zh, "en": kind.en, "unit": KINDS[kind].unit, **asdict(works[kind]),
                "planned_fen": works[kind].contract_price_fen,
            }
            for kind in WorkType
        ],
    }


def count_sites(db: Session, districts: list[str], *, until: datetime | None = None) -> dict[str, Counts]:
    """District code → counts; before `until`, or now."""
    source: Any = Site
    query = sa.select(Site.district_code)
    if until is not None:
        newest = (
            sa.select(sa.func.max(SiteState.id).label("id"))
            .where(SiteState.at < until).group_by(SiteState.site_id).subquery()
        )
        source = SiteState
        query = query.join(SiteState, SiteState.site_id == Site.id).join(newest, newest.c.id == SiteState.id)

    def many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    query = query.add_columns(
        sa.func.count().label("planned"),
        many(source.stage.in_(STARTED)).label("started"),
        many(source.carried_out).label("carried_out"),
        many(source.stage == Stage.IN_PROGRESS).label("in_progress"),
        many(source.stage == Stage.SUSPENDED).label("suspended"),
        many(source.stage.in_(FINISHED)).label("completed"),
        many(source.stage == Stage.ACCEPTED).label("accepted"),
        sa.func.sum(source.households).label("households"),
        sa.func.sum(sa.case((source.carried_out, source.households), else_=0)).label("households_benefiting"),
        sa.func.sum(source.investment_planned_fen).label("investment_planned_fen"),
        sa.func.sum(source.investment_done_fen).label("investment_done_fen"),
    ).where(Site.district_code.in_(districts)).group_by(Site.district_code)
    rows: Sequence[Any] = db.execute(query).all()
    return {row[0]: Counts(*map(int, row[1:])) for row in rows}


def _site_count(db: Session, districts: list[str] | None) -> int:
    query = sa.select(sa.func.count()).select_from(Site)
    return db.scalar(query if districts is None else query.where(Site.district_code.in_(districts))) or 0


def sum_works(
    db: Session, districts: list[str] | None, *, until: datetime | None = None, grown: bool = True
) -> dict[WorkType, Works]:
    """Every kind of work → its sums in these districts (None: everywhere); before `until`, or now.

    `grown`: whether sites came since that are to be left out.
    """

    def earned(done: Any) -> sa.ColumnElement[int]:
        part = sa.case((done >= WorkItem.planned, 1.0), else_=done / WorkItem.planned)
        worth = sa.func.round(WorkItem.contract_price_fen * part)
        return sa.func.sum(sa.case((WorkItem.planned > 0, worth), else_=0))

    query = sa.select(
        WorkItem.type, sa.func.count(), sa.func.sum(WorkItem.quantity), sa.func.sum(WorkItem.planned),
        sa.func.sum(WorkItem.reported), sa.func.sum(WorkItem.verified), sa.func.sum(WorkItem.contract_price_fen),
        earned(WorkItem.reported), earned(WorkItem.verified),
    ).where(*_at_sites(WorkItem.site_id, districts, until if grown else None)).group_by(WorkItem.type)
    sums = {kind: Works() for kind in WorkType}
    for kind, sites, quantity, planned, reported, verified, *money in db.execute(query):
        sums[kind] = Works(
            sites, _tidy(quantity), _tidy(planned), _tidy(reported), _tidy(verified), *(int(value) for value in money)
        )
    if until is not None:
        _take_back(db, sums, districts, until, grown=grown)
    return sums


def _at_sites(site_id: Any, districts: list[str] | None, until: datetime | None) -> list[sa.ColumnElement[bool]]:
    conditions = []
    if districts is not None:
        conditions.append(site_id.in_(sa.select(Site.id).where(Site.district_code.in_(districts))))
    if until is not None:
        conditions.append(site_id.in_(sa.select(SiteState.site_id).where(SiteState.at < until)))
    return conditions


def _tidy(amount: float) -> float:
    """A sum without the dust of binary fractions."""
    return round(float(amount), 6)


def _take_back(
    db: Session, sums: dict[WorkType, Works], districts: list[str] | None, until: datetime, *, grown: bool
) -> None:
    """Undo every change since: work items keep no states of their own, but each change kept what was before."""
    changes = (
        sa.select(SiteChange.site_id, SiteChange.field, SiteChange.before)
        .where(
            SiteChange.at >= until, SiteChange.field.startswith(_WORK_FIELD),
            *_at_sites(SiteChange.site_id, districts, until if grown else None),
        )
        .order_by(SiteChange.id.desc())
    )
    before: dict[tuple[uuid.UUID, str], dict[str, Any]] = {}
    for site_id, field, value in db.execute(changes):
        _, kind, name = field.split(".")
        before.setdefault((site_id, kind), {})[name] = value["value"]  # the oldest change comes last and stays
    sites = sorted({site_id for site_id, _ in before})
    for start in range(0, len(sites), CHUNK):
        for item in db.scalars(sa.select(WorkItem).where(WorkItem.site_id.in_(sites[start : start + CHUNK]))):
            then = before.get((item.site_id, item.type.value))
            if then is None:
                continue
            now = _values(item)
            _add(sums[item.type], now, -1)
            if then.get("planned", now["planned"]) is not None:  # else the kind of work was added since
                _add(sums[item.type], now | {name: then[name] for name in now.keys() & then.keys()}, 1)


def _values(item: WorkItem) -> dict[str, Any]:
    return {
        "quantity": item.quantity, "planned": item.planned, "reported": item.reported, "verified": item.verified,
        "contract_price_yuan": item.contract_price_fen / 100,
    }


def _add(works: Works, item: dict[str, Any], sign: int) -> None:
    price, planned = round(item["contract_price_yuan"] * 100), item["planned"]
    works.sites += sign
    works.contract_price_fen += sign * price
    for name in ("quantity", "planned", "reported", "verified"):
        setattr(works, name, _tidy(getattr(works, name) + sign * item[name]))
    if planned > 0:
        works.reported_fen += sign * round(price * min(item["reported"] / planned, 1.0))
        works.verified_fen += sign * round(price * min(item["verified"] / planned, 1.0))
