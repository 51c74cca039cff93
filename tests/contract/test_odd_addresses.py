"""Odd paths, query strings, pages, methods and headers: an answer, or a problem with a code."""

from __future__ import annotations

import base64
import itertools
import random
import uuid
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from server.permissions import MAY
from tests import tus
from tests.contract.asking import OVERRIDE, accepts, endpoint, send, with_query
from tests.contract.walk import BODIES, address
from tests.contract.world import World

RAW_TEXT = [b"%00", b"a%00b", b"%ff", b"%ed%a0%80", b"%c0%80", b"%f4%90%80%80", b"%", b"%zz", b"%u0041",
    b"\xff\xfe", b"%EF%BF%BD",
            b"%EF%BF%BF", "督导".encode(), b"+", b"%2B", b"%0d%0aX-Injected:%201", b"x" * 6000]
LIMITS = [
    "0", "-1", "201", "1e9", "1.5", "1.0", "", " ", "9" * 400, "-" + "9" * 400, "0x10", "１", "٣", "NaN", "1_0", "+1",
    "true", "null",
]
CURSORS = [
    "x", "=", "====", "%00", "AAAA", "é", "null", "W10", "e30", "MQ", "bnVsbA", "WzFd", "WyJhIl0", "督导", "\x00",
    "A" * 1001,
    *(base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode() for value in [
        [None], [None, None], [True, "x"], [2**63, "x"], [2**63, 2**63], [-1, -1], [2**63 - 1, 2**63 - 1],
        [1e308, 1], ["\x00"], ["a\x00", "b"],
        ["0001-01-01T00:00:00+00:00", str(uuid.UUID(int=0))], ["9999-12-31T23:59:59-14:00", str(uuid.UUID(int=0))],
        ["2026-01-01T00:00:00", str(uuid.UUID(int=0))], ["2026-01-01T00:00:00+00:00", "x"], [1, "x"],
        [1, uuid.UUID(int=0)], [[], {}], ["x" * 500], ["\ud7ff\U0010ffff"], [0.5], [{}] * 2,
        ["2026-01-01T00:00:00+00:00", "{00000000-0000-0000-0000-000000000000}"], [2026, 1, "x", "y"],
        [2026, 53, "", str(uuid.UUID(int=0))],
    ]),
]


def test_strings_in_every_query_parameter(world: World, strings: list[str]) -> None:
    for route in with_query(world):
        one = endpoint(world, route)
        assert one.query is not None
        path, names = address(one, world), list(one.query.load_fields)
        alone = itertools.cycle(names)
        for string in strings:
            given: dict[str, str] = {}
            for name in names:
                if accepts(world, one.query, {**given, name: string}):
                    given[name] = string
            if one.method == "GET":
                if given:
                    send(world, route, path, query_string=given)
                send(world, route, path, query_string={next(alone): string})
            else:
                send(world, route, path, query_string={next(alone): string}, data=b"")


def test_query_strings_that_are_no_text(world: World, in_full: bool) -> None:
    for route in with_query(world):
        one = endpoint(world, route)
        assert one.query is not None
        path = address(one, world)
        following = itertools.cycle(one.query.load_fields)
        for raw in RAW_TEXT:
            for name in one.query.load_fields if in_full else itertools.islice(following, 1):
                send(world, route, path, query_string=f"{name}={raw.decode('latin-1')}")
        for name in one.query.load_fields:
            twice = send(world, route, path, query_string=f"{name}=1&{name}=1")
            assert twice.status_code == 422
        for odd in ("=", "&", "&&&", "a", "=a", "no_such=1", "%00=1", "%ff=1", "督导=1", "x" * 8000, ";", "#",
                "?" * 10, "limit[]=1", "limit=1;cursor=2"):
            send(world, route, path, query_string=odd)


