"""The ZIP of a week: all there is, under names that people and programs can read, written as a stream."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.kit.i18n import Language
from server.weekly import archive, photo_names, render
from server.weekly.figures import canonical
from tests import photos as sample
from tests.weekly import bulletins
from tests.weekly.reading import title
from tests.weekly.test_workbook_odd import ODDER, odd_week

STEM = "太原市老旧小区改造督导周报_2026年第47周_20261116-20261122"
PAPERS = {"pdf": lambda: [b"%PDF", b"-1.7"], "xlsx": lambda: [b"PK" * 300_000], "docx": lambda: iter([b"PK"])}
NAME = re.compile(r"(?:照片|photos)/[^/\\:*?\"<>|]{1,100}\.(?:jpg|png|webp|heic|avif|bin)")


def original(sha256: str) -> Iterator[bytes]:
    """A photo whose bytes follow from its name, in two pieces."""
    yield b"\xff\xd8\xff" + sha256.encode()
    yield b"rest"


def zipped(week: dict[str, Any], language: Language = "zh", **more: Any) -> zipfile.ZipFile:
    given: dict[str, Any] = {"papers": PAPERS, "original": original} | more
    return zipfile.ZipFile(io.BytesIO(b"".join(archive.stream(week, language, **given))))


def test_it_holds_the_papers_the_figures_the_words_and_every_table() -> None:
    week = bulletins.full()
    with zipped(week) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        assert len(set(names)) == len(names)
        held = {name: packed.read(name) for name in names if not name.startswith("照片/")}
    tables = {f"{title(name, 'zh')}.csv" for name in render.TABLES}
    assert len(tables) == 8
    assert held.keys() == {
        "说明.txt", f"{STEM}.xlsx", f"{STEM}.docx", f"{STEM}.pdf", f"{STEM}.json", f"{STEM}_文字.json", *tables, "照片清单.csv",
    }
    assert held[f"{STEM}.xlsx"] == b"PK" * 300_000
    assert held[f"{STEM}.pdf"] == b"%PDF-1.7"
    assert held[f"{STEM}.json"] == canonical(week["figures"])
    assert json.loads(held[f"{STEM}_文字.json"]) == {key: value for key, value in week.items() if key != "figures"}
    for name in render.TABLES:
        data = held[f"{title(name, 'zh')}.csv"]
        assert data == render.csv_of(week, name, "zh")
        assert data.startswith(b"\xef\xbb\xbf")
    assert "xlsx、docx、pdf" in held["说明.txt"].decode("utf-8-sig")


def test_in_english_its_names_are_ascii() -> None:
    week = bulletins.full()
    for row in week["figures"]["tables"]["T7"]["rows"]:
        row |= {"site": {"name": "Courtyard"}, "part": "roof"}
    for case in week["figures"]["cases"]:
        case["site"] = {"name": "Courtyard"}
    with zipped(week, "en") as packed:
        names = packed.namelist()
    assert all(name.isascii() for name in names)
    assert {"README.txt", "weekly-report_2026-W47_20261116-20261122.json", "T7 Issue register.csv", "Photos.csv"} <= set(names)
    assert "photos/Yingze_Courtyard_Facades and insulation_roof_140106-20261118-0006_after_01.jpg" in names


def test_names_are_marked_as_utf_8_and_nothing_depends_on_the_hour() -> None:
    with zipped(bulletins.full()) as packed:
        for entry in packed.infolist():
            assert entry.flag_bits & 0x800 or entry.filename.isascii(), entry.filename
            assert entry.date_time == (2000, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o644
    assert b"".join(archive.stream(bulletins.full(), "zh", PAPERS, original)) == b"".join(
        archive.stream(bulletins.full(), "zh", PAPERS, original)
    )


def test_to_a_path_it_has_the_same_entries_with_their_sizes_before_them(tmp_path: Path) -> None:
    for name in "ab":
        archive.write(bulletins.full(), "zh", tmp_path / name, PAPERS, original)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as kept, zipped(bulletins.full()) as streamed:
        assert [(one.filename, one.CRC, one.file_size) for one in kept.infolist()] == [
            (one.filename, one.CRC, one.file_size) for one in streamed.infolist()
        ]
        assert not any(one.flag_bits & 0x08 for one in kept.infolist())
        assert all(one.flag_bits & 0x08 for one in streamed.infolist())


def test_the_photos_are_the_originals_of_the_cases_and_of_every_newest_pair() -> None:
    week = bulletins.full(12)
    register, cases = week["figures"]["tables"]["T7"]["rows"], week["figures"]["cases"]
    wanted = {(row["number"], kind, row[kind]["sha256"]) for row in register for kind in ("before", "after") if row[kind]}
    wanted |= {(case["number"], kind, pair[kind]["sha256"]) for case in cases[:6] for pair in case["pairs"]
               for kind in ("before", "after") if pair[kind]}
    with zipped(week) as packed:
        listed = list(csv.DictReader(io.StringIO(packed.read("照片清单.csv").decode("utf-8-sig"), newline="")))
        words = {"整改前": "before", "整改后": "after"}
        assert {(row["问题编号"], words[row["整改前/后"]], row["SHA-256"]) for row in listed} == wanted
        assert len(listed) == len(wanted)  # a photo that is in a case and in the register is there once
        assert {row["文件"] for row in listed} == {name for name in packed.namelist() if name.startswith("照片/")}
        for row in listed:
            assert packed.read(row["文件"]) == b"".join(original(row["SHA-256"]))
            assert int(row["字节"]) == packed.getinfo(row["文件"]).file_size
            assert packed.getinfo(row["文件"]).compress_type == zipfile.ZIP_STORED
            assert row["问题编号"] in row["文件"]
            assert NAME.fullmatch(row["文件"])
    name = "照片/迎泽区_示例小区6_外立面整治与外墙保温_7号楼东山墙_140106-20261118-0006_整改后_01.jpg"
    assert name in {row["文件"] for row in listed}


def test_cases_that_the_office_chose_come_first() -> None:
    week = bulletins.full(12)
    week["words"]["cases"] = ["issue-8", "issue-1", "unknown"]
    names = [photo.number for photo in photo_names.photos(week, "zh")]
    assert [one[-4:] for one in names[:4]] == ["0008", "0008", "0001", "0001"]


def test_a_photo_that_the_store_lost_is_told_in_the_list() -> None:
    week = bulletins.full(3)
    lost = week["figures"]["tables"]["T7"]["rows"][2]["after"]["sha256"]

    def some(sha256: str) -> Iterator[bytes]:
        if sha256 == lost:
            raise FileNotFoundError
        yield from original(sha256)

    with zipped(week, original=some) as packed:
        listed = list(csv.DictReader(io.StringIO(packed.read("照片清单.csv").decode("utf-8-sig"), newline="")))
    assert [(row["SHA-256"], row["文件"], row["字节"]) for row in listed if row["备注"]] == [(lost, "", "")]
    assert [row["备注"] for row in listed if row["备注"]] == ["原件未取得"]


@pytest.mark.parametrize(("language", "name", "said"), [
    ("zh", "照片清单.csv", "原件已于 2028-03-01 按保存期限清除"),
    ("en", "Photos.csv", "the original was removed on 2028-03-01 by the rule of retention"),
])
def test_a_photo_that_the_rule_of_retention_removed_is_told_with_its_day(language: Language, name: str, said: str) -> None:
    week = bulletins.full(3)
    gone = week["figures"]["tables"]["T7"]["rows"][2]["after"]
    removed = {str(gone["photo_id"]): date(2028, 3, 1)}
    with zipped(week, language, removed=removed) as packed:
        listed = list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"), newline="")))
    assert [(row[0], row[4], row[6]) for row in listed[1:] if row[6]] == [("", gone["sha256"], said)]
    with zipped(week, language, removed=removed, covered={gone["sha256"]}) as packed:  # the covered copy is made of the preview
        listed = list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"), newline="")))
    assert all(row[0] for row in listed[1:])


def test_without_a_store_there_are_no_photos() -> None:
    with zipped(bulletins.full(), original=None, papers={}) as packed:
        assert len(packed.namelist()) == 11


@pytest.mark.parametrize("make", [sample.jpeg, sample.png, sample.webp, sample.avif, sample.heic])
def test_a_photo_has_the_ending_of_what_it_is(make: Any) -> None:
    ending = {"jpeg": "jpg"}.get(make.__name__, make.__name__)
    assert photo_names.ending(make(64, 48)[:64]) == ending
    assert photo_names.ending(b"") == "bin"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_breaks_a_name_or_the_archive(language: Language) -> None:
    odd = [*ODDER, "../../etc/passwd", "C:\\x", "很" * 300, "CON", "a/b\\c", "...", " x "]
    week = odd_week(odd)
    week["figures"]["cases"] = []
    for n, row in enumerate(week["figures"]["tables"]["T7"]["rows"]):
        row |= {"number": f"140106-20261118-{n:04d}", "before": bulletins.photo(n, "before")}
    # figures come from the database and are JSON: neither holds a lone surrogate; the office's words might
    week["figures"] = json.loads(json.dumps(week["figures"]).replace("\\ud800", "?"))
    assert "孤\ud800代理" in week["words"]["key_points"]["zh"]
    with zipped(week, language) as packed:
        assert packed.testzip() is None
        names = [name for name in packed.namelist() if "/" in name]
    assert len(names) == len(set(names)) == len(odd)
    for name in names:
        assert NAME.fullmatch(name), name
        assert len(name.split("/")) == 2
        assert len(name.encode()) <= 255
        assert "\u202e" not in name
        assert len(name.partition("/")[2]) <= 100


def test_an_empty_week_packs() -> None:
    with zipped(bulletins.empty()) as packed:
        assert packed.testzip() is None
        assert packed.read("照片清单.csv").decode("utf-8-sig").count("\n") == 1


def test_what_the_store_raises_is_raised_and_the_archive_does_not_look_whole(tmp_path: Path) -> None:
    def away(sha256: str) -> Iterator[bytes]:
        yield b"\xff\xd8\xff"
        raise OSError("the store is away")

    with pytest.raises(OSError, match="away"):
        archive.write(bulletins.full(), "zh", tmp_path / "z", PAPERS, away)
    assert not zipfile.is_zipfile(tmp_path / "z")
    torn = []
    with pytest.raises(OSError, match="away"):
        torn.extend(archive.stream(bulletins.full(), "zh", PAPERS, away))
    assert not zipfile.is_zipfile(io.BytesIO(b"".join(torn)))


def test_a_client_that_goes_away_leaves_nothing_open() -> None:
    closed = []

    def watched(sha256: str) -> Iterator[bytes]:
        try:
            yield from original(sha256)
        finally:
            closed.append(sha256)

    stream = archive.stream(bulletins.full(), "zh", {}, watched)
    while b"\xff\xd8\xff" not in next(stream):
        pass
    stream.close()
    assert len(closed) == 1


def test_beyond_four_gigabytes_it_is_written_as_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limit lowered, as four gigabytes take a minute; real ones were unpacked once by Info-ZIP."""
    whole = b"".join(archive.stream(bulletins.full(40), "zh", {}, original))
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 150_000)
    monkeypatch.setattr(archive, "canonical", lambda _figures: b"{}")  # no single entry may be beyond the limit
    monkeypatch.setattr(render, "csv_of", lambda *_: b"a")
    week = bulletins.full(200)
    data = b"".join(archive.stream(week, "zh", {}, lambda sha256: [b"\xff\xd8\xff", bytes(2_000)]))
    assert b"PK\x06\x06" in data  # the end record of ZIP64
    assert b"PK\x06\x06" not in whole
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        assert max(entry.header_offset for entry in packed.infolist()) > 150_000
        assert len(packed.namelist()) > 200


