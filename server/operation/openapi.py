"""The OpenAPI 3.1 description, made from the routes and schemas that the server itself runs on."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from server.errors import CATALOGUE
from server.kit.http import Edge, Endpoint
from server.kit.version import VERSION
from server.operation.spec_extras import EXTRAS
from server.operation.spec_fields import Names, teach

PATH_PARAMETER = re.compile(r"{([^}]+)}")
Shape = dict[str, Any]

ABOUT = """Field inspection for a city's renovation programme: reports with photos, review, issues, the week.

Times are RFC 3339 with offset, days are dates of Asia/Shanghai, ids are UUIDs; those of reports, photos and replies are
made on the phone. Every request may be repeated. Errors are RFC 9457 `application/problem+json` with a stable `code`;
`title` and `detail` follow Accept-Language (zh-CN, en). Lists answer `{"items": […], "next_cursor": …}`."""


def describe(edge: Edge, title: str = "Dudao 督导") -> Shape:
    """The whole document as plain JSON values. Pure: equal routes give an equal document."""
    marshmallow = MarshmallowPlugin(schema_name_resolver=Names())
    spec = APISpec(
        title=title, version=VERSION, openapi_version="3.1.0", plugins=[marshmallow],
        info={"description": ABOUT}, servers=[{"url": "/"}],
    )
    if marshmallow.converter is None:
        raise RuntimeError("apispec gave the plugin no converter")
    teach(marshmallow.converter)
    _shared(spec)
    paths: dict[str, Shape] = {}
    for endpoint in sorted(edge.endpoints.values(), key=lambda one: (one.rule, one.method)):
        paths.setdefault(endpoint.rule, {})[endpoint.method.lower()] = _operation(endpoint, edge.known[endpoint.name])
    for rule, operations in paths.items():
        spec.path(path=rule, operations=operations)
    document: Shape = spec.to_dict()
    document["tags"] = [{"name": tag} for tag in sorted({one.tag for one in edge.endpoints.values()})]
    for operations in document["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                _no_null(parameter)
    return document


def _shared(spec: APISpec) -> None:
    spec.components.schema("Problem", {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "description": "address of the error in this documentation"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": sorted(CATALOGUE)},
            "errors": {
                "type": "object", "description": "field path → messages",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        },
    })
    spec.components.response("Problem", {
        "description": "Refused; `code` says why. / 被拒绝，原因见 `code`。",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds, where trying again helps"}},
    })
    spec.components.response("Page", {
        "description": "Refused, on a page for people that says why. / 被拒绝，页面上说明原因。",
        "content": {"text/html": {"schema": {}}},
    })
    spec.components.security_scheme("bearer", {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "access token of /api/v1/auth/login",
    })
    spec.components.security_scheme("link", {
        "type": "apiKey", "in": "query", "name": "sig",
        "description": "short-lived signature of a link made by the API",
    })


def _operation(endpoint: Endpoint, roles: Iterable[Any]) -> Shape:
    extra = EXTRAS.get(endpoint.name, {})
    text = inspect.getdoc(endpoint.view) or endpoint.name
    summary, _, rest = text.partition("\n")
    operation: Shape = {
        "operationId": operation_id(endpoint),
        "tags": [endpoint.tag],
        "summary": summary.strip(),
        "parameters": [_path_parameter(name, endpoint.rule) for name in PATH_PARAMETER.findall(endpoint.rule)],
        "responses": _responses(endpoint, extra),
        "x-roles": sorted(str(role) for role in roles),
    }
    if rest.strip():
        operation["description"] = rest.strip()
    if endpoint.query is not None:
        operation["parameters"].append({"in": "query", "schema": endpoint.query})
    operation["parameters"] += extra.get("parameters", [])
    if endpoint.body is not None:
        content = {"application/json": {"schema": endpoint.body}}
        operation["requestBody"] = {"required": not endpoint.may_be_empty, "content": content}
    if "requestBody" in extra:
        operation["requestBody"] = extra["requestBody"]
    if endpoint.public:
        operation["security"] = [{"bearer": []}] if endpoint.name.endswith("/auth/refresh") else []
    else:
        operation["security"] = [{"bearer": []}, *([{"link": []}] if endpoint.linkable else [])]
    return operation


def operation_id(endpoint: Endpoint) -> str:
    """`reports_get_report`: the feature and the view; OPTIONS and the like keep their method apart."""
    return f"{endpoint.tag}_{endpoint.method.lower()}_{endpoint.view.__name__}"


def _path_parameter(name: str, rule: str) -> Shape:
    kind: Shape = {"type": "string"}
    if name.endswith("_id") and name != "device_id":
        kind = {"type": "string", "format": "uuid"}
    elif name in {"version", "revision"}:
        kind = {"type": "integer", "minimum": 1}
    elif name == "code" and rule.startswith("/r/"):
        kind = {"type": "string", "pattern": "^[A-Za-z2-7]{32}$"}  # of a residents' link
    elif name == "name":
        kind = {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.-]*$"}  # a file of the web client
    return {"name": name, "in": "path", "required": True, "schema": kind}


def _responses(endpoint: Endpoint, extra: Shape) -> Shape:
    found: Shape = {}
    for status in {endpoint.status, *extra.get("also", [])}:
        answer: Shape = {"description": HTTPStatus(status).phrase}
        if extra.get("headers"):
            answer["headers"] = extra["headers"]
        if status == HTTPStatus.NOT_MODIFIED:
            pass  # no body
        elif "produces" in extra:
            answer["content"] = {media: {"schema": {}} for media in extra["produces"]}
        elif endpoint.answer is not None:
            answer["content"] = {endpoint.produces: {"schema": endpoint.answer}}
        elif endpoint.produces != "application/json":
            answer["content"] = {endpoint.produces: {"schema": {}}}
        found[str(status)] = answer
    for status in sorted(_refusals(endpoint) | set(extra.get("refuses", []))):
        found[str(status)] = "Page" if extra.get("pages") else "Problem"
    found["default"] = "Problem"
    return found


def _refusals(endpoint: Endpoint) -> set[int]:
    """The statuses of refusals that this kind of route can give; what one route adds stands in EXTRAS."""
    found = {500, 503}
    if not endpoint.public:
        found |= {401, 403}
    if "{" in endpoint.rule:
        found |= {404}
    if endpoint.query is not None:
        found |= {422}
    if endpoint.body is not None:
        found |= {400, 413, 415, 422}
    if endpoint.writes:
        found |= {409, 423, 507}
    return found


def _no_null(parameter: Shape) -> None:
    """A query string knows no null: what may be left out is simply not required."""
    schema = parameter.get("schema")
    if not isinstance(schema, dict) or parameter.get("in") != "query":
        return
    if isinstance(schema.get("type"), list):
        kinds = [kind for kind in schema["type"] if kind != "null"]
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    if "enum" in schema:
        schema["enum"] = [value for value in schema["enum"] if value is not None]
    if schema.get("default", ...) is None:
        del schema["default"]
