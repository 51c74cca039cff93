"""Odd text and odd values in every field of every body: refused as a problem, or kept and given back as they were."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from server.kit import text
from server.kit.http import Endpoint
from server.kit.ids import new_id
from server.permissions import MAY
from tests.contract.asking import accepts, endpoint, send
from tests.contract.naughty import CONTROLS, DAYS, NUMBERS
from tests.contract.walk import BODIES, address, is_prose, places, put, ready_for
from tests.contract.world import World
from tests.residents.word import put_question, turn_on

# Days, moments and numbers at either end of what there is, some of which a field takes.
ENDS = [
    "0001-01-01", "9999-12-31", "2026-02-30", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "9223372036854775808", "\x00", "\u3000",
]
# What no string is: every field meets these too.
VALUES: list[Any] = [
    None, True, False, 0, -1, 1, 0.5, -0.0, 1e308, 5e-324, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 2**64 - 1,
    [], {}, [[]], [None], [1], {"a": 1}, {"": ""}, [[[[[[]]]]]], {"$ref": "x"}, ["x"] * 2000,
]
# Fields by which the server finds something: a wrong one refuses the whole, so these are tried by themselves.
KEYS = {
    "username", "password", "old_password", "new_password", "code", "district", "unit", "item", "to", "roles",
    "districts", "person_ids", "type", "decision", "url", "preset", "secret", "kinds",
}


def test_every_body_is_tried(worlds: dict[str, World]) -> None:
    endpoints = worlds["sqlite"].app.extensions["dudao"].endpoints
    assert set(BODIES) == {name for name, one in endpoints.items() if one.body is not None}
    for route, make in BODIES.items():
        assert accepts(worlds["sqlite"], endpoints[route].body, make(worlds["sqlite"])), route


def test_no_value_in_any_field_breaks_a_schema(worlds: dict[str, World], strings: list[str]) -> None:
    """Far more values than can be sent: the schemas refuse by ValidationError or accept, nothing else."""
    world, tried = worlds["sqlite"], 0
    for route, one in world.app.extensions["dudao"].endpoints.items():
        if one.body is not None:
            good = BODIES[route](world)
            for at, _field in places(one.body):
                for value in itertools.chain(strings, VALUES):
                    accepts(world, one.body, put(good, at, value))
                    tried += 1
        if one.query is not None:
            for name in one.query.load_fields:
                for value in strings:
                    accepts(world, one.query, {name: value})
                    tried += 1
    assert tried > 3_000


@pytest.mark.parametrize("route", sorted(BODIES))
def test_text_that_is_taken_comes_back_the_same(
    world: World, strings: list[str], in_full: bool, route: str
) -> None:
    """Each string in all fields at once that take it; those that refuse it get it one by one."""
    one = endpoint(world, route)
    assert one.body is not None
    leaves = [at for at, _ in places(one.body)]
    prose = [at for at, field in places(one.body) if is_prose(field) and not KEYS & set(at)]
    others = [at for at in leaves if at not in prose] or leaves
    following = itertools.cycle(others)
    accepted = 0
    for at, string in itertools.product(others, [*DAYS, *NUMBERS, *CONTROLS] if in_full else ENDS):
        body = put(BODIES[route](world), at, string)
        if at[-1] not in {"password", "new_password", "old_password"} and accepts(world, one.body, body):
            send(world, route, _where(world, one), json=body)
    for string in strings:
        good = BODIES[route](world)
        packed = good
        for at in prose:
            attempt = put(packed, at, string)
            if accepts(world, one.body, attempt):
                packed = attempt
        answer = send(world, route, _where(world, one), json=packed)
        if answer.status_code < 300:
            accepted += 1
            _came_back(world, one, packed, answer)
        send(world, route, _where(world, one), json=put(good, next(following), string))
    routes_that_refuse_by_design = {"POST /api/v1/auth/password", "POST /api/v1/me/password"}
    assert accepted or route in routes_that_refuse_by_design


def _where(world: World, one: Endpoint) -> str:
    if one.name == "PUT /api/v1/reports/{report_id}":
        return address(one, world, report_id=str(new_id()))
    ready_for(one.name, world)
    return address(one, world)


def _came_back(world: World, one: Endpoint, sent: dict[str, Any], answer: TestResponse) -> None:
    """The answer, and what is read afterwards, hold the text as the schema cleaned it; a report's to the letter."""
    if one.name == "PUT /api/v1/reports/{report_id}":
        read = world.people["inspector"].get(answer.request.path).json
        del sent["device"]["sent_at"]
        assert read["content"] == sent
        assert read["answers"][0]["note"] == sent["answers"][0]["note"]
        assert read["gallery"][0]["caption"] == sent["photos"][0].get("caption")
        return
    if one.body is None or not answer.data:
        return
    with world.app.app_context():
        loaded = one.body.load(sent)
    got = orjson.loads(answer.data)
    if one.rule.endswith("/lifting") and "lifted_reason" in got:
        got["reason"] = got["lifted_reason"]  # beside it stands why the hold was laid
    for name, value in sent.items():
        if isinstance(value, str) and isinstance(loaded.get(name), str) and name in got:
            shown = got[name]["name"] if name == "area" else got[name]["code"] if name == "district" else got[name]
            assert shown == loaded[name], (one.name, name, value)
    if one.method in {"POST", "PATCH"} and "id" in got and one.rule.startswith(("/api/v1/sites", "/api/v1/people")):
        collection = "/".join(one.rule.split("/")[:4])
        again = send(world, f"GET {collection}", f"{collection}/{got['id']}").json
        assert {name: again[name] for name in again if name in got and name != "updated_at"} == {
            name: got[name] for name in again if name != "updated_at"
        }


