"""Every original that goes out stands in the trail, once for each time that a person sat over it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.evidence.custody import service, spool
from server.evidence.custody.models import OriginalOpening
from server.evidence.custody.rules import MOST_PHOTOS, How, Opening
from server.kit import clock
from server.kit.ids import new_id
from server.kit.jobs import DUTIES, HANDLERS, Work
from server.kit.storage import original_key
from tests import servers
from tests.evidence.custody.site import GAP, Clock, names, sent, spool_of, trail
from tests.exports.made import made
from tests.factories import Someone
from tests.issues.loop import Loop
from tests.weekly.test_weekly_reports import work


def openings(loop: Loop) -> int:
    return len(loop.office.read(sa.select(OriginalOpening.id)))


def test_photos_opened_one_after_another_are_one_line_that_names_them(loop: Loop, time: Clock) -> None:
    _, photos, _ = sent(loop.wang, loop.site, photos=3)
    for photo in photos:
        assert loop.su.get(f"/photos/{photo['id']}/original").status_code == 200
        time.later(60)
    assert trail(loop.office) == [], "it may go on"
    time.later(60)
    (event,) = trail(loop.office)
    assert names(event) == [photo["id"] for photo in photos]
    assert [one["sha256"] for one in event.facts["photos"]] == [photo["sha256"] for photo in photos]
    assert (event.actor_id, event.verb, event.district_code) == (loop.su.id, "originals_opened", "140106")
    assert (event.facts["count"], event.facts["how"]) == (3, "opened")
    assert event.object_id == photos[0]["id"]
    assert [one.id for one in trail(loop.office)] == [event.id], "nothing is written twice"


def test_pieces_heads_and_signed_links_of_one_opening_count_once(loop: Loop, time: Clock) -> None:
    _, (photo,), (data,) = sent(loop.wang, loop.site)
    address = f"/photos/{photo['id']}/original"
    link = loop.su.get(f"/photos/{photo['id']}").json["links"]["original"]
    assert loop.su.ask("HEAD", address).status_code == 200
    for start in (0, 100, 200):
        piece = loop.su.get(address, headers={"Range": f"bytes={start}-{start + 99}"})
        assert (piece.status_code, piece.data) == (206, data[start:start + 100])
    assert loop.su.client.get(link).data == data
    time.later(121)
    (event,) = trail(loop.office)
    assert names(event) == [photo["id"]]
    steps = [one for one in loop.su.get(f"/photos/{photo['id']}/custody").json["steps"] if one["kind"] == "opened"]
    assert [one["event"] for one in steps] == [event.id]


def test_what_gives_nobody_the_bytes_is_no_opening(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    address = f"/photos/{photo['id']}/original"
    assert loop.su.ask("HEAD", address).status_code == 200
    assert loop.bing.get(address).status_code == 404
    assert loop.su.get(address, headers={"Range": "bytes=999999-"}).status_code == 416
    assert loop.su.get(address, headers={"If-Match": '"other"'}).status_code == 412
    assert loop.su.get(f"/photos/{photo['id']}/preview").status_code == 404
    loop.office.app.extensions["dudao-store"].delete(original_key(photo["sha256"]))
    assert loop.su.get(address).status_code == 503
    time.later(4000)
    assert trail(loop.office) == []


def test_a_browser_that_shows_it_again_from_its_own_memory_opens_it(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    known = {"If-None-Match": f'"{photo["sha256"]}"'}
    assert loop.su.get(f"/photos/{photo['id']}/original", headers=known).status_code == 304
    time.later(121)
    assert [names(event) for event in trail(loop.office)] == [[photo["id"]]]


def test_two_people_and_two_sittings_are_lines_of_their_own(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    address = f"/photos/{photo['id']}/original"
    loop.su.get(address)
    loop.sun.get(address)
    time.later(125)
    loop.su.get(address)
    time.later(125)
    assert sorted(str(event.actor_id) for event in trail(loop.office)) == sorted(
        [str(loop.su.id), str(loop.su.id), str(loop.sun.id)]
    )


def test_who_never_pauses_is_written_down_within_the_hour(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    for _ in range(62):
        loop.su.get(f"/photos/{photo['id']}/original")
        time.later(60)
    assert len(trail(loop.office)) == 1
    time.later(121)
    assert len(trail(loop.office)) == 2


def test_a_line_names_so_many_photos_and_no_more(loop: Loop, time: Clock) -> None:
    noted = [
        Opening(new_id(), clock.now(), loop.su.id, new_id(), "ab" * 32, How.EXPORT, "x") for _ in range(MOST_PHOTOS * 2 + 7)
    ]
    spool_of(loop.office).note(noted)
    assert [event.facts["count"] for event in trail(loop.office)] == [MOST_PHOTOS, MOST_PHOTOS]
    time.later(121)
    events = trail(loop.office)
    assert [event.facts["count"] for event in events] == [MOST_PHOTOS, MOST_PHOTOS, 7]
    assert sorted(one for event in events for one in names(event)) == sorted(str(one.photo_id) for one in noted)


def test_many_at_once_are_all_written(loop: Loop, time: Clock) -> None:
    _, photos, _ = sent(loop.wang, loop.site, photos=4)
    stop = threading.Event()

    def settle() -> None:
        while not stop.is_set():
            spool_of(loop.office).settle()

    def look(which: int) -> None:
        for _ in range(10):
            client = loop.office.app.test_client()
            head = {"Authorization": f"Bearer {loop.su.tokens['access_token']}"}
            assert client.get(f"/api/v1/photos/{photos[which]['id']}/original", headers=head).status_code == 200

    settler = threading.Thread(target=settle)
    lookers = [threading.Thread(target=look, args=(number % 4,)) for number in range(8)]
    for thread in (settler, *lookers):
        thread.start()
    for thread in lookers:
        thread.join()
    stop.set()
    settler.join()
    spool_of(loop.office).settle()
    assert openings(loop) == 80
    time.later(121)
    (event,) = trail(loop.office)
    assert sorted(names(event)) == sorted(photo["id"] for photo in photos)


def test_what_cannot_be_noted_is_not_given_out(
    loop: Loop, time: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, (photo,), (data,) = sent(loop.wang, loop.site)
    address = f"/photos/{photo['id']}/original"
    assert loop.su.get(address).data == data
    real = os.write

    def full(fd: int, text: bytes) -> int:
        if text.startswith(b'{"id"'):
            real(fd, text[:20])  # it breaks in the middle of a line
            raise OSError(28, "No space left on device")
        return real(fd, text)

    monkeypatch.setattr(spool.os, "write", full)
    refused = loop.su.get(address)
    assert (refused.status_code, refused.json["code"]) == (507, "disk-full")
    assert data not in refused.data
    monkeypatch.setattr(spool.os, "write", real)
    assert loop.su.get(address).data == data
    spool_of(loop.office).settle()
    assert openings(loop) == 2, "the torn line is gone, those before and after stand"


def test_while_the_database_is_away_lines_wait_in_their_file(loop: Loop, tmp_path: Path) -> None:
    away = True

    def settle(lines: Any) -> None:
        if away:
            raise ConnectionError
        service.settle(loop.office.database, lines)

    one = spool.Spool(tmp_path / "waits", settle)
    for _ in range(3):
        one.note([_some(loop)])
        with pytest.raises(ConnectionError):
            one.settle()
    away = False
    assert one.settle() == 3
    assert openings(loop) == 3
    assert list((tmp_path / "waits").iterdir()) == []


def _some(loop: Loop) -> Opening:
    return Opening(new_id(), clock.now(), loop.su.id, new_id(), "ab" * 32, How.OPENED, None)


def test_a_file_that_is_settled_twice_changes_nothing(loop: Loop, time: Clock) -> None:
    """Killed after the database had the lines and before the file was gone."""
    _, (photo,), _ = sent(loop.wang, loop.site)
    for _ in range(3):
        loop.su.get(f"/photos/{photo['id']}/original")
    folder = spool_of(loop.office).folder
    (file,) = folder.glob("*.lines")
    lines = file.read_bytes()
    time.later(121)
    assert len(trail(loop.office)) == 1
    (folder / "left.lines").write_bytes(lines + lines[:30])
    assert spool_of(loop.office).settle() == 3, "the torn line is passed over"
    time.later(121)
    assert len(trail(loop.office)) == 1
    assert list(folder.iterdir()) == []


WRITER = """
import sys, uuid
from pathlib import Path
from server.evidence.custody import spool
from server.evidence.custody.rules import How, Opening
from server.kit import clock
from server.kit.ids import new_id

