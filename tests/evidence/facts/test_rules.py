"""The rules alone: positions, times and files in, codes with their numbers out."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config import Config
from server.evidence.facts import place, timing
from server.evidence.facts.judging import judge
from server.evidence.facts.reading import exif_of, fix_of, limits_of, moment
from server.evidence.facts.rules import CODES, Exif, Fix, Shot, Visit
from server.kit.geo import Crs, Fence, Point, from_wgs84, to_wgs84
from server.photos.rules import FLAGS, SAID, words

LIMITS = limits_of(Config())
START = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HERE = Point(37.86, 112.55)
CIRCLE = Fence.circle(*HERE, 200)
SQUARE = Fence.polygon([[112.549, 37.859], [112.551, 37.859], [112.551, 37.861], [112.549, 37.861], [112.549, 37.859]])


def north(metres: float, of: Point = HERE) -> Point:
    return Point(of.lat + metres / 111_000, of.lng)


def visit(**more: Any) -> Visit:
    return Visit(**{
        "id": uuid.uuid4(), "started_at": START, "finished_at": START + timedelta(minutes=40),
        "sent_at": START + timedelta(hours=1), "received_at": START + timedelta(hours=1), "fix": Fix(HERE, 10),
        "fence": CIRCLE, "skew_s": 0.0, "sendings": 1, **more,
    })


def shot(**more: Any) -> Shot:
    at = START + timedelta(minutes=5)
    return Shot(**{
        "id": uuid.uuid4(), "source": "camera", "captured_at": at, "fix": Fix(HERE, 10, at), "width": 4000, "height": 3000,
        "size": 3_000_000, "exif": Exif(taken_at=at, fix=Fix(HERE), make="HUAWEI", model="ALN-AL00"), **more,
    })


def photo_flags(one: Shot, **more: Any) -> dict[str, Any]:
    return judge(visit(shots=(one,), **more), LIMITS).photos[one.id]


def test_an_honest_visit_is_without_a_flag() -> None:
    shots = tuple(shot() for _ in range(5))
    judged = judge(visit(shots=shots), LIMITS)
    assert judged.report == {}
    assert judged.photos == {one.id: {} for one in shots}


@pytest.mark.parametrize(("fence", "metres", "accuracy", "beyond"), [
    (CIRCLE, 190, None, None), (CIRCLE, 290, 100, None), (CIRCLE, 310, 100, 110), (CIRCLE, 310, 5000, 110),
    (CIRCLE, 5000, 10, 4800), (SQUARE, 100, None, None), (SQUARE, 150, 50, None), (SQUARE, 150, 10, 39),
])
def test_the_fence(fence: Fence, metres: float, accuracy: float | None, beyond: int | None) -> None:
    found = place.against_fence(fence, Fix(north(metres), accuracy), LIMITS)
    if beyond is None:
        assert found == {}
    else:
        assert abs(found["outside-fence"]["distance_m"] - beyond) <= 2
        assert found["outside-fence"]["accuracy_m"] == accuracy


@pytest.mark.parametrize("system", ["gcj02", "bd09"])
@pytest.mark.parametrize("fence", [CIRCLE, SQUARE])
def test_a_forgotten_datum_is_said_so_either_way_round(fence: Fence, system: str) -> None:
    for wrong in (from_wgs84(*HERE, system), to_wgs84(*HERE, system)):
        found = place.against_fence(fence, Fix(wrong, 10), LIMITS)
        assert found.keys() == {"datum-suspect"}
        assert found["datum-suspect"]["system"] == system
        assert found["datum-suspect"]["left_m"] == 0
        assert found["datum-suspect"]["offset_m"] in range(500, 1500)
        found = place.against_each_other(Fix(wrong), Fix(HERE, 10), LIMITS)
        assert found["datum-suspect"]["system"] == system


def test_being_as_far_away_elsewhere_is_no_datum() -> None:
    assert place.against_fence(CIRCLE, Fix(north(700), 10), LIMITS).keys() == {"outside-fence"}
    assert place.against_each_other(Fix(north(700)), Fix(HERE, 10), LIMITS).keys() == {"position-mismatch"}
    wide = Fence.circle(*HERE, 2000)
    assert place.against_fence(wide, Fix(north(2060), 10), LIMITS).keys() == {"outside-fence"}


@pytest.mark.parametrize("there", [Point(-33.8568, 151.2153), Point(40.6892, -74.0445), Point(-22.95, -43.21), Point(0, 0)])
def test_other_hemispheres_are_far_away_and_nothing_breaks(there: Point) -> None:
    found = photo_flags(shot(exif=Exif(taken_at=START, fix=Fix(there), make="x")))
    assert found["position-mismatch"]["distance_m"] > 5_000_000
    assert "outside-fence" in photo_flags(shot(fix=None, exif=Exif(taken_at=START, fix=Fix(there), make="x")))


def test_a_photo_from_the_gallery_is_where_its_file_says() -> None:
    old = Exif(taken_at=START, fix=Fix(north(9000)), make="x")
    found = photo_flags(shot(source="gallery", exif=old))
    assert found.keys() == {"outside-fence", "from-gallery"}, "chosen elsewhere than taken is no contradiction"
    assert found["from-gallery"] == {"chosen": 1, "photos": 1}


def test_without_a_position() -> None:
    bare = shot(fix=None, exif=Exif(taken_at=START, make="x"))
    assert photo_flags(bare) == {"no-position": {"photos": 1, "with_position": 0}}
    assert photo_flags(bare, fix=None) == {}, "said once, of the report"
    assert judge(visit(fix=None, shots=(bare, shot())), LIMITS).report == {"no-position": {"photos": 2, "with_position": 1}}
    assert photo_flags(shot(fix=None, exif=None)) == {}, "not read yet"
    assert photo_flags(shot(fix=None)) == {}, "its file knows"


@pytest.mark.parametrize(("metres", "seconds", "blur", "kmh"), [
    (900, 1, 0, None), (1100, 60, 0, None), (1100, 20, 0, 198), (30_000, 3600, 0, None), (30_000, 600, 0, 180),
    (30_000, 600, 10_000, None), (5000, 0, 0, 18_000),
])
def test_travel(metres: float, seconds: float, blur: float, kmh: int | None) -> None:
    found = place.travel(
        Fix(HERE, blur, START), Fix(north(metres), blur, START + timedelta(seconds=seconds)), LIMITS
    )
    assert (found is None) == (kmh is None)
    if found and kmh:
        assert abs(found["speed_kmh"] - kmh) <= kmh * 0.01
        assert found["minutes"] == round(seconds / 60)


@pytest.mark.parametrize(("own", "others", "skew"), [
    (None, [], None), (None, [-3.0, -90.0], -3.0), (-2.0, [], -2.0), (3600.0, [0.0], 3600.0),
    (-7200.0, [], -7200.0), (-7200.0, [-4.0, -900.0], -4.0), (-7200.0, [-7190.0], -7190.0),
    (-10.0, [7200.0], -10.0),  # put right since
])
def test_the_clock_is_off_by_what_the_shortest_way_says(own: float | None, others: list[float], skew: float | None) -> None:
    assert timing.skew_of(own, others, LIMITS) == skew


@pytest.mark.parametrize(("skew", "ahead"), [(4000.0, True), (-4000.0, False), (290.0, None), (None, None)])
def test_a_clock_that_is_off(skew: float | None, ahead: bool | None) -> None:
    found = judge(visit(skew_s=skew), LIMITS).report
    if ahead is None:
        assert found == {}
    else:
        assert found == {"clock-skew": {"minutes": 67, "seconds": round(skew or 0), "ahead": ahead, "sendings": 1}}


def test_times_of_a_wrong_clock_are_compared_by_that_clock() -> None:
    ahead = timedelta(hours=8)
    late = shot(captured_at=START + ahead, exif=Exif(taken_at=START + ahead, gps_at=START, fix=Fix(HERE), make="x"))
    found = photo_flags(
        late, started_at=START + ahead, finished_at=START + ahead * 1.1, sent_at=START + ahead * 1.2,
        received_at=START + ahead * 0.2, skew_s=ahead.total_seconds(),
    )
    assert found == {}
    found = photo_flags(late, started_at=START + ahead, finished_at=START + ahead * 1.1, sent_at=START + ahead * 1.2)
    assert (found["time-mismatch"]["clock"], found["time-mismatch"]["minutes"]) == ("gps", 480)


@pytest.mark.parametrize(("moved", "code", "numbers"), [
    ({"exif": Exif(taken_at=START - timedelta(days=300), make="x", fix=Fix(HERE))}, "time-mismatch", {"minutes": 432_005}),
    ({"captured_at": START - timedelta(hours=2), "exif": None}, "outside-visit", {"minutes": 120, "side": "before"}),
    ({"captured_at": START + timedelta(minutes=65), "exif": None, "fix": None}, None, {}),
    ({"captured_at": START + timedelta(days=9), "exif": None}, "time-order",
     {"minutes": 12_900, "event": "captured", "against": "sent"}),
    ({"captured_at": datetime(9999, 12, 31, tzinfo=UTC), "exif": None}, "time-order", {"event": "captured"}),
    ({"captured_at": datetime(1, 1, 2, tzinfo=UTC), "exif": None}, "outside-visit", {"side": "before"}),
    ({"captured_at": None, "exif": Exif(taken_at=START - timedelta(days=1), make="x", fix=Fix(HERE))}, "outside-visit",
     {"minutes": 1440}),
])
def test_times_of_a_photo(moved: dict[str, Any], code: str | None, numbers: dict[str, Any]) -> None:
    found = photo_flags(shot(**moved))
    assert list(found) == ([code] if code else [])
    if code:
        assert numbers.items() <= found[code].items()


def test_what_ended_after_it_was_sent_or_received() -> None:
    late = START + timedelta(hours=3)
    assert judge(visit(finished_at=late), LIMITS).report == {
        "time-order": {"minutes": 120, "event": "finished", "against": "sent"}
    }
    found = judge(visit(finished_at=late, sent_at=None, skew_s=None), LIMITS).report
    assert found["time-order"]["against"] == "received"
    assert judge(visit(finished_at=late, sent_at=None, skew_s=7200.0), LIMITS).report.keys() == {"clock-skew"}


BARE = Exif()


@pytest.mark.parametrize(("made", "code"), [
    ({"exif": BARE}, "no-exif"),
    ({"exif": BARE, "live": True}, None),
    ({"exif": BARE, "live": True, "source": "gallery", "fix": Fix(HERE)}, "no-exif"),
    ({"exif": BARE, "is_damaged": True}, None),
    ({"exif": BARE, "media_type": "image/png", "width": 1080, "height": 1920}, "screenshot"),
    ({"exif": BARE, "width": 1170, "height": 2532}, "screenshot"),
    ({"exif": BARE, "width": 2532, "height": 1170}, "screenshot"),
    ({"exif": BARE, "width": 1080, "height": 1920}, "no-exif"),  # a frame of a video has that shape too
    ({"exif": BARE, "source": "gallery", "width": 1080, "height": 1440}, "messenger-copy"),
    ({"exif": BARE, "source": None, "width": 1600, "height": 1200}, "messenger-copy"),
    ({"exif": BARE, "source": "camera", "width": 1080, "height": 1440}, "no-exif"),
    ({"exif": Exif(make="Apple", software="18.1", fix=Fix(HERE)), "width": 1170, "height": 2532}, None),
    ({"exif": Exif(make="Apple", software="Adobe Photoshop 25.1", fix=Fix(HERE))}, "edited"),
    ({"exif": Exif(make="vivo", software="今日水印相机", fix=Fix(HERE))}, "edited"),
    ({"exif": Exif(make="HUAWEI", software="ALN-AL00 4.0.0.188", fix=Fix(HERE))}, None),
])
def test_what_a_file_says_of_how_it_came_about(made: dict[str, Any], code: str | None) -> None:
    found = photo_flags(shot(**made))
    found.pop("from-gallery", None)
    assert list(found) == ([code] if code else [])
    if code == "edited":
        assert found[code]["software"] == made["exif"].software


def test_a_phone_that_writes_no_exif_at_all_is_said_once() -> None:
    bare = tuple(shot(exif=BARE) for _ in range(4))
    judged = judge(visit(shots=bare), LIMITS)
    assert judged.report == {"no-exif": {"photos": 4, "without": 4}}
    assert set(map(bool, judged.photos.values())) == {False}
    mixed = (*bare, shot())
    judged = judge(visit(shots=mixed), LIMITS)
    assert judged.report == {}, "that phone can"
    assert [list(judged.photos[one.id]) for one in mixed] == [["no-exif"]] * 4 + [[]]


@pytest.mark.parametrize("said", [
    None, {}, "x", {"lat": "x", "lng": 1}, {"lat": 91, "lng": 0}, {"lat": 1, "lng": 2, "crs": "mars"},
    {"lat": float("nan"), "lng": 1},
])
def test_a_position_that_cannot_be_read_is_none(said: Any) -> None:
    assert fix_of(said) is None


def test_what_a_phone_declares_is_put_right() -> None:
    lat, lng = from_wgs84(*HERE, Crs.GCJ02)
    fix = fix_of({"lat": lat, "lng": lng, "crs": "gcj02", "accuracy_m": 8})
    assert fix
    assert place.against_fence(CIRCLE, fix, LIMITS) == {}


def test_a_camera_without_a_zone_is_of_the_city() -> None:
    read = exif_of({"taken_at": "2026-11-20T09:15:00", "gps_at": None, "lat": None, "lng": None})
    assert read
    assert read.taken_at == datetime(2026, 11, 20, 1, 15, tzinfo=UTC)
    zoned = exif_of({"taken_at": "2026-11-20T09:15:00+09:00"})
    assert zoned
    assert zoned.taken_at == datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
    assert exif_of(None) is None
    assert [moment(text) for text in (None, 7, "x", "2026-11-20T09:15:00")] == [None] * 4


def test_every_code_has_words_and_every_number_in_them_is_there() -> None:
    judged: dict[str, dict[str, Any]] = {}
    far = Fix(north(9000), 10, START)
    cases: list[tuple[Visit, Shot]] = [
        (visit(skew_s=9000.0, fix=None, finished_at=START + timedelta(days=2)), shot(exif=BARE)),
        (visit(fix=far), shot(fix=far)),
        (visit(), shot(source="gallery", captured_at=START - timedelta(days=1))),
        (visit(), shot(exif=BARE, media_type="image/png", width=1080, height=2400)),
        (visit(), shot(exif=BARE, source="gallery", width=1080, height=1440)),
        (visit(), shot(fix=None, exif=Exif(make="x", software="Snapseed 2.0"))),
        (visit(fix=Fix(from_wgs84(*HERE, "gcj02"), 5)), shot()),
    ]
    for whole, one in cases:
        found = judge(replace(whole, shots=(one,)), LIMITS)
        judged |= found.report | found.photos[one.id]
    judged["impossible-travel"] = place.travel(Fix(HERE, 1, START), far, LIMITS) or {}
    assert judged.keys() == CODES
    for code, numbers in judged.items():
        assert numbers, code
        for language in ("zh", "en"):
            title, detail = words(code, numbers, language)
            assert title
            assert "?" not in detail
            assert "{" not in detail
            assert not any(word in detail for word in ("True", "False", "None", "gcj02")), detail
    assert FLAGS.keys() > CODES
    assert set(SAID) == {"event", "against", "side", "ahead", "system"}
