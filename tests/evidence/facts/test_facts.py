"""Photographs made for each fact, sent as a phone sends them, judged as the worker judges them."""

from __future__ import annotations

import struct
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import ExifTags

from server.evidence.facts import service
from server.evidence.facts.models import DeviceClock, DeviceFix
from server.kit import clock
from server.kit.geo import from_wgs84
from server.kit.ids import new_id
from server.kit.jobs import Job
from server.photos.models import Flag
from tests import photos as sample
from tests.evidence.desk import HERE, SENT, SPOT, TAKEN, Desk, honest, ident, saved_by, spot, taken, with_exif
from tests.factories import photo_entry, report_body

FAR = (37.95, 112.55)  # ten kilometres north


def test_an_honest_report_has_no_flag(desk: Desk) -> None:
    report = desk.send(*[taken(honest(seed)) for seed in range(3)])
    assert desk.flags(report) == []


@pytest.mark.parametrize(("data", "entry", "codes"), [
    (honest(), {"location": spot(*FAR)}, {"outside-fence", "position-mismatch", "impossible-travel"}),
    (honest(gps=FAR), {}, {"position-mismatch"}),
    (honest(gps=from_wgs84(*HERE, "gcj02")), {}, {"datum-suspect"}),
    (honest(), {"location": spot(*from_wgs84(*HERE, "gcj02"))}, {"datum-suspect"}),
    (honest(gps=from_wgs84(*HERE, "bd09")), {}, {"datum-suspect"}),
    (honest(gps=(-33.8568, 151.2153)), {}, {"position-mismatch"}),
    (honest(gps=(40.6892, -74.0445)), {}, {"position-mismatch"}),
    (honest(gps=(0, 0)), {}, set()),
    (honest(gps=None), {"location": None}, {"no-position"}),
    (honest(), {"location": None}, set()),
    (honest(exif_at=datetime(2025, 5, 1, 9, 0)), {}, {"time-mismatch"}),
    (honest(exif_at=datetime(2099, 5, 1, 9, 0)), {}, {"time-mismatch"}),
    (honest(), {"captured_at": "2026-11-19T09:15:00+08:00"}, {"time-mismatch", "outside-visit"}),
    (honest(), {"captured_at": "2099-11-19T09:15:00+08:00"}, {"time-mismatch", "time-order"}),
    (honest(), {"captured_at": None}, set()),
    (sample.jpeg(640, 480, make=None, model=None), {}, {"no-exif"}),
    (sample.jpeg(640, 480, make=None, model=None), {"live": True}, set()),
    (sample.jpeg(1440, 1080, make=None, model=None), {"source": "gallery"}, {"messenger-copy", "from-gallery"}),
    (sample.png(1080, 2400), {"source": "gallery"}, {"screenshot", "from-gallery"}),
    (saved_by("Adobe Photoshop 26.0 (Macintosh)", honest()), {}, {"edited"}),
    (honest(), {"source": "gallery"}, {"from-gallery"}),
    (honest()[:3000], {}, {"unreadable"}),
    *[(honest(orientation=turn), {}, set()) for turn in range(1, 9)],
    (sample.heic(640, 480, exif_at=TAKEN, gps=HERE, make="Apple", model="iPhone 17"), {}, set()),
    (sample.heic(640, 480, exif_at=TAKEN, gps=FAR, make="Apple", model="iPhone 17", orientation=6), {}, {"position-mismatch"}),
    (sample.heic(640, 480), {}, {"no-exif"}),
    (sample.avif(640, 480, exif_at=TAKEN, gps=HERE, make="x"), {}, set()),
    (sample.webp(640, 480, exif_at=TAKEN, gps=HERE, make="x"), {}, set()),
])
def test_each_fact(desk: Desk, data: bytes, entry: dict[str, Any], codes: set[str]) -> None:
    assert desk.one(data, **entry).keys() == codes


def _gps(exif: Any, **tags: Any) -> None:
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({getattr(ExifTags.GPS, name): value for name, value in tags.items()})


def _camera(exif: Any, **tags: Any) -> None:
    exif.get_ifd(ExifTags.IFD.Exif).update({getattr(ExifTags.Base, name): value for name, value in tags.items()})


