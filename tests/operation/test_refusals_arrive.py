"""A refusal reaches the client that sends its whole body before it listens."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.kit.ids import new_id
from tests.city import City, founded
from tests.servers import Production

LARGE = b"{" + b" " * (5 * 1024 * 1024) + b"}"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def small_city(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[City]:
    home = tmp_path_factory.mktemp("refusals")
    path = home / "dudao.db"
    path.write_bytes(sqlite_template.read_bytes())
    with founded(home, f"sqlite:///{path}") as made:
        yield made


def send(server: Production, method: str, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    """By http.client, which writes all of the body before it reads a byte of the answer."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        line.request(method, f"/api/v1{path}", body=body, headers=headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())["code"]
    finally:
        line.close()


def test_a_body_that_is_too_large_is_refused_to_its_face(small_city: City) -> None:
    wang = small_city.office.person("wang", "inspector")
    signed_in = {**JSON, "Authorization": f"Bearer {wang.tokens['access_token']}"}
    for _ in range(5):
        refused = send(small_city.server, "POST", "/auth/login", LARGE, JSON)
        assert refused == (413, "body-too-large")
        assert send(small_city.server, "PUT", f"/reports/{new_id()}", LARGE, signed_in) == (413, "body-too-large")


def test_so_are_all_other_refusals_that_need_not_read(small_city: City) -> None:
    wang = small_city.office.person("wang", "inspector")
    signed_in = {**JSON, "Authorization": f"Bearer {wang.tokens['access_token']}"}
    report = f"/reports/{new_id()}"
    for method, path, headers, wanted in (
        ("PUT", report, JSON, (401, "not-signed-in")),
        ("POST", "/sites", signed_in, (403, "not-allowed")),
        ("PUT", report, {**signed_in, "Content-Type": "text/csv"}, (415, "unsupported-media-type")),
        ("POST", "/nowhere", JSON, (404, "not-found")), ("DELETE", "/sites", JSON, (405, "method-not-allowed")),
    ):
        assert send(small_city.server, method, path, LARGE, headers) == wanted, (method, path)
    pieces = (LARGE[start:start + 65536] for start in range(0, len(LARGE), 65536))  # in chunks, without a length
    assert send(small_city.server, "POST", "/auth/login", pieces, JSON) == (413, "body-too-large")


def test_nobody_is_listened_to_for_ever(small_city: City) -> None:
    head = "POST /api/v1/sites HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n{}\r\n"
    for length, more in ((10**9, ""), (10**6, "Expect: 100-continue\r\n")):
        with socket.create_connection(("127.0.0.1", small_city.server.port), 20) as line:
            line.sendall(head.format(length, more).encode())
            assert b" 401 " in line.recv(64)
    with socket.create_connection(("127.0.0.1", small_city.server.port), 20) as line:
        line.sendall(head.format(10**7, "").encode())
        line.settimeout(0.001)
        heard = b""
        for _ in range(2_000):  # at some 20 kB a second
            if heard:
                break
            try:
                line.sendall(b" " * 1024)
                time.sleep(0.05)
                heard = line.recv(64)
            except TimeoutError:
                continue
        assert b" 401 " in heard
