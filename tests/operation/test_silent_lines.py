"""Phones whose line died in the middle of a body, and whoever plays one, do not keep the others out."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tus
from tests.city import City, founded, until
from tests.photos import jpeg

THREADS = 2


@pytest.fixture(scope="module")
def narrow_city(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[City]:
    """A city whose server has two threads, and cuts a line after four seconds of silence."""
    home = tmp_path_factory.mktemp("narrow")
    path = home / "dudao.db"
    path.write_bytes(sqlite_template.read_bytes())
    with founded(
        home, f"sqlite:///{path}", DUDAO_WEB_PROCESSES="1", DUDAO_WEB_THREADS=str(THREADS), DUDAO_LINE_SILENCE_S="4"
    ) as made:
        yield made


def line_to(city: City, head: str, body: bytes = b"") -> socket.socket:
    line = socket.create_connection(("127.0.0.1", city.server.port), 20)
    line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
    return line


def is_answered(city: City) -> bool:
    with line_to(city, "GET /healthz HTTP/1.1\nHost: test") as line:
        line.settimeout(0.5)
        try:
            return b" 200 " in line.recv(64)
        except TimeoutError:
            return False


def test_silent_bodies_give_their_threads_back(narrow_city: City) -> None:
    silent = [
        line_to(narrow_city, "POST /api/v1/auth/login HTTP/1.1\nHost: test\nContent-Type: application/json\n"
                f"Content-Length: 100{more}", b"{")
        for more in ("", "\nExpect: 100-continue")
    ]
    assert len(silent) == THREADS
    until(lambda: not is_answered(narrow_city), "both threads wait for a body")
    until(lambda: is_answered(narrow_city), "the silent lines are cut")
    for line in silent:
        line.close()


def test_what_a_photos_silent_line_brought_is_kept_and_resumed(narrow_city: City) -> None:
    wang = narrow_city.office.person("wang", "inspector")
    data = jpeg(seed=1)
    half = len(data) // 2
    where = tus.begin(wang, data)
    head = {
        "Authorization": f"Bearer {wang.tokens['access_token']}", **tus.VERSION, **tus.BODY, "Upload-Offset": "0",
        "Content-Length": str(len(data)),
    }
    said = "".join(f"\n{name}: {value}" for name, value in head.items())
    with line_to(narrow_city, f"PATCH {where} HTTP/1.1\nHost: test{said}", data[:half]) as silent:
        assert silent.recv(64) == b"", "cut without an answer, as a line that breaks"
    assert 0 < tus.offset(wang, where) <= half
