"""The published description holds: every route, by every role, on both databases, answers as it says."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask
from schemathesis.specs.openapi.schemas import OpenApiSchema

from server.issues.rules import IssueState
from server.permissions import MAY
from tests.contract.fuzz import fuzz, strict
from tests.contract.walk import ready_for
from tests.contract.world import ROLES, World
from tests.factories import photo_entry, report_body

WELL_FORMED, MALFORMED = 2, 3  # requests per route in every run of the tests
IN_FULL = 40  # times as many
REPORT = """
{"revision": 1, "site_id": "0192f0c1-2b3a-7c4d-8e5f-60718293a4b5", "checklist": {"code": "ELEV", "version": 1},
 "visit": "unannounced", "started_at": "2026-11-20T09:12:00+08:00", "finished_at": "2026-11-20T09:58:10+08:00",
 "device": {"id": "phone-1", "sent_at": "2026-11-20T12:01:03+08:00"},
 "location": {"lat": 37.87, "lng": 112.55, "crs": "wgs84", "accuracy_m": 12.0, "captured_at": "2026-11-20T09:12:00+08:00"},
 "co_inspectors": ["0192f0c1-2b3a-7c4d-8e5f-60718293a4b6"], "summary": "…",
 "answers": [{"item": "ELEV-A05", "value": "fail", "note": "…", "photos": ["0192f0c1-2b3a-7c4d-8e5f-60718293a4b7"],
              "issue": {"severity": "major", "due_on": "2026-12-01"}}, {"item": "ELEV-C02", "value": 4.2}],
 "photos": [{"id": "0192f0c1-2b3a-7c4d-8e5f-60718293a4b7",
             "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "size": 3145728,
             "media_type": "image/jpeg", "item": "ELEV-A05", "captured_at": "2026-11-20T09:15:00+08:00",
             "source": "camera", "location": {"lat": 37.87, "lng": 112.55}, "caption": "…"}]}
"""
# The bodies that the contract writes out, by the route that takes them.
WRITTEN_OUT: dict[str, list[str]] = {
    "PUT /api/v1/reports/{report_id}": [REPORT],
    "POST /api/v1/auth/login": [
        '{"username": "wang", "password": "Correct-horse-7"}',
        '{"username": "wang", "password": "Correct-horse-7", "device": {"id": "phone-1", "name": "Mate 60"}}',
    ],
    "POST /api/v1/reports/{report_id}/reviews": [
        '{"decision": "approve", "comment": "", "items": [], "revision": 1}',
        '{"decision": "return", "comment": "请补拍", "items": [{"item": "ELEV-A05", "comment": "…"}], "revision": 2}',
        '{"decision": "void", "comment": "…", "revision": 1}',
    ],
    "POST /api/v1/weekly-reports": [
        '{"iso_year": 2026, "iso_week": 47}', '{"iso_year": 2026, "iso_week": 47, "district": "140106"}',
    ],
}


@pytest.fixture(scope="module")
def app(worlds: dict[str, World]) -> Flask:
    return worlds["sqlite"].app


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    return dict(app.test_client().get("/api/v1/openapi.json").json)


@pytest.fixture(scope="module")
def described(document: dict[str, Any]) -> OpenApiSchema:
    """As schemathesis reads it, with no room in answers for what is not described."""
    return schemathesis.openapi.from_dict(strict(document))


def test_it_is_valid_openapi_3_1_and_names_every_route(document: dict[str, Any], described: OpenApiSchema) -> None:
    described.validate()
    whole = {"$defs": document["components"]["schemas"], "components": document["components"]}
    jsonschema_rs.Draft202012Validator(whole)  # also what only a validator minds, such as patterns of another dialect
    assert document["openapi"].startswith("3.1")
    named = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert named == set(MAY)


def test_every_operation_tells_of_its_refusals(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            name, told = f"{method.upper()} {path}", set(operation["responses"])
            assert {"500", "503", "default"} <= told, name
            if MAY[name]:
                assert {"401", "403"} <= told, name
            if "{" in path and "uploads" not in path:
                assert "404" in told, name
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                assert {"400", "413", "415", "422"} <= told, name
            for status, answer in operation["responses"].items():
                kind = "Page" if path == "/r/{code}" and status != "default" else "Problem"
                assert status.startswith(("2", "3")) or answer == {"$ref": f"#/components/responses/{kind}"}, name


@pytest.mark.parametrize("route", sorted(WRITTEN_OUT))
def test_what_the_contract_writes_out_fits_the_description_and_the_server(
    document: dict[str, Any], app: Flask, route: str
) -> None:
    method, path = route.split(" ")
    body = document["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]["schema"]
    validator = jsonschema_rs.Draft202012Validator({**body, "components": document["components"]})
    schema = app.extensions["dudao"].endpoints[route].body
    for text in WRITTEN_OUT[route]:
        validator.validate(json.loads(text))
        with app.app_context():
            schema.load(json.loads(text))
        with pytest.raises(jsonschema_rs.ValidationError):
            validator.validate({**json.loads(text), next(iter(json.loads(text))): [[]]})


def test_a_report_of_a_test_fits_the_description(document: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/ReportIn", "components": document["components"]}
    body = report_body("0192f0c1-2b3a-7c4d-8e5f-60718293a4b5", photos=[photo_entry(b"x")])
    jsonschema_rs.Draft202012Validator(schema).validate(body)


@pytest.mark.parametrize("route", sorted(MAY))
def test_every_role_is_answered_as_described_and_alike_by_both_databases(
    worlds: dict[str, World], described: OpenApiSchema, in_full: bool, route: str
) -> None:
    for world in worlds.values():
        world.heal()
        world.renew_issue(IssueState.ISSUED)
        ready_for(route, world)  # alike, whatever was asked of either before
    method, path = route.split(" ")
    times = IN_FULL if in_full else 1
    seen = fuzz(described[path][method], worlds, well_formed=WELL_FORMED * times, malformed=MALFORMED * times)
    assert seen.total() >= len(worlds) * len(ROLES)
