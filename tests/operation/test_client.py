"""The web client is given out as it was built: pages asked for anew, files with a hash kept for good."""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import web


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def built(app: Flask) -> Path:
    folder: Path = app.config["DUDAO"].web_dir
    web.build(folder)
    (folder / "secret.key").write_text("no")
    return folder


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("path", "title"), [("/", "督导"), ("/desk", "审核台"), ("/desk/", "审核台")])
def test_a_page_is_asked_for_anew_each_time(client: FlaskClient, path: str, title: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")
    assert title in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.usefixtures("built")
def test_pictures_come_from_here_and_from_where_the_tiles_are_and_from_nowhere_else(client: FlaskClient, app: Flask) -> None:
    def sources() -> list[str]:
        policy = client.get("/").headers["Content-Security-Policy"]
        return next(part.split()[1:] for part in policy.split("; ") if part.startswith("img-src"))

    assert sources() == ["'self'", "data:", "blob:"]
    tiles = "https://t{s}.tianditu.gov.cn/vec?x={x}&y={y}&l={z} http://127.0.0.1:81/{z}/{x}/{y}.png"
    app.config["DUDAO"] = replace(app.config["DUDAO"], tiles_url=tiles)
    shards = [f"https://t{number}.tianditu.gov.cn" for number in (1, 2, 3, 4)]
    assert sources() == ["'self'", "data:", "blob:", "http://127.0.0.1:81", *shards]


@pytest.mark.usefixtures("built")
def test_a_file_with_a_hash_is_kept_for_good_and_goes_out_compressed(client: FlaskClient) -> None:
    answer = client.get("/assets/phone.js", headers={"Accept-Encoding": "br"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert client.get("/assets/phone.js").text == web.SCRIPT


@pytest.mark.parametrize(("accepted", "given"), [
    ("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("identity", None), ("", None),
])
def test_what_the_build_compressed_goes_out_as_it_is(
    client: FlaskClient, built: Path, accepted: str, given: str | None
) -> None:
    packed = {"br": brotli.compress(web.SCRIPT.encode()), "gzip": gzip.compress(web.SCRIPT.encode(), 9)}
    (built / "assets" / "phone.js.br").write_bytes(packed["br"])
    (built / "assets" / "phone.js.gz").write_bytes(packed["gzip"])
    answer = client.get("/assets/phone.js", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == given
    assert answer.data == (packed[given] if given else web.SCRIPT.encode())
    assert "Accept-Encoding" in answer.headers["Vary"]
    known = client.get("/assets/phone.js", headers={"Accept-Encoding": accepted, "If-None-Match": answer.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")
    assert client.get("/assets/phone.js.br").status_code == 404


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("path", "kind"), [
    ("/sw.js", "text/javascript"), ("/manifest.webmanifest", "application/manifest+json"),
])
def test_what_stands_beside_the_pages(client: FlaskClient, path: str, kind: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, kind, "no-cache")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("path", [
    "/assets/other.js", "/assets/..%2fsw.js", "/assets/%2e%2e/index.html", "/assets/.js", "/assets/a%00.js",
    "/secret.key", "/assets/", "/assets/secret.key", "/assets/" + "照" * 300 + ".js",
])
def test_nothing_else_is_given_out(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_without_a_built_client_its_files_are_not_there(client: FlaskClient) -> None:
    assert client.get("/sw.js").status_code == 404
    assert client.get("/").status_code == 200, "the page says that the client is not installed"
