"""A backup taken while people work is whole, and what is restored from it is what was there, byte for byte."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

import config
from server import backup, backup_database, create_app, schema
from server.audit.models import AuditEvent
from server.kit import changes, clock
from server.kit.db import Database
from server.kit.ids import new_id
from server.kit.storage import Store, original_key, rendition_key
from server.photos.models import Original, Renditions, Upload
from server.sync import queries as sync
from tests.factories import SiteOffice


class Darkroom:
    """Stores originals as the product does: first the file, durable, then the row that names it."""

    def __init__(self, app: Flask) -> None:
        self.database: Database = app.extensions["dudao"].database
        self.store: Store = app.extensions["dudao-store"]
        self.folder: Path = app.config["DUDAO"].uploads_dir / "staging"
        self.folder.mkdir(parents=True, exist_ok=True)

    def keep(self, data: bytes, *, renditions: Renditions = Renditions.PENDING) -> str:
        sha256 = hashlib.sha256(data).hexdigest()
        self._adopt(data, original_key(sha256))
        if renditions is Renditions.MADE:
            for kind in ("preview", "thumb"):
                self._adopt(kind.encode() + data, rendition_key(sha256, kind))
        self.database.write(lambda db: db.add(Original(
            sha256=sha256, size=len(data), media_type="image/jpeg", stored_at=clock.now(), renditions=renditions,
        )))
        return sha256

    def _adopt(self, data: bytes, key: str) -> None:
        path = self.folder / f"{threading.get_ident()}"
        path.write_bytes(data)
        self.store.adopt(path, key)


@pytest.fixture
def darkroom(app: Flask) -> Darkroom:
    return Darkroom(app)


@pytest.fixture
def elsewhere(conf: config.Config, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An empty place of the same kind of database."""
    url = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    if not conf.is_sqlite:
        admin = sa.create_engine(request.getfixturevalue("postgres_url"), isolation_level="AUTOCOMMIT")
        name = f"else_{new_id().hex[-12:]}"
        with admin.connect() as connection:
            connection.execute(sa.text(f"create database {name}"))
        url = sa.make_url(conf.database).set(database=name).render_as_string(hide_password=False)
    place = create_app(config.load(
        {}, env="test", secret_key=conf.secret_key, data_dir=tmp_path / "else",
        uploads_dir=tmp_path / "else" / "uploads", database_url=url, log_level="WARNING",
    ))
    yield place
    place.extensions["dudao"].database.dispose()
    if not conf.is_sqlite:
        with admin.connect() as connection:
            connection.execute(sa.text(f"drop database {name} with (force)"))
        admin.dispose()


def restore(place: Flask, folder: Path, *, force: bool = False) -> backup.Tally:
    extensions = place.extensions
    return backup.restore(
        place.config["DUDAO"], extensions["dudao"].database, extensions["dudao-store"], folder, force=force
    )


def originals(place: Flask) -> dict[str, int]:
    with place.extensions["dudao"].database.read() as db:
        return dict(db.execute(sa.select(Original.sha256, Original.size)).all())


def bytes_at(place: Flask, key: str) -> bytes:
    return b"".join(place.extensions["dudao-store"].read(key))


def test_every_row_of_a_backup_taken_under_load_has_its_file(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path
) -> None:
    office.person("wang", "inspector")
    done, acknowledged = threading.Event(), []

    def send(name: int) -> None:
        number = 0
        while not done.is_set():
            acknowledged.append(darkroom.keep(f"photo {name} {number}".encode() * 2000))
            number += 1

    senders = [threading.Thread(target=send, args=(name,)) for name in range(4)]
    for sender in senders:
        sender.start()
    try:
        while len(acknowledged) < 20:
            done.wait(0.005)
        before = list(acknowledged)
        backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
        backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    finally:
        done.set()
        for sender in senders:
            sender.join()
    restore(elsewhere, tmp_path / "backup")
    found = originals(elsewhere)
    assert set(before) <= set(found), "what was acknowledged before the backup is in it"
    assert len(acknowledged) > len(before), "people went on working meanwhile"
    for sha256, size in found.items():
        data = bytes_at(elsewhere, original_key(sha256))
        assert len(data) == size
        assert hashlib.sha256(data).hexdigest() == sha256


def test_a_restored_place_signs_the_same_people_in_and_says_that_it_was_restored(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path
) -> None:
    office.person("wang", "inspector")
    sha256 = darkroom.keep(b"seen" * 500, renditions=Renditions.MADE)
    backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    tally = restore(elsewhere, tmp_path / "backup")
    assert tally.files == 3
    assert bytes_at(elsewhere, rendition_key(sha256, "thumb")) == b"thumb" + b"seen" * 500
    answer = elsewhere.test_client().post(
        "/api/v1/auth/login", json={"username": "wang", "password": "Correct-horse-7"}
    )
    assert answer.status_code == 200
    with elsewhere.extensions["dudao"].database.read() as db:
        verbs = list(db.scalars(sa.select(AuditEvent.verb).where(AuditEvent.object_kind == "database")))
    assert verbs == ["restored"]
    assert schema.is_current(elsewhere.extensions["dudao"].database.engine)


def test_uploads_under_way_begin_anew_after_a_restore(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path
) -> None:
    wang = office.person("wang", "inspector")

    def begin(db: Session) -> None:
        db.add(Upload(
            id=new_id(), owner_id=wang.id, holder_id=new_id(), photo_id=new_id(), sha256="0" * 64, size=10,
            metadata_header="", created_at=clock.now(), expires_at=clock.now(),
        ))

    office.write(begin)
    backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    restore(elsewhere, tmp_path / "backup")
    with elsewhere.extensions["dudao"].database.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Upload)) == 0


