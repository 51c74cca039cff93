"""Asking and judging: what every odd request of these tests is held against."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import orjson
from werkzeug.test import TestResponse

from server.errors import CATALOGUE
from server.kit.http import Endpoint
from tests.contract.walk import caller
from tests.contract.world import World

OVERRIDE = "X-HTTP-Method-Override"


def is_page(content_type: str, path: str) -> bool:
    """Residents read a page that says why, and no problem for programs."""
    return content_type.startswith("text/html") and path.startswith("/r/")


def judge(answer: TestResponse, what: str) -> TestResponse:
    """Never a 5xx; a refusal is a problem of the catalogue."""
    assert answer.status_code < 500, f"{what}: {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 400 and "HEAD" not in {answer.request.method,
            answer.request.headers.get(OVERRIDE, "").upper()}:
        if is_page(answer.content_type, answer.request.path):
            return answer
        assert answer.content_type == "application/problem+json", f"{what}: {answer.status_code} {answer.content_type}"
        problem = orjson.loads(answer.data)
        assert CATALOGUE[problem["code"]].status == problem["status"] == answer.status_code, what
    return answer


def send(world: World, route: str, path: str, **options: Any) -> TestResponse:
    """Ask as whoever may."""
    headers = {**world.headers(caller(route)), **options.pop("headers", {})}
    method = options.pop("method", route.split(" ", maxsplit=1)[0])
    answer = world.app.test_client().open(path, method=method, headers=headers, buffered=True, **options)
    return judge(answer, f"{method} {path[:200]} {str(options)[:500]}")


def endpoint(world: World, route: str) -> Endpoint:
    found: Endpoint = world.app.extensions["dudao"].endpoints[route]
    return found


def with_query(world: World) -> list[str]:
    return [name for name, one in world.app.extensions["dudao"].endpoints.items() if one.query is not None]


def accepts(world: World, schema: ma.Schema, data: Any) -> bool:
    try:
        with world.app.app_context():
            schema.load(data)
    except ma.ValidationError:
        return False
    return True
