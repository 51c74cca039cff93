"""What districts, areas, sites and the summary look like on the wire."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate

from server.kit import fields as kit
from server.kit import here
from server.kit.geo import Crs
from server.programme.models import Site
from server.programme.money_field import Yuan
from server.programme.rules import Stage, WorkType


class DistrictRefOut(kit.Answer):
    """A district: GB/T 2260 code and Chinese name."""

    code = fields.String()
    name = fields.String(attribute="zh")
    en = fields.String()


class DistrictOut(DistrictRefOut):
    """A district of the city."""

    zh = fields.String()


class AreaRefOut(kit.Answer):
    """A renovation area (片区)."""

    id = kit.Id()
    name = fields.String()


class AreaOut(AreaRefOut):
    """A renovation area and its district's code."""

    district_code = fields.String()


class LocationOut(kit.Answer):
    """WGS-84 degrees, and what was received where that was another system."""

    lat = fields.Float()
    lng = fields.Float()
    crs = fields.Enum(Crs, by_value=True)
    received = fields.Dict(allow_none=True)


class FenceOut(kit.Answer):
    """A radius in metres, or a polygon of [lng, lat] pairs in WGS-84."""

    radius_m = fields.Float()
    polygon = fields.List(fields.List(fields.Float()))


class WorkItemOut(kit.Answer):
    """One kind of work: what is planned, what the contractor reports, what evidence has verified, in `unit`."""

    type = fields.Enum(WorkType, by_value=True)
    quantity = fields.Float()
    unit = fields.String()
    contract_price_yuan = Yuan(attribute="contract_price_fen")
    planned = fields.Float()
    reported = fields.Float()
    verified = fields.Float()
    stage = fields.Enum(Stage, by_value=True)


def _location(site: Site) -> dict[str, Any] | None:
    if site.lat_wgs84 is None:
        return None
    received = None if site.crs is Crs.WGS84 else {"lat": site.lat, "lng": site.lng, "crs": site.crs.value}
    return {"lat": site.lat_wgs84, "lng": site.lng_wgs84, "crs": Crs.WGS84.value, "received": received}


def _fence(site: Site) -> dict[str, Any]:
    """The site's own fence, else the circle that the settings give every site."""
    if site.fence_polygon:
        return {"polygon": site.fence_polygon}
    return {"radius_m": site.fence_radius_m or here.conf().fence_default_m}


class _Made(fields.Nested):
    """A nested answer that a function makes from the object itself."""

    def __init__(self, make: Any, nested: type[kit.Answer], **kwargs: Any) -> None:
        super().__init__(nested, dump_only=True, **kwargs)
        self._make = make

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002
        return self._make(obj)


class SiteOut(kit.Answer):
    """A community under the plan. `carried_out` is 已实施; money in yuan; positions in WGS-84."""

    id = kit.Id()
    code = fields.String()
    name = fields.String()
    district = fields.Nested(DistrictRefOut)
    area = fields.Nested(AreaRefOut, allow_none=True)
    street = fields.String(allow_none=True)
    location = _Made(_location, LocationOut, allow_none=True)
    fence = _Made(_fence, FenceOut)
    stage = fields.Enum(Stage, by_value=True)
    carried_out = fields.Boolean()
    is_model = fields.Boolean()
    is_sample = fields.Boolean()
    households = fields.Integer()
    buildings = fields.Integer()
    floor_area_m2 = fields.Float(allow_none=True)
    built_year = fields.Integer(allow_none=True)
    investment_planned_yuan = Yuan(attribute="investment_planned_fen")
    investment_done_yuan = Yuan(attribute="investment_done_fen")
    plan_year = fields.Integer(allow_none=True)
    planned_start_on = fields.Date(allow_none=True)
    planned_end_on = fields.Date(allow_none=True)
    started_on = fields.Date(allow_none=True)
    ended_on = fields.Date(allow_none=True)
    work_items = fields.List(fields.Nested(WorkItemOut))
    contractor = fields.Nested(AreaRefOut, allow_none=True)
    last_visit_at = kit.Moment(allow_none=True)
    version = fields.Integer()
    updated_at = kit.Moment()


class NearSiteOut(SiteOut):
    """A site, with its distance in metres where the list was asked by `near`."""

    distance_m = fields.Float()


class SitesQuery(kit.Listing):
    """Filters of the list of sites; `near` sorts by distance."""

    district = kit.Code(load_default=None, limit=20)
    stage = fields.Enum(Stage, by_value=True, load_default=None)
    work_type = fields.Enum(WorkType, by_value=True, load_default=None)
    q = fields.String(load_default=None, validate=validate.Length(max=200))
    bbox = fields.String(load_default=None, validate=validate.Length(max=200))
    near = fields.String(load_default=None, validate=validate.Length(max=100))


