"""Black boxes over a photo on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from server.kit import fields as kit

MOST = 50  # boxes of one redaction
_ROUND = 1e-6  # what a browser's arithmetic may be over the edge


class BoxIn(kit.Schema):
    """A box in parts of the upright picture: x and width of its width, y and height of its height."""

    x = kit.Number(required=True, low=0, high=1)
    y = kit.Number(required=True, low=0, high=1)
    w = kit.Number(required=True, low=0.001, high=1)
    h = kit.Number(required=True, low=0.001, high=1)

    @validates_schema
    def lies_within(self, data: dict[str, Any], **_: Any) -> None:
        for at, length in (("x", "w"), ("y", "h")):
            if data[at] + data[length] > 1 + _ROUND:
                raise ValidationError({length: ["超出照片边缘 / reaches beyond the picture"]})


class RedactionIn(kit.Schema):
    """What is to be covered, and why."""

    boxes = fields.List(fields.Nested(BoxIn), required=True, validate=validate.Length(
        min=1, max=MOST, error=f"须为1至{MOST}个方框 / 1 to {MOST} boxes",
    ))
    reason = kit.Line(required=True, limit=500, empty=False)


class LiftingIn(kit.Schema):
    """Why boxes are taken away again."""

    reason = kit.Line(required=True, limit=500, empty=False)


class BoxOut(kit.Answer):
    x = fields.Float()
    y = fields.Float()
    w = fields.Float()
    h = fields.Float()


class CoveredByOut(kit.Answer):
    id = kit.Id()
    name = fields.String()


class RedactionOut(kit.Answer):
    """Boxes over a photo's renditions: whose, since when, why, and whether they were lifted."""

    id = kit.Id()
    boxes = fields.List(fields.Nested(BoxOut))
    reason = fields.String()
    by = fields.Nested(CoveredByOut)
    at = kit.Moment()
    lifted_by = fields.Nested(CoveredByOut, allow_none=True)
    lifted_at = kit.Moment(allow_none=True)
    lifted_reason = fields.String(allow_none=True)
