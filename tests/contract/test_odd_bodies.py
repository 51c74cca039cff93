"""Bodies that are no JSON, or none that can be kept; tables of odd cells; uploads that are announced wrongly."""

from __future__ import annotations

import csv
import io
import uuid

import orjson
import pytest

from tests import tus
from tests.contract.asking import endpoint, judge, send
from tests.contract.naughty import EVERY
from tests.contract.walk import BODIES, STANDS_IN, WORDLESS, address, put, ready_for
from tests.contract.world import World

DEEP = 100_000
RAW_BODIES: dict[str, bytes] = {
    "nothing": b"", "space": b" \n", "null": b"null", "list": b"[]", "text": b'""', "number": b"1", "true": b"true",
    "empty object": b"{}", "NaN": b'{"a":NaN}', "Infinity": b'{"a":-Infinity}', "1e400": b'{"a":1e400}',
    "huge number": b'{"a":' + b"9" * 5000 + b"}", "2^63": b'{"a":9223372036854775808}',
    "deep lists": b"[" * DEEP + b"]" * DEEP, "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep within": b'{"a":' + b"[" * 900 + b"]" * 900 + b"}", "65 deep": b'{"a":' * 65 + b"1" + b"}" * 65,
    "open": b'{"a":', "tail": b"{}{}", "comma": b'{"a":1,}', "single quotes": b"{'a':1}", "comment": b"{/**/}",
    "raw surrogate": b'{"a":"\xed\xa0\x80"}', "surrogate": b'{"a":"\\ud800"}', "surrogate key": b'{"\\ud800":1}',
    "half a pair": b'{"a":"\\ud83d\\u0041"}', "not UTF-8": b'{"a":"\xff\xfe"}', "overlong": b'{"a":"\xc0\x80"}',
    "Latin-1": '{"a":"é"}'.encode("latin-1"), "GB18030": '{"a":"督导"}'.encode("gb18030"),
    "UTF-16": '{"a":1}'.encode("utf-16"), "BOM": b'\xef\xbb\xbf{"a":1}', "NUL": b'{"a":"\x00"}',
    "escaped NUL": b'{"a":"\\u0000"}',
    "zeros": b"\x00" * 64, "twice": b'{"a":1,"a":2}', "huge key": b'{"' + b"k" * 200_000 + b'":1}',
    "naughty key": orjson.dumps(dict.fromkeys(EVERY, 1)), "XML": b"<a/>", "form": b"a=1&b=2",
    "long": b"[" + b"1," * 9999 + b"1]",
}


@pytest.mark.parametrize("route", sorted(BODIES))
def test_bodies_that_are_no_good_json(world: World, route: str) -> None:
    ready_for(route, world)
    path = address(endpoint(world, route), world)
    assert endpoint(world, route).may_be_empty == (route in WORDLESS)
    for name, body in RAW_BODIES.items():
        answer = send(world, route, path, data=body, content_type="application/json")
        partial = (route.startswith("PATCH") and name == "empty object") or (
            route in WORDLESS and name in {"empty object", "nothing"}
        )
        taken = {200, 201, 403, 409} if route in STANDS_IN else {200}  # it may not be the hour
        assert answer.status_code in (taken if partial else {400, 422}), (name, answer.status_code)


def test_a_key_that_is_given_twice_is_one_of_the_two(world: World) -> None:
    """As JSON parsers do: the last one counts, on both databases."""
    answer = send(world, "POST /api/v1/organisations", "/api/v1/organisations", content_type="application/json",
                  data=b'{"name":"first","name":"' + uuid.uuid4().hex.encode() + b'-last"}')
    assert answer.status_code == 201
    assert answer.json["name"].endswith("-last")


@pytest.mark.parametrize("route", sorted(BODIES))
def test_a_body_of_another_type_is_refused(world: World, route: str) -> None:
    path, data = address(endpoint(world, route), world), orjson.dumps(BODIES[route](world))
    for kind in ("text/plain", "application/xml", "multipart/form-data", "multipart/form-data; boundary=x",
            "image/png", "x", "/", "a/b/c"):
        assert send(world, route, path, data=data, content_type=kind).status_code == 415, kind
    body = put(BODIES[route](world), ("no_such_key",), 1)
    for kind in ("application/json", "application/json; charset=utf-8", "APPLICATION/JSON",
            "application/merge-patch+json", None):
        assert send(world, route, path, json=None, data=orjson.dumps(body), content_type=kind).status_code == 422, kind


