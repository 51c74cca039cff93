"""What districts, areas, sites and the summary look like on the wire."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, missing, validate

from server.kit import fields as kit
from server.kit import here
from server.kit.geo import Crs
from server.programme.money_field import Yuan
from server.programme.queries import Near
from server.programme.rules import Stage, WorkType


class DistrictRefOut(kit.Answer):
    """A district: GB/T 2260 code and Chinese name."""

    code = fields.String()
    name = fields.String(attribute="zh")
    en = fields.String()


class DistrictOut(DistrictRefOut):
    """A district of the city; `zh` is its `name`."""

    zh = fields.Function(lambda district: district.zh, metadata={"type": "string"})


class AreaRefOut(kit.Answer):
    """A renovation area (片区)."""

    id = kit.Id()
    name = fields.String()


class AreaOut(AreaRefOut):
    """A renovation area and its district's code."""

    district_code = fields.String()


class ReceivedOut(kit.Answer):
    """A position as it was given."""

    lat = fields.Float()
    lng = fields.Float()
    crs = fields.Enum(Crs, by_value=True)


class LocationOut(ReceivedOut):
    """WGS-84 degrees, and what was received where that was another system."""

    received = fields.Nested(ReceivedOut, allow_none=True)


def _radius(fence: dict[str, Any]) -> Any:
    if "polygon" in fence:
        return missing
    return fence["radius_m"] or here.conf().fence_default_m


class RingOut(kit.Answer):
    """A polygon of [lng, lat] pairs as it was received."""

    polygon = fields.List(fields.List(fields.Float()))
    crs = fields.Enum(Crs, by_value=True)


class FenceOut(kit.Answer):
    """A radius in metres, or a polygon of [lng, lat] pairs in WGS-84 and what was received where that was another system."""

    radius_m = fields.Function(_radius, metadata={"type": "number"})
    polygon = fields.List(fields.List(fields.Float()))
    received = fields.Nested(RingOut)


class WorkItemOut(kit.Answer):
    """One kind of work: what is planned, what the contractor reports, what is verified, in `unit`. Of what was entered
    as verified (`verified_entered`) nothing counts while no approved report with a photo proves it: `verified` is 0."""

    type = fields.Enum(WorkType, by_value=True)
    quantity = fields.Float()
    unit = fields.String()
    contract_price_yuan = Yuan(attribute="contract_price_fen")
    planned = fields.Float()
    reported = fields.Float()
    verified = fields.Float()
    verified_entered = fields.Float()
    stage = fields.Enum(Stage, by_value=True)


class SiteOut(kit.Answer):
    """A community under the plan. `carried_out` is 已实施; money in yuan; positions in WGS-84."""

    id = kit.Id()
    code = fields.String()
    name = fields.String()
    district = fields.Nested(DistrictRefOut)
    area = fields.Nested(AreaRefOut, allow_none=True)
    street = fields.String(allow_none=True)
    location = fields.Nested(LocationOut, allow_none=True)
    fence = fields.Nested(FenceOut)
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

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        if isinstance(obj, Near) and attr != "distance_m":
            obj = obj.site
        return super().get_attribute(obj, attr, default)


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
    never_empty = frozenset({"dry_run"})  # "dry_run=" was hardly meant to import for real

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
    planned_yuan = Yuan(attribute="planned_fen", metadata={"description": "the same: what is planned is under contract"})
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
    code = fields.String(metadata={"description": "`evidence-missing`, where there is more to say than the message"})


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
