"""Putting values on a site and keeping, field by field, what they were before: shared by PATCH, POST and import."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.queries import people_of_district
from server.audit import service as audit
from server.kit import changes, text
from server.kit.actor import Actor, Role
from server.kit.geo import Crs, Fence, Point, looks_swapped, to_wgs84
from server.programme.models import Site, SiteChange, SiteState
from server.programme.money import yuan
from server.programme.quantities import AMOUNTS, put_work_item
from server.programme.rules import STARTED, WorkType
from server.programme.wrong import WrongValue

# Attributes that are simply set; everything else has a way of its own below.
PLAIN = (
    "name", "street", "stage", "carried_out", "is_model", "households", "buildings", "floor_area_m2", "built_year",
    "plan_year", "planned_start_on", "planned_end_on", "started_on", "ended_on", "investment_planned_fen",
    "investment_done_fen", "district", "area", "contractor",
)
FIXED = ("id", "code", "is_sample", "last_visit_at", "updated_at")  # shown, but not for anybody to enter
AS_SENT = "as_sent"
_COUNTED = ("stage", "carried_out", "households", "investment_planned_yuan", "investment_done_yuan")
_SPANS = (("planned_start_on", "planned_end_on"), ("started_on", "ended_on"))

WRONG_PLACE: dict[str, tuple[str, str]] = {
    "coordinates-swapped": ("经纬度似乎颠倒", "latitude and longitude seem to have changed places"),
    "fence-radius-out-of-range": ("半径须为 10 至 5000 米", "the radius must be 10 to 5000 m"),
    "fence-malformed": ("须为由 [经度, 纬度] 组成的闭合环", "must be one ring of [lng, lat] pairs"),
    "fence-has-holes": ("围栏不能有洞", "a fence has no holes"),
    "fence-too-many-points": ("围栏的点过多", "the fence has too many points"),
    "fence-not-closed": ("首尾两点须相同", "the first point must be the last one too"),
    "fence-not-simple": ("围栏自相交", "the fence crosses itself"),
    "fence-area-out-of-range": ("围栏面积须为 50 平方米至 10 平方公里", "the fence must cover 50 m² to 10 km²"),
    "latitude-out-of-range": ("纬度超出范围", "the latitude is out of range"),
    "longitude-out-of-range": ("经度超出范围", "the longitude is out of range"),
}


class Location(NamedTuple):
    """A position as received, in the system that was declared."""

    lat: float
    lng: float
    crs: Crs = Crs.WGS84


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to one site: field → (before, after), in the words of the wire."""

    site: Site
    diffs: dict[str, tuple[Any, Any]]
    is_new: bool

    @property
    def counts(self) -> bool:
        """Whether the figures that are summed as of a day are touched."""
        return self.is_new or not self.diffs.keys().isdisjoint(_COUNTED)


def facts(site: Site) -> dict[str, Any]:
    """Every field that may change, flat and as JSON has it."""
    found: dict[str, Any] = {
        "name": site.name, "street": site.street, "district": site.district.code if site.district else None,
        "area": site.area.name if site.area else None,
        "contractor": site.contractor.name if site.contractor else None,
        "location": None if site.lat is None else {"lat": site.lat, "lng": site.lng, "crs": site.crs.value},
        "fence": {"polygon": site.fence_polygon} if site.fence_polygon
        else {"radius_m": site.fence_radius_m} if site.fence_radius_m is not None else None,
        "investment_planned_yuan": yuan(site.investment_planned_fen),
        "investment_done_yuan": yuan(site.investment_done_fen),
        "stage": site.stage.value,
    }
    for name in ("carried_out", "is_model", "households", "buildings", "floor_area_m2", "built_year", "plan_year"):
        found[name] = getattr(site, name)
    for name in ("planned_start_on", "planned_end_on", "started_on", "ended_on"):
        day = getattr(site, name)
        found[name] = day.isoformat() if day else None
    for item in site.work_items:
        start = f"work_items.{item.type.value}"
        for name in AMOUNTS:
            found[f"{start}.{name}"] = getattr(item, name)
        found[f"{start}.contract_price_yuan"] = yuan(item.contract_price_fen)
        found[f"{start}.stage"] = item.stage.value
    return found


