"""The description of the interface is valid, complete, and tells of every route what it can answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask

import config
from server import create_app, permissions
from server.errors import CATALOGUE

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The description is made without the database, so one application serves all tests here."""
    home = tmp_path_factory.mktemp("described")
    made = create_app(config.load(
        {}, env="test", secret_key="tests-only-" + "0123456789abcdefghijklmnopqrstuv", data_dir=home,
        uploads_dir=home / "uploads", log_level="WARNING",
    ))
    yield made
    made.extensions["dudao"].database.dispose()


@pytest.fixture(scope="module")
def document(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.json)


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def refs(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(refs(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(refs(value) for value in node))
    return set()


def test_every_mounted_route_is_described(app: Flask, document: dict[str, Any]) -> None:
    assert set(operations(document)) == set(app.extensions["dudao"].endpoints)
    assert document["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for ref in refs(document):
        node: Any = document
        for part in ref.removeprefix("#/").split("/"):
            assert part in node, ref
            node = node[part]


def test_every_schema_is_json_schema(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert len(schemas) > 5
    for name, schema in schemas.items():
        jsonschema_rs.meta.validate({**schema, "$schema": DIALECT})
        assert schema.get("properties"), name


def test_every_operation_says_how_it_refuses_and_who_may(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(ids) == len(set(ids))
    for name, operation in operations(document).items():
        assert operation["summary"], name
        assert not operation["summary"].startswith(name.split()[0]), f"{name} has no docstring"
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, name
        assert any(status.startswith("2") for status in operation["responses"]), name
        needs = permissions.MAY[name] != permissions.ANYBODY
        assert bool(operation["security"]) == needs or name.endswith("/auth/refresh"), name


def test_every_parameter_of_a_path_is_described(document: dict[str, Any]) -> None:
    for name, operation in operations(document).items():
        told = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
        assert told == {part.partition("}")[0] for part in name.split("{")[1:]}, name


def test_a_query_string_knows_no_null(document: dict[str, Any]) -> None:
    for operation in operations(document).values():
        for parameter in operation["parameters"]:
            if parameter["in"] == "query":
                assert parameter["schema"].get("type") != "null"
                assert "null" not in (parameter["schema"].get("type") or ""), parameter


def test_the_problem_names_every_code(document: dict[str, Any]) -> None:
    assert set(document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == set(CATALOGUE)


def test_a_client_generator_can_read_it(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    found = {result.ok().label for result in schema.get_all_operations()}
    own_address = {"GET /api/v1/openapi.json"}  # it does not call where it read the document
    assert found == set(app.extensions["dudao"].endpoints) - own_address


def test_it_is_the_same_document_twice_and_need_not_be_sent_again(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/api/v1/openapi.json")
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert json.loads(first.data) == client.get("/api/v1/openapi.json").json


def test_the_page_for_people_lists_every_code_under_its_anchor_in_both_languages(app: Flask) -> None:
    page = app.test_client().get("/api/v1/docs?lang=en").text
    for code, entry in CATALOGUE.items():
        assert f'id="{code}"' in page
        assert entry.zh in page
    for path in ("/api/v1/auth/login", "/api/v1/openapi.json"):
        assert path in page
    assert "http://" not in page.replace("http://localhost", ""), "no outside resources"
    assert 'lang="zh-CN"' in app.test_client().get("/api/v1/docs", headers={"Accept-Language": "zh-CN"}).text


def test_the_page_says_in_chinese_what_every_route_does_and_who_may(app: Flask) -> None:
    from server.operation import docs_zh

    assert set(docs_zh.ROUTES) == set(permissions.MAY)
    assert set(docs_zh.ROLES) == {role.value for role in permissions.Role}
    page = app.test_client().get("/api/v1/docs?lang=zh").text
    assert "提交手机上的整份报告" in page
    assert "Send the whole report" not in page
    assert "谁可以使用:督导员" in page
