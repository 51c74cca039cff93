"""Verbs of the programme: add a site, change it, assign inspectors, hand over."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person, PersonRole
from server.audit import service as audit
from server.errors import Refusal, invalid
from server.kit import changes, clock
from server.kit.actor import Actor, Role
from server.kit.db import hold
from server.kit.geo import Crs
from server.kit.ids import new_id
from server.programme import evidence, queries
from server.programme.changing import AS_SENT, FIXED, Record, put, write
from server.programme.models import Area, Assignment, District, Site
from server.programme.rules import Stage
from server.programme.wrong import WrongValue

WIDE = (Role.OFFICE, Role.ADMIN)  # who may move a site to another district


def blank_site(code: str, district: District) -> Site:
    """A site of which nothing is known yet but where it stands in the books."""
    return Site(
        id=new_id(), code=code, name="", district=district, district_code=district.code, area=None, contractor=None,
        street=None, search="", lat=None, lng=None, crs=Crs.WGS84, lat_wgs84=None, lng_wgs84=None,
        fence_radius_m=None, fence_polygon=None, stage=Stage.NOT_STARTED, carried_out=False, is_model=False,
        is_sample=False, households=0, buildings=0, floor_area_m2=None, built_year=None, plan_year=None,
        planned_start_on=None, planned_end_on=None, started_on=None, ended_on=None, investment_planned_fen=0,
        investment_done_fen=0, last_visit_at=None, version=1, work_items=[],
    )


def add_site(db: Session, actor: Actor, values: dict[str, Any]) -> Site:
    """A new site from a loaded SiteIn. 409 `code-taken`; 422 naming what cannot be."""
    values = dict(values)
    code = values.pop("code")
    hold(db, f"site-code:{code}")
    if db.scalar(sa.select(Site.id).where(Site.code == code)):
        raise Refusal("code-taken", errors={"code": ["已被使用 / is taken"]})
    site = blank_site(code, _district(db, values.pop("district")))
    _apply(db, site, values)
    write(db, actor, [Record(site, {}, is_new=True)], source="form", at=clock.now())
    return site


def change_site(
    db: Session, actor: Actor, site: Site, values: dict[str, Any], show: Callable[[Site], Mapping[str, Any]]
) -> Site:
    """Put the values of a loaded SitePatchIn on a site, keeping what they were. 409 `site-changed` where `version` is
    not its newest, 422 naming what nobody may change; what is as `show` gives the site changes nothing."""
    db.execute(sa.select(Site.id).where(Site.id == site.id).with_for_update())
    db.refresh(site)
    values = dict(values)
    version = values.pop("version", None)
    if version is not None and version != site.version:
        raise Refusal("site-changed", extra={"version": site.version, "updated_at": site.updated_at.isoformat()})
    _leave_as_shown(site, values, show(site))
    if "district" in values:
        if not actor.has(*WIDE) and values["district"] != site.district_code:
            raise Refusal("not-allowed", ("只有专班办公室可以变更所属区", "Only the office moves a site to a district"))
        values["district"] = _district(db, values["district"])
    diffs = _apply(db, site, values)
    if diffs:
        write(db, actor, [Record(site, diffs, is_new=False)], source="patch", at=clock.now())
    return site


def _leave_as_shown(site: Site, values: dict[str, Any], shown: Mapping[str, Any]) -> None:
    """Take out of `values` what the site shows already: a default fence, say, or a position turned into WGS-84 is to
    be shown and not to be entered."""
    for name in FIXED:
        if name in values and values.pop(name) != getattr(site, name):
            raise invalid(name, "不可更改", "cannot be changed")
    for attribute, (key, sent) in values.pop(AS_SENT).items():
        if key in shown and sent == shown[key]:
            values.pop(attribute, None)


def _apply(db: Session, site: Site, values: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Look up what the values name, then put them on the site."""
    district = values.get("district", site.district)
    by_id = isinstance(values.get("area"), uuid.UUID)
    if "area_id" in values or by_id:
        area_id = values["area"] if by_id else values["area_id"]
        values.pop("area_id", None)
        values["area"] = _area(db, district, area_id, "area" if by_id else "area_id") if area_id else None
    elif values.get("area") is not None:
        values["area"] = area_named(db, district, values["area"])
    elif "district" in values and site.area and site.area.district_code != district.code:
        values["area"] = None
    for name in ("contractor_id", "contractor"):
        if name in values:
            organisation_id = values.pop(name)
            values["contractor"] = _contractor(db, organisation_id, name) if organisation_id else None
            break  # where both are given they are the same
    try:
        return put(site, values, evidence.proven_at(db, [site.id]).get(site.id, ()))
    except WrongValue as wrong:
        raise wrong.refusal() from None


