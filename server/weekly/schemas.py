"""What a weekly report looks like on the wire."""

from __future__ import annotations

from marshmallow import fields, validate

from server.kit import fields as kit
from server.weekly.rules import WeeklyState

YEARS = {"low": 2000, "high": 2200}


class WeeklyIn(kit.Schema):
    """Which week, and of which district (GB code); without one, of the city."""

    iso_year = kit.Whole(required=True, **YEARS)
    iso_week = kit.Whole(required=True, low=1, high=53)
    district = kit.Code(load_default=None, allow_none=True, limit=20)


class DistrictOut(kit.Answer):
    code = fields.String()
    name = fields.String()


class NumberOut(kit.Answer):
    """第 `serial` 期 of `year` (总第 `total` 期), of its scope."""

    year = fields.Integer()
    serial = fields.Integer()
    total = fields.Integer()


class WeeklyOut(kit.Answer):
    """How far the report of a week is. `state`, `progress` (per cent) and `why` (it failed) speak of the newest attempt;
    `made_at`, `figures_digest` and `links` of the last one that succeeded, which is served until a newer one does."""

    id = kit.Id()
    iso_year = fields.Integer()
    iso_week = fields.Integer()
    starts_on = fields.Date()
    ends_on = fields.Date()
    district = fields.Nested(DistrictOut, allow_none=True)
    state = fields.Enum(WeeklyState, by_value=True)
    progress = fields.Integer()
    why = fields.String(allow_none=True)
    requested_at = kit.Moment()
    made_at = kit.Moment(allow_none=True)
    figures_digest = fields.String(allow_none=True, metadata={"description": "SHA-256 of the figures' canonical JSON"})
    counted_to = kit.Moment(allow_none=True, metadata={"description": "nothing from this moment on is in the figures"})
    held_at = kit.Moment(allow_none=True, metadata={"description": "since then the figures are not counted again"})
    frozen_at = kit.Moment(allow_none=True, metadata={"description": "since then nothing that the report says changes"})
    number = fields.Nested(NumberOut, allow_none=True, metadata={"description": "once frozen"})
    links = fields.Dict(keys=fields.String(), values=fields.String(), metadata={
        "description": "the files, once made, as links that a browser may follow by itself",
    })


class WeeklyQuery(kit.Listing):
    iso_year = kit.QueryInt(**YEARS, load_default=None)
    iso_week = kit.QueryInt(low=1, high=53, load_default=None)
    district = fields.String(load_default=None, validate=validate.Length(max=20))
    state = fields.Enum(WeeklyState, by_value=True, load_default=None)


class FileQuery(kit.Query):
    lang = fields.String(load_default=None, validate=validate.OneOf(["zh", "en"]), metadata={
        "description": "language of the print; otherwise that of Accept-Language",
    })


class FiguresOut(kit.Answer):
    """Every figure of the week. `tables` holds T1, T2, T3 (`rows`, `total`), T4, T5, T7 and T8 (`rows`); rates are per cent
    with one decimal or null; `lists` says which rows stand behind a figure; `definitions` what it counts."""

    shape = fields.Integer()
    week = fields.Dict(keys=fields.String())
    scope = fields.Dict(keys=fields.String())
    totals = fields.Dict(keys=fields.String())
    changes = fields.Dict(keys=fields.String())
    stock = fields.Dict(keys=fields.String(), values=fields.Integer())
    tables = fields.Dict(keys=fields.String())
    cases = fields.List(fields.Dict(keys=fields.String()))
    series = fields.Dict(keys=fields.String())
    ranking = fields.Dict(keys=fields.String())
    residents = fields.Dict(keys=fields.String(), values=fields.Integer())
    sites_seen = fields.List(fields.Dict(keys=fields.String()))
    lists = fields.Dict(keys=fields.String())
    definitions = fields.Dict(keys=fields.String())
