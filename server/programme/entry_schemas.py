"""What is entered on a site: by POST and PATCH."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from server.kit import fields as kit
from server.kit import text
from server.kit.geo import Crs
from server.programme.changing import AS_SENT, Location
from server.programme.money_field import Yuan
from server.programme.references import AreaRef, DistrictRef, FirmRef
from server.programme.rules import KINDS, Stage, WorkType

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)


def _day() -> fields.Date:
    return fields.Date(allow_none=True, validate=validate.Range(FIRST_DAY, LAST_DAY))


class LocationIn(kit.Schema):
    """A position in the system it was taken in; GCJ-02 and BD-09 are kept as received and turned into WGS-84."""

    lat = kit.Number(required=True, low=-90, high=90)
    lng = kit.Number(required=True, low=-180, high=180)
    crs = fields.Enum(Crs, by_value=True, load_default=Crs.WGS84)
    received = fields.Raw(load_only=True, allow_none=True)  # as the API itself gives it; not needed

    @post_load
    def _make(self, data: dict[str, Any], **_: Any) -> Location:
        return Location(float(data["lat"]), float(data["lng"]), data["crs"])


class FenceIn(kit.Schema):
    """A radius in metres round the position, or a polygon: a ring of [lng, lat] pairs or a GeoJSON Polygon; one in GCJ-02
    or BD-09 is kept as received and turned into WGS-84."""

    radius_m = kit.Number(load_default=None, allow_none=True)
    polygon = fields.Raw(load_default=None, allow_none=True)
    crs = fields.Enum(Crs, by_value=True, load_default=Crs.WGS84)
    received = fields.Raw(load_only=True, allow_none=True)  # as the API itself gives it; not needed

    @validates_schema
    def _one(self, data: dict[str, Any], **_: Any) -> None:
        if (data["radius_m"] is None) == (data["polygon"] is None):
            raise ValidationError("须给出半径或多边形之一 / give either radius_m or polygon")


def _amount() -> kit.Number:
    return kit.Number(low=0, high=1e12)


class WorkItemIn(kit.Schema):
    """One kind of work. What is left out, or is as the site shows it, stays as it is; the unit is that of the kind.
    `verified` (or `verified_entered`, which means the same) is refused with `evidence-missing` where no approved report
    with a photo proves the kind."""

    type = fields.Enum(WorkType, by_value=True, required=True)
    quantity = _amount()
    unit = kit.Line(limit=20, load_only=True)
    contract_price_fen = Yuan(data_key="contract_price_yuan")
    planned = _amount()
    reported = _amount()
    verified = _amount()
    verified_entered = _amount()
    stage = fields.Enum(Stage, by_value=True)

    @validates_schema
    def _unit(self, data: dict[str, Any], **_: Any) -> None:
        kind = KINDS[data["type"]]
        if data.get("unit") and text.fold(data["unit"]) not in {text.fold(kind.unit), text.fold(kind.unit_en)}:  # m², m2, ㎡
            raise ValidationError(f"须以 {kind.unit} 计 / must be in {kind.unit_en}", "unit")


class _SiteFields(kit.Schema):
    street = kit.Line(allow_none=True, limit=200)
    area_id = kit.Id(allow_none=True)
    area = AreaRef()
    location = fields.Nested(LocationIn, allow_none=True)
    fence = fields.Nested(FenceIn, allow_none=True)
    stage = fields.Enum(Stage, by_value=True)
    carried_out = fields.Boolean(truthy={True}, falsy={False})
    is_model = fields.Boolean(truthy={True}, falsy={False})
    households = kit.Whole(low=0, high=10**7)
    buildings = kit.Whole(low=0, high=10**6)
    floor_area_m2 = kit.Number(allow_none=True, low=0, high=1e10)
    built_year = kit.Whole(allow_none=True, low=1800, high=2199)
    plan_year = kit.Whole(allow_none=True, low=1990, high=2199)
    planned_start_on = _day()
    planned_end_on = _day()
    started_on = _day()
    ended_on = _day()
    investment_planned_fen = Yuan(data_key="investment_planned_yuan")
    investment_done_fen = Yuan(data_key="investment_done_yuan")
    contractor_id = kit.Id(allow_none=True)
    contractor = FirmRef()
    work_items = fields.List(fields.Nested(WorkItemIn), validate=validate.Length(max=len(WorkType)))

    @validates_schema
    def _kinds_once(self, data: dict[str, Any], **_: Any) -> None:
        kinds = [item["type"] for item in data.get("work_items", ())]
        if len(set(kinds)) != len(kinds):
            raise ValidationError("同一工程类别出现两次 / a kind of work is named twice", "work_items")

    @validates_schema
    def _one_contractor(self, data: dict[str, Any], **_: Any) -> None:
        if "contractor_id" in data and data.get("contractor", data["contractor_id"]) != data["contractor_id"]:
            raise ValidationError("与 contractor_id 不一致 / differs from contractor_id", "contractor")


class SiteIn(_SiteFields):
    """A new site. An `area` that is named is made where it is new."""

    code = kit.Code(required=True, limit=60, empty=False)
    name = kit.Line(required=True, limit=200, empty=False)
    district = DistrictRef(required=True)


class SitePatchIn(_SiteFields):
    """What is to change; what is left out, or is as the site shows it, stays. With `version`, refused where somebody
    else was quicker. What nobody may change may be sent as it stands."""

    name = kit.Line(limit=200, empty=False)
    district = DistrictRef()
    version = kit.Whole(low=1)
    id = kit.Id()
    code = kit.Code(limit=60)
    is_sample = fields.Boolean(truthy={True}, falsy={False})
    last_visit_at = kit.Moment(allow_none=True)
    updated_at = kit.Moment()

    @post_load(pass_original=True)
    def _keep_as_sent(self, data: dict[str, Any], sent: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Under AS_SENT, by the attribute: what the site shows can only be told from a change as it was sent."""
        names = {field.data_key or name: name for name, field in self.load_fields.items()}
        return {**data, AS_SENT: {names[key]: (key, value) for key, value in sent.items()}}
