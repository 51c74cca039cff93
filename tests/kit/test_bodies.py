"""What is taken for JSON, what is JSON but cannot be taken, and when a body may be left out."""

from __future__ import annotations

import pytest

from server.errors import Refusal
from server.kit.bodies import load_json
from server.kit.i18n import in_both
from tests.factories import SiteOffice

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("said", ["", "{", "nothing", "{'a': 1}", "[NaN]", "[1,]", "\ufeff{}", '"\\ud8"'])
def test_what_is_not_json(said: str) -> None:
    with pytest.raises(Refusal) as refused:
        load_json(said.encode())
    assert (refused.value.status, refused.value.code) == (400, "not-json")


@pytest.mark.parametrize(("said", "where", "why"), [
    ('{"households": 1e400}', "body", "out of range"), ('{"households": -1e999}', "body", "out of range"),
    (f'{{"households": {"9" * 5000}}}', "body", "out of range"), ("[" * 70 + "]" * 70, "body", "nested"),
    ("[" * 1500 + "]" * 1500, "body", "nested"), ("[" * 100_000 + "]" * 100_000, "body", "nested"),
    ('{"a": ["\\ud800"]}', "a.0", "surrogate"), ('{"a": ["\\ud800", 1e400]}', "a.0", "surrogate"),
])
def test_what_is_json_but_cannot_be_taken_is_named(said: str, where: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        load_json(said.encode())
    assert refused.value.status == 422
    assert why in refused.value.problem("en")["errors"][where][0]


def test_a_form_is_no_json_and_json_that_is_called_a_form_is(office: SiteOffice) -> None:
    office.person("chen", "office")
    client = office.app.test_client()
    form = client.post("/api/v1/auth/login", data="username=chen&password=x", headers=FORM)
    assert (form.status_code, form.json["code"]) == (415, "unsupported-media-type")
    curl = client.post("/api/v1/auth/login", data='{"username": "chen", "password": "x"}', headers=FORM)
    assert curl.json["code"] == "credentials-wrong"
    for kind in (FORM, {}):
        nothing = client.post("/api/v1/auth/login", data=b"", headers=kind)
        assert (nothing.status_code, nothing.json["code"]) == (400, "not-json")


def test_fields_are_told_in_both_languages(office: SiteOffice) -> None:
    wang = office.person("wang", "inspector")
    errors = wang.put("/reports/0192f3a4-5b6c-7d8e-9f00-112233445566", {"answers": 3, "visit": "daily", "x": 1}).json["errors"]
    assert errors["site_id"] == ["缺少此项 / Missing data for required field"]
    assert errors["answers"] == ["须为列表 / Not a valid list"]
    kinds = "routine, themed, follow_up, unannounced"
    assert errors["visit"] == [f"须为其中之一：{kinds} / Must be one of: {kinds}"]
    assert errors["x"] == ["没有此项 / Unknown field"]
    assert in_both("须为数字 / must be a number") == "须为数字 / must be a number"