def put(
    site: Site, values: Mapping[str, Any], proven: Collection[WorkType] = ()
) -> dict[str, tuple[Any, Any]]:
    """Set the given values and return what they change. WrongValue where they cannot be.

    Keys are those of PLAIN, `location` (Location or None), `fence` ({radius_m} | {polygon, crs} | None) and
    `work_items` (each by its type; kinds that are not named stay as they are). `proven`: the kinds of work of which
    there is evidence at this site; of others nothing can be entered as verified.
    """
    before, held = facts(site), (site.stage, site.investment_done_fen)
    for name in PLAIN:
        if name in values:
            setattr(site, name, values[name])
    if "location" in values:
        _put_location(site, values["location"])
    if "fence" in values:
        _put_fence(site, values["fence"])
    for number, item in enumerate(values.get("work_items", ())):
        put_work_item(site, item, number=number, proven=item["type"] in proven)
    moved = (site.stage, site.investment_done_fen) != held  # else nothing new gainsays what the office has said
    if moved and "carried_out" not in values and site.stage in STARTED and site.investment_done_fen > 0:
        site.carried_out = True  # started and funded; it stays so, whatever comes after
    for first, last in _SPANS:
        start, end = getattr(site, first), getattr(site, last)
        if start and end and start > end:
            raise WrongValue(last if last in values else first, "完工早于开工", "the end lies before the start")
    after = facts(site)
    return {
        name: (before.get(name), after.get(name))
        for name in after | before
        if before.get(name) != after.get(name)
    }


def _put_location(site: Site, location: Location | None) -> None:
    if location is None:
        site.lat = site.lng = site.lat_wgs84 = site.lng_wgs84 = None
        site.crs = Crs.WGS84
        return
    if looks_swapped(location.lat, location.lng):
        raise WrongValue("location", *WRONG_PLACE["coordinates-swapped"])
    site.lat, site.lng, site.crs = location
    site.lat_wgs84, site.lng_wgs84 = to_wgs84(*location)


def _put_fence(site: Site, fence: Mapping[str, Any] | None) -> None:
    site.fence_radius_m = site.fence_polygon = site.fence_received = None
    if fence is None:
        return
    try:
        if fence.get("polygon") is not None:
            _put_ring(site, fence["polygon"], fence.get("crs") or Crs.WGS84)
        else:
            site.fence_radius_m = Fence.circle(0.0, 0.0, fence["radius_m"]).radius_m
    except ValueError as error:
        raise WrongValue("fence", *WRONG_PLACE.get(str(error), ("围栏有误", str(error)))) from None


def _put_ring(site: Site, shape: object, crs: Crs) -> None:
    ring = Fence.polygon(shape).ring or ()
    moved: list[Point] = [to_wgs84(lat, lng, crs) for lng, lat in ring]
    site.fence_polygon = [[lng, lat] for lat, lng in moved]
    if crs is not Crs.WGS84:
        site.fence_received = {"polygon": [[lng, lat] for lng, lat in ring], "crs": crs.value}


def search_text(site: Site) -> str:
    """What the list's `q` looks in."""
    words = (site.code, site.name, site.area.name if site.area else None, site.street)
    return text.fold(" ".join(word for word in words if word))


def write(
    db: Session, actor: Actor | None, records: Sequence[Record], *, source: str, at: datetime
) -> None:
    """Keep what `put` found, for one site or thousands: versions, changes, countable states, audit, phones."""
    by = actor.id if actor else None
    for record in records:
        record.site.search = search_text(record.site)
        record.site.updated_at = at
        if record.is_new:
            db.add(record.site)
        else:
            record.site.version += 1
    db.flush()
    diffs = [
        {"site_id": record.site.id, "at": at, "by": by, "field": field, "before": {"value": old},
         "after": {"value": new}, "source": source}
        for record in records if not record.is_new
        for field, (old, new) in record.diffs.items()
    ]
    if diffs:
        db.execute(sa.insert(SiteChange), diffs)
    states = [_state(record.site, at, by) for record in records if record.counts]
    if states:
        db.execute(sa.insert(SiteState), states)
    for verb, is_new in (("site_added", True), ("site_changed", False)):
        audit.record_all(db, actor, verb, "site", (
            (record.site.id, record.site.district_code,
             {"source": source, "fields": [] if is_new else sorted(record.diffs)})
            for record in records if record.is_new is is_new
        ))
    changes.note_all(db, "site", [record.site.id for record in records])
    for record in records:
        if "district" in record.diffs:
            _leave_district(db, record.site.id, record.diffs["district"][0])


def _leave_district(db: Session, site_id: uuid.UUID, code: str) -> None:
    """Whoever saw the site by its old district alone sees it no more; the sync looks at what is seen now."""
    for person_id in people_of_district(db, Role.SUPERVISOR, code):
        changes.note(db, "site", site_id, gone_for=person_id)


def _state(site: Site, at: datetime, by: uuid.UUID | None) -> dict[str, Any]:
    return {
        "site_id": site.id, "at": at, "by": by, "stage": site.stage, "carried_out": site.carried_out,
        "households": site.households, "investment_planned_fen": site.investment_planned_fen,
        "investment_done_fen": site.investment_done_fen,
    }