def test_pages_that_cannot_be(world: World, in_full: bool) -> None:
    listings = [name for name in with_query(world) if "limit" in endpoint(world, name).query.load_fields]
    following = itertools.cycle(LIMITS)
    assert len(listings) >= 10
    for route in listings:
        path = address(endpoint(world, route), world)
        for limit in LIMITS if in_full else itertools.islice(following, 5):
            answer = send(world, route, path, query_string={"limit": limit})
            taken = {"": {200}, **{key: {200, 422} for key in ("１", "٣", "1_0", "+1")}}  # an empty one is none
            assert answer.status_code in taken.get(limit, {422}), (route, limit)
        for limit in ("1", "200"):
            assert send(world, route, path, query_string={"limit": limit}).status_code == 200
        for cursor in CURSORS:
            send(world, route, path, query_string={"cursor": cursor})
            if route == "GET /api/v1/sites":
                send(world, route, path, query_string={"cursor": cursor, "near": "37.8,112.5"})
    for cursor in CURSORS:
        send(world, "GET /api/v1/sync", "/api/v1/sync", query_string={"cursor": cursor})


def test_a_cursor_of_one_list_on_another(world: World) -> None:
    """Refused, or simply read: never a failure."""
    cursors = []
    for route in with_query(world):
        if "limit" in endpoint(world, route).query.load_fields:  # type: ignore[union-attr]
            page = send(world, route, address(endpoint(world, route), world), query_string={"limit": "1"}).json
            cursors.append(page.get("next_cursor"))
    cursors = [cursor for cursor in cursors if cursor]
    assert len(cursors) >= 3
    for route, cursor in itertools.product(with_query(world), cursors):
        if "cursor" in endpoint(world, route).query.load_fields:  # type: ignore[union-attr]
            send(world, route, address(endpoint(world, route), world), query_string={"cursor": cursor})


def routes_with_a_path() -> list[tuple[str, str]]:
    return [(route, part.partition("}")[0]) for route in sorted(MAY) for part in route.split("{")[1:]]


ODD_IDS = ["x" * 500, "0" * 36, str(uuid.UUID(int=0)), f"{{{uuid.UUID(int=1)}}}", "9" * 400, "-1", "0", "1.0", "１"]
TAILS = ["/", "//", "/..", "/../", "/%2e%2e/", "/%2f", "%2f", "/.", ";a=b", "%00", "/%00", "?", "#", "//" * 50]


@pytest.mark.parametrize(("route", "name"), routes_with_a_path())
def test_strings_in_every_path_parameter(
    world: World, strings: list[str], in_full: bool, route: str, name: str
) -> None:
    """All of them where the parameter is text; of an id's, a third that differs from route to route."""
    one, dice = endpoint(world, route), random.Random(route)

    def some(odd: list[Any]) -> list[Any]:
        return odd if in_full else dice.sample(odd, len(odd) // 3)

    body = {"json": BODIES[route](world)} if route in BODIES else {}
    headers = tus.VERSION if "uploads" in route else {}
    texts = strings if name in {"code", "device_id", "format"} else some(strings)
    segments = [quote(text, safe="") or "%20" for text in [*texts, *some(ODD_IDS), world.ids[name][0].upper()]]
    for segment in [*segments, *(raw.decode("latin-1") for raw in some(RAW_TEXT))]:
        send(world, route, address(one, world, **{name: segment}), headers=headers, **body)
    for tail in some(TAILS):
        send(world, route, address(one, world) + tail, headers=headers, **body)


def test_paths_that_lead_nowhere(world: World) -> None:
    for path in ("//", "/..", "/../../etc/passwd", "/api", "/api/", "/api/v1", "/api/v1/", "/api//v1/me",
            "/api/v1//me", "/api/v1/../v1/me",
                 "/api/v1/%2e%2e/me", "/API/V1/ME", "/api/v2/me", "/%00", "/%ff", "/督导", "/api/v1/me%2f",
                 "/api/v1/me/", "/" + "a" * 7000, "/static/x",
                 "/.env", "/.git/config", "/favicon.ico", "/robots.txt"):
        send(world, "GET /api/v1/me", path)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
    "PROPFIND", "BREW", "X" * 300])
