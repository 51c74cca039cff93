"""What a photo says of itself: plain facts, and a named problem instead of a guess or a crash."""

from __future__ import annotations

import contextlib
import json
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.kit import images
from tests import photos

CHINA = timezone(timedelta(hours=8))
AT = datetime(2026, 11, 20, 15, 4, 5, 120_000, tzinfo=CHINA)
TAIYUAN = (37.8706, 112.5489)
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5

Entries = Mapping[int, tuple[int, Any]]


def directory(entries: Entries, at: int, order: str) -> bytes:
    """One TIFF directory standing at `at`, its longer values behind it."""
    head, tail = struct.pack(order + "H", len(entries)), b""
    room = at + 2 + 12 * len(entries) + 4
    for tag, (kind, value) in sorted(entries.items()):
        if kind == ASCII:
            raw, count = value, len(value)
        elif kind == RATIONAL:
            raw, count = b"".join(struct.pack(order + "LL", *pair) for pair in value), len(value)
        else:
            raw, count = struct.pack(order + ("H" if kind == SHORT else "L"), value), 1
        where = raw.ljust(4, b"\0") if len(raw) <= 4 else struct.pack(order + "L", room + len(tail))
        tail += raw if len(raw) > 4 else b""
        head += struct.pack(order + "HHL", tag, kind, count) + where
    return head + bytes(4) + tail


def block(
    first: Entries | None = None, camera: Entries | None = None, gps: Entries | None = None, order: str = "<"
) -> bytes:
    """An EXIF block holding exactly these entries, sense or nonsense."""
    pointed = dict(first or {}) | {0x8769: (LONG, 0), 0x8825: (LONG, 0)}
    start = 8 + len(directory(pointed, 8, order))
    own = directory(camera or {}, start, order)
    pointed |= {0x8769: (LONG, start), 0x8825: (LONG, start + len(own))}
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "L", 8)
    return head + directory(pointed, 8, order) + own + directory(gps or {}, start + len(own), order)


def place(lat: Any, lng: Any, north: bytes = b"N\0", east: bytes = b"E\0") -> Entries:
    return {1: (ASCII, north), 2: (RATIONAL, lat), 3: (ASCII, east), 4: (RATIONAL, lng)}


