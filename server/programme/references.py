"""Marshmallow fields that name a district, an area or a firm: by its code, name or id, or as the API itself gives it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields

from server.kit import fields as kit

_ID = kit.Id()


class DistrictRef(kit.Code):
    """A district's code, alone or within the object that a site shows."""

    def __init__(self, **kwargs: Any) -> None:
        shape = {"type": ["string", "object"], "description": "GB/T 2260 code, or {code}"}
        super().__init__(limit=20, empty=False, metadata={"schema": shape}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        if isinstance(value, dict):
            value = _within(value, "code")
        return super()._deserialize(value, attr, data, **kwargs)


class AreaRef(kit.Line):
    """An area by its name, or as {id} or {name}; a UUID where its id was given."""

    def __init__(self, **kwargs: Any) -> None:
        shape = {"type": ["string", "object", "null"], "description": "name, {id} or {name}; made where it is new"}
        super().__init__(limit=200, empty=False, allow_none=True, metadata={"schema": shape}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, dict) and value.get("id") is not None:
            return _ID.deserialize(value["id"])
        if isinstance(value, dict):
            value = _within(value, "name")
        return super()._deserialize(value, attr, data, **kwargs)

    def _validate(self, value: Any) -> None:
        if not isinstance(value, uuid.UUID):
            super()._validate(value)


class FirmRef(fields.Field[uuid.UUID]):
    """A firm as {id}."""

    def __init__(self, **kwargs: Any) -> None:
        shape = {"type": ["object", "null"], "description": "{id} of a contractor"}
        super().__init__(allow_none=True, metadata={"schema": shape}, **kwargs)

    def _deserialize(self, value: Any, *_args: Any, **_kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise ValidationError("须为含 id 的对象 / must be an object with an id")
        return _ID.deserialize(_within(value, "id"))


def _within(value: Mapping[str, Any], name: str) -> Any:
    if value.get(name) is None:
        raise ValidationError(f"缺少 {name} / lacks {name}")
    return value[name]