def test_a_second_backup_copies_only_what_is_new(office: SiteOffice, darkroom: Darkroom, tmp_path: Path) -> None:
    darkroom.keep(b"first" * 100)
    assert backup.make(darkroom.database, darkroom.store, tmp_path / "backup").copied == 1
    darkroom.keep(b"second" * 100)
    again = backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    assert (again.files, again.copied) == (2, 1)
    assert len(list((tmp_path / "backup").glob("database-*"))) >= 1
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    assert manifest["rows"]["original"] == 2
    checked = subprocess.run(
        ["sha256sum", "--check", "--quiet", "files.sha256"], cwd=tmp_path / "backup", check=False, capture_output=True
    )
    assert checked.returncode == 0, checked.stdout


def test_an_original_that_is_damaged_or_lost_is_named_and_not_passed_over(
    office: SiteOffice, darkroom: Darkroom, tmp_path: Path
) -> None:
    rotten, lost = darkroom.keep(b"rotten" * 100), darkroom.keep(b"lost" * 100)
    uploads = darkroom.folder.parent
    (uploads / original_key(rotten)).write_bytes(b"changed" * 100)
    darkroom.store.delete(original_key(lost))
    tally = backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    assert len(tally.damaged) == 2
    assert any(rotten in line for line in tally.damaged)
    assert any(lost in line for line in tally.damaged)


def test_a_place_with_people_is_not_overwritten_unless_told_to(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path
) -> None:
    office.person("wang", "inspector")
    backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    restore(elsewhere, tmp_path / "backup")
    with pytest.raises(backup.BackupError, match="--force"):
        restore(elsewhere, tmp_path / "backup")
    assert restore(elsewhere, tmp_path / "backup", force=True).files == 0


@pytest.mark.parametrize("harm", ["cut", "lost", "list", "database", "manifest"])
def test_a_harmed_backup_is_refused_by_name(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path, harm: str
) -> None:
    sha256 = darkroom.keep(b"photo" * 100)
    folder = tmp_path / "backup"
    backup.make(darkroom.database, darkroom.store, folder)
    original = folder / original_key(sha256)
    if harm == "cut":
        original.write_bytes(original.read_bytes()[:-1])
    elif harm == "lost":
        shutil.rmtree(folder / "originals")
    elif harm == "list":
        (folder / "files.sha256").write_text("")
    elif harm == "database":
        next(folder.glob("database-*")).write_bytes(b"no")
    else:
        (folder / "manifest.json").unlink()
    with pytest.raises(backup.BackupError, match=r"damaged|missing|no finished backup"):
        restore(elsewhere, folder)


def test_nothing_is_restored_beneath_servers_of_other_machines(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path
) -> None:
    office.person("wang", "inspector")
    backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    there: Database = elsewhere.extensions["dudao"].database
    other = sa.create_engine(there.url)
    with other.connect():
        if there.is_sqlite:  # the file is of one machine, whose lock says it
            assert backup_database.others(there) == 0
        else:
            with pytest.raises(backup.BackupError, match="1 other connections"):
                restore(elsewhere, tmp_path / "backup", force=True)
    other.dispose()
    restore(elsewhere, tmp_path / "backup")


def test_phones_begin_afresh_after_a_restore_however_much_was_done_since(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path
) -> None:
    """Its numbers are counted on from the backup: they soon are above those that a phone has heard, of other things."""
    wang = office.person("wang", "inspector")
    backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    for _ in range(3):
        office.write(lambda db: changes.note(db, "site", new_id()))
    heard = wang.get("/sync").json["cursor"]
    for _ in range(2):  # the same backup again is another life again
        restore(elsewhere, tmp_path / "backup", force=True)
        database = elsewhere.extensions["dudao"].database
        for _ in range(9):
            database.write(lambda db: changes.note(db, "site", new_id()))
        told = pulled(elsewhere, heard)
        assert told["full"] is True
        heard = told["cursor"]
        assert pulled(elsewhere, heard)["full"] is False


def test_numbers_of_another_servers_transactions_hide_nothing(
    office: SiteOffice, darkroom: Darkroom, elsewhere: Flask, tmp_path: Path
) -> None:
    office.person("wang", "inspector")
    office.write(lambda db: changes.note(db, "site", new_id()))
    if not office.database.is_sqlite:
        office.write(lambda db: db.execute(sa.update(changes.Change).values(xid=changes.Change.xid + 10**9)))
    backup.make(darkroom.database, darkroom.store, tmp_path / "backup")
    restore(elsewhere, tmp_path / "backup")
    cursor = pulled(elsewhere)["cursor"]
    with elsewhere.extensions["dudao"].database.read() as db:
        assert sync.newest(db).seq == db.scalar(sa.select(sa.func.max(changes.Change.seq)))
    assert pulled(elsewhere, cursor)["full"] is False


def pulled(place: Flask, cursor: str | None = None) -> dict[str, Any]:
    phone = place.test_client()
    entry = phone.post("/api/v1/auth/login", json={"username": "wang", "password": "Correct-horse-7"}).json
    answer = phone.get(
        "/api/v1/sync", query_string={"cursor": cursor} if cursor else {},
        headers={"Authorization": f"Bearer {entry['access_token']}"},
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json)
