"""What is drawn by hand in a report's body: marks on a photo, a representative's signature. Strokes, not pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from server.kit import fields as kit
from server.reports.rules import Pen

STROKES_OF_A_PHOTO, POINTS_OF_A_PHOTO = 50, 2_000
STROKES_OF_A_SIGNATURE, POINTS_OF_A_SIGNATURE = 200, 4_000
POINT: dict[str, Any] = {
    "type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number", "minimum": 0, "maximum": 1},
}
POINTS: dict[str, Any] = {"type": "array", "minItems": 1, "items": POINT}


class Stroke(fields.Field[list[list[float]]]):
    """One line without lifting the finger: its points [x, y], each number from 0 to 1. A single point is a dot.

    Read by hand: a schema per point would take longer than all the rest of a report.
    """

    default_error_messages = {
        "invalid": "须为点的列表 / must be a list of points",
        "point": "点须为两个0至1的数字 / a point is two numbers from 0 to 1",
    }

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(metadata={"schema": {**POINTS, "maxItems": most}}, **kwargs)
        self.most = most

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> list[list[float]]:
        if not isinstance(value, list) or not value:
            raise self.make_error("invalid")
        if len(value) > self.most:
            raise ValidationError(f"最多{self.most}个点 / at most {self.most} points")
        for number, point in enumerate(value):
            if not (isinstance(point, list) and len(point) == 2 and all(map(_within, point))):
                raise ValidationError({number: [self.error_messages["point"]]})
        return value


def _within(number: Any) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    return math.isfinite(number) and 0 <= number <= 1


def _at_most(most: int, points: Callable[[Any], Sequence[Any]]) -> Callable[[list[Any]], None]:
    """So many points in all strokes together."""

    def check(strokes: list[Any]) -> None:
        if sum(len(points(stroke)) for stroke in strokes) > most:
            raise ValidationError(f"合计最多{most}个点 / at most {most} points in all")

    return check


class MarkIn(kit.Schema):
    """One stroke on a photo, in parts of the upright photo: x of its width, y of its height, `width` of its width."""

    colour = fields.Enum(Pen, by_value=True, required=True)
    width = kit.Number(required=True, low=0.001, high=0.1)
    points = Stroke(required=True, most=POINTS_OF_A_PHOTO)


def marks() -> fields.List[Any]:
    """The marks of one photo."""
    rules: list[Callable[[Any], Any]] = [
        validate.Length(max=STROKES_OF_A_PHOTO, error=f"最多{STROKES_OF_A_PHOTO}笔 / at most {STROKES_OF_A_PHOTO} strokes"),
        _at_most(POINTS_OF_A_PHOTO, lambda mark: mark["points"]),
    ]
    return fields.List(fields.Nested(MarkIn), load_default=list, validate=rules)


class RepresentativeIn(kit.Schema):
    """Who spoke for the site, and the signature, if there is one: strokes in a square that its longer side fills."""

    name = kit.Raw(load_default=None, allow_none=True, limit=100)
    signed_at = kit.Moment(load_default=None, allow_none=True)
    signature = fields.List(
        Stroke(most=POINTS_OF_A_SIGNATURE), load_default=None, allow_none=True,
        validate=[
            validate.Length(
                min=1, max=STROKES_OF_A_SIGNATURE,
                error=f"须为1至{STROKES_OF_A_SIGNATURE}笔 / 1 to {STROKES_OF_A_SIGNATURE} strokes",
            ),
            _at_most(POINTS_OF_A_SIGNATURE, lambda stroke: stroke),
        ],
    )

    @validates_schema
    def says_something(self, data: dict[str, Any], **_: Any) -> None:
        if data["signature"] is None and not (data["name"] or "").strip():
            raise ValidationError({"name": ["须有姓名或签字 / a name or a signature is needed"]})
        if (data["signature"] is None) != (data["signed_at"] is None):
            raise ValidationError({"signed_at": ["签字与签字时间须同时给出 / a signature and its time go together"]})


class MarkOut(kit.Answer):
    colour = fields.String()
    width = fields.Float()
    points = fields.Raw(metadata={"schema": POINTS})


class SignedOut(kit.Answer):
    """The newest signature that there is of a report, and the revision that was signed."""

    revision = fields.Integer(metadata={"description": "what was signed; a later one nobody signed yet"})
    name = fields.String(allow_none=True)
    signed_at = fields.String(allow_none=True)
    signature = fields.Raw(metadata={"schema": {"type": "array", "items": POINTS}})
