"""What a decision looks like on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from server.kit import fields as kit
from server.kit import text
from server.reports.rules import State
from server.reviews.rules import Decision, needs_reason


class ItemCommentIn(kit.Schema):
    item = kit.Raw(required=True, limit=60, empty=False)
    comment = kit.Text(required=True, limit=2000, empty=False)


class ReviewIn(kit.Schema):
    """A decision on one revision; a return says why, as a whole or per item."""

    decision = fields.Enum(Decision, by_value=True, required=True)
    revision = kit.Whole(required=True, low=1, high=10**6)
    comment = kit.Text(load_default=None, allow_none=True, limit=4000)
    items = fields.List(fields.Nested(ItemCommentIn), load_default=list, validate=validate.Length(max=500))

    @validates_schema(skip_on_field_errors=True)
    def says_why(self, data: dict[str, Any], **_: Any) -> None:
        if needs_reason(data["decision"]) and text.says_nothing(data["comment"]) and not data["items"]:
            raise ValidationError({"comment": ["须说明理由 / say why"]})


class ReviewOut(kit.Answer):
    id = kit.Id()
    report_id = kit.Id()
    revision = fields.Integer()
    decision = fields.Enum(Decision, by_value=True)
    comment = fields.String(allow_none=True)
    items = fields.List(fields.Dict())
    reviewer_id = kit.Id()
    at = kit.Moment()
    state = fields.Enum(State, by_value=True)
    issues = fields.List(kit.Id(), metadata={"description": (
        "issues of what the report found: those that its approval opened, and those of the same items that were still open"
    )})
