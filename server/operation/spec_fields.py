"""How our own marshmallow fields read in OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

from server.kit import fields as kit


class Names:
    """One component name per schema class; a name that two features use is told apart by the feature's."""

    def __init__(self) -> None:
        self._taken: dict[str, tuple[object, ...]] = {}

    def __call__(self, schema: Any) -> str:
        kind = schema if isinstance(schema, type) else type(schema)
        key = (kind, *(_part(schema, name) for name in ("only", "exclude", "load_only", "dump_only", "partial")))
        feature = kind.__module__.split(".")[1].title() if kind.__module__.startswith("server.") else ""
        tries = [kind.__name__, feature + kind.__name__, *(f"{feature}{kind.__name__}{n}" for n in range(2, 99))]
        for name in tries:
            if self._taken.setdefault(name, key) == key:
                return name
        raise RuntimeError(f"no name left for {kind.__name__}")


def _part(schema: Any, name: str) -> object:
    value = None if isinstance(schema, type) else getattr(schema, name, None)
    return tuple(sorted(value)) if isinstance(value, set | frozenset | list | tuple) else value


def teach(converter: OpenAPIConverter) -> None:
    """Tell apispec's converter about server/kit/fields.py; a field that computes its value says its type itself."""
    converter.field_mapping = {
        **converter.field_mapping,
        kit.Id: ("string", "uuid"),
        kit.Moment: ("string", "date-time"),
        kit.Number: ("number", None),
        kit.Whole: ("integer", None),
        **dict.fromkeys((fields.Field, fields.Raw, fields.Function, fields.Method), (None, None)),
    }
    for function in (_bounds, _said_by_hand):
        converter.add_attribute_function(function)  # type: ignore[no-untyped-call]


def _bounds(_self: OpenAPIConverter, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """The range of a Number or Whole."""
    found: dict[str, Any] = {}
    if isinstance(field, kit.Number):
        if field.low is not None:
            found["minimum"] = field.low
        if field.high is not None:
            found["maximum"] = field.high
    return found


def _said_by_hand(_self: OpenAPIConverter, field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """`metadata={"schema": {...}}` of a field that apispec cannot know stands as it is."""
    given = field.metadata.get("schema")
    return dict(given) if isinstance(given, dict) else {}
