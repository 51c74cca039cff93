"""Retention on the wire: classes with their rules and plans, runs, holds."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from server.kit import fields as kit
from server.reports.schemas import PersonRefOut
from server.retention.rules import By, HoldKind


class FiguresOut(kit.Answer):
    """What would go now by the rule as it is set."""

    cutoff = kit.Moment(metadata={"description": "what counts from before this is due"})
    rows = fields.Integer()
    files = fields.Integer()
    bytes = fields.Integer()
    held = fields.Integer(metadata={"description": "rows that are due and that a hold keeps"})
    oldest = kit.Moment(allow_none=True)
    newest = kit.Moment(allow_none=True)
    whole = fields.Boolean(metadata={"description": "false: it is at least so much; `retention plan` counts all"})


class DataClassOut(kit.Answer):
    """A class of data and its rule. `days` null and no `elsewhere`: kept for ever."""

    name = fields.String()
    zh = fields.String()
    en = fields.String()
    counted_zh = fields.String(metadata={"description": "from which moment it counts"})
    counted_en = fields.String()
    setting_zh = fields.String(metadata={"description": "where the rule is set"})
    setting_en = fields.String()
    days = fields.Integer(allow_none=True)
    elsewhere = fields.Boolean(metadata={"description": "it has a rule and a sweep of its own, told here for completeness"})
    applies_from = kit.Moment(allow_none=True, metadata={
        "description": "when the worker begins to apply the rule, a week after it met it; null where it has not met it yet",
    })
    plan = fields.Nested(FiguresOut, allow_none=True)


class RunOut(kit.Answer):
    """One time that a class was applied, and what went."""

    id = kit.Id()
    name = fields.String()
    days = fields.Integer()
    cutoff = kit.Moment()
    by = fields.Enum(By, by_value=True)
    started_at = kit.Moment()
    finished_at = kit.Moment(allow_none=True, metadata={"description": "null: it runs, or was broken off"})
    rows = fields.Integer()
    files = fields.Integer()
    bytes = fields.Integer()
    held = fields.Integer()


class RetentionOut(kit.Answer):
    """Every class, and the last runs, newest first."""

    classes = fields.List(fields.Nested(DataClassOut))
    runs = fields.List(fields.Nested(RunOut))


class HoldIn(kit.Schema):
    """What is to be kept whatever the rules say, with all that is below it, and why."""

    kind = fields.Enum(HoldKind, by_value=True, required=True)
    id = kit.Id(required=True)
    reason = kit.Line(required=True, limit=500, empty=False)


class HoldLiftingIn(kit.Schema):
    """Why the rules may have it again."""

    reason = kit.Line(required=True, limit=500, empty=False)


class HoldsQuery(kit.Listing):
    kind = fields.Enum(HoldKind, by_value=True, load_default=None)
    id = kit.Id(load_default=None, metadata={"description": "with `kind`: holds on this thing, and on what it is below"})
    standing = fields.Boolean(load_default=None, metadata={"description": "true: not lifted"})

    @validates_schema
    def names_what(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("id") is not None and data.get("kind") is None:
            raise ValidationError({"kind": ["须与 id 一同给出 / goes with id"]})


class HeldOut(kit.Answer):
    kind = fields.Enum(HoldKind, by_value=True)
    id = kit.Id()
    name = fields.String(allow_none=True, metadata={"description": "number, or the name of a site or file"})


class HoldOut(kit.Answer):
    """A hold: on what, whose, since when, why, and whether it was lifted."""

    id = kit.Id()
    of = fields.Nested(HeldOut)
    reason = fields.String()
    by = fields.Nested(PersonRefOut)
    at = kit.Moment()
    lifted_by = fields.Nested(PersonRefOut, allow_none=True)
    lifted_at = kit.Moment(allow_none=True)
    lifted_reason = fields.String(allow_none=True)
