"""Two machines with one database: an upload goes on where its bytes are, and begins anew on the other; no phone is kept."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import Config
from server import create_app
from server.kit.ids import new_id
from tests import tus
from tests.factories import SiteOffice, Someone
from tests.photos import jpeg

PHOTO = jpeg(seed=5, size=40_000)
HERE = 25_000  # bytes that came before the line broke


@pytest.fixture
def phone(office: SiteOffice) -> Someone:
    return office.person("wang", "inspector")


@pytest.fixture
def other(office: SiteOffice, phone: Someone, conf: Config, tmp_path: Path) -> Iterator[Someone]:
    """The same phone, as the load balancer leads it to the second machine, which has a disk of its own."""
    app = create_app(dataclasses.replace(conf, data_dir=tmp_path / "b", uploads_dir=tmp_path / "b" / "uploads"))
    yield Someone(app.test_client(), phone.id, phone.username, phone.tokens)
    app.extensions["dudao-custody"].close()
    app.extensions["dudao"].database.dispose()


def begun(phone: Someone) -> tuple[str, str]:
    """A photo of which some has come: its id and the upload's address."""
    photo = str(new_id())
    address = tus.begin(phone, PHOTO, photo=photo)
    assert tus.patch(phone, address, 0, PHOTO[:HERE]).status_code == 204
    return photo, address


def test_the_other_machine_says_at_once_that_the_upload_is_not_there(phone: Someone, other: Someone, tmp_path: Path) -> None:
    _, address = begun(phone)
    assert other.ask("HEAD", address, headers=tus.VERSION).status_code == 410
    for offset in (0, HERE):
        refused = tus.patch(other, address, offset, PHOTO[offset:])
        assert (refused.status_code, refused.json["code"]) == (410, "gone")
    assert [*(tmp_path / "b" / "uploads" / "staging").glob("*")] == []
    assert tus.offset(phone, address) == HERE  # what was called durable stays so
    assert tus.patch(phone, address, HERE, PHOTO[HERE:]).status_code == 204
    assert tus.offset(other, address) == len(PHOTO)  # finished, it is known everywhere


def test_begun_anew_on_the_other_machine_it_is_stored(phone: Someone, other: Someone) -> None:
    photo, address = begun(phone)
    tus.store(other, PHOTO, photo=photo)
    assert other.get(f"/photos/{photo}/original").data == PHOTO
    assert tus.patch(phone, address, HERE, PHOTO[HERE:]).status_code == 204  # a line that lived on does no harm
    assert phone.get(f"/photos/{photo}").json["size"] == len(PHOTO)


def test_either_machine_forgets_an_upload(phone: Someone, other: Someone) -> None:
    _, address = begun(phone)
    assert other.ask("DELETE", address, headers=tus.VERSION).status_code == 204
    assert phone.ask("HEAD", address, headers=tus.VERSION).status_code == 404
