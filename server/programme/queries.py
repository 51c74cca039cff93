"""Selects over the programme; `visible_to` is what lists, search, exports and the map share."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, raiseload

from server.accounts.models import Person
from server.errors import not_found
from server.kit import text
from server.kit.actor import Actor
from server.kit.geo import Box, Point, quick_distance_m
from server.kit.paging import Page, decode, encode, page
from server.permissions import Reach, reaches
from server.programme.models import Area, Assignment, District, Site, SiteChange, WorkItem
from server.programme.rules import Stage, WorkType

MAX_WORDS = 8


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The sites that the actor sees: assigned ones, those of own districts, or all."""
    seen = reaches(actor, "site")
    if Reach.ALL in seen:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = []
    if Reach.DISTRICTS in seen:
        ways.append(Site.district_code.in_(sorted(actor.districts)))
    if Reach.ASSIGNED in seen:
        assigned = sa.select(Assignment.site_id).where(
            Assignment.person_id == actor.id, Assignment.ended_at.is_(None)
        )
        ways.append(Site.id.in_(assigned))
    return sa.or_(sa.false(), *ways)


def find_site(db: Session, actor: Actor, site_id: uuid.UUID) -> Site:
    """The site with its district, area and work items; 404 where it is not visible."""
    site = db.scalar(sa.select(Site).where(Site.id == site_id, visible_to(actor)))
    if site is None:
        raise not_found()
    return site


class SiteFilter(NamedTuple):
    """What a list of sites may be narrowed by; None leaves it open."""

    district: str | None = None
    stage: Stage | None = None
    work_type: WorkType | None = None
    q: str | None = None
    bbox: Box | None = None
    area: uuid.UUID | None = None


def site_conditions(actor: Actor, wanted: SiteFilter) -> list[sa.ColumnElement[bool]]:
    """The visible sites that fit; every word of `q` must occur in code, name, area or street."""
    conditions = [visible_to(actor)]
    if wanted.district is not None:
        conditions.append(Site.district_code == wanted.district)
    if wanted.area is not None:
        conditions.append(Site.area_id == wanted.area)
    if wanted.stage is not None:
        conditions.append(Site.stage == wanted.stage)
    if wanted.work_type is not None:
        conditions.append(
            sa.exists().where(WorkItem.site_id == Site.id, WorkItem.type == wanted.work_type).correlate(Site)
        )
    words = text.fold(wanted.q or "").split()[:MAX_WORDS]
    conditions += [Site.search.like(text.like(word), escape="\\") for word in words]
    if wanted.bbox is not None:
        west, south, east, north = wanted.bbox
        conditions += [Site.lat_wgs84.between(south, north), Site.lng_wgs84.between(west, east)]
    return conditions


def list_sites(db: Session, actor: Actor, wanted: SiteFilter, *, cursor: str | None, limit: int) -> Page[Site]:
    """Sites by code."""
    query = sa.select(Site).where(*site_conditions(actor, wanted))
    return page(db, query, [(Site.code, str, False)], cursor=cursor, limit=limit)


def count_sites(db: Session, actor: Actor, wanted: SiteFilter) -> int:
    """How many sites all pages of such a list hold."""
    return db.scalar(sa.select(sa.func.count()).select_from(Site).where(*site_conditions(actor, wanted))) or 0


class Near(NamedTuple):
    """A site and its distance in metres."""

    site: Site
    distance_m: float


