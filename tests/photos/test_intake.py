"""What becomes of a photo that is handed in: kept, refused, shared, forgotten; and whose it is."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.errors import Refusal
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import Job
from server.kit.storage import FolderStore
from server.photos import hooks, queries
from server.photos.jobs import sweep
from server.photos.models import Original, Photo, Upload
from server.photos.service import hold_photo
from tests import photos as sample
from tests import tus
from tests.factories import SiteOffice, Someone

PHOTO = sample.jpeg(160, 120)
OTHER = sample.jpeg(160, 120, seed=1)


@pytest.fixture
def phone(office: SiteOffice) -> Someone:
    return office.person("inspector", "inspector")


@pytest.fixture
def folder(office: SiteOffice) -> Path:
    return Path(office.app.config["DUDAO"].uploads_dir)


def settle(office: SiteOffice, **settings: Any) -> None:
    office.app.config["DUDAO"] = replace(office.app.config["DUDAO"], **settings)


def code(answer: Any) -> str:
    return str(answer.json["code"])


def originals(folder: Path) -> list[Path]:
    return [path for path in folder.glob("originals/*/*") if path.is_file()]


def staged(folder: Path) -> list[str]:
    return [path.name for path in (folder / "staging").glob("*") if path.suffix == ".part"]


def test_one_request_stores_a_photo_under_its_hash(office: SiteOffice, phone: Someone, folder: Path) -> None:
    photo = tus.store(phone, PHOTO)
    sha256 = hashlib.sha256(PHOTO).hexdigest()
    assert [(path.name, path.read_bytes()) for path in originals(folder)] == [(sha256, PHOTO)]
    assert staged(folder) == []
    assert [str(one.id) for one in office.read(sa.select(Photo))] == [photo]
    assert office.read(sa.select(Job.key).where(Job.kind == "renditions")) == [sha256]


def test_a_photo_whose_hash_differs_is_thrown_away(office: SiteOffice, phone: Someone, folder: Path) -> None:
    photo = str(new_id())
    whole = tus.send_whole(phone, PHOTO, photo=photo, sha256="0" * 64)
    assert (whole.status_code, code(whole)) == (460, "checksum-mismatch")
    address = tus.begin(phone, PHOTO, photo=photo, sha256="0" * 64)
    pieces = tus.patch(phone, address, 0, PHOTO)
    assert (pieces.status_code, code(pieces)) == (460, "checksum-mismatch")
    assert phone.ask("HEAD", address, headers=tus.VERSION).status_code == 404
    assert phone.get(f"/photos/{photo}").status_code == 404
    assert (originals(folder), staged(folder)) == ([], [])
    assert tus.send_whole(phone, PHOTO, photo=photo).status_code == 201


def test_equal_photos_share_their_bytes(office: SiteOffice, phone: Someone, folder: Path) -> None:
    other = office.person("other", "inspector")
    mine, again, theirs = tus.store(phone, PHOTO), tus.store(phone, PHOTO), tus.store(other, PHOTO)
    assert len(originals(folder)) == 1
    assert len({mine, again, theirs}) == 3
    assert len(office.read(sa.select(Original))) == 1
    for who, photo in ((phone, mine), (phone, again), (other, theirs)):
        assert who.get(f"/photos/{photo}/original").data == PHOTO


def test_a_photo_stored_already_is_at_its_end_with_or_without_bytes(phone: Someone) -> None:
    photo = tus.store(phone, PHOTO)
    ways: list[dict[str, Any]] = [{}, {"data": PHOTO, "headers": tus.BODY}]
    for options in ways:
        headers = {**tus.creation(PHOTO, photo=photo), **options.pop("headers", {})}
        answer = phone.ask("POST", "/uploads", headers=headers, **options)
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(PHOTO)))
        assert tus.offset(phone, answer.headers["Location"]) == len(PHOTO)
    wrong = phone.ask("POST", "/uploads", headers={**tus.creation(PHOTO, photo=photo), "Upload-Length": "5"})
    assert wrong.status_code == 422


def test_other_bytes_under_the_same_photo_are_a_conflict(phone: Someone) -> None:
    photo = str(new_id())
    late = tus.begin(phone, OTHER, photo=photo)
    tus.store(phone, PHOTO, photo=photo)
    at_once = tus.send_whole(phone, OTHER, photo=photo)
    assert (at_once.status_code, code(at_once)) == (409, "photo-conflict")
    at_the_end = tus.patch(phone, late, 0, OTHER)
    assert (at_the_end.status_code, code(at_the_end)) == (409, "photo-conflict")
    assert phone.get(f"/photos/{photo}/original").data == PHOTO


def test_bytes_are_demanded_although_the_server_has_them(phone: Someone) -> None:
    tus.store(phone, PHOTO)
    address = tus.begin(phone, PHOTO)
    assert tus.offset(phone, address) == 0


def test_what_is_somebody_elses_is_not_there(
    office: SiteOffice, phone: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, photo, report = office.person("other", "inspector"), tus.store(phone, PHOTO), new_id()
    assert tus.send_whole(other, PHOTO, photo=photo).status_code == 404
    address = tus.begin(phone, OTHER)
    for answer in (
        other.ask("HEAD", address, headers=tus.VERSION), tus.patch(other, address, 0, OTHER),
        other.ask("DELETE", address, headers=tus.VERSION),
    ):
        assert answer.status_code == 404
    assert tus.offset(phone, address) == 0

    def holder_of(_db: object, actor: Any, holder_id: object) -> bool | None:
        return actor.id == phone.id if holder_id == report else None

    monkeypatch.setattr(hooks, "HOLDER_OF", [holder_of])
    expected = new_id()
    office.write(lambda db: hold_photo(db, expected, "report", report))
    assert tus.send_whole(other, OTHER, report=str(report)).status_code == 404
    assert tus.send_whole(other, OTHER, photo=str(expected)).status_code == 404
    assert tus.send_whole(other, OTHER).status_code == 201, "a photo may come before its report"
    assert tus.send_whole(phone, OTHER, photo=str(expected), report=str(report)).status_code == 201


def test_who_has_nothing_to_send_sends_no_photos(office: SiteOffice) -> None:
    for role in ("office", "admin"):
        answer = tus.send_whole(office.person(role, role), PHOTO)
        assert (answer.status_code, code(answer)) == (403, "not-allowed")
    for role in ("contractor", "supervisor"):  # with a reply; with an issue entered at the desk
        assert tus.send_whole(office.person(role, role), PHOTO).status_code == 201


def test_who_waits_for_a_photo_is_told_in_the_same_transaction(
    office: SiteOffice, phone: Someone, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(hooks, "STORED", [lambda _db, photo: told.append((str(photo.id), photo.sha256))])
    photo = tus.store(phone, PHOTO)
    assert told == [(photo, hashlib.sha256(PHOTO).hexdigest())]

    def fails(_db: object, _photo: object) -> None:
        raise Refusal("conflict")

    monkeypatch.setattr(hooks, "STORED", [fails])
    assert tus.send_whole(phone, OTHER).status_code == 409
    assert [str(one.id) for one in office.read(sa.select(Photo))] == [photo]


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"%PDF-1.7 no picture", 415, "unsupported-media-type"),
        (b"\x00", 415, "unsupported-media-type"),
        (b"GIF89a" + bytes(100), 415, "unsupported-media-type"),
        (sample.png(8, 8)[:16] + b"\x00\x01\x00\x00\x00\x01\x00\x00" + sample.png(8, 8)[24:], 413, "bomb-refused"),
    ],
    ids=["pdf", "nul", "gif", "bomb"],
)
def test_what_is_no_photo_is_refused_and_the_report_told(
    office: SiteOffice, phone: Someone, folder: Path, monkeypatch: pytest.MonkeyPatch,
    data: bytes, status: int, kind: str,
) -> None:
    told: list[tuple[Any, ...]] = []
    monkeypatch.setattr(hooks, "REFUSED", [lambda _db, *what: told.append(what)])
    photo, sha256 = new_id(), hashlib.sha256(data).hexdigest()
    answer = tus.send_whole(phone, data, photo=str(photo))
    assert (answer.status_code, code(answer)) == (status, kind)
    address = tus.begin(phone, data, photo=str(photo))
    pieces = tus.patch(phone, address, 0, data)
    assert (pieces.status_code, code(pieces)) == (status, kind)
    assert phone.ask("HEAD", address, headers=tus.VERSION).status_code == 404
    assert told == [(phone.id, photo, sha256, kind)] * 2
    assert (originals(folder), staged(folder)) == ([], [])


def test_every_format_of_a_phone_is_taken(office: SiteOffice, phone: Someone) -> None:
    for data, kind in (
        (sample.jpeg(64, 48), "image/jpeg"), (sample.mpo(64, 48), "image/jpeg"),
        (sample.ultra_hdr(64, 48), "image/jpeg"), (sample.png(64, 48), "image/png"),
        (sample.webp(64, 48), "image/webp"), (sample.heic(64, 48), "image/heic"), (sample.avif(64, 48), "image/avif"),
    ):
        photo = tus.store(phone, data)
        facts = phone.get(f"/photos/{photo}").json
        assert (facts["media_type"], facts["width"], facts["height"]) == (kind, 64, 48)
        original = phone.get(f"/photos/{photo}/original")
        assert (original.data, original.content_type) == (data, kind)


def test_a_damaged_picture_with_the_right_hash_is_kept_and_called_so(phone: Someone) -> None:
    photo = tus.store(phone, PHOTO[:200])
    facts = phone.get(f"/photos/{photo}").json
    assert facts["unreadable"] is True
    assert [(flag["code"], flag["settled_by"]) for flag in facts["flags"]] == [("unreadable", None)]
    again = tus.store(phone, PHOTO[:200])
    assert [flag["code"] for flag in phone.get(f"/photos/{again}").json["flags"]] == ["unreadable"]


def test_a_disk_that_is_nearly_full_takes_no_new_upload(office: SiteOffice, phone: Someone) -> None:
    settle(office, min_free_bytes=1 << 60)
    answer = tus.send_whole(phone, PHOTO)
    assert (answer.status_code, code(answer)) == (507, "disk-full")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_disk_that_fills_up_keeps_what_was_written(
    phone: Someone, office: SiteOffice, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, write, room = str(new_id()), os.write, [1000]

    def full(handle: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(handle, data[:room[0]])
        room[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", full)
    answer = tus.send_whole(phone, PHOTO, photo=photo)
    assert (answer.status_code, code(answer)) == (507, "disk-full")
    with office.app.app_context(), office.database.read() as db:
        address = queries.open_upload(db, phone.id, [tus.uuid.UUID(photo)])[tus.uuid.UUID(photo)]
    assert tus.offset(phone, address) == 1000
    room[0] = 500
    assert tus.patch(phone, address, 1000, PHOTO[1000:]).status_code == 507
    monkeypatch.undo()
    assert tus.offset(phone, address) == 1500
    assert tus.patch(phone, address, 1500, PHOTO[1500:]).status_code == 204
    assert phone.get(f"/photos/{photo}/original").data == PHOTO


def test_a_store_that_is_away_costs_no_byte(
    phone: Someone, office: SiteOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Refusal("storage-away")

    photo = str(new_id())
    with monkeypatch.context() as patched:
        patched.setattr(FolderStore, "adopt", away)
        answer = tus.send_whole(phone, PHOTO, photo=photo)
        assert (answer.status_code, code(answer)) == (503, "storage-away")
    with office.app.app_context(), office.database.read() as db:
        address = queries.open_upload(db, phone.id, [tus.uuid.UUID(photo)])[tus.uuid.UUID(photo)]
    assert tus.offset(phone, address) == len(PHOTO), "asking finishes what was all here"
    assert phone.get(f"/photos/{photo}/original").data == PHOTO


def test_too_many_unfinished_uploads_are_refused(office: SiteOffice, phone: Someone) -> None:
    settle(office, max_open_uploads=3)
    addresses = [tus.begin(phone, PHOTO) for _ in range(3)]
    refused = tus.send_whole(phone, PHOTO)
    assert (refused.status_code, code(refused)) == (429, "too-many-uploads")
    phone.ask("DELETE", addresses[0], headers=tus.VERSION)
    assert tus.send_whole(phone, PHOTO).status_code == 201


def test_the_furthest_upload_is_the_one_to_go_on_with(office: SiteOffice, phone: Someone) -> None:
    photo = new_id()
    addresses = [tus.begin(phone, PHOTO, photo=str(photo)) for _ in range(3)]
    tus.patch(phone, addresses[1], 0, PHOTO[:50])
    tus.patch(phone, addresses[2], 0, PHOTO[:20])
    with office.app.app_context(), office.database.read() as db:
        assert queries.open_upload(db, phone.id, [photo, new_id()]) == {photo: addresses[1]}
        assert queries.open_upload(db, new_id(), [photo]) == {}
        assert queries.open_upload(db, phone.id, []) == {}


def test_leftovers_are_swept(office: SiteOffice, phone: Someone, folder: Path) -> None:
    stale, moving, pieced = tus.begin(phone, PHOTO), tus.begin(phone, OTHER), tus.begin(phone, PHOTO)
    tus.patch(phone, stale, 0, PHOTO[:10])
    tus.patch(phone, pieced, 0, PHOTO)
    tus.patch(phone, moving, 0, OTHER[:10])
    staging = folder / "staging"
    orphan = staging / f"{new_id()}.part"
    orphan.write_bytes(b"left by a crash")
    (staging / "making-x").mkdir()
    conf = office.app.config["DUDAO"]
    assert sweep(office.database, conf, staging) == 0
    assert orphan.exists()

    later = clock.now() + timedelta(days=15)
    clock.set_source(lambda: later)
    just_now = (later - timedelta(hours=1)).timestamp()
    os.utime(staging / f"{tus.upload_id(moving)}.part", (just_now, just_now))
    assert sweep(office.database, conf, staging) == 2
    assert office.read(sa.select(Upload.id)) == [tus.upload_id(moving)]
    assert staged(folder) == [f"{tus.upload_id(moving)}.part"]
    assert not (staging / "making-x").exists()
    assert len(originals(folder)) == 1
    assert len(office.read(sa.select(Photo))) == 1, "what an upload brought stays"


def test_a_photo_that_came_whole_is_its_own_upload(office: SiteOffice, phone: Someone) -> None:
    photo = str(new_id())
    given = tus.creation(PHOTO, photo=photo)
    address = phone.ask("POST", "/uploads", headers={**given, **tus.BODY}, data=PHOTO).headers["Location"]
    again = phone.ask("POST", "/uploads", headers=given)
    assert (again.status_code, again.headers["Upload-Offset"]) == (201, str(len(PHOTO)))
    assert again.headers["Location"] == address
    assert office.read(sa.select(Upload)) == []

    head = phone.ask("HEAD", address, headers=tus.VERSION)
    assert (head.headers["Upload-Offset"], head.headers["Upload-Length"]) == (str(len(PHOTO)), str(len(PHOTO)))
    assert head.headers["Upload-Metadata"] == given["Upload-Metadata"]
    stranger = office.person("stranger", "inspector")
    assert stranger.ask("HEAD", address, headers=tus.VERSION).status_code == 404

    assert phone.ask("DELETE", address, headers=tus.VERSION).status_code == 204
    assert phone.ask("HEAD", address, headers=tus.VERSION).status_code == 404
    assert phone.ask("GET", f"/photos/{photo}").status_code == 200, "evidence stays"

    assert tus.send_whole(phone, PHOTO, photo=photo).status_code == 201
    assert phone.ask("HEAD", address, headers=tus.VERSION).status_code == 200
    settle(office, upload_expiry_hours=0)
    assert tus.send_whole(phone, PHOTO, photo=photo).status_code == 201
    assert code(phone.ask("PATCH", address, headers={**tus.VERSION, **tus.BODY, "Upload-Offset": "0"})) == "gone"


def test_uploads_of_a_photo_that_came_another_way_are_swept_when_still(
    office: SiteOffice, phone: Someone, folder: Path
) -> None:
    photo = str(new_id())
    address = tus.begin(phone, PHOTO, photo=photo)
    tus.store(phone, PHOTO, photo=photo)
    conf, staging = office.app.config["DUDAO"], folder / "staging"
    assert sweep(office.database, conf, staging) == 0
    later = clock.now() + timedelta(hours=2)
    clock.set_source(lambda: later)
    assert sweep(office.database, conf, staging) == 1
    assert not (staging / f"{tus.upload_id(address)}.part").exists()
    assert phone.get(f"/photos/{photo}").status_code in {200, 401}


def test_ending_the_upload_of_a_stored_photo_keeps_the_photo(phone: Someone) -> None:
    answer = tus.send_whole(phone, PHOTO, photo="01a20928-16f5-7ebf-b1fc-58e5ff8c7649")
    assert phone.ask("DELETE", answer.headers["Location"], headers=tus.VERSION).status_code == 204
    assert phone.get("/photos/01a20928-16f5-7ebf-b1fc-58e5ff8c7649/original").data == PHOTO


def test_a_database_that_goes_away_at_the_end_costs_no_byte(
    office: SiteOffice, phone: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = str(new_id())
    address = tus.begin(phone, PHOTO, photo=photo)

    def away(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("insert", {}, RuntimeError("connection lost"))

    with monkeypatch.context() as patched:
        patched.setattr("server.photos.service.store", away)
        answer = tus.patch(phone, address, 0, PHOTO)
        assert (answer.status_code, code(answer)) == (503, "database-away")
    assert tus.offset(phone, address) == len(PHOTO)
    assert phone.get(f"/photos/{photo}/original").data == PHOTO