PEAK = """
import resource, sys
from server.weekly import archive
from tests.weekly import bulletins
piece = b"\\xff\\xd8\\xff" + bytes(262141)
week = bulletins.full(int(sys.argv[1]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
size = sum(len(one) for one in archive.stream(week, "zh", {}, lambda _: iter([piece] * 8)))
print(size, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_stays_flat_however_many_photos_there_are() -> None:
    """In a process of its own, whose peak is nobody else's. 30 MB leave room for what 600 more rows of tables and of the
    list take, and for how memory is handed out; the photos alone are 1.7 GB."""

    def peak(issues: int) -> tuple[int, int]:
        command = [sys.executable, "-c", PEAK, str(issues)]
        size, grown = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.split()
        return int(size), int(grown)

    assert peak(20)[0] < 100_000_000
    size, grown = peak(620)
    assert size > 1_500_000_000
    assert grown < 30


def test_pieces_are_handed_on_as_they_come() -> None:
    """None is larger than what it was given in, and many come before the last photo is asked for."""
    asked: list[str] = []

    def slow(sha256: str) -> Iterator[bytes]:
        asked.append(sha256)
        yield b"\xff\xd8\xff" + bytes(4_000_000)

    digest, seen = hashlib.sha256(), []
    for piece in archive.stream(bulletins.full(6), "zh", {}, slow):
        seen.append((len(piece), len(asked)))
        digest.update(piece)
    assert max(size for size, _ in seen) < 300_000
    assert {count for _, count in seen} == set(range(len(asked) + 1))