def never(lines):
    raise SystemExit(3)

one = spool.Spool(Path(sys.argv[1]), never)
while True:
    opening = Opening(new_id(), clock.now(), uuid.UUID(sys.argv[2]), new_id(), "ab" * 32, How.OPENED, None)
    one.note([opening])
    print(opening.id, flush=True)
"""


def test_what_a_killed_process_had_noted_is_settled_by_the_next(loop: Loop) -> None:
    folder = spool_of(loop.office).folder
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(loop.su.id)], stdout=subprocess.PIPE, text=True,
        cwd=servers.ROOT, env=servers.python_environment(),
    )
    assert writer.stdout is not None
    said = [writer.stdout.readline().strip() for _ in range(200)]
    assert spool_of(loop.office).settle() == 0, "its file is its own while it lives"
    writer.send_signal(signal.SIGKILL)
    said += writer.communicate()[0].split()
    whole = {uuid.UUID(one) for one in said if len(one) == 36}
    with loop.office.app.app_context():
        HANDLERS["custody-leftovers"](Work(loop.office.database, loop.office.app, new_id(), {}, lambda _: None))
    there = set(loop.office.read(sa.select(OriginalOpening.id)))
    assert whole <= there
    assert len(there) - len(whole) <= 1, "at most the one that was noted and not yet said"
    assert list(folder.iterdir()) == []


def test_a_thread_settles_by_itself_and_ends(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "FSYNC_S", 0.01)
    monkeypatch.setattr(spool, "SETTLE_S", 0.02)
    _, (photo,), _ = sent(loop.wang, loop.site)
    before = set(threading.enumerate())
    loop.su.get(f"/photos/{photo['id']}/original")
    for keeper in set(threading.enumerate()) - before:
        keeper.join(20)
    assert not [one for one in set(threading.enumerate()) - before if one.name == "custody"]
    assert openings(loop) == 1


def test_what_a_closed_application_leaves_is_settled_by_the_next(loop: Loop) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    before = set(threading.enumerate())
    loop.su.get(f"/photos/{photo['id']}/original")
    keepers = [thread for thread in set(threading.enumerate()) - before if thread.name == "custody"]
    assert keepers
    first = spool_of(loop.office)
    first.close()
    assert not any(thread.is_alive() for thread in keepers)
    assert openings(loop) == 0
    assert spool.Spool(first.folder, lambda lines: service.settle(loop.office.database, lines)).settle() == 1
    loop.su.get(f"/photos/{photo['id']}/original")
    assert first.settle() == 1, "it may be used again"
    assert openings(loop) == 2


def test_the_duty_writes_what_is_over(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    duty = DUTIES["custody-trail"]
    assert duty.when is not None
    with loop.office.database.read() as db:
        assert not duty.when(db)
    loop.su.get(f"/photos/{photo['id']}/original")
    spool_of(loop.office).settle()
    time.later(GAP.total_seconds())
    with loop.office.database.read() as db:
        assert duty.when(db)
    with loop.office.app.app_context():
        HANDLERS[duty.kind](Work(loop.office.database, loop.office.app, new_id(), {}, lambda _: None))
    with loop.office.database.read() as db:
        assert not duty.when(db)
    assert len(trail(loop.office)) == 1


def test_photos_in_an_archive_are_exported_by_whoever_asked_for_it(loop: Loop, time: Clock) -> None:
    _, photos, _ = sent(loop.wang, loop.site, photos=2)
    shown, _ = made(loop.office, loop.su, "photos", "zip")
    time.later(121)
    (event,) = trail(loop.office)
    assert sorted(names(event)) == sorted(photo["id"] for photo in photos)
    assert (event.verb, event.facts["how"], event.facts["of"]) == ("originals_exported", "export", shown["id"])
    assert event.actor_id == loop.su.id


def test_a_photo_that_the_store_has_lost_was_exported_to_nobody(loop: Loop, time: Clock) -> None:
    _, (photo,), _ = sent(loop.wang, loop.site)
    loop.office.app.extensions["dudao-store"].delete(original_key(photo["sha256"]))
    made(loop.office, loop.su, "photos", "zip")
    time.later(121)
    assert trail(loop.office) == []


def test_photos_in_a_weeks_zip_are_exported_by_whoever_fetched_it(loop: Loop, clerk: Someone, time: Clock) -> None:
    issue = loop.closed()
    time.later(60)
    week = clock.today().isocalendar()
    asked = clerk.post("/weekly-reports", {"iso_year": week.year, "iso_week": week.week}).json["id"]
    work(loop.office.app)
    shown = loop.look(issue)["photos"]
    file = loop.su.get(f"/weekly-reports/{asked}/files/zip")
    assert file.status_code == 404, "a supervisor of one district does not see the city's"
    with zipfile.ZipFile(io.BytesIO(clerk.get(f"/weekly-reports/{asked}/files/zip").data)) as packed:
        assert sum(name.startswith("照片/") and name.endswith(".jpg") for name in packed.namelist()) == 2
    time.later(121)
    (event,) = trail(loop.office)
    assert (event.actor_id, event.facts["how"], event.facts["of"]) == (clerk.id, "weekly", asked)
    assert sorted(names(event)) == sorted([shown["before"][0]["id"], shown["after"][0]["id"]])


def test_a_file_that_another_process_took_away_as_it_was_made_is_not_written_into(
    loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its making and its locking it looks like what a dead process left."""
    kept: list[Opening] = []
    mine, other = spool.Spool(tmp_path, kept.extend), spool.Spool(tmp_path, kept.extend)
    lock, taken = spool.fcntl.flock, []

    def late(fd: int, how: int) -> None:
        if not taken:
            taken.append(fd)
            other.settle()
        lock(fd, how)

    monkeypatch.setattr(spool.fcntl, "flock", late)
    mine.note([Opening(new_id(), clock.now(), loop.su.id, new_id(), "ab" * 32, How.OPENED, None)])
    assert [path.stat().st_size > 0 for path in tmp_path.glob("*.lines")] == [True], "it would be lost with a kill"
    mine.settle()
    assert (len(kept), list(tmp_path.glob("*.lines"))) == (1, [])