@pytest.fixture
def facts_of(tmp_path: Path) -> Callable[[bytes], images.PhotoFacts]:
    def read(exif: bytes) -> images.PhotoFacts:
        path = tmp_path / "photo"
        plain = photos.jpeg(64, 48, make=None, model=None)
        path.write_bytes(photos.with_segment(plain, 0xE1, b"Exif\0\0" + exif))
        return images.read_facts(path)

    return read


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif", "heic", "mpo", "ultra_hdr", "motion_photo", "samsung"])
def test_every_format_tells_the_same_facts(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "photo"
    made = getattr(photos, kind)(64, 48, exif_at=AT, gps=TAIYUAN, orientation=6, make="HUAWEI", model="ALN-AL00")
    path.write_bytes(made)
    facts = images.read_facts(path)
    assert (facts.taken_at, facts.lat, facts.lng) == (AT, *TAIYUAN)
    assert (facts.make, facts.model, facts.problems) == ("HUAWEI", "ALN-AL00", ())
    assert (facts.width, facts.height, facts.orientation, facts.has_exif) == (48, 64, 6, True)
    assert images.inspect(path) == facts


def test_facts_travel_as_json_and_come_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(photos.jpeg(64, 48, exif_at=AT, gps=TAIYUAN))
    facts = images.read_facts(path)
    as_text = json.dumps(facts.as_dict())
    assert '"taken_at": "2026-11-20T15:04:05.120000+08:00"' in as_text
    assert images.PhotoFacts.from_dict(json.loads(as_text)) == facts


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_and_avif_are_turned_by_their_box(orientation: int, tmp_path: Path) -> None:
    for make in (photos.heic, photos.avif):
        path = tmp_path / "photo"
        path.write_bytes(make(64, 48, orientation=orientation))
        facts = images.read_facts(path)
        assert facts.orientation == orientation
        assert (facts.width, facts.height) == ((48, 64) if orientation >= 5 else (64, 48))


def test_a_photo_without_exif_says_so_and_has_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(photos.jpeg(64, 48, make=None, model=None))
    assert images.read_facts(path) == images.PhotoFacts("image/jpeg", 64, 48, 1)


@pytest.mark.parametrize(
    "position", [(37.8706, 112.5489), (-33.8568, 151.2153), (40.6892, -74.0445), (-22.9519, -43.21)]
)
def test_every_quarter_of_the_earth(position: tuple[float, float], tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(photos.jpeg(64, 48, gps=position))
    facts = images.read_facts(path)
    assert (facts.lat, facts.lng) == position


@pytest.mark.parametrize("order", ["<", ">"])
def test_height_accuracy_and_satellite_time(order: str, facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    gps = dict(place([(37, 1), (52, 1), (1416, 100)], [(112, 1), (32, 1), (5604, 100)]))
    gps |= {5: (ASCII, b"\1"), 6: (RATIONAL, [(305, 10)]), 31: (RATIONAL, [(47, 10)])}
    gps |= {7: (RATIONAL, [(7, 1), (4, 1), (2, 1)]), 29: (ASCII, b"2026:11:20\0")}
    gps[5] = (SHORT, 1)
    facts = facts_of(block(gps=gps, order=order))
    assert (facts.altitude_m, facts.gps_error_m, facts.problems) == (-30.5, 4.7, ())
    assert facts.gps_at == datetime(2026, 11, 20, 7, 4, 2, tzinfo=UTC)
    assert facts.lat == pytest.approx(37.8706, abs=1e-7)


WHERE = [(37, 1), (52, 1), (14, 1)], [(112, 1), (32, 1), (56, 1)]
BROKEN_PLACES: dict[str, tuple[Entries, str]] = {
    "a zero denominator": (place([(37, 0), (52, 1), (14, 1)], WHERE[1]), "gps-broken"),
    "nothing over nothing": (place([(0, 0)] * 3, [(0, 0)] * 3), "gps-broken"),
    "the corner of the map": (place([(0, 1)] * 3, [(0, 1)] * 3), "gps-zero"),
    "beyond the pole": (place([(91, 1), (0, 1), (0, 1)], WHERE[1]), "gps-broken"),
    "seventy minutes": (place([(37, 1), (70, 1), (0, 1)], WHERE[1]), "gps-broken"),
    "a latitude alone": ({1: (ASCII, b"N\0"), 2: (RATIONAL, WHERE[0])}, "gps-broken"),
    "no hemisphere": ({2: (RATIONAL, WHERE[0]), 4: (RATIONAL, WHERE[1])}, "gps-no-ref"),
    "an unknown hemisphere": (place(*WHERE, north=b"?\0"), "gps-no-ref"),
    "degrees as text": ({1: (ASCII, b"N\0"), 2: (ASCII, b"37.87\0"), 4: (ASCII, b"112.5\0")}, "gps-broken"),
}


@pytest.mark.parametrize("name", BROKEN_PLACES)
def test_a_broken_place_is_no_place(name: str, facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    entries, problem = BROKEN_PLACES[name]
    facts = facts_of(block(gps=entries))
    assert (facts.lat, facts.lng, facts.problems) == (None, None, (problem,))


def test_a_broken_height_or_satellite_time_leaves_the_place(facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    gps = dict(place(*WHERE)) | {6: (RATIONAL, [(1, 0)]), 31: (RATIONAL, [(5, 0)])}
    gps |= {7: (RATIONAL, [(7, 0), (4, 1), (2, 1)]), 29: (ASCII, b"2026:11:20\0")}
    facts = facts_of(block(gps=gps))
    assert facts.lat is not None
    assert facts.problems == ("altitude-broken", "gps-error-broken", "gps-time-broken")
    assert "altitude-broken" in facts_of(block(gps={6: (RATIONAL, [(4_000_000_000, 1)])})).problems
    late = {7: (RATIONAL, [(99, 1), (4, 1), (2, 1)]), 29: (ASCII, b"2026:11:20\0")}
    assert facts_of(block(gps=late)).problems == ("gps-time-broken",)


MOMENTS: dict[bytes, tuple[datetime | None, tuple[str, ...]]] = {
    b"2026:11:20 15:04:05\0": (datetime(2026, 11, 20, 15, 4, 5), ()),
    b"2026-11-20 15:04:05\0": (datetime(2026, 11, 20, 15, 4, 5), ()),
    b"2026:11:20 24:05:00\0": (datetime(2026, 11, 20, 0, 5), ("hour-24",)),
    b"1970:01:01 00:00:00\0": (datetime(1970, 1, 1), ()),
    b"    :  :     :  :  \0": (None, ()),
    b"0000:00:00 00:00:00\0": (None, ("taken-at-broken",)),
    b"0000:01:01 10:00:00\0": (None, ("taken-at-broken",)),
    b"9999:12:31 23:59:59\0": (None, ("taken-at-broken",)),
    b"2026:02:30 10:00:00\0": (None, ("taken-at-broken",)),
    b"yesterday\xff\xfe\0": (None, ("taken-at-broken",)),
}


@pytest.mark.parametrize("written", MOMENTS)
def test_the_cameras_clock(written: bytes, facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    facts = facts_of(block(camera={0x9003: (ASCII, written)}))
    assert (facts.taken_at, facts.problems) == MOMENTS[written]


def test_a_broken_offset_leaves_the_wall_clock(facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    for offset in (b"+99:00\0", b"Beijing\0", b"+08:75\0"):
        facts = facts_of(block(camera={0x9003: (ASCII, b"2026:11:20 15:04:05\0"), 0x9011: (ASCII, offset)}))
        assert (facts.taken_at, facts.problems) == (datetime(2026, 11, 20, 15, 4, 5), ("offset-broken",))


def test_text_is_one_clean_line(facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    def model(raw: bytes) -> images.PhotoFacts:
        return facts_of(block(first={0x0110: (ASCII, raw)}))

    assert model("华为 Mate\0".encode()).model == "华为 Mate"
    assert model(b"ALN-AL00\0\0\0padding").model == "ALN-AL00"
    assert model("红米\0".encode("gb18030")).model == "红米"
    assert model("红米\0".encode("gb18030")).problems == ("text-not-utf8",)
    assert model("A\u202eB\x07\r\nC\ue000\0".encode()).model == "AB C"
    assert len(model(b"x" * 5000 + b"\0").model or "") == 64
    lone = model(b"A\xed\xa0\x80\xffB\0")
    assert lone.model is not None
    json.dumps(lone.as_dict()).encode()
    lone.model.encode()
    assert model(b"   \0").model is None


@pytest.mark.parametrize("written", [9, 0xFFFF])
def test_an_absurd_orientation_is_upright(written: int, facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    facts = facts_of(block(first={0x0112: (SHORT, written)}))
    assert (facts.orientation, facts.width, facts.problems) == (1, 64, ("orientation-broken",))


def test_exif_that_leads_nowhere_is_named_broken(facts_of: Callable[[bytes], images.PhotoFacts]) -> None:
    good = block(first={0x0110: (ASCII, b"ALN-AL00\0")})
    assert facts_of(good[:30]).problems == ("exif-broken",)
    assert facts_of(b"II*\0\xff\xff\xff\xff").problems == ("exif-broken",)
    assert facts_of(b"no TIFF at all").problems == ("exif-broken",)
    endless = b"II*\0\x08\0\0\0\xff\xff" + bytes(60_000)
    assert facts_of(endless).problems == ("exif-broken",)


def test_no_picture_at_all_still_gives_facts(tmp_path: Path) -> None:
    path = tmp_path / "photo"
    path.write_bytes(b"hello")
    assert images.read_facts(path).problems == ("unsupported-media-type",)
    path.write_bytes(b"\xff\xd8\xff\xe0")
    assert images.read_facts(path).problems == ("no-frame-header",)
    with pytest.raises(FileNotFoundError):
        images.read_facts(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        images.inspect(tmp_path / "none")


FACTS: dict[str, Any] = {"exif_at": AT, "gps": TAIYUAN, "orientation": 6, "make": "HUAWEI", "model": "ALN-AL00"}
WHOLE = [make(32, 24, **FACTS) for make in (photos.jpeg, photos.png, photos.webp, photos.avif, photos.heic, photos.mpo)]
CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=12)


@settings(max_examples=300, deadline=2000, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None)
@given(which=st.integers(0, len(WHOLE) - 1), changes=CHANGES, kept=st.floats(0.05, 1))
def test_any_bytes_give_facts(which: int, changes: list[tuple[float, bytes]], kept: float, tmp_path: Path) -> None:
    photo = bytearray(WHOLE[which])
    head = min(len(photo), 700)  # where all the structure is; further on there are only pixels
    for where, what in changes:
        at = 12 + int(where * (head - 12))
        photo[at : at + len(what)] = what
    path = tmp_path / "photo"
    path.write_bytes(photo[: int(len(photo) * kept)])
    facts = images.read_facts(path)
    assert images.PhotoFacts.from_dict(json.loads(json.dumps(facts.as_dict()))) == facts
    for text in (facts.make, facts.model, facts.software):
        assert text is None or (0 < len(text) <= 64 and text.isprintable())
    with contextlib.suppress(images.Refused):
        images.sniff(path)
