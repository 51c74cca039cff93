"""The second look on the wire."""

from __future__ import annotations

from marshmallow import fields

from server.evidence.sampling.rules import Verdict
from server.kit import fields as kit


class LooksQuery(kit.Listing):
    week = fields.String(load_default=None, metadata={"description": "2026-W47"})
    open = fields.Boolean(load_default=None, metadata={"description": "true: only those that wait"})


class LookIn(kit.Schema):
    """What a second look found; whoever disagrees says why."""

    verdict = fields.Enum(Verdict, by_value=True, required=True)
    comment = kit.Text(load_default=None, allow_none=True, limit=2000)


class LookedReportOut(kit.Answer):
    id = kit.Id()
    number = fields.String()
    site = fields.String()
    district = fields.String()
    inspector = fields.String()
    approved_by = fields.String(allow_none=True)
    approved_at = kit.Moment(allow_none=True)


class LookOut(kit.Answer):
    """An approved report drawn for a second look, and what came of it."""

    id = kit.Id()
    week = fields.String()
    weight = fields.Integer()
    flags = fields.List(fields.String(), metadata={"description": "the kinds of flags when it was drawn"})
    report = fields.Nested(LookedReportOut)
    may_look = fields.Boolean(metadata={"description": "whether the asker may say what it found"})
    verdict = fields.Enum(Verdict, by_value=True, allow_none=True)
    comment = fields.String(allow_none=True)
    looked_by = fields.String(allow_none=True)
    looked_at = kit.Moment(allow_none=True)


class SampledWeekOut(kit.Answer):
    """The rule by which a week was drawn, with its numbers, in words."""

    week = fields.String()
    drawn_at = kit.Moment()
    percent = fields.Integer()
    flag_weight = fields.Integer()
    reports = fields.Integer()
    chosen = fields.Integer()
    rule = fields.Dict(keys=fields.String(), values=fields.String(), metadata={"description": "zh and en"})


class LooksOut(kit.listing(LookOut, "SecondLooks")):  # type: ignore[misc]
    """The drawn reports, and the weeks of this page with their rules."""

    weeks = fields.List(fields.Nested(SampledWeekOut), required=True)
