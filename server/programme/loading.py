"""The start of a programme: the six districts, or the whole sample, written in bulk."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.audit import service as audit
from server.errors import Refusal
from server.kit import changes, clock, text
from server.kit.db import hold
from server.kit.geo import Crs
from server.programme import sample
from server.programme.models import Area, District, Site, SiteState, WorkItem
from server.programme.sample import SampleSite

# Ids of the sample follow from its codes, so that loading it twice, or on two machines, gives the same ones.
_SPACE = uuid.UUID("5a3f8c52-9d0e-5b61-9f5e-0d1f4a7c2b90")


def sample_id(kind: str, key: str) -> uuid.UUID:
    """The id of a thing of the sample."""
    return uuid.uuid5(_SPACE, f"{kind}:{key}")


def load_districts(db: Session) -> int:
    """Write the districts that are not there; → how many were new."""
    hold(db, "programme")
    there = set(db.scalars(sa.select(District.code)))
    new = [
        {"code": one.code, "zh": one.zh, "en": one.en, "position": position}
        for position, one in enumerate(sample.districts(), 1)
        if one.code not in there
    ]
    if new:
        db.execute(sa.insert(District), new)
        audit.record(db, None, "districts_loaded", "programme", "districts", codes=[one["code"] for one in new])
    return len(new)


def prepare_sample() -> list[SampleSite]:
    """Draw the sample's sites; outside a transaction, since it takes most of a second."""
    return list(sample.sites())


def load_sample(db: Session, sites: list[SampleSite]) -> int:
    """Write the sample programme; → how many sites were new (0 the second time).

    Refusal `sample-not-alone` where real sites are there and some of the sample's are not: nobody shall count invented
    ones among them.
    """
    load_districts(db)
    there = set(db.scalars(sa.select(Site.code)))
    new = [site for site in sites if site.code not in there]
    if not new:
        return 0  # whoever has imported sites of their own into a sample goes on trying
    if db.scalar(sa.select(Site.id).where(~Site.is_sample).limit(1)):
        raise Refusal("sample-not-alone")
    firms = _load_organisations(db)
    areas = _load_areas(db)
    _load_sites(db, new, firms, areas)
    audit.record(db, None, "sample_loaded", "programme", "sites", count=len(new), seed=sample.SEED)
    return len(new)


def _load_organisations(db: Session) -> dict[str, uuid.UUID]:
    names = {row.name: row.id for row in db.execute(sa.select(Organisation.name, Organisation.id))}
    firms = {one.key: names.get(one.zh, sample_id("organisation", one.key)) for one in sample.organisations()}
    new = [
        {"id": firms[one.key], "name": one.zh, "kind": one.kind, "credit_code": None, "is_sample": True}
        for one in sample.organisations() if one.zh not in names
    ]
    if new:
        db.execute(sa.insert(Organisation), new)
    return firms


def _load_areas(db: Session) -> dict[tuple[str, str], uuid.UUID]:
    there = {(one.district_code, one.name): one.id for one in db.scalars(sa.select(Area))}
    new = {
        (one.district_code, one.name): sample_id("area", f"{one.district_code}/{one.name}")
        for one in sample.areas() if (one.district_code, one.name) not in there
    }
    if new:
        db.execute(sa.insert(Area), [
            {"id": area_id, "district_code": district, "name": name} for (district, name), area_id in new.items()
        ])
    return there | new


def _load_sites(
    db: Session, sites: list[SampleSite], firms: dict[str, uuid.UUID], areas: dict[tuple[str, str], uuid.UUID]
) -> None:
    now, as_of = clock.now(), clock.start_of(sample.AS_OF)
    db.execute(sa.insert(Site), [_site(one, firms, areas, now) for one in sites])
    db.execute(sa.insert(WorkItem), [
        {
            "site_id": sample_id("site", one.code), "type": item.type, "quantity": item.quantity, "unit": item.unit,
            "contract_price_fen": item.contract_price_fen, "planned": item.planned, "reported": item.reported,
            "verified": item.verified, "verified_entered": item.verified, "stage": item.stage,
        }
        for one in sites for item in one.work_items
    ])
    db.execute(sa.insert(SiteState), [
        {
            "site_id": sample_id("site", one.code), "at": as_of, "by": None, "stage": one.stage,
            "carried_out": one.carried_out, "households": one.households,
            "investment_planned_fen": one.investment_planned_fen, "investment_done_fen": one.investment_done_fen,
        }
        for one in sites
    ])
    changes.note_all(db, "site", [sample_id("site", one.code) for one in sites])


def _site(
    one: SampleSite, firms: dict[str, uuid.UUID], areas: dict[tuple[str, str], uuid.UUID], now: Any
) -> dict[str, Any]:
    words = (one.code, one.name, one.area, one.street)
    return {
        "id": sample_id("site", one.code), "code": one.code, "name": one.name, "district_code": one.district_code,
        "area_id": areas[one.district_code, one.area] if one.area else None, "street": one.street,
        "search": text.fold(" ".join(word for word in words if word)),
        "lat": one.lat, "lng": one.lng, "crs": Crs.WGS84, "lat_wgs84": one.lat, "lng_wgs84": one.lng,
        "fence_radius_m": one.fence_radius_m, "fence_polygon": None, "stage": one.stage,
        "carried_out": one.carried_out, "is_model": one.model, "is_sample": True, "households": one.households,
        "buildings": one.buildings, "floor_area_m2": one.floor_area_m2, "built_year": one.built_year,
        "plan_year": one.plan_year, "planned_start_on": one.planned_start_on, "planned_end_on": one.planned_end_on,
        "started_on": one.started_on, "ended_on": one.ended_on,
        "investment_planned_fen": one.investment_planned_fen, "investment_done_fen": one.investment_done_fen,
        "contractor_id": firms[one.contractor], "last_visit_at": None, "version": 1, "updated_at": now,
    }
