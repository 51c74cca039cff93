"""What checklists and limits look like on the wire; the files in data/ are held against the same shapes."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from server.checklists.rules import ItemType, PhotoRule
from server.kit import fields as kit
from server.kit.severity import Severity
from server.programme.rules import WorkType

SURE = validate.OneOf(["found", "recalled", "practice"])


def _words(limit: int = 300) -> kit.Line:
    return kit.Line(required=True, limit=limit, empty=False)


def _maybe(limit: int = 300) -> kit.Line:
    return kit.Line(load_default=None, allow_none=True, limit=limit)


class OptionShape(kit.Schema):
    """A value of a choice; `fails` makes it a failure."""

    value = _words(40)
    zh = _words()
    en = _words()
    fails = fields.Boolean(load_default=False)


class StandardShape(kit.Schema):
    """A standard that the checklist cites; `seen` says whether it was checked at its source."""

    id = _words(60)
    zh = _words()
    en = _words()
    seen = fields.String(required=True, validate=SURE)
    note = _maybe(500)


class ItemShape(kit.Schema):
    """One check. Bounds are inclusive; with a `limit_source` the limit is set per site and min and max are only what
    may be entered."""

    code = _words(40)
    zh = _words()
    en = _words()
    type = fields.Enum(ItemType, by_value=True, required=True)
    unit = _maybe(40)
    unit_en = _maybe(40)
    min = kit.Number(load_default=None, allow_none=True)
    max = kit.Number(load_default=None, allow_none=True)
    options = fields.List(fields.Nested(OptionShape), load_default=None, allow_none=True)
    severity = fields.Enum(Severity, by_value=True, required=True)
    photo = fields.Enum(PhotoRule, by_value=True, required=True)
    limit_source = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["design", "local_rule"]))
    limit_kind = fields.String(load_default=None, allow_none=True, validate=validate.OneOf(["min", "max"]))
    kpi = _maybe(60)
    criterion_zh = _words(1000)
    criterion_en = _words(1000)
    basis = _words()
    basis_confidence = fields.String(required=True, validate=SURE)
    clause_confidence = fields.String(load_default=None, allow_none=True, validate=SURE)
    note = _maybe(1000)
    default_enabled = fields.Boolean(load_default=True)

    @validates_schema
    def _fits(self, data: dict[str, Any], **_: Any) -> None:
        is_number, options = data["type"] is ItemType.NUMBER, data["options"] or []
        bounds = [data["min"], data["max"]]
        if (data["type"] is ItemType.CHOICE) != bool(options) or len({o["value"] for o in options}) != len(options):
            raise ValidationError("choices have distinct options, others have none", "options")
        if not is_number and (data["limit_source"] or bounds != [None, None]):
            raise ValidationError("only a number has bounds", "min")
        if None not in bounds and bounds[0] > bounds[1]:
            raise ValidationError("min is above max", "min")
        if bool(data["limit_source"]) != bool(data["limit_kind"]):
            raise ValidationError("goes with limit_source", "limit_kind")


class SectionShape(kit.Schema):
    """A part of a checklist."""

    code = _words(40)
    zh = _words()
    en = _words()
    items = fields.List(fields.Nested(ItemShape), required=True, validate=validate.Length(min=1))


class ChecklistShape(kit.Schema):
    """A published version of a checklist; it never changes."""

    code = kit.Code(required=True, limit=20, empty=False)
    version = kit.Whole(required=True, low=1, high=9999)
    zh = _words()
    en = _words()
    class_ = fields.String(
        required=True, data_key="class",
        validate=validate.OneOf(["basic", "improvement", "upgrade", "site", "management"]),
    )
    work_item_zh = _words()
    work_types = fields.List(fields.Enum(WorkType, by_value=True), required=True, validate=validate.Length(min=1))
    standards = fields.List(fields.Nested(StandardShape), required=True)
    sections = fields.List(fields.Nested(SectionShape), required=True, validate=validate.Length(min=1))
    estimated_minutes = fields.Integer(dump_only=True)
    photo_max = fields.Integer(dump_only=True)

    @validates_schema
    def _codes_nest(self, data: dict[str, Any], **_: Any) -> None:
        codes = [section["code"] for section in data["sections"]]
        for section in data["sections"]:
            if not section["code"].startswith(f"{data['code']}-"):
                raise ValidationError(f"{section['code']} is not within {data['code']}", "sections")
            for item in section["items"]:
                codes.append(item["code"])
                if not item["code"].startswith(section["code"]):
                    raise ValidationError(f"{item['code']} is not within {section['code']}", "sections")
        if len(set(codes)) != len(codes):
            raise ValidationError("a code is used twice", "sections")


class ChecklistsOut(kit.listing(ChecklistShape, "Checklists")):  # type: ignore[misc]
    """Whole checklists, and a legend of the words that they use."""

    legend = fields.Dict(keys=fields.String(), required=True)


class AskedOut(kit.Answer):
    """An item that asks what the system knows, and from where it is known."""

    item = fields.String()
    zh = fields.String()
    en = fields.String()
    why_zh = fields.String()
    why_en = fields.String()


class BurdenOut(kit.Answer):
    """What one checklist costs; `sites` are those in progress with work of its kinds that the asker sees, and `hours` those
    of one round through them."""

    code = fields.String()
    version = fields.Integer()
    zh = fields.String()
    en = fields.String()
    questions = fields.Integer()
    typed = fields.Integer(metadata={"description": "of the questions, those that want a number, a choice or words"})
    photos_always = fields.Integer()
    photos_on_fail = fields.Integer()
    photo_max = fields.Integer()
    minutes = fields.Integer()
    sites = fields.Integer()
    hours = fields.Float()
    asks_known = fields.List(fields.Nested(AskedOut))


class BurdensOut(kit.Answer):
    """Every checklist, the dearest round first."""

    items = fields.List(fields.Nested(BurdenOut))


class LimitShape(kit.Schema):
    """Inclusive bounds; at least one."""

    min = kit.Number(load_default=None, allow_none=True, low=-1e12, high=1e12)
    max = kit.Number(load_default=None, allow_none=True, low=-1e12, high=1e12)


class LimitsIn(kit.Schema):
    """All limits of a site, by item code: what is not named is no longer set."""

    items = fields.Dict(
        keys=kit.Code(limit=40, empty=False), values=fields.Nested(LimitShape), required=True,
        validate=validate.Length(max=500),
    )


class LimitsOut(kit.Answer):
    """All limits of a site, by item code."""

    site_id = kit.Id()
    items = fields.Dict(keys=fields.String(), values=fields.Nested(LimitShape))