class MapQuery(kit.Query):
    """Filters of the map."""

    district = kit.Code(load_default=None, limit=20)
    stage = fields.Enum(Stage, by_value=True, load_default=None)
    work_type = fields.Enum(WorkType, by_value=True, load_default=None)
    q = fields.String(load_default=None, validate=validate.Length(max=200))
    bbox = fields.String(load_default=None, validate=validate.Length(max=200))


class AreasQuery(kit.Listing):
    district = kit.Code(load_default=None, limit=20)


class SummaryQuery(kit.Query):
    """`as_of`: the day at whose end the programme is looked at; today where it is left out."""

    district = kit.Code(load_default=None, limit=20)
    as_of = fields.Date(load_default=None, validate=validate.Range(date(1900, 1, 1), date(2199, 12, 31)))


class ImportQuery(kit.Query):
    dry_run = fields.Boolean(load_default=False)


class PersonRefOut(kit.Answer):
    id = kit.Id()
    name = fields.String()


class ChangeOut(kit.Answer):
    """One field that somebody changed. `by` is null where a command line did."""

    at = kit.Moment(attribute="change.at")
    by = fields.Nested(PersonRefOut, allow_none=True)
    field = fields.String(attribute="change.field")
    before = fields.Raw(attribute="change.before.value", allow_none=True)
    after = fields.Raw(attribute="change.after.value", allow_none=True)
    source = fields.String(attribute="change.source")


class AssignmentOut(kit.Answer):
    """An inspector's assignment; `ended_at` null while it holds."""

    person_id = kit.Id()
    username = fields.String()
    name = fields.String()
    since = kit.Moment()
    ended_at = kit.Moment(allow_none=True)


class AssignmentsIn(kit.Schema):
    """All present inspectors of the site; who is not named is no longer assigned."""

    person_ids = fields.List(kit.Id(), required=True, validate=validate.Length(max=100))


class CountsOut(kit.Answer):
    """Counts of sites and households, and money in yuan. `carried_out` is 已实施, households_benefiting theirs."""

    planned = fields.Integer()
    started = fields.Integer()
    carried_out = fields.Integer()
    in_progress = fields.Integer()
    suspended = fields.Integer()
    completed = fields.Integer()
    accepted = fields.Integer()
    households = fields.Integer()
    households_benefiting = fields.Integer()
    investment_planned_yuan = Yuan(attribute="investment_planned_fen")
    investment_done_yuan = Yuan(attribute="investment_done_fen")


class DistrictCountsOut(CountsOut):
    code = fields.String()
    name = fields.String()
    en = fields.String()


class WorkTypeCountsOut(kit.Answer):
    """One kind of work over all its sites: quantities in `unit`; the contract price, and the part of it that the
    reported and the verified quantities stand for."""

    type = fields.Enum(WorkType, by_value=True)
    zh = fields.String()
    en = fields.String()
    unit = fields.String()
    sites = fields.Integer()
    quantity = fields.Float()
    planned = fields.Float()
    reported = fields.Float()
    verified = fields.Float()
    contract_price_yuan = Yuan(attribute="contract_price_fen")
    reported_yuan = Yuan(attribute="reported_fen")
    verified_yuan = Yuan(attribute="verified_fen")


class SummaryOut(CountsOut):
    """The programme's figures, with the same by district and the kinds of work."""

    as_of = fields.Date()
    by_district = fields.List(fields.Nested(DistrictCountsOut))
    by_work_type = fields.List(fields.Nested(WorkTypeCountsOut))


class RowErrorOut(kit.Answer):
    field = fields.String(allow_none=True)
    message = fields.String()


class ImportRowOut(kit.Answer):
    """One row of the table by its number in the spreadsheet."""

    row = fields.Integer()
    code = fields.String(allow_none=True)
    action = fields.String(metadata={"description": "created | updated | unchanged | error"})
    errors = fields.List(fields.Nested(RowErrorOut))


class ImportOut(kit.Answer):
    """What an import did, or on a dry run would do. `ignored_columns` are headers that name no known field."""

    dry_run = fields.Boolean()
    total = fields.Integer()
    created = fields.Integer()
    updated = fields.Integer()
    unchanged = fields.Integer()
    errors = fields.Integer()
    ignored_columns = fields.List(fields.String())
    rows = fields.List(fields.Nested(ImportRowOut))


DistrictsOut = kit.listing(DistrictOut, "Districts")
AreasOut = kit.listing(AreaOut, "Areas")
SitesOut = kit.listing(NearSiteOut, "Sites")
ChangesOut = kit.listing(ChangeOut, "SiteChanges")
AssignmentsOut = kit.listing(AssignmentOut, "Assignments")