def _district(db: Session, code: str) -> District:
    district = db.get(District, code)
    if district is None:
        raise invalid("district", "没有此区", "no such district")
    return district


def _area(db: Session, district: District, area_id: uuid.UUID, field: str) -> Area:
    area = db.get(Area, area_id)
    if area is None or area.district_code != district.code:
        raise invalid(field, "该区没有此片区", "no such area in this district")
    return area


def area_named(db: Session, district: District, name: str) -> Area:
    """The area of that name in the district, made where it is new."""
    hold(db, f"area:{district.code}")
    area = db.scalar(sa.select(Area).where(Area.district_code == district.code, Area.name == name))
    if area is None:
        area = Area(id=new_id(), district_code=district.code, name=name)
        db.add(area)
    return area


def _contractor(db: Session, organisation_id: uuid.UUID, field: str) -> Organisation:
    organisation = db.get(Organisation, organisation_id)
    if organisation is None or organisation.kind != "contractor":
        raise invalid(field, "没有此施工单位", "no such contractor")
    return organisation


def assign(db: Session, actor: Actor, site: Site, person_ids: Collection[uuid.UUID]) -> None:
    """Make these the site's inspectors: new ones begin now, those not named end now. 422 naming who is none."""
    hold(db, f"assignments:{site.id}")
    wanted = set(person_ids)
    known = {one.person_id: one for one in db.scalars(sa.select(Assignment).where(Assignment.site_id == site.id))}
    active = {person_id for person_id, one in known.items() if one.ended_at is None}
    strangers = wanted - active - _inspectors(db, wanted)
    if strangers:
        raise Refusal("invalid", errors={
            "person_ids": [f"不是在岗督导员 / is not an active inspector: {one}" for one in sorted(map(str, strangers))]
        })
    begin(db, actor, site, wanted - active)
    _end(db, actor, site, active - wanted)


def begin(db: Session, actor: Actor | None, site: Site, people: Collection[uuid.UUID]) -> None:
    """These people inspect the site from now on."""
    now = clock.now()
    for person_id in sorted(people):
        one = db.get(Assignment, (site.id, person_id))
        if one is None:
            db.add(Assignment(site_id=site.id, person_id=person_id, since=now))
        else:
            one.since, one.ended_at = now, None
        audit.record(db, actor, "assigned", "site", site.id, district=site.district_code, person=str(person_id))
        changes.note_assigned(db, site.id, person_id)
    if people:
        db.flush()


def _end(db: Session, actor: Actor | None, site: Site, people: Collection[uuid.UUID]) -> None:
    now = clock.now()
    for person_id in sorted(people):
        one = db.get(Assignment, (site.id, person_id))
        if one is not None and one.ended_at is None:
            one.ended_at = now
            audit.record(db, actor, "unassigned", "site", site.id, district=site.district_code, person=str(person_id))
            changes.note(db, "site", site.id, gone_for=person_id)
    db.flush()


def hand_over(db: Session, actor: Actor | None, leaver: uuid.UUID, successor: uuid.UUID) -> Mapping[str, int]:
    """Pass a leaver's sites on: accounts calls it when somebody leaves. → {"sites": how many}.

    422 naming `to` where there are sites and the successor is no active inspector, who alone sees assigned ones.
    """
    ids = queries.assigned_sites(db, leaver)
    if ids and not _inspectors(db, {successor}):
        raise invalid("to", "不是在岗督导员，不能接手项目", "is not an active inspector and cannot take over sites")
    there = set(queries.assigned_sites(db, successor))
    for site_id in ids:
        site = db.get_one(Site, site_id)
        begin(db, actor, site, set() if site_id in there else {successor})
        _end(db, actor, site, {leaver})
    return {"sites": len(ids)}


def _inspectors(db: Session, people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of `people` who are active inspectors."""
    query = sa.select(Person.id).join(PersonRole, PersonRole.person_id == Person.id).where(
        Person.id.in_(people), Person.active, PersonRole.role == Role.INSPECTOR
    )
    return set(db.scalars(query))
