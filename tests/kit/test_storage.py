"""Where files live: the same promises from a folder and from a real S3 service."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import config
from server import create_app
from server.errors import Refusal
from server.kit.storage import Store, make_store, original_key
from tests import servers
from tests.factories import YINGZE, SiteOffice, photo_entry, report_body
from tests.photos import jpeg


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.object_storage(tmp_path_factory.mktemp("s3")) as address:
        folder = tmp_path_factory.mktemp("first")
        put(make_store(s3_config(address, folder)), folder, b"the bucket comes by being used")
        yield address


def s3_config(address: str, folder: Path, **more: str) -> config.Config:
    values = {
        "env": "test", "secret_key": "tests-only-0123456789abcdefghijklmnopqrstuv", "data_dir": folder,
        "uploads_dir": folder / "uploads", "storage_url": "s3://evidence/originals-of-taiyuan", "s3_endpoint": address,
        "s3_access_key": servers.S3_KEY, "s3_secret_key": servers.S3_SECRET, "s3_allow_http": True,
        "argon2_memory_kib": 64, "argon2_time": 1, "min_free_bytes": 0, "log_level": "WARNING", **more,
    }
    return config.load({}, **values)


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "s3":
        return make_store(s3_config(request.getfixturevalue("s3"), tmp_path))
    return make_store(config.load({}, env="test", data_dir=tmp_path, uploads_dir=tmp_path / "uploads"))


def put(store: Store, folder: Path, data: bytes) -> str:
    key = original_key(hashlib.sha256(data).hexdigest())
    part = folder / "finished.part"
    part.write_bytes(data)
    store.adopt(part, key)
    assert not part.exists()
    return key


def test_what_was_adopted_comes_back_whole_and_in_pieces(store: Store, tmp_path: Path) -> None:
    data = bytes(range(256)) * 20_000  # five megabytes: more than one piece of a ranged read
    key = put(store, tmp_path, data)
    assert store.size(key) == len(data)
    assert b"".join(store.read(key)) == data
    assert b"".join(store.read(key, 1_000_000, 1_000_777)) == data[1_000_000:1_000_777]
    assert b"".join(store.read(key, len(data) - 5)) == data[-5:]


def test_the_same_bytes_again_leave_what_is_there(store: Store, tmp_path: Path) -> None:
    key = put(store, tmp_path, b"the same")
    assert put(store, tmp_path, b"the same") == key
    assert b"".join(store.read(key)) == b"the same"


def test_bytes_that_are_put_back_replace_what_is_there(store: Store, tmp_path: Path) -> None:
    """As a restore does, which cannot trust what it finds; also where the length is the same."""
    key = put(store, tmp_path, b"as it was")
    for there in (b"as it w\0\0", b"torn"):
        store.delete(key)
        other = tmp_path / "other.part"
        other.write_bytes(there)
        store.adopt(other, key)
        whole = tmp_path / "whole.part"
        whole.write_bytes(b"as it was")
        store.adopt(whole, key, replace=True)
        assert b"".join(store.read(key)) == b"as it was"
        assert not whole.exists()


def test_what_is_not_there_is_said_so_and_may_be_forgotten_twice(store: Store, tmp_path: Path) -> None:
    key = put(store, tmp_path, b"soon gone")
    store.delete(key)
    store.delete(key)
    assert store.size(key) is None
    with pytest.raises(FileNotFoundError):
        list(store.read(key))


def test_a_store_that_answers_passes_its_check(store: Store) -> None:
    store.check()


def test_a_wrong_secret_a_missing_bucket_or_no_service_is_a_store_that_is_away(s3: str, tmp_path: Path) -> None:
    for conf in (
        s3_config(s3, tmp_path, storage_url="s3://nobody-made-this/originals"),
        s3_config(s3, tmp_path, s3_secret_key="not-the-secret"),
        s3_config(f"http://127.0.0.1:{servers.free_port()}", tmp_path),
    ):
        with pytest.raises(Refusal) as refused:
            make_store(conf).check()
        assert refused.value.code == "storage-away"


def test_a_report_keeps_its_photos_in_object_storage(
    s3: str, tmp_path: Path, sqlite_template: Path
) -> None:
    conf = s3_config(s3, tmp_path)
    (tmp_path / "dudao.db").write_bytes(sqlite_template.read_bytes())
    app = create_app(conf)
    office = SiteOffice(app)
    office.checklists()
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    data = jpeg(640, 480, seed=7)
    photo = photo_entry(data, item="ELEV-A01")
    report = wang.send(report_body(office.site(inspectors=(wang,)), photos=[photo]), {photo["id"]: data})
    assert report["state"] == "submitted"
    assert wang.get(f"/photos/{photo['id']}/original").data == data
    part = wang.get(f"/photos/{photo['id']}/original", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, data[10:20])
    assert not list((tmp_path / "uploads").rglob(photo["sha256"])), "nothing of it may stay on this machine"
    office.database.dispose()


def test_while_the_store_is_away_a_photo_waits_and_is_finished_later(
    s3: str, tmp_path: Path, sqlite_template: Path
) -> None:
    (tmp_path / "dudao.db").write_bytes(sqlite_template.read_bytes())
    app = create_app(s3_config(f"http://127.0.0.1:{servers.free_port()}", tmp_path))
    office = SiteOffice(app)
    office.checklists()
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    data = jpeg(640, 480, seed=8)
    photo, body = photo_entry(data), report_body(office.site(inspectors=(wang,)))
    body["photos"] = [photo]
    report_id = wang.put("/reports/0192f0c0-0000-7000-8000-000000000001", body).json["id"]
    away = wang.upload(report_id, photo, data)
    assert away.status_code == 503
    assert away.json["code"] == "storage-away"
    assert int(away.headers["Retry-After"]) > 0
    missing = wang.get(f"/reports/{report_id}").json["photos"]["missing"]
    app.extensions["dudao-store"] = make_store(s3_config(s3, tmp_path))
    again = wang.ask("HEAD", missing[0]["upload"], headers={"Tus-Resumable": "1.0.0"})
    assert again.headers["Upload-Offset"] == str(len(data)), "not one byte is sent twice"
    assert wang.get(f"/reports/{report_id}").json["state"] == "submitted"
    office.database.dispose()


def test_a_service_that_accepts_and_says_nothing_is_away_within_seconds(tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        store = make_store(s3_config(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path))
        began = time.monotonic()
        with pytest.raises(Refusal, match="storage-away"):
            store.check()
        assert time.monotonic() - began < 15  # the client's own patience is a minute
