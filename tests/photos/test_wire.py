"""Uploads over real sockets against the production server: cuts, dead lines, a real tus client, the worker beside it."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import io
import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from tusclient import client as tus_client
from tusclient.exceptions import TusCommunicationError

import config
from server import create_app
from server.accounts import passwords
from server.kit.ids import new_id
from server.photos import queries
from server.photos.models import Photo, Upload
from tests import photos as sample
from tests import tus
from tests.factories import SiteOffice, Someone
from tests.servers import Production

PHOTO = sample.jpeg(800, 600, size=300_000)


class City:
    """The production server, and an office that shares its database."""

    def __init__(self, server: Production, office: SiteOffice) -> None:
        self.server, self.office = server, office
        self.phone: Someone = office.person("inspector", "inspector")

    @property
    def token(self) -> str:
        return str(self.phone.tokens["access_token"])

    def line(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.server.port), 10)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def head(self, method: str, path: str, length: int | None, **headers: str) -> bytes:
        given = {
            "Host": "test", "Authorization": f"Bearer {self.token}", **tus.VERSION, **tus.BODY,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        if length is not None:
            given["Content-Length"] = str(length)
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()

    def creation(self, data: bytes, **given: Any) -> bytes:
        return self.head(
            "POST", "/api/v1/uploads", len(data), Upload_Length=str(len(data)), Upload_Metadata=tus.metadata(data, **given)
        )

    def patch(self, address: str, offset: int, length: int | None, **headers: str) -> bytes:
        return self.head("PATCH", address, length, Upload_Offset=str(offset), **headers)

    def stored(self, photo: str) -> bytes | None:
        answer = self.phone.get(f"/photos/{photo}/original")
        return answer.data if answer.status_code == 200 else None

    def open_upload(self, photo: str) -> str | None:
        with self.office.app.app_context(), self.office.database.read() as db:
            found = queries.open_upload(db, self.phone.id, [tus.uuid.UUID(photo)])
        return next(iter(found.values()), None)


def answer_of(line: socket.socket) -> tuple[int, dict[str, str]]:
    """Status and headers of the next answer on this line."""
    with line.makefile("rb") as reader:
        status = int(reader.readline().split()[1])
        headers: dict[str, str] = {}
        while text := reader.readline().decode().strip():
            name, _, value = text.partition(":")
            headers[name.strip().lower()] = value.strip()
    return status, headers


def until(condition: Any, seconds: float = 15.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    server = Production(tmp_path_factory.mktemp("city"))
    server.flask("db", "upgrade")
    conf = config.load({
        name: value for name, value in server.settings.items() if name.startswith("DUDAO_")
    })
    passwords.set_up(conf.argon2_memory_kib, conf.argon2_time)
    app = create_app(conf)
    server.start()
    try:
        yield City(server, SiteOffice(app))
    finally:
        server.stop()
        app.extensions["dudao"].database.dispose()


def reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


@pytest.mark.parametrize("how", ["fin", "rst", "half-close"])
def test_a_photo_cut_in_the_middle_is_resumed_at_the_byte(city: City, how: str) -> None:
    photo, sent = str(new_id()), 123_457
    line = city.line()
    line.sendall(city.creation(PHOTO, photo=photo) + PHOTO[:sent])
    if how == "rst":
        until(lambda: any(path.stat().st_size > 20_000 for path in (city.server.home / "uploads/staging").glob("*.part")))
        reset(line)
    elif how == "half-close":
        line.shutdown(socket.SHUT_WR)
    else:
        line.close()
    address = until(lambda: city.open_upload(photo))
    if how == "half-close":
        line.close()
    here = tus.offset(city.phone, address)
    assert here == sent if how != "rst" else 20_000 < here <= sent
    assert city.stored(photo) is None
    with city.line() as rest:
        rest.sendall(city.patch(address, here, len(PHOTO) - here) + PHOTO[here:])
        status, headers = answer_of(rest)
    assert (status, headers["upload-offset"]) == (204, str(len(PHOTO)))
    assert city.stored(photo) == PHOTO


def test_a_dead_lines_upload_yields_at_once_and_takes_nothing_more(city: City) -> None:
    photo = str(new_id())
    address = tus.begin(city.phone, PHOTO, photo=photo)
    dead = city.line()
    dead.sendall(city.patch(address, 0, len(PHOTO)) + PHOTO[:100_000])
    until(lambda: (city.server.home / f"uploads/staging/{tus.upload_id(address)}.part").stat().st_size > 30_000)
    with city.line() as fresh:  # the dead one is still open, and would hold its upload for as long as it is
        fresh.sendall(city.head("HEAD", address, None))
        status, headers = answer_of(fresh)
    assert status == 200
    here = int(headers["upload-offset"])
    assert 30_000 < here <= 100_000
    with contextlib.suppress(OSError):
        dead.sendall(b"\xff" * 50_000)  # what was still under way on the dead line arrives late
    with city.line() as fresh:
        fresh.sendall(city.patch(address, here, 200_000 - here) + PHOTO[here:200_000])
        status, headers = answer_of(fresh)
    assert (status, headers["upload-offset"]) == (204, "200000")
    with contextlib.suppress(OSError):
        dead.sendall(b"\xff" * 50_000)
    assert tus.patch(city.phone, address, 200_000, PHOTO[200_000:]).status_code == 204
    dead.close()
    assert city.stored(photo) == PHOTO


def test_a_creation_whose_line_died_silently_can_be_resumed(city: City) -> None:
    photo = str(new_id())
    dead = city.line()
    dead.sendall(city.creation(PHOTO, photo=photo) + PHOTO[:200_000])
    address = until(lambda: city.open_upload(photo))  # no FIN ever comes; the phone asks again by its report
    here = tus.offset(city.phone, address)
    assert 200_000 - 65_536 <= here <= 200_000
    assert tus.patch(city.phone, address, here, PHOTO[here:]).status_code == 204
    with contextlib.suppress(OSError):
        dead.sendall(PHOTO[200_000:])
        dead.settimeout(5)
        assert b" 201 " not in dead.recv(64)
    dead.close()
    assert city.stored(photo) == PHOTO
    assert city.office.read(sa.select(sa.func.count()).where(Upload.photo_id == tus.uuid.UUID(photo))) == [1]


def test_a_slow_creation_ends_as_any_other(city: City) -> None:
    photo = str(new_id())
    with city.line() as line:
        line.sendall(city.creation(PHOTO, photo=photo) + PHOTO[:1000])
        until(lambda: city.open_upload(photo))
        line.sendall(PHOTO[1000:])
        status, headers = answer_of(line)
    assert (status, headers["upload-offset"]) == (201, str(len(PHOTO)))
    assert city.stored(photo) == PHOTO
    assert city.open_upload(photo) is None


def test_a_body_in_chunks_is_taken_and_too_much_of_it_is_not(city: City) -> None:
    photo = str(new_id())
    address = tus.begin(city.phone, PHOTO, photo=photo)

    def chunks(data: bytes) -> bytes:
        return b"".join(
            f"{len(data[at:at + 50_000]):x}\r\n".encode() + data[at:at + 50_000] + b"\r\n"
            for at in range(0, len(data), 50_000)
        ) + b"0\r\n\r\n"

    with city.line() as line:
        line.sendall(city.patch(address, 0, None, Transfer_Encoding="chunked") + chunks(PHOTO + b"!"))
        assert answer_of(line)[0] == 413
    assert tus.offset(city.phone, address) == 0
    with city.line() as line:
        line.sendall(city.patch(address, 0, None, Transfer_Encoding="chunked") + chunks(PHOTO))
        assert answer_of(line)[0] == 204
    assert city.stored(photo) == PHOTO


def test_a_cut_request_with_a_checksum_counts_for_nothing(city: City) -> None:
    address = tus.begin(city.phone, PHOTO)
    assert tus.patch(city.phone, address, 0, PHOTO[:1000]).status_code == 204
    vouched = "sha256 " + tus.b64(hashlib.sha256(PHOTO[1000:]).digest())
    line = city.line()
    line.sendall(city.patch(address, 1000, len(PHOTO) - 1000, Upload_Checksum=vouched) + PHOTO[1000:200_000])
    part = city.server.home / f"uploads/staging/{tus.upload_id(address)}.part"
    until(lambda: part.stat().st_size > 100_000)
    assert tus.offset(city.phone, address) == 1000, "taken over in the middle: unverified bytes do not count"
    line.close()
    assert tus.offset(city.phone, address) == 1000


def test_a_refusal_is_heard_although_the_body_was_still_coming(city: City) -> None:
    big = b"%PDF-1.7 " + bytes(8_000_000)
    for headers, wanted in (({"Tus-Resumable": "9"}, 412), ({"Authorization": "Bearer x"}, 401), ({}, 415)):
        with city.line() as line:
            head = city.creation(big)
            for name, value in headers.items():
                before = head.index(name.encode())
                head = head[:before] + f"{name}: {value}".encode() + head[head.index(b"\r\n", before):]
            line.sendall(head + big)
            assert answer_of(line)[0] == wanted


def test_a_real_tus_client_uploads_and_resumes(city: City) -> None:
    photo, report = str(new_id()), str(new_id())
    client = tus_client.TusClient(
        f"{city.server.url}/api/v1/uploads", headers={"Authorization": f"Bearer {city.token}"}
    )
    facts = {"report": report, "photo": photo, "sha256": hashlib.sha256(PHOTO).hexdigest(), "filename": "照片.jpg"}
    first = client.uploader(file_stream=io.BytesIO(PHOTO), chunk_size=70_000, metadata=facts, upload_checksum=True)
    first.upload_chunk()
    first.upload_chunk()
    assert first.offset == 140_000
    second = client.uploader(file_stream=io.BytesIO(PHOTO), chunk_size=70_000, url=first.url, upload_checksum=True)
    assert second.offset == 140_000
    second.upload()
    assert city.stored(photo) == PHOTO
    with pytest.raises(TusCommunicationError):
        client.uploader(file_stream=io.BytesIO(PHOTO), metadata={"report": report}, retries=0).upload()


def test_twenty_equal_photos_at_once_are_one(city: City) -> None:
    photo = str(new_id())
    sending = city.creation(PHOTO, photo=photo) + PHOTO

    def send(_: int) -> tuple[int, str]:
        with city.line() as line:
            line.sendall(sending)
            status, headers = answer_of(line)
            return status, headers.get("upload-offset", "")

    with concurrent.futures.ThreadPoolExecutor(20) as phones:
        answers = set(phones.map(send, range(20)))
    assert answers == {(201, str(len(PHOTO)))}
    assert city.stored(photo) == PHOTO
    assert len(city.office.read(sa.select(Photo).where(Photo.id == tus.uuid.UUID(photo)))) == 1


def test_the_worker_makes_preview_and_thumb(city: City) -> None:
    photo = tus.store(city.phone, sample.heic(640, 480, seed=77))
    until(lambda: city.phone.get(f"/photos/{photo}").json["renditions"] == "made", 30)
    assert city.phone.get(f"/photos/{photo}/thumb").status_code == 200
