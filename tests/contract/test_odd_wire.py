"""Odd bytes on the line to the running server: it answers in HTTP or hangs up, never fails, and takes nothing by halves."""

from __future__ import annotations

import json
import socket
import uuid

import pytest

from tests.city import City
from tests.factories import Someone, report_body

HEAD = "Host: dudao\r\nConnection: close\r\n"
LOGIN = b'{"username":"nobody","password":"Wrong-horse-7"}'


def speak(city: City, data: bytes, *, then_end: bool = False, wait_s: float = 10) -> bytes:
    """Send these bytes and read until the server hangs up. `then_end`: say that nothing more comes."""
    with socket.create_connection(("127.0.0.1", city.server.port), wait_s) as line:
        heard = b""
        try:
            line.sendall(data)
            if then_end:
                line.shutdown(socket.SHUT_WR)
            while piece := line.recv(65536):
                heard += piece
        except OSError:  # it hung up on us
            pass
    return heard


def status(heard: bytes) -> int:
    """The status of the last answer: 100 Continue may come before it. 0 where there is none."""
    found = [int(line.split(b" ")[1]) for line in heard.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    return found[-1] if found else 0


def request(method: str, target: bytes | str, headers: str = "", body: bytes = b"") -> bytes:
    path = target if isinstance(target, bytes) else target.encode()
    length = f"Content-Length: {len(body)}\r\n" if body and "ength" not in headers and "ncoding" not in headers else ""
    return b"%s %s HTTP/1.1\r\n" % (method.encode(),
        path) + (HEAD + length + headers).encode("latin-1") + b"\r\n" + body




@pytest.fixture
def wang(city: City) -> Someone:
    return city.office.person(f"wire.{uuid.uuid4().hex[:10]}", "inspector", districts=("140106",))


def bearer(someone: Someone) -> str:
    return f"Authorization: Bearer {someone.tokens['access_token']}\r\nContent-Type: application/json\r\n"


TARGETS = [
    b"/api/v1/me%00", b"/api/v1/checklists/%00", b"/api/v1/checklists/%ff%fe", b"/api/v1/checklists/%ed%a0%80",
    b"/api/v1/checklists/\xff\xfe", b"/api/v1/checklists/" + "督导".encode(),
    b"/api/v1/checklists/..%2f..%2fetc%2fpasswd",
    b"/api/v1/../../../../etc/passwd", b"//etc/passwd", b"/api/v1/sites?q=%00", b"/api/v1/sites?q=\xff",
    b"/api/v1/sites?q=%",
    b"/api/v1/sites?" + b"q=1&" * 500, b"/api/v1/checklists/" + b"x" * 6000, b"*",
    b"http://other.example/api/v1/me", b"/?", b"/#",
    b"/api/v1/me?" + b"%00" * 100, b"/api/v1/checklists/a%0d%0aX-Evil:%201", b"/api/v1/checklists/%u0041",
    b"/%c0%ae%c0%ae/",
]


def test_targets_that_lead_nowhere(city: City, wang: Someone) -> None:
    for target in TARGETS:
        heard = speak(city, request("GET", target, bearer(wang)))
        assert 200 <= status(heard) < 500, (target, heard[:300])
        assert b"X-Evil: 1\r\n" not in heard.partition(b"\r\n\r\n")[0]
        if status(heard) >= 400 and target != b"*" and target.isascii():  # else the web server itself says 400
            assert b'"code"' in heard, (target, heard[:300])


def test_methods_that_there_are_not(city: City) -> None:
    for method in ("BREW", "G" * 200, "TRACE", "CONNECT", "PRI"):
        assert status(speak(city, request(method, "/api/v1/me"))) in {0, 400, 404, 405, 501}, method
    for method in ("HEAD", "OPTIONS"):
        heard = speak(city, request(method, "/api/v1/openapi.json"))
        assert status(heard) in {200, 405}
        assert method != "HEAD" or heard.endswith(b"\r\n\r\n"), "no body"


def test_a_body_that_is_shorter_than_announced_is_never_taken(city: City, wang: Someone) -> None:
    site_id = str(city.office.site(f"短小区{uuid.uuid4().hex[:6]}", inspectors=(wang,)))
    body, report_id = json.dumps(report_body(site_id)).encode(), str(uuid.uuid4())
    target = f"/api/v1/reports/{report_id}"
    for cut in (0, 1, len(body) // 2, len(body) - 1):
        data = request("PUT", target, f"{bearer(wang)}Content-Length: {len(body)}\r\n", body[:cut])
        heard = speak(city, data, then_end=True)
        assert status(heard) in {0, 400}, heard[:300]
        assert status(heard) == 0 or b'"body-cut-short"' in heard or b'"not-json"' in heard
        # one that is whole JSON by itself, but not all that was announced
        longer = request("PUT", target, f"{bearer(wang)}Content-Length: {len(body) + 1 + cut}\r\n", body)
        assert status(speak(city, longer, then_end=True)) in {0, 400}
    assert status(speak(city, request("GET", target, bearer(wang)))) == 404
    assert status(speak(city, request("PUT", target, bearer(wang), body))) == 201


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a_body_in_chunks_is_as_good_as_a_whole_one(city: City, wang: Someone) -> None:
    site_id = str(city.office.site(f"分块小区{uuid.uuid4().hex[:6]}", inspectors=(wang,)))
    body = json.dumps(report_body(site_id)).encode()
    for size in (1, 7, 4096):
        target = f"/api/v1/reports/{uuid.uuid4()}"
        headers = f"{bearer(wang)}Transfer-Encoding: chunked\r\n"
        assert status(speak(city, request("PUT", target, headers, chunked(body, size)))) == 201
    target = f"/api/v1/reports/{uuid.uuid4()}"
    whole = chunked(body, 100)
    for broken in (whole[: len(whole) // 2], b"zz\r\n" + body, b"-1\r\n\r\n", b"ffffffffffffffff\r\nx",
            b"5\r\n{}\r\n0\r\n\r\n"):
        assert status(speak(city, request("PUT", target, headers, broken), then_end=True)) in {0, 400, 422}
    assert status(speak(city, request("GET", target, bearer(wang)))) == 404


def test_a_table_in_chunks_is_refused_for_half_of_it_would_look_whole(city: City) -> None:
    office = city.office.person("wire.office", "office")
    table = "code,name,district\nW-1,一,140106\nW-2,二,140106\n".encode()
    cut = chunked(table, 20)[:-20]
    headers = f"{bearer(office)}Transfer-Encoding: chunked\r\n"
    for data, ends in ((cut, True), (chunked(table, 20), False)):
        heard = status(speak(city, request("POST", "/api/v1/sites/import", headers, data), then_end=ends))
        assert heard == 411 or (ends and heard == 0)  # the web server hangs up on who hung up in mid-body
    assert office.get("/sites?q=W-1").json["items"] == []


def test_who_waits_for_100_continue_is_heard(city: City, wang: Someone) -> None:
    site_id = str(city.office.site(f"等待小区{uuid.uuid4().hex[:6]}", inspectors=(wang,)))
    body = json.dumps(report_body(site_id)).encode()
    headers = f"{bearer(wang)}Expect: 100-continue\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", city.server.port), 10) as line:
        line.sendall(request("PUT", f"/api/v1/reports/{uuid.uuid4()}", headers))
        assert line.recv(65536).startswith(b"HTTP/1.1 100 ")
        line.sendall(body)
        assert line.recv(65536).startswith(b"HTTP/1.1 201 ")
    assert 400 <= status(speak(city, request("POST", "/api/v1/auth/login", "Expect: something\r\n", LOGIN))) < 500


ODD_HEADS = {
    "two lengths": "Content-Length: 5\r\nContent-Length: 6\r\n", "no length": "Content-Length: \r\n",
    "below zero": "Content-Length: -1\r\n",
    "no number": "Content-Length: 1e3\r\n", "beyond all": "Content-Length: 99999999999999999999999\r\n",
    "too large": "Content-Length: 9999999999\r\n",
    "both": "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "unknown coding": "Transfer-Encoding: gzip\r\n",
    "one long": f"X-Long: {'x' * 200_000}\r\n", "many": "".join(f"X-{n}: 1\r\n" for n in range(2000)),
    "long token": f"Authorization: Bearer {'a' * 50_000}\r\n",
    "not ASCII": "Authorization: Bearer \xff\xfe\r\nX-Request-Id: \xe9\r\n",
    "no colon": "Nothing\r\n", "no name": ": x\r\n", "folded": "X-A: 1\r\n  2\r\n", "space in name": "X A: 1\r\n",
    "NUL": "X-A: a\x00b\r\n", "bare CR": "X-A: a\rb\r\n",
    "cookie": f"Cookie: {'a=b;' * 5000}\r\n",
    "upgrade": "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n",
}


def test_heads_that_are_no_good(city: City) -> None:
    for name, headers in ODD_HEADS.items():
        for method, target in (("GET", "/api/v1/me"), ("POST", "/api/v1/auth/login")):
            heard = speak(city, request(method, target, headers, LOGIN if method == "POST" else b""), then_end=True)
            assert status(heard) < 500, (name, heard[:200])
            assert status(heard) == 0 or status(heard) >= 400, (name, heard[:200])


def test_what_is_no_http_at_all(city: City) -> None:
    for data in (b"\x00" * 100, b"GET\r\n\r\n", b"\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-x\r\n", b"GET /" + b"a" * 200_000):
        assert status(speak(city, data, then_end=True)) < 500
    assert status(speak(city, request("GET", "/healthz"))) == 200, "and it lives on"
    assert "Traceback" not in city.log()