def broken() -> list[bytes]:
    good = honest()
    zero = struct.pack(">LL", 37, 0)
    return [
        with_exif(good, lambda exif: _gps(exif, GPSLatitude=(99999.0, 88.0, 77.0))),
        with_exif(good, lambda exif: _gps(exif, GPSLatitudeRef="Q")),
        with_exif(good, lambda exif: _gps(exif, GPSDateStamp="0000:00:00", GPSTimeStamp=(25.0, 61.0, 61.0))),
        with_exif(good, lambda exif: _camera(exif, DateTimeOriginal="0000:00:00 00:00:00")),
        with_exif(good, lambda exif: _camera(exif, DateTimeOriginal="9999:99:99 99:99:99")),
        with_exif(good, lambda exif: _camera(exif, DateTimeOriginal="yesterday at nine")),
        with_exif(good, lambda exif: _camera(exif, OffsetTimeOriginal="+99:99")),
        good.replace(struct.pack(">LL", 37, 1), zero), good.replace(struct.pack("<LL", 37, 1), struct.pack("<LL", 37, 0)),
        good.replace(b"Exif\0\0MM", b"Exif\0\0XX").replace(b"Exif\0\0II", b"Exif\0\0XX"),
        good[:2] + b"\xff\xe1\x00\x08Exif\0\0" + good[2:],
    ]


@pytest.mark.parametrize("data", broken())
def test_broken_exif_breaks_nothing(desk: Desk, data: bytes) -> None:
    entry, _ = taken(data)
    report = desk.send((entry, data))
    for path in (f"/photos/{entry['id']}", f"/reports/{report}"):
        assert desk.su.get(path).status_code == 200
    assert desk.of_photo(report, entry["id"]).keys() <= {"no-exif", "unreadable"}


def test_a_report_without_a_position_or_outside_its_fence(desk: Desk) -> None:
    nowhere = desk.send(taken(honest()), location=None, location_reason="室内")
    assert desk.of_report(nowhere) == {"no-position": {"photos": 1, "with_position": 1}}
    ring = [[112.549, 37.859], [112.551, 37.859], [112.551, 37.861], [112.549, 37.861], [112.549, 37.859]]
    fenced = desk.office.site("有围栏", inspectors=(desk.wang,), fence_polygon=ring)
    placeless = desk.office.site("没有坐标", inspectors=(desk.wang,), lat=None, lng=None, lat_wgs84=None, lng_wgs84=None)
    there = spot(37.8625, 112.55)
    outside = desk.of_report(desk.send(site=fenced, location=there, device={"id": ident(), "sent_at": SENT.isoformat()}))
    assert outside.keys() == {"outside-fence"}
    assert outside["outside-fence"]["distance_m"] in range(160, 172)
    assert desk.of_report(desk.send(site=placeless, location=there, device=None)) == {}


def test_a_flag_speaks_both_languages(desk: Desk) -> None:
    report = desk.send(location=spot(37.8636, 112.55))
    (english,), (chinese,) = desk.flags(report), desk.flags(report, english=False)
    assert (english["title"], chinese["title"]) == ("Outside the fence", "不在项目范围内")
    distance = english["numbers"]["distance_m"]
    assert english["detail"] == f"Taken about {distance} m outside the site's fence."
    assert f"{distance} 米" in chinese["detail"]
    assert (english["object_kind"], english["object_id"]) == ("report", report)


def sent(minutes: float, device: str = "phone-1") -> dict[str, Any]:
    return {"id": device, "sent_at": (SENT + timedelta(minutes=minutes)).isoformat()}


def test_the_skew_of_a_clock_is_kept_and_times_are_put_right_by_it(desk: Desk) -> None:
    late = {"started_at": "2026-11-20T17:12:00+08:00", "finished_at": "2026-11-20T17:58:00+08:00"}
    data = honest(exif_at=TAKEN + timedelta(hours=8))
    moment = "2026-11-20T17:15:00+08:00"
    entry, _ = taken(data, captured_at=moment, location=spot(*HERE, captured_at=moment))
    report = desk.send((entry, data), device=sent(8 * 60), **late)
    assert desk.of_report(report) == {
        "clock-skew": {"minutes": 480, "seconds": 28800, "ahead": True, "sendings": 1}
    }
    assert desk.of_photo(report, entry["id"]) == {}
    assert desk.office.read(sa.select(DeviceClock.skew_s)) == [28800.0]
    assert set(desk.office.read(sa.select(DeviceFix.at))) <= {
        datetime.fromisoformat("2026-11-20T09:15:00+08:00"), datetime.fromisoformat("2026-11-20T01:12:30+08:00"),
    }


