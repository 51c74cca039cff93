"""Requests that schemathesis makes from our own description, sent by every role to both databases."""

from __future__ import annotations

import copy
import random
from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

from server.errors import CATALOGUE
from tests.contract.asking import is_page
from tests.contract.walk import caller
from tests.contract.world import ROLES, World
from tests.factories import YINGZE

# Which checks, and why not the others:
# - status_code_conformance is ours (`documented`): schemathesis' own takes every status where there is a `default`
#   response, and ours have one.
# - negative_data_rejection cannot hold: a query string has one spelling for many values, we take what is well meant
#   (full-width digits in a code, 2.0 for a whole number), and `malformed` requests may still meet an answer that needs
#   none of what is wrong in them. tests/contract/test_odd_*.py say what must be refused, route by route.
# - positive_data_acceptance cannot hold: a well-formed request may name a site that is not there (404, 422), a report
#   that was decided (409), or bytes that are no table (415).
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, response_headers_conformance]

# keys of bodies that name a real thing, by the path parameter that names the same kind of thing
NAMES = {
    "site_id": "site_id", "contractor_id": "organisation_id", "organisation_id": "organisation_id", "to": "person_id",
    "person_ids": "person_id", "issue_ids": "issue_id", "co_inspectors": "person_id", "site": "site_id",
    "inspector": "person_id",
    "contractor": "organisation_id", "district": "district", "districts": "district", "area_id": "area_id",
    "code": "code", "version": "version", "item": "item", "crs": "crs", "revision": "revision",
}


def strict(document: dict[str, Any]) -> dict[str, Any]:
    """The description with no room for keys that it does not name in answers, so that none goes out undescribed."""
    document = copy.deepcopy(document)
    schemas = document["components"]["schemas"]
    waiting, seen = [_answers(document)], set()
    while waiting:
        for name in _refs(waiting.pop()) - seen:
            seen.add(name)
            waiting.append(schemas[name])
            if name != "Problem" and "properties" in schemas[name]:
                schemas[name]["additionalProperties"] = False
    return document


def _answers(document: dict[str, Any]) -> list[Any]:
    return [
        answer for methods in document["paths"].values() for operation in methods.values()
        for status, answer in operation["responses"].items() if status.startswith("2")
    ]


def _refs(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"].rpartition("/")[2]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(_refs, node.values()))
    return set().union(*map(_refs, node)) if isinstance(node, list) else set()


@schemathesis.serializer("application/offset+octet-stream")
def _octets(_ctx: Any, value: Any) -> Any:
    return {"data": value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")}


def with_real_things(case: Any, world: World, pick: int) -> Any:
    """The case with half of its ids, in path, query and body, replaced by real ones; the same half in every world."""
    dice = random.Random(pick)
    pools = {**world.ids, "district": [YINGZE], "crs": ["wgs84"], "item": ["ELEV-A01", "ELEV-A05", "ELEV-C02"]}

    def real(name: str, value: Any) -> Any:
        pool = pools.get(NAMES.get(name, name))
        if pool is None or dice.random() < 0.5:
            return value
        chosen = pool[dice.randrange(len(pool))]
        if isinstance(value, list):
            return [chosen] if value else value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return int(chosen) if is_number and chosen.isdecimal() else chosen

    def walk(name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(key, inner) for key, inner in value.items()}
        if isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
            return [walk(name, inner) for inner in value]
        return real(name, value) if isinstance(value, str | int | float | list) else value

    return case.operation.Case(
        path_parameters={name: real(name, value) for name, value in (case.path_parameters or {}).items()},
        query={name: real(name, value) for name, value in (case.query or {}).items()},
        headers={name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"},
        body=walk("", case.body) if isinstance(case.body, dict) else case.body,
        media_type=case.media_type,
    )


def documented(case: Any, response: Any) -> None:
    """The status stands in the description by itself; a refusal is a problem of the catalogue, under its own code."""
    label, status = case.operation.label, response.status_code
    assert str(status) in case.operation.definition.raw["responses"], f"{label} answered {status}: not described"
    if status >= 400 and is_page(response.headers["content-type"][0], case.operation.label.split(" ")[1]):
        return
    if status >= 400 and case.method.upper() != "HEAD":
        problem = response.json()
        assert response.headers["content-type"] == ["application/problem+json"], label
        assert CATALOGUE[problem["code"]].status == problem["status"] == status, label
        assert problem["detail"], label
        assert problem["title"], label


def ask(case: Any, world: World, role: str) -> Any:
    """Send the case as `role` and hold the answer against the description."""
    response = case.call(app=world.app, headers={**world.headers(role), "Accept-Encoding": "identity"})
    case.validate_response(response, checks=CHECKS)
    documented(case, response)
    return response


def fuzz(operation: Any, worlds: dict[str, World], *, well_formed: int, malformed: int) -> Counter[int]:
    """Well-formed requests by every role and malformed ones by who may, to both databases, which must agree."""
    seen: Counter[int] = Counter()
    _run(operation, worlds, GenerationMode.POSITIVE, well_formed, ROLES, seen)
    if operation.body or list(operation.iter_parameters()):  # else there is nothing that could be malformed
        _run(operation, worlds, GenerationMode.NEGATIVE, malformed, (caller(operation.label),), seen)
    return seen


def _run(
    operation: Any, worlds: dict[str, World], mode: GenerationMode, examples: int, roles: tuple[str, ...],
    seen: Counter[int],
) -> None:
    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), pick=st.integers(0, 2**32))
    def run(case: Any, pick: int) -> None:
        for role in roles:
            answers = {kind: ask(with_real_things(case, world, pick), world, role) for kind, world in worlds.items()}
            seen.update(answer.status_code for answer in answers.values())
            gists = {kind: _gist(answer) for kind, answer in answers.items()}
            assert len(set(gists.values())) == 1, f"{operation.label} as {role}: {gists}"

    run()


def _gist(answer: Any) -> tuple[int, str | None]:
    """The status, and the code of a refusal."""
    is_problem = answer.status_code >= 400 and answer.content and "json" in answer.headers["content-type"][0]
    return answer.status_code, answer.json()["code"] if is_problem else None
