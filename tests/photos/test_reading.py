"""Reading photos: facts, flags, the very bytes, preview and thumb; and who may."""

from __future__ import annotations

import hashlib
import io
import uuid
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.orm import Session

from server.kit import jobs, leases
from server.kit.ids import new_id
from server.kit.jobs import MAX_ATTEMPTS, Job, Work
from server.kit.storage import FolderStore
from server.photos import hooks
from server.photos.jobs import renditions
from server.photos.models import Flag
from server.photos.service import hold_photos, raise_flag
from tests import photos as sample
from tests import tus
from tests.factories import SiteOffice, Someone

PHOTO = sample.jpeg(2000, 1500, orientation=6, exif_at=datetime(2026, 11, 20, 9, 15), gps=(37.87, 112.55))


@pytest.fixture
def phone(office: SiteOffice) -> Someone:
    return office.person("inspector", "inspector")


def work_off(office: SiteOffice) -> None:
    """Do the renditions that wait, as the worker would."""
    for payload in office.read(sa.select(Job.payload).where(Job.kind == "renditions")):
        with office.app.app_context():
            renditions(Work(office.database, office.app, new_id(), payload, lambda _percent: None))


def test_preview_and_thumb_are_pending_until_the_job_made_them(office: SiteOffice, phone: Someone) -> None:
    photo = tus.store(phone, PHOTO)
    for kind in ("preview", "thumb"):
        pending = phone.get(f"/photos/{photo}/{kind}")
        assert (pending.status_code, pending.json["code"]) == (404, "rendition-pending")
        assert int(pending.headers["Retry-After"]) > 0
    assert phone.get(f"/photos/{photo}").json["renditions"] == "pending"
    work_off(office)
    work_off(office)  # done twice it does no harm
    for kind, longest in (("preview", 1600), ("thumb", 320)):
        answer = phone.get(f"/photos/{photo}/{kind}")
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"].startswith("private")
        with Image.open(io.BytesIO(answer.data)) as picture:
            assert picture.size == (longest * 3 // 4, longest), "upright"
            assert not picture.getexif()
        again = phone.get(f"/photos/{photo}/{kind}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_previews_that_failed_for_good_are_not_waited_for_and_may_be_tried_again(
    office: SiteOffice, phone: Someone
) -> None:
    photo = tus.store(phone, PHOTO)
    (job_id,) = office.read(sa.select(Job.id).where(Job.kind == "renditions"))

    def fail(db: Session) -> None:
        taken = leases.lease(db, job_id, "worker", 60)
        assert taken is not None
        leases.failed(db, job_id, "worker", "the disk is on fire", attempts=MAX_ATTEMPTS, backoff=1)

    office.write(fail)
    answer = phone.get(f"/photos/{photo}/preview")
    assert (answer.status_code, answer.json["code"]) == (404, "rendition-not-made")
    assert phone.get(f"/photos/{photo}").json["renditions"] == "not_made"
    assert office.write(lambda db: leases.retry(db, job_id))
    work_off(office)
    assert phone.get(f"/photos/{photo}/preview").status_code == 200


def test_the_facts_of_a_photo(office: SiteOffice, phone: Someone) -> None:
    photo = tus.store(phone, PHOTO)
    assert phone.get(f"/photos/{photo}").json["exif"] is None
    work_off(office)
    facts = phone.get(f"/photos/{photo}").json
    assert facts["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert (facts["size"], facts["media_type"], facts["unreadable"]) == (len(PHOTO), "image/jpeg", False)
    assert facts["renditions"] == "made"
    with Image.open(io.BytesIO(PHOTO)) as stored:
        assert (facts["width"], facts["height"]) == (stored.height, stored.width), "as it is held, like its preview"
    exif = facts["exif"]
    assert exif["taken_at"] == "2026-11-20T09:15:00"
    assert (round(exif["lat"], 4), round(exif["lng"], 4)) == (37.87, 112.55)
    assert (exif["make"], exif["orientation"]) == (sample.HUAWEI, 6)


def test_links_are_fetched_without_signing_in_and_not_after_being_tampered_with(
    office: SiteOffice, phone: Someone
) -> None:
    photo, browser = tus.store(phone, PHOTO), office.app.test_client()
    work_off(office)
    links = phone.get(f"/photos/{photo}").json["links"]
    assert browser.get(links["original"]).data == PHOTO
    assert browser.get(links["thumb"]).status_code == 200
    assert browser.get(links["preview"]).status_code == 200
    assert browser.get(links["thumb"].replace("/thumb", "/original")).status_code == 401
    assert browser.get(links["original"][:-3] + "AAA").status_code == 401
    assert browser.get(f"/api/v1/photos/{photo}/original").status_code == 401


def test_ranges_of_the_original(phone: Someone) -> None:
    photo = tus.store(phone, PHOTO)
    where = f"/photos/{photo}/original"
    whole = phone.get(where)
    assert (whole.status_code, whole.data, whole.headers["Accept-Ranges"]) == (200, PHOTO, "bytes")
    assert whole.headers["ETag"] == f'"{hashlib.sha256(PHOTO).hexdigest()}"'
    size = len(PHOTO)
    for asked, start, end in (
        ("bytes=0-9", 0, 10), ("bytes=100-", 100, size), ("bytes=-7", size - 7, size), (f"bytes=5-{size + 99}", 5, size)
    ):
        part = phone.get(where, headers={"Range": asked})
        assert (part.status_code, part.data) == (206, PHOTO[start:end])
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        part.close()
    beyond = phone.get(where, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    for ignored in ("items=0-1", "x", "bytes=0-1,5-6", "bytes=-", "bytes=a-b"):
        given = phone.get(where, headers={"Range": ignored})
        assert (given.status_code, given.data) == (200, PHOTO), ignored
    changed = phone.get(where, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (changed.status_code, changed.data) == (200, PHOTO)


def test_the_name_of_a_download_is_the_photos_own(phone: Someone) -> None:
    photo = str(new_id())
    tus.send_whole(phone, PHOTO, photo=photo, filename='照片 "1".jpg')
    named = phone.get(f"/photos/{photo}/original").headers["Content-Disposition"]
    assert named == "inline; filename=\"__ _1_.jpg\"; filename*=UTF-8''%E7%85%A7%E7%89%87%20%221%22.jpg"
    nameless = tus.store(phone, PHOTO)
    named = phone.get(f"/photos/{nameless}/original").headers["Content-Disposition"]
    assert named == f'inline; filename="{nameless}.jpg"'


def test_a_damaged_photo_is_shown_as_far_as_it_goes_and_called_so(office: SiteOffice, phone: Someone) -> None:
    report = new_id()
    cut = tus.store(phone, PHOTO[: len(PHOTO) * 2 // 3])
    nothing = tus.store(phone, PHOTO[:100])
    office.write(lambda db: hold_photos(db, [uuid.UUID(cut)], "report", report))
    work_off(office)
    facts = phone.get(f"/photos/{cut}").json
    assert (facts["unreadable"], facts["renditions"], facts["renditions_why"]) == (True, "made", "truncated")
    assert [flag["code"] for flag in facts["flags"]] == ["unreadable"]
    assert phone.get(f"/photos/{cut}/thumb").status_code == 200
    assert office.read(sa.select(Flag.report_id).where(Flag.object_id == uuid.UUID(cut))) == [report]

    assert phone.get(f"/photos/{nothing}").json["renditions"] == "unreadable"
    refused = phone.get(f"/photos/{nothing}/thumb", headers={"Accept-Language": "en"})
    assert (refused.status_code, refused.json["code"]) == (404, "rendition-not-made")
    assert refused.json["detail"].startswith("not made: ")
    assert phone.get(f"/photos/{nothing}/original").data == PHOTO[:100]


def test_a_photo_is_seen_by_its_owner_and_by_who_sees_a_holder(
    office: SiteOffice, phone: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor, stranger = office.person("supervisor", "supervisor"), office.person("stranger", "inspector")
    photo, report = tus.store(phone, PHOTO), new_id()

    def visible(actor: Any) -> sa.Select[Any]:
        return sa.select(sa.literal(report, sa.Uuid())).where(sa.literal(actor.id == supervisor.id))

    monkeypatch.setattr(hooks, "HOLDERS", {"report": visible})
    assert supervisor.get(f"/photos/{photo}").status_code == 404, "nothing holds it yet"
    office.write(lambda db: hold_photos(db, [uuid.UUID(photo)] * 2, "report", report))
    office.write(lambda db: hold_photos(db, [uuid.UUID(photo)], "report", report))
    for path in ("", "/original"):
        assert phone.get(f"/photos/{photo}{path}").status_code == 200
        assert supervisor.get(f"/photos/{photo}{path}").status_code == 200
    for path in ("", "/original", "/preview", "/thumb"):
        assert stranger.get(f"/photos/{photo}{path}").status_code == 404
    for odd in ("x", "0" * 500, "%00", "01a20928-16f5-7ebf-b1fc-58e5ff8c7649"):
        assert phone.get(f"/photos/{odd}").status_code == 404


def test_a_flag_stands_once_and_speaks_both_languages(office: SiteOffice, phone: Someone) -> None:
    photo, report = uuid.UUID(tus.store(phone, PHOTO)), new_id()
    for distance in (140, 900):
        office.write(lambda db, far=distance: raise_flag(
            db, "outside-fence", "photo", photo, numbers={"distance_m": far}
        ))
    office.write(lambda db: hold_photos(db, [photo], "report", report))
    assert office.read(sa.select(Flag.report_id)) == [report], "raised before its report came"
    chinese = phone.get(f"/photos/{photo}").json["flags"][0]
    english = phone.get(f"/photos/{photo}", headers={"Accept-Language": "en"}).json["flags"][0]
    assert (chinese["code"], chinese["title"]) == ("outside-fence", "不在项目范围内")
    assert chinese["numbers"] == {"distance_m": 140}
    assert "140 米" in chinese["detail"]
    assert english["detail"] == "Taken about 140 m outside the site's fence."


def test_from_a_store_that_is_no_folder_all_is_the_same(
    office: SiteOffice, phone: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = sample.jpeg(640, 480, size=1_500_000)
    photo = tus.store(phone, big)
    monkeypatch.setattr(FolderStore, "local", lambda _store, _key: None)
    work_off(office)
    where = f"/photos/{photo}/original"
    with phone.get(where) as whole:
        assert whole.data == big
    for asked, start, end in (("bytes=1200000-1300000", 1_200_000, 1_300_001), ("bytes=-5", 1_499_995, 1_500_000)):
        with phone.get(where, headers={"Range": asked}) as part:
            assert (part.status_code, part.data) == (206, big[start:end])
    assert phone.get(f"/photos/{photo}/thumb").status_code == 200


def test_the_rendition_job_is_known_to_the_worker(office: SiteOffice) -> None:
    assert jobs.HANDLERS["renditions"] is renditions
    assert "renditions" in jobs.BACKGROUND
    assert "uploads-sweep" in jobs.DUTIES