def test_one_long_way_is_no_clock_that_is_behind(desk: Desk) -> None:
    quick = desk.send(device=sent(0))
    slow = desk.send(device=sent(-90))
    other = desk.send(device=sent(-90, "phone-2"))
    assert [list(desk.of_report(one)) for one in (quick, slow, other)] == [[], [], ["clock-skew"]]
    assert sorted(desk.office.read(sa.select(DeviceClock.skew_s))) == [-5400.0, 0.0]
    assert desk.send(device={"id": None, "sent_at": None})
    assert len(desk.office.read(sa.select(DeviceClock.device_id))) == 2


def at(hour: int, minute: int, where: tuple[float, float] = HERE, **more: Any) -> dict[str, Any]:
    return spot(*where, captured_at=f"2026-11-20T{hour:02}:{minute:02}:00+08:00", **more)


def visiting(hour: int, minute: int = 0) -> dict[str, Any]:
    return {
        "started_at": f"2026-11-20T{hour:02}:{minute:02}:00+08:00",
        "finished_at": f"2026-11-20T{hour:02}:{minute + 9:02}:00+08:00",
    }


def test_a_phone_cannot_have_travelled_so(desk: Desk) -> None:
    li = desk.office.person("li", "inspector")
    there = desk.office.site("远处小区", inspectors=(desk.wang, li), lat_wgs84=FAR[0], lng_wgs84=FAR[1])
    first = desk.send(**visiting(9), location=at(9, 0))
    second = desk.send(site=there, **visiting(9, 5), location=at(9, 2, FAR), by=li)
    assert desk.of_report(first) == {}
    travel = desk.of_report(second)["impossible-travel"]
    assert (travel["minutes"], travel["speed_kmh"]) == (2, pytest.approx(299, abs=2))
    assert travel["distance_m"] == pytest.approx(9989, abs=5)
    slow = desk.send(site=there, **visiting(10), location=at(10, 0, FAR))
    other = desk.send(site=there, **visiting(9, 3), location=at(9, 3, FAR), device=sent(0, "phone-2"))
    assert desk.of_report(slow) == desk.of_report(other) == {}


def test_a_report_that_comes_later_but_was_earlier_moves_the_flag(desk: Desk) -> None:
    there = desk.office.site("远处小区", inspectors=(desk.wang,), lat_wgs84=FAR[0], lng_wgs84=FAR[1])
    late = desk.send(site=there, **visiting(9, 5), location=at(9, 5, FAR))
    assert desk.of_report(late) == {}
    early = desk.send(**visiting(9), location=at(9, 4))
    assert list(desk.of_report(late)) == ["impossible-travel"], "judged again by what came before it"
    assert desk.of_report(early) == {}
    between = desk.send(site=there, **visiting(9), location=spot(*FAR, captured_at="2026-11-20T09:04:30+08:00"))
    assert list(desk.of_report(between)) == ["impossible-travel"]
    assert desk.of_report(late) == {}


def test_a_report_that_is_void_is_no_more_on_the_way(desk: Desk) -> None:
    there = desk.office.site("远处小区", inspectors=(desk.wang,), lat_wgs84=FAR[0], lng_wgs84=FAR[1])
    early = desk.send(**visiting(9), location=at(9, 4))
    late = desk.send(site=there, **visiting(9, 5), location=at(9, 5, FAR))
    assert list(desk.of_report(late)) == ["impossible-travel"]
    declared = desk.su.post(f"/reports/{early}/reviews", {"decision": "void", "revision": 1, "comment": "走错了"})
    assert declared.status_code == 201
    desk.work_off()
    assert desk.of_report(late) == {}
    assert desk.office.read(sa.select(DeviceFix.report_id)) == [uuid.UUID(late)]


def test_positions_of_photos_are_on_the_way_and_those_of_the_gallery_are_not(desk: Desk) -> None:
    near, far = taken(honest(1), location=at(9, 15)), taken(honest(2, gps=None), location=at(9, 16, FAR))
    chosen = taken(honest(3), source="gallery", location=at(9, 17))
    report = desk.send(near, far, chosen)
    assert "impossible-travel" in desk.of_photo(report, far[0]["id"])
    assert desk.of_photo(report, near[0]["id"]) == {}
    assert desk.of_photo(report, chosen[0]["id"]).keys() == {"from-gallery"}
    assert len(desk.office.read(sa.select(DeviceFix.object_id))) == 3


