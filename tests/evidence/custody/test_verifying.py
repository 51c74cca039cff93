"""`evidence verify` finds every original that is missing, cut or changed, in a folder and in a real S3 service."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from obstore.store import S3Store

import config
from server import create_app
from server.audit.models import AuditEvent
from server.errors import Refusal
from server.evidence.custody import verifying
from server.evidence.custody.models import OriginalCheck, OriginalDifference
from server.kit import clock
from server.kit.db import Database
from server.kit.storage import Store, original_key
from server.operation.measure import Gauges, text
from server.photos.models import Original
from tests import servers
from tests.evidence.custody.site import sent
from tests.issues.loop import Loop
from tests.kit.test_storage import s3_config


class Darkroom:
    """Originals as the product stores them, and hands that harm them."""

    def __init__(self, app: Flask, harm: Callable[[str, bytes], object]) -> None:
        self.app = app
        self.database: Database = app.extensions["dudao"].database
        self.store: Store = app.extensions["dudao-store"]
        self.harm = harm  # other bytes under a key
        self.count = 0

    def keep(self, many: int = 1, *, stored_at: Any = None) -> list[str]:
        kept = []
        for _ in range(many):
            self.count += 1
            data = f"original {self.count}".encode() * 400
            sha256 = hashlib.sha256(data).hexdigest()
            self.put(original_key(sha256), data)
            row = Original(sha256=sha256, size=len(data), media_type="image/jpeg", stored_at=stored_at or clock.now())
            self.database.write(lambda db, row=row: db.add(row))
            kept.append(sha256)
        return kept

    def put(self, key: str, data: bytes) -> None:
        folder = self.app.config["DUDAO"].uploads_dir / "staging"
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "part"
        part.write_bytes(data)
        self.store.adopt(part, key)

    def bytes_of(self, sha256: str) -> bytes:
        return b"".join(self.store.read(original_key(sha256)))

    def verify(self, *arguments: str) -> tuple[int, list[list[str]], str]:
        """The exit code, the differences as they were printed, and what was said at the end."""
        done: Result = self.app.test_cli_runner().invoke(args=["evidence", "verify", *arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        *lines, last = done.stdout.splitlines()
        return done.exit_code, [line.split("\t") for line in lines], last

    def rows(self, query: Any) -> list[Any]:
        with self.database.read() as db:
            return list(db.scalars(query))


@pytest.fixture
def darkroom(app: Flask) -> Darkroom:
    folder = app.config["DUDAO"].uploads_dir
    return Darkroom(app, lambda key, data: (folder / key).write_bytes(data))


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.object_storage(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture(params=["folder", "s3"])
def either(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Darkroom]:
    """On a folder and on S3."""
    (tmp_path / "dudao.db").write_bytes(sqlite_template.read_bytes())
    if request.param == "folder":
        here = {"env": "test", "data_dir": tmp_path, "uploads_dir": tmp_path / "uploads", "log_level": "WARNING"}
        app = create_app(config.load({}, **here))
        yield Darkroom(app, lambda key, data: (tmp_path / "uploads" / key).write_bytes(data))
        app.extensions["dudao"].database.dispose()
        return
    conf = s3_config(request.getfixturevalue("s3"), tmp_path, storage_url=f"s3://evidence/{os.urandom(4).hex()}")
    app = create_app(conf)
    options = {"endpoint": conf.s3_endpoint, "access_key_id": servers.S3_KEY, "secret_access_key": servers.S3_SECRET,
               "region": "us-east-1"}
    other = S3Store.from_url(conf.storage_url, config=options, client_options={"allow_http": True})
    yield Darkroom(app, lambda key, data: obstore.put(other, key, data))
    app.extensions["dudao"].database.dispose()


def test_originals_that_are_what_they_were_pass(either: Darkroom) -> None:
    either.keep(5)
    code, lines, last = either.verify("--strays")
    assert (code, lines) == (0, [])
    assert last.startswith("5 originals, ")
    assert last.endswith(" 0 differences, 0 strays")


def test_a_flipped_byte_a_cut_and_a_lost_file_are_named_each(either: Darkroom) -> None:
    _, flipped, cut, lost = either.keep(4)
    data = bytearray(either.bytes_of(flipped))
    data[1000] ^= 1
    either.harm(original_key(flipped), bytes(data))
    either.harm(original_key(cut), either.bytes_of(cut)[:-1])
    either.store.delete(original_key(lost))
    code, lines, last = either.verify("--threads", "3")
    assert code == 1
    assert {(kind, sha256) for kind, sha256, *_ in lines} == {("bytes", flipped), ("size", cut), ("missing", lost)}
    told = {sha256: rest for _, sha256, *rest in lines}
    size = str(len(data))
    assert told[flipped] == [size, size, hashlib.sha256(bytes(data)).hexdigest()]
    assert told[cut][:2] == [str(len(either.bytes_of(cut)) + 1), str(len(either.bytes_of(cut)))]
    assert told[lost] == [told[lost][0], "-", "-"]
    assert "3 differences" in last
    (check,) = either.rows(sa.select(OriginalCheck))
    assert (check.checked, check.differences, check.strays) == (4, 3, None)
    assert check.finished_at is not None
    assert set(either.rows(sa.select(OriginalDifference.sha256))) == {flipped, cut, lost}
    (event,) = either.rows(sa.select(AuditEvent).where(AuditEvent.verb == "originals_verified"))
    assert event.facts["found"] == {"bytes": 1, "size": 1, "missing": 1}
    assert set(event.facts["originals"]) == {flipped, cut, lost}


def test_files_that_no_row_names_are_listed_only_when_asked_for(either: Darkroom) -> None:
    either.keep(2)
    stranger = hashlib.sha256(b"stranger").hexdigest()
    either.put(original_key(stranger), b"stranger")
    either.put("originals/ab/not-a-sum", b"odd")
    assert either.verify()[:2] == (0, [])
    code, lines, last = either.verify("--strays")
    assert code == 0
    assert {(kind, key, size) for kind, key, _, size, _ in lines} == {
        ("stray", original_key(stranger), "8"), ("stray", "originals/ab/not-a-sum", "3"),
    }
    assert last.endswith("2 strays")


def test_a_store_that_stays_away_breaks_it_off_and_says_so(
    either: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    either.keep(3)
    monkeypatch.setattr(verifying, "PAUSES_S", (0.0, 0.0))

    def away(*_: Any) -> Iterator[bytes]:
        raise Refusal("storage-away")
        yield b""

    monkeypatch.setattr(either.store, "read", away)
    done = either.app.test_cli_runner().invoke(args=["evidence", "verify"])
    assert done.exit_code == 1
    assert "storage-away" in done.output
    (check,) = either.rows(sa.select(OriginalCheck))
    assert check.finished_at is None
    assert either.rows(sa.select(AuditEvent.verb)) == ["verification_broken_off"]


def test_a_disk_that_cannot_read_is_a_difference(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    (sha256,) = darkroom.keep()

    def broken(*_: Any) -> Iterator[bytes]:
        yield b"some"
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(darkroom.store, "read", broken)
    code, lines, _ = darkroom.verify()
    assert (code, lines[0][:2]) == (1, ["unreadable", sha256])


def test_the_same_seed_draws_the_same_sample_and_another_draws_others(darkroom: Darkroom) -> None:
    kept = darkroom.keep(60)

    def drawn(*arguments: str) -> set[str]:
        for sha256 in kept:
            (darkroom.app.config["DUDAO"].uploads_dir / original_key(sha256)).chmod(0o600)
        looked: set[str] = set()
        real = darkroom.store.read
        darkroom.store.read = lambda key, *more: looked.add(key[-64:]) or real(key, *more)  # type: ignore[method-assign]
        try:
            assert darkroom.verify("--sample", "10", *arguments)[0] == 0
        finally:
            darkroom.store.read = real  # type: ignore[method-assign]
        return looked

    first = drawn("--seed", "2026-W47")
    assert len(first) == 10
    assert drawn("--seed", "2026-W47") == first
    assert drawn("--seed", "2026-W48") != first
    assert drawn() != drawn(), "without a seed each draws its own"
    order = sorted(kept, key=lambda one: hashlib.sha256(f"2026-W47:{one}".encode()).hexdigest())
    assert first == set(order[:10]), "anybody can draw it again"
    checks = darkroom.rows(sa.select(OriginalCheck).order_by(OriginalCheck.started_at))
    assert (checks[0].sample, checks[0].seed, checks[0].checked) == (10, "2026-W47", 10)
    assert re.fullmatch("[0-9a-f]{16}", checks[-1].seed)


def test_only_what_was_stored_since_a_day(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "PAGE", 2)
    darkroom.keep(5, stored_at=clock.start_of(clock.today()) - timedelta(seconds=1))
    darkroom.keep(3)
    assert darkroom.verify("--since", clock.today().isoformat())[2].startswith("3 originals")
    assert darkroom.verify()[2].startswith("8 originals")


def test_what_was_removed_by_rule_meanwhile_is_no_loss(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    (sha256,) = darkroom.keep()
    real = darkroom.store.read

    def removed(key: str, *more: Any) -> Iterator[bytes]:
        darkroom.database.write(lambda db: db.execute(sa.delete(Original).where(Original.sha256 == sha256)))
        darkroom.store.delete(key)
        return real(key, *more)

    monkeypatch.setattr(darkroom.store, "read", removed)
    assert darkroom.verify()[:2] == (0, [])


def test_people_go_on_working_while_it_reads(darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch) -> None:
    darkroom.keep()
    reading, written = threading.Event(), threading.Event()
    real = darkroom.store.read

    def slow(key: str, *more: Any) -> Iterator[bytes]:
        reading.set()
        assert written.wait(20), "a writer waited for the check"
        yield from real(key, *more)

    monkeypatch.setattr(darkroom.store, "read", slow)
    found: list[int] = []
    checker = threading.Thread(target=lambda: found.append(darkroom.verify()[0]))
    checker.start()
    assert reading.wait(20)
    darkroom.keep()
    written.set()
    checker.join()
    assert found == [0]


def test_a_photos_chain_and_the_metrics_tell_the_last_check(loop: Loop) -> None:
    app = loop.office.app
    room = Darkroom(app, lambda key, data: (app.config["DUDAO"].uploads_dir / key).write_bytes(data))
    _, (photo, other), (data, _) = sent(loop.wang, loop.site, photos=2)
    gauges = Gauges(room.database, app.config["DUDAO"].uploads_dir)
    assert b"dudao_evidence_verified_at" not in text(gauges)
    assert room.verify()[0] == 0
    room.harm(original_key(photo["sha256"]), data[:-1] + b"\x00")
    assert room.verify()[0] == 1

    def checked(one: dict[str, Any]) -> list[tuple[bool, str | None]]:
        steps = loop.su.get(f"/photos/{one['id']}/custody").json["steps"]
        return [(step["same"], step["of"]) for step in steps if step["kind"] == "checked"]

    assert checked(photo) == [(False, "bytes")]
    assert checked(other) == [(True, None)]
    told = text(Gauges(room.database, app.config["DUDAO"].uploads_dir)).decode()
    assert "dudao_evidence_differences 1.0" in told
    assert "dudao_evidence_checked 2.0" in told
    assert re.search(r"dudao_evidence_verified_at 1\.\d+e\+09", told)


def test_a_seed_without_a_sample_and_other_nonsense_are_refused(darkroom: Darkroom) -> None:
    runner = darkroom.app.test_cli_runner()
    for arguments in (["--seed", "x"], ["--sample", "0"], ["--since", "yesterday"], ["--threads", "0"]):
        assert runner.invoke(args=["evidence", "verify", *arguments]).exit_code == 2
    printed = runner.invoke(args=["evidence", "key"]).output
    assert re.search(r"-----BEGIN PUBLIC KEY-----.*fingerprint [0-9a-f]{64}\n$", printed, re.DOTALL)
    assert runner.invoke(args=["evidence", "key"]).output == printed
    assert runner.invoke(args=["evidence", "key", "--replace"]).output != printed
