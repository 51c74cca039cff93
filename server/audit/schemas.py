"""What the trail looks like on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

from server.kit import fields as kit


def _is_object(value: str) -> None:
    kind, colon, object_id = value.partition(":")
    if not kind or (colon and not object_id):
        raise ValidationError("须为编号或 类型:编号 / must be an id or <kind>:<id>")


class AuditQuery(kit.Listing):
    object = fields.String(
        load_default=None, validate=_is_object, metadata={"description": "an id, or `<kind>:<id>` such as report:0192…"}
    )


class WhoOut(kit.Answer):
    id = kit.Id()
    name = fields.String(allow_none=True)


class WhatOut(kit.Answer):
    kind = fields.String()
    id = fields.String()


class EventOut(kit.Answer):
    """One line of the trail. `actor` is null where the system itself acted."""

    id = fields.Integer()
    at = kit.Moment()
    actor = fields.Nested(WhoOut, allow_none=True)
    verb = fields.String()
    object = fields.Nested(WhatOut)
    district = fields.String(allow_none=True)
    facts: Any = fields.Dict(keys=fields.String())
