"""The protocol, MUST by MUST: tus 1.0.0 with creation, creation-with-upload, checksum, expiration, termination."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from server.kit import clock
from server.kit.ids import new_id
from tests import photos as sample
from tests import tus
from tests.factories import SiteOffice, Someone

PHOTO = sample.jpeg(160, 120)


@pytest.fixture
def phone(office: SiteOffice) -> Someone:
    return office.person("inspector", "inspector")


def code(answer: object) -> str:
    return str(answer.json["code"])  # type: ignore[attr-defined]


def test_options_tell_what_the_server_can_do_without_signing_in(office: SiteOffice) -> None:
    answer = office.app.test_client().options("/api/v1/uploads")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,creation-with-upload,checksum,expiration,termination"
    assert answer.headers["Tus-Max-Size"] == str(50 * 1024 * 1024)
    assert answer.headers["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_another_version_is_refused_with_412_before_anything_happens(phone: Someone, office: SiteOffice) -> None:
    address = tus.begin(phone, PHOTO)
    for version in ({}, {"Tus-Resumable": "0.2.2"}):
        for method, where in (("POST", "/uploads"), ("HEAD", address), ("PATCH", address), ("DELETE", address)):
            headers = {**tus.creation(PHOTO), **tus.BODY, "Tus-Resumable": "0", **version}
            answer = phone.ask(method, where, headers=headers)
            assert answer.status_code == 412, (method, version)
            assert answer.headers["Tus-Version"] == "1.0.0"
            assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert tus.offset(phone, address) == 0


def test_every_answer_says_the_version_also_to_strangers_and_wrong_methods(phone: Someone, office: SiteOffice) -> None:
    stranger = office.app.test_client().post("/api/v1/uploads", headers=tus.creation(PHOTO))
    assert stranger.status_code == 401
    assert stranger.headers["Tus-Resumable"] == "1.0.0"
    wrong = phone.ask("GET", tus.begin(phone, PHOTO), headers=tus.VERSION)
    assert wrong.status_code == 405
    assert wrong.headers["Tus-Resumable"] == "1.0.0"
    nobody = phone.ask("HEAD", "/uploads/00000000-0000-7000-8000-000000000000", headers=tus.VERSION)
    assert (nobody.status_code, nobody.headers["Tus-Resumable"]) == (404, "1.0.0")


def test_a_photo_comes_in_pieces(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    half = len(PHOTO) // 2
    first = tus.patch(phone, address, 0, PHOTO[:half])
    assert (first.status_code, first.headers["Upload-Offset"], first.data) == (204, str(half), b"")
    head = phone.ask("HEAD", address, headers=tus.VERSION)
    assert head.status_code == 200
    assert head.headers["Upload-Offset"] == str(half)
    assert head.headers["Upload-Length"] == str(len(PHOTO))
    assert head.headers["Cache-Control"] == "no-store"
    assert head.data == b""
    last = tus.patch(phone, address, half, PHOTO[half:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(PHOTO)))
    assert tus.offset(phone, address) == len(PHOTO)


def test_head_gives_the_metadata_back_to_the_letter(phone: Someone) -> None:
    header = tus.metadata(PHOTO, filename="照片.jpg") + ",extra,note 5aSH5rOo"
    made = phone.ask("POST", "/uploads", headers={**tus.creation(PHOTO), "Upload-Metadata": header})
    assert made.status_code == 201
    head = phone.ask("HEAD", made.headers["Location"], headers=tus.VERSION)
    assert head.headers["Upload-Metadata"] == header


def test_a_body_of_another_type_is_415(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    for kind in ("image/jpeg", "", "application/json"):
        wrong = tus.patch(phone, address, 0, PHOTO, Content_Type=kind)
        assert (wrong.status_code, code(wrong)) == (415, "unsupported-media-type")
    with_creation = phone.ask(
        "POST", "/uploads", headers={**tus.creation(PHOTO), "Content-Type": "image/jpeg"}, data=PHOTO
    )
    assert with_creation.status_code == 415
    assert tus.offset(phone, address) == 0


def test_a_wrong_offset_is_409_and_changes_nothing(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    tus.patch(phone, address, 0, PHOTO[:100])
    for wrong in (0, 99, 101, len(PHOTO)):
        answer = tus.patch(phone, address, wrong, PHOTO[wrong:wrong + 10])
        assert (answer.status_code, code(answer), answer.headers["Upload-Offset"]) == (409, "upload-offset", "100")
    assert tus.offset(phone, address) == 100


def test_offset_and_length_are_whole_numbers(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    for value in ("", "-1", "+5", "1.0", "x", "9" * 30, "０", "0x10"):
        given = {**tus.VERSION, **tus.BODY, "Upload-Offset": value.encode().decode("latin-1")}
        assert phone.ask("PATCH", address, headers=given, data=b"x").status_code == 400
        length = phone.ask("POST", "/uploads", headers={**tus.creation(PHOTO), "Upload-Length": given["Upload-Offset"]})
        assert (length.status_code, code(length)) == (400, "tus-header-invalid"), value


def test_a_length_to_be_told_later_is_not_offered(phone: Someone) -> None:
    headers = {**tus.creation(PHOTO), "Upload-Defer-Length": "1"}
    del headers["Upload-Length"]
    assert phone.ask("POST", "/uploads", headers=headers).status_code == 400


def test_more_than_the_largest_size_is_413(phone: Someone) -> None:
    headers = {**tus.creation(PHOTO), "Upload-Length": str(50 * 1024 * 1024 + 1)}
    answer = phone.ask("POST", "/uploads", headers=headers)
    assert (answer.status_code, code(answer)) == (413, "image-too-large")


def test_more_bytes_than_announced_are_413_and_none_is_taken(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    tus.patch(phone, address, 0, PHOTO[:100])
    assert tus.patch(phone, address, 100, PHOTO[100:] + b"!").status_code == 413
    assert tus.offset(phone, address) == 100
    assert tus.patch(phone, address, 100, PHOTO[100:]).status_code == 204
    assert tus.patch(phone, address, len(PHOTO), b"!").status_code == 413
    at_once = phone.ask("POST", "/uploads", headers={**tus.creation(PHOTO), **tus.BODY}, data=PHOTO + b"!")
    assert at_once.status_code == 413


def test_an_empty_patch_moves_nothing(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    empty = tus.patch(phone, address, 0, b"")
    assert (empty.status_code, empty.headers["Upload-Offset"]) == (204, "0")
    tus.patch(phone, address, 0, PHOTO)
    again = tus.patch(phone, address, len(PHOTO), b"")
    assert (again.status_code, again.headers["Upload-Offset"]) == (204, str(len(PHOTO)))


def test_an_upload_of_no_bytes_is_no_picture(phone: Someone) -> None:
    answer = phone.ask("POST", "/uploads", headers=tus.creation(b""))
    assert (answer.status_code, code(answer)) == (415, "unsupported-media-type")


def test_the_first_bytes_may_come_with_the_creation(phone: Someone) -> None:
    made = phone.ask("POST", "/uploads", headers={**tus.creation(PHOTO), **tus.BODY}, data=PHOTO[:50])
    assert (made.status_code, made.headers["Upload-Offset"]) == (201, "50")
    rest = tus.patch(phone, made.headers["Location"], 50, PHOTO[50:])
    assert (rest.status_code, rest.headers["Upload-Offset"]) == (204, str(len(PHOTO)))


def test_a_checksum_vouches_for_each_request(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    first, rest = PHOTO[:80], PHOTO[80:]
    good = "sha256 " + tus.b64(hashlib.sha256(first).digest())
    assert tus.patch(phone, address, 0, first, Upload_Checksum=good).status_code == 204
    bad = tus.patch(phone, address, 80, rest, Upload_Checksum=good)
    assert (bad.status_code, code(bad)) == (460, "checksum-mismatch")
    assert tus.offset(phone, address) == 80
    sha1 = "sha1 " + tus.b64(hashlib.sha1(rest).digest())
    assert tus.patch(phone, address, 80, rest, Upload_Checksum=sha1).status_code == 204


def test_a_checksum_that_cannot_be_read_is_400(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    for value in ("md5 rL0Y20zC+Fzt72VPzMSk2A==", "sha256", "sha256 ???", "sha256 YWJj", "", "sha1 5"):
        assert tus.patch(phone, address, 0, PHOTO, Upload_Checksum=value).status_code == 400, value
        with_creation = phone.ask(
            "POST", "/uploads", headers={**tus.creation(PHOTO), **tus.BODY, "Upload-Checksum": value}, data=PHOTO
        )
        assert with_creation.status_code == 400, value
    assert tus.offset(phone, address) == 0


def test_a_wrong_checksum_with_the_creation_keeps_nothing(phone: Someone) -> None:
    wrong = "sha256 " + tus.b64(hashlib.sha256(b"other").digest())
    answer = phone.ask(
        "POST", "/uploads", headers={**tus.creation(PHOTO), **tus.BODY, "Upload-Checksum": wrong}, data=PHOTO
    )
    assert (answer.status_code, code(answer)) == (460, "checksum-mismatch")
    assert "Location" not in answer.headers


def test_an_unfinished_upload_expires_some_days_after_its_last_byte(phone: Someone) -> None:
    made = phone.ask("POST", "/uploads", headers=tus.creation(PHOTO))
    expires = parsedate_to_datetime(made.headers["Upload-Expires"])
    assert timedelta(days=13) < expires - clock.now() <= timedelta(days=14)
    address = made.headers["Location"]
    moved = tus.patch(phone, address, 0, PHOTO[:10])
    assert parsedate_to_datetime(moved.headers["Upload-Expires"]) >= expires
    clock.set_source(lambda: expires + timedelta(minutes=5))
    fresh = phone.client.post("/api/v1/auth/login", json={"username": "inspector", "password": "Correct-horse-7"})
    phone.tokens = fresh.json
    assert phone.ask("HEAD", address, headers=tus.VERSION).status_code == 410
    assert tus.patch(phone, address, 10, PHOTO[10:]).status_code == 410


def test_an_ended_upload_is_gone(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    tus.patch(phone, address, 0, PHOTO[:10])
    ended = phone.ask("DELETE", address, headers=tus.VERSION)
    assert (ended.status_code, ended.data) == (204, b"")
    for answer in (
        phone.ask("HEAD", address, headers=tus.VERSION), tus.patch(phone, address, 10, PHOTO[10:]),
        phone.ask("DELETE", address, headers=tus.VERSION),
    ):
        assert answer.status_code in {404, 410}


def test_the_method_may_be_said_in_a_header(phone: Someone) -> None:
    address = tus.begin(phone, PHOTO)
    patched = phone.ask("POST", address, data=PHOTO[:10], headers={
        **tus.VERSION, **tus.BODY, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH",
    })
    assert (patched.status_code, patched.headers["Upload-Offset"]) == (204, "10")
    head = phone.ask("POST", address, headers={**tus.VERSION, "X-HTTP-Method-Override": "HEAD"})
    assert (head.status_code, head.headers["Upload-Offset"], head.data) == (200, "10", b"")
    assert phone.ask("GET", address, headers={**tus.VERSION, "X-HTTP-Method-Override": "bo us"}).status_code == 405
    ended = phone.ask("POST", address, headers={**tus.VERSION, "X-HTTP-Method-Override": "DELETE"})
    assert ended.status_code == 204


def test_what_is_wrong_in_the_metadata_is_named(phone: Someone) -> None:
    for header, named in (
        ("", "sha256"),
        ("report,photo,sha256", "sha256"),
        (tus.metadata(PHOTO, photo="not-a-uuid"), "photo"),
        (tus.metadata(PHOTO, report="0" * 500), "report"),
        (tus.metadata(PHOTO, sha256="g" * 64), "sha256"),
        (tus.metadata(PHOTO, sha256="ａ" * 64), "sha256"),
        ("report !!!," + tus.metadata(PHOTO), "report"),
        (tus.metadata(PHOTO) + ",photo YQ==", "Upload-Metadata"),
        (tus.metadata(PHOTO) + ", ,", "Upload-Metadata"),
        (tus.metadata(PHOTO) + ",n " + "A" * 8000, "Upload-Metadata"),
    ):
        answer = phone.ask("POST", "/uploads", headers={**tus.creation(PHOTO), "Upload-Metadata": header})
        assert answer.status_code in {400, 422}, header
        assert named in answer.json["errors"], header


def test_any_file_name_is_survived(phone: Someone) -> None:
    for given, kept in (
        ("照片 𬭎.jpg", "照片 𬭎.jpg"), ("a\x00b\n.jpg", "ab .jpg"), (b"\xff\xfe.jpg", "\ufffd\ufffd.jpg"), ("", None),
        ("../../etc/passwd", "../../etc/passwd"), ("x" * 900, "x" * 255), ('a"; b=\r\nc', 'a"; b= c'),
    ):
        photo = str(new_id())
        answer = tus.send_whole(phone, PHOTO, photo=photo, filename=given)
        assert answer.status_code == 201, answer.text
        assert phone.get(f"/photos/{photo}").json["filename"] == kept
        assert phone.get(f"/photos/{photo}/original").data == PHOTO