def list_sites_near(
    db: Session, actor: Actor, wanted: SiteFilter, point: Point, *, cursor: str | None, limit: int
) -> Page[Near]:
    """Sites with a position, nearest first.

    Positions alone are read and sorted here: SQL has no sine that both databases agree on, and a plane in its stead
    puts far sites in a wrong order. A city's few thousand take some milliseconds.
    """
    places = sa.select(Site.id, Site.lat_wgs84, Site.lng_wgs84).where(*site_conditions(actor, wanted))
    ranked = sorted(
        (round(quick_distance_m(point, Point(lat, lng)) * 1000), site_id.hex)
        for site_id, lat, lng in db.execute(places)
        if lat is not None and lng is not None
    )
    if cursor:
        after = tuple(decode(cursor, [int, str], of="sites near"))
        ranked = [place for place in ranked if place > after]
    shown = ranked[:limit]
    sites = {
        site.id.hex: site
        for site in db.scalars(sa.select(Site).where(Site.id.in_([uuid.UUID(key) for _, key in shown])))
    }
    # a site that went away between the two statements is simply not shown
    items = [Near(sites[key], millimetres / 1000) for millimetres, key in shown if key in sites]
    return Page(items, encode(shown[-1], of="sites near") if len(ranked) > limit else None)


def map_batch(
    db: Session, actor: Actor, wanted: SiteFilter, *, after: str | None, size: int
) -> Sequence[Any]:
    """The next positions for the map, by code."""
    query = (
        sa.select(
            Site.id, Site.code, Site.name, Site.district_code, Site.stage, Site.households, Site.carried_out,
            Site.is_sample, Site.last_visit_at, Site.lat_wgs84, Site.lng_wgs84,
        )
        .where(*site_conditions(actor, wanted), Site.lat_wgs84.is_not(None))
        .order_by(Site.code).limit(size)
    )
    return db.execute(query if after is None else query.where(Site.code > after)).all()


def districts(db: Session) -> list[District]:
    """Every district, in the order of their codes."""
    return list(db.scalars(sa.select(District).order_by(District.position, District.code)))


def list_districts(db: Session, *, cursor: str | None, limit: int) -> Page[District]:
    """Districts in the order of their codes, a page at a time."""
    keys = [(District.position, int, False), (District.code, str, False)]
    return page(db, sa.select(District), keys, cursor=cursor, limit=limit)


def district_names(db: Session) -> dict[str, list[str]]:
    """Code → the names people write for it."""
    return {one.code: [one.zh, one.zh.removesuffix("区"), one.en] for one in districts(db)}


def list_areas(db: Session, district: str | None, *, cursor: str | None, limit: int) -> Page[Area]:
    query = sa.select(Area)
    if district is not None:
        query = query.where(Area.district_code == district)
    keys = [(Area.district_code, str, False), (Area.name, str, False)]
    return page(db, query, keys, cursor=cursor, limit=limit)


class Change(NamedTuple):
    """A change and the name of who made it."""

    change: SiteChange
    by: Person | None


def list_changes(db: Session, site: Site, *, cursor: str | None, limit: int) -> Page[Change]:
    """What was changed at a site, newest first."""
    found: Page[SiteChange] = page(
        db, sa.select(SiteChange).where(SiteChange.site_id == site.id), [(SiteChange.id, int, True)],
        cursor=cursor, limit=limit,
    )
    ids = {change.by for change in found.items if change.by}
    query = sa.select(Person).where(Person.id.in_(ids)).options(raiseload("*"))
    people = {person.id: person for person in db.scalars(query)}
    return Page([Change(one, people.get(one.by) if one.by else None) for one in found.items], found.next_cursor)


def assignments(db: Session, site_id: uuid.UUID) -> Iterator[tuple[Assignment, Person]]:
    """Who is or was assigned, the present ones first."""
    query = (
        sa.select(Assignment, Person)
        .join(Person, Person.id == Assignment.person_id)
        .where(Assignment.site_id == site_id)
        .order_by(Assignment.ended_at.is_not(None), Person.username)
        .options(raiseload(Person.roles), raiseload(Person.districts), raiseload(Person.organisation))
    )
    return ((row.Assignment, row.Person) for row in db.execute(query))


def assigned_sites(db: Session, person_id: uuid.UUID) -> list[uuid.UUID]:
    """The sites that a person is assigned to now."""
    query = sa.select(Assignment.site_id).where(Assignment.person_id == person_id, Assignment.ended_at.is_(None))
    return list(db.scalars(query.order_by(Assignment.site_id)))
