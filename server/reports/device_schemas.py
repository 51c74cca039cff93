"""What a phone says of itself with what it sends."""

from __future__ import annotations

import json
from typing import Any

import marshmallow as ma
from marshmallow import ValidationError, validates_schema

from server.kit import fields as kit

MOST_OF_DEVICE = 8192  # characters, as JSON


class DeviceIn(ma.Schema):
    """The phone. Only these two keys mean something to us; others are kept with the report, within measure."""

    class Meta:
        unknown = ma.INCLUDE

    id = kit.Raw(load_default=None, allow_none=True, limit=200)
    sent_at = kit.Moment(load_default=None, allow_none=True)

    @validates_schema(pass_original=True)
    def small(self, _data: dict[str, Any], original: Any, **_: Any) -> None:
        if len(json.dumps(original, ensure_ascii=False)) > MOST_OF_DEVICE:
            raise ValidationError(f"最多 {MOST_OF_DEVICE} 个字符 / at most {MOST_OF_DEVICE} characters")