def test_what_comes_last_decides_and_photos_are_judged_when_they_were_read(desk: Desk) -> None:
    data = sample.jpeg(640, 480, make=None, model=None)
    entry, report = photo_entry(data, location=SPOT), str(new_id())
    desk.wang.upload(report, entry, data)
    desk.work_off()
    assert desk.office.read(sa.select(Flag.code)) == []
    assert desk.send((entry, data), report_id=report) == report
    assert desk.of_photo(report, entry["id"]).keys() == {"no-exif"}
    desk.office.write(lambda db: db.execute(sa.update(Flag).values(numbers={"photos": 9})))
    with desk.office.app.app_context():
        service.work_out(desk.office.database, desk.office.app.config["DUDAO"], new_id())
    assert desk.of_photo(report, entry["id"]) == {"no-exif": {"photos": 9}}, "a report that is not there is no failure"


def test_a_report_whose_photos_are_missing_is_judged_once_they_are_here(desk: Desk) -> None:
    data = honest(gps=FAR)
    entry, report = photo_entry(data, location=SPOT), str(new_id())
    desk.wang.put(f"/reports/{report}", report_body(desk.site, photos=[entry], location=spot(*FAR)))
    desk.work_off()
    assert desk.office.read(sa.select(Flag.code)) == []
    desk.wang.upload(report, entry, data)
    assert desk.office.read(sa.select(Job.kind).where(Job.kind == "evidence-facts")) == ["evidence-facts"], "one for both"
    desk.work_off()
    assert set(desk.office.read(sa.select(Flag.code))) == {"outside-fence", "position-mismatch", "impossible-travel"}


def test_a_newer_revision_withdraws_what_it_no_longer_gives_and_keeps_what_was_settled(desk: Desk) -> None:
    first, second = taken(sample.jpeg(640, 480, make=None, model=None)), taken(honest(2), source="gallery")
    report = desk.send(first, second, location=spot(*FAR), device=None)
    assert {flag["code"] for flag in desk.flags(report)} == {"outside-fence", "no-exif", "from-gallery"}
    (gallery,) = [flag for flag in desk.flags(report) if flag["code"] == "from-gallery"]
    assert desk.su.post(f"/flags/{gallery['id']}/settlement", {"reason": "已核实"}).status_code == 200
    desk.su.post(f"/reports/{report}/reviews", {"decision": "return", "revision": 1, "comment": "请重拍"})
    third = taken(honest(3))
    assert desk.send(third, report_id=report, revision=2, device=None) == report
    standing = desk.flags(report)
    assert [(flag["code"], flag["settled_reason"]) for flag in standing] == [("from-gallery", "已核实")]
    kept = desk.office.read(sa.select(Flag.code).where(Flag.withdrawn_at.is_not(None)))
    assert sorted(kept) == ["no-exif", "outside-fence"], "history stays"
    for code, found in (("outside-fence", []), ("from-gallery", [])):
        assert [one["id"] for one in desk.su.get(f"/reports?flag={code}").json["items"]] == found, "looked at, or gone"
    lines = desk.su.get(f"/audit?object=report:{report}").json["items"]
    gone = [line["facts"] for line in lines if line["verb"] == "flag_withdrawn"]
    assert sorted(one["flag"] for one in gone) == ["no-exif", "outside-fence"]
    desk.su.post(f"/reports/{report}/reviews", {"decision": "return", "revision": 2, "comment": "位置不对"})
    desk.send(third, report_id=report, revision=3, location=spot(*FAR), device=None)
    assert {flag["code"] for flag in desk.flags(report)} == {"from-gallery", "outside-fence"}, "and stands again"


def test_thresholds_are_settings(desk: Desk) -> None:
    report = desk.send(location=spot(37.8636, 112.55))
    assert list(desk.of_report(report)) == ["outside-fence"]
    conf = replace(desk.office.app.config["DUDAO"], evidence_outside_m=500)
    with desk.office.app.app_context():
        service.work_out(desk.office.database, conf, uuid.UUID(report))
    assert desk.of_report(report) == {}


def test_intake_only_asks_for_the_work(desk: Desk) -> None:
    clock.set_source(lambda: SENT + timedelta(seconds=1))
    entry, data = taken(honest(gps=FAR))
    desk.wang.send(report_body(desk.site, photos=[entry], location=None, location_reason="室内"), {entry["id"]: data})
    assert desk.office.read(sa.select(Flag.code)) == []
    jobs = desk.office.read(sa.select(Job.run_at).where(Job.kind == "evidence-facts"))
    assert len(jobs) == 1
    assert timedelta() < jobs[0] - clock.now() <= timedelta(seconds=7)