ODD_TUS = {
    "Tus-Resumable": ["", "0.2.2", "1.0", "1.0.0, 1.0.0", "x" * 5000, "\u00ff"],
    "Upload-Length": ["", "-1", "x", "0", "1.5", "1e3", "9223372036854775808", "9" * 5000, "１", "+1", " 1", "0x10",
        "4096,4096"],
    "Upload-Offset": ["", "-1", "x", "1.5", "9223372036854775808", "9" * 5000, "１", "+0", "00", "-0"],
    "Upload-Metadata": [
        "", ",", " ", "report", "report ,photo ,sha256 ", "report !!!", "report AA==,report AA==",
        "report AA==, photo AA==", "x" * 20_000,
        "report " + tus.b64("x"), "report " + tus.b64(str(uuid.UUID(int=0))) + ",photo " + tus.b64("\x00")
        + ",sha256 " + tus.b64("0" * 64),
        "photo " + tus.b64(b"\xff\xfe"), "a b c d", "\u00ff \u00ff", "filename " + tus.b64("x" * 9000), "," * 3000,
    ],
    "Upload-Checksum": ["", "sha256", "sha256 ", "sha256 x", "md5 AAAA", "sha256 AAAA", "SHA256 AAAA",
        "sha256 " + "A" * 9000, "crc32 AAAA", "\u00ff", "sha256 =" ],
    "Upload-Defer-Length": ["1", "0", "x"], "Upload-Concat": ["partial", "final;/a /b", "x"],
    "Content-Type": ["", "text/plain", "application/offset+octet-stream; x", "x"],
    "Content-Length": ["-1", "x", "9" * 400],
}


@pytest.mark.parametrize("name", sorted(ODD_TUS))
def test_upload_headers_that_are_no_good(world: World, strings: list[str], name: str) -> None:
    data = b"x" * 64
    for route in ("POST /api/v1/uploads", "PATCH /api/v1/uploads/{upload_id}", "HEAD /api/v1/uploads/{upload_id}",
            "DELETE /api/v1/uploads/{upload_id}"):
        inspector = world.people["inspector"]
        for value in ODD_TUS[name]:
            upload = str(tus.upload_id(tus.begin(inspector, data))) if "{" in route else ""
            good = {**tus.creation(data), "Content-Type": tus.BODY["Content-Type"], "Upload-Offset": "0"}
            path = address(endpoint(world, route), world, upload_id=upload)
            answer = inspector.ask(route.split(" ")[0], path, headers={**good, name: value}, data=data)
            judge(answer, f"{route} {name}: {value[:80]}")
    for string in strings if name == "Upload-Metadata" else ():
        metadata = tus.metadata(data, filename=string)
        if len(metadata) > 8000:
            continue
        answer = world.people["inspector"].ask("POST", "/uploads",
            headers={**tus.VERSION, "Upload-Length": "64", "Upload-Metadata": metadata})
        judge(answer, f"filename {string[:80]!r}")


@pytest.mark.parametrize("route", ["POST /api/v1/sites/import", "POST /api/v1/people/import"])
def test_tables_of_odd_cells(world: World, strings: list[str], route: str) -> None:
    one = {"code": "", "name": "小区", "district": "140106", "street": "街"} if "sites" in route else {
        "username": "", "name": "王芳", "roles": "inspector", "districts": "140106", "phone": "", "email": ""}
    for column in one:
        table = io.StringIO()
        writer = csv.DictWriter(table, list(one))
        writer.writeheader()
        for number, string in enumerate(strings):
            key = next(iter(one))
            writer.writerow({**one, key: f"r{number}x{uuid.uuid4().hex[:8]}", column: string[:2000]})
        data = table.getvalue().encode("utf-8", "surrogatepass")
        for dry in ("true", "false"):
            send(world, route, address(endpoint(world, route), world), query_string={"dry_run": dry}, data=data,
                content_type="text/csv")
    for name, body in RAW_BODIES.items():
        for kind in ("text/csv", "application/octet-stream", "multipart/form-data; boundary=x",
                "multipart/form-data", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"):
            send(world, route, address(endpoint(world, route), world), data=body, content_type=kind), name