@pytest.mark.parametrize("route", sorted(BODIES))
def test_values_of_every_other_kind_in_every_field(world: World, route: str) -> None:
    """Those that a field takes go to the database one by one; of those that it refuses, one per field is sent."""
    one = endpoint(world, route)
    assert one.body is not None
    for at, _field in places(one.body):
        good = BODIES[route](world)
        refused = 0
        for value in VALUES:
            body = put(good, at, value)
            taken = accepts(world, one.body, body)
            if taken or not refused:
                answer = send(world, route, _where(world, one), json=body)
                assert taken or answer.status_code in {422, 403, 404}, (at, value)
            refused += not taken


def test_a_password_may_be_any_text(world: World, strings: list[str]) -> None:
    """What was set as a password signs in, whatever its characters."""
    signed_in = 0
    for string in strings:
        name = f"p{uuid.uuid4().hex[:16]}"
        hired = send(world, "POST /api/v1/people", "/api/v1/people",
            json={"username": name, "name": "王", "roles": ["inspector"], "password": f"Correct-horse-{string}"})
        if hired.status_code == 201:
            answer = send(world, "POST /api/v1/auth/login", "/api/v1/auth/login",
                json={"username": name, "password": f"Correct-horse-{string}"})
            assert answer.status_code == 200, string
            signed_in += 1
    assert signed_in > len(strings) // 2


def test_all_that_was_written_can_be_read_in_every_form(world: World, strings: list[str]) -> None:
    """Names of every kind of odd text: lists, the map, the trail, the phone's sync and the week's files still come."""
    office = world.people["office"]
    world.heal()
    turn_on(world.office)
    put_question(world.office, world.ids["issue_id"][0])  # a link that holds, to be shown as a code
    for string in strings:
        send(world, "POST /api/v1/sites", "/api/v1/sites",
            json={"code": f"S{uuid.uuid4().hex}", "district": "140106", "name": text.one_line(string)[:200] or "x",
                "street": string[:200]})
    world.work_off()  # the boxes that were laid over its photo
    for route in sorted(MAY):
        # a resident's page goes by a code of its own, which no id here is
        if route.startswith("GET ") and route not in {"GET /metrics", "GET /readyz"} and "/r/{code}" not in route:
            answer = send(world, route, address(endpoint(world, route), world),
                query_string={"limit": "200"} if "limit" in getattr(endpoint(world, route).query, "load_fields",
                    {}) else {})
            assert answer.status_code == 200, (route, answer.data[:500])
    world.weekly()
    for form in ("xlsx", "csv", "json"):
        assert office.get(f"/weekly-reports/{world.ids['weekly_id'][0]}/files/{form}").status_code == 200