def test_every_method_on_every_address(world: World, method: str) -> None:
    """What is not there for a method is 405 with Allow; nobody is served an answer of another method."""
    for route in sorted(MAY):
        one = endpoint(world, route)
        here = {name.split(" ")[0] for name in MAY if name.split(" ")[1] == one.rule}
        if method in here or route == "GET /readyz":
            continue
        answer = send(world, route, address(one, world), method=method)
        if method == "HEAD" and "GET" in here:
            assert answer.status_code in {200, 404}, route  # 404: the metrics, which are for this machine
            assert not answer.data, route
            continue
        wanted = {405, 412} if "uploads" in route else {405}  # 412: no version of tus was named
        assert answer.status_code in wanted, (route, answer.status_code)
        if answer.status_code == 405:
            assert here <= set(answer.headers["Allow"].split(", "))
        if "uploads" in route:
            send(world, route, address(one, world), headers={OVERRIDE: method})


ODD_HEADERS = {
    "Authorization": ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer \u00e9\u00ff", "Bearer a.b.c",
        "Bearer " + "a" * 100_000, "Bearer ..", "bearer null", "Bearer " + ".".join(["e30"] * 3), "\x7f"],
    "Accept-Language": ["", "*", "zh;q=x", "q" * 9000, ",,,", "zh-CN;q=1e400", "\u00ff", "en;q=-1, zh;q=NaN", "-",
        "en;q=0.5" * 900],
    "Accept": ["", "text/nothing", "*/*;q=NaN", "application/xml", "/" * 900],
    "Accept-Encoding": ["", "br;q=x", "gzip;q=-1", "*;q=0", "identity;q=0", "\u00ff", "zstd" * 900],
    "Range": ["", "bytes", "bytes=", "bytes=-", "bytes=0-0", "bytes=1-0", "bytes=-0", "bytes=999999999999-",
        "bytes=0-,0-,0-", "bytes=" + "0-1," * 3000, "lines=1-2", "bytes=9223372036854775808-", "bytes=x-y",
        "bytes=-1-2", "bytes=１-２"],
    "If-None-Match": ["", "*", '"', 'W/"', "\u00ff", '"x",' * 3000], "If-Match": ["*", "x"],
    "If-Range": ["", "x", '"x"', "Mon"],
    "If-Modified-Since": ["", "x", "Mon, 30 Feb 2026 00:00:00 GMT", "Mon, 01 Jan 0000 00:00:00 GMT", "9" * 400],
    "Content-Length": ["-1", "x", "1e3", "99999999999999999999", "", "+1", "１"],
    "Content-Encoding": ["gzip", "br", "x"], "Transfer-Encoding": ["identity", "gzip, chunked"],
    "X-Request-Id": ["", "x" * 9000, "a b", "\u00ff", "'; drop table"],
    "X-Forwarded-For": ["x", "999.1.1.1", "::1", "127.0.0.1, " * 500],
    "Host": ["", "x" * 300, "a b", "[::1", "\u00ff", "evil.example:99999"], "Cookie": ["a" * 9000, "=;=;", "\u00ff"],
    "X-HTTP-Method-Override": ["", "BREW", "DELETE", "get", "\u00ff"], "Expect": ["100-continue", "x"],
    "Upgrade": ["websocket"],
}


@pytest.mark.parametrize("name", sorted(ODD_HEADERS))
def test_headers_that_no_client_should_send(world: World, in_full: bool, name: str) -> None:
    routes = sorted(route for route in MAY if (route.startswith("GET ") or route in BODIES) and route != "GET /readyz")
    files = [route for route in routes if "original" in route or "checklists" in route or "openapi" in route]
    following = itertools.cycle(random.Random(name).sample(routes, len(routes)))
    for value in ODD_HEADERS[name]:
        for route in routes if in_full else [*files[:3], *itertools.islice(following, 6)]:
            data = b"{}" if route in BODIES and not route.startswith("PATCH") else b""
            send(world, route, address(endpoint(world, route), world), headers={name: value}, data=data)
