"""The archive of photos: the very bytes under names that say where and when, and a list that proves them."""

from __future__ import annotations

import hashlib
import io
import random
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.exports.zipping import Archive
from server.kit.storage import original_key
from server.photos.models import Photo
from tests.exports.made import HOSTILE, made, some_id, table
from tests.factories import JINYUAN, SiteOffice, Someone, photo_entry, report_body
from tests.issues.loop import Loop
from tests.photos import jpeg, png

LIST = "照片清单.csv"


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


def unpacked(office: SiteOffice, who: Someone, **filters: Any) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    """The photos of an archive by name, and the lines of its list."""
    shown, data = made(office, who, "photos", "zip", filters=filters, lang="zh")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert all(one.flag_bits & 0x800 for one in archive.infolist())
        files = {name: archive.read(name) for name in names}
    lines = table(files.pop(LIST))
    assert shown["rows"] == len(files)
    return files, lines


def stored(office: SiteOffice) -> dict[str, bytes]:
    """The bytes of every photo by SHA-256."""
    files = office.app.extensions["dudao-store"]
    return {one: b"".join(files.read(original_key(one))) for one in office.read(sa.select(Photo.sha256))}


def test_originals_are_there_byte_for_byte_under_names_of_place_and_day(loop: Loop) -> None:
    loop.closed()
    known = stored(loop.office)
    files, lines = unpacked(loop.office, loop.su)
    assert sorted(files.values()) == sorted(known.values())
    number = loop.su.get("/issues").json["items"][0]["number"]
    site = loop.su.get("/sites").json["items"][0]
    before, after = sorted(files, key=lambda name: "整改后" in name)
    assert before.startswith(f"迎泽区/老军营小区_{site['code']}/2026-11-20/迎泽区_老军营小区_既有住宅加装电梯检查表_安装")
    assert before.endswith(f"_{number}_整改前_01.jpg")
    assert after.endswith(f"_{number}_整改后_02.jpg")
    assert all(len(name.rsplit("/", 1)[1]) <= 100 for name in files)
    for line in lines:
        assert hashlib.sha256(files[line["文件"]]).hexdigest() == line["SHA-256"]
        assert len(files[line["文件"]]) == int(line["字节"])
    by_kind = {line["类别"]: line for line in lines}
    assert set(by_kind) == {"整改前", "整改后", "检查"}
    assert by_kind["检查"]["文件"] == before
    assert by_kind["检查"]["备注"]
    assert by_kind["检查"]["纬度"] == "37.8601"
    assert by_kind["整改后"]["纬度"] == "37.8601"
    assert by_kind["整改前"]["拍摄时间"] == "2026-11-20 09:15:00"


def test_each_gets_the_photos_that_they_may_see(loop: Loop) -> None:
    loop.closed()
    photo, data = loop.picture(item="ELEV-A01")
    loop.wang.send(report_body(loop.site, photos=[photo]), {photo["id"]: data})
    far = loop.office.site("外区小区", district=JINYUAN, inspectors=(loop.zhao,))
    other, bytes_ = loop.picture(item="ELEV-A01")
    loop.zhao.send(report_body(far, photos=[other]), {other["id"]: bytes_})
    counts = {
        who.username: len(unpacked(loop.office, who)[0])
        for who in (loop.su, loop.jia, loop.bing, loop.wang, loop.zhao, loop.office.person("clerk", "office"))
    }
    assert counts == {"su": 3, "jia": 2, "bing": 0, "wang": 3, "zhao": 3, "clerk": 4}
    files, lines = unpacked(loop.office, loop.jia)
    assert {line["类别"] for line in lines} == {"整改前", "整改后"}
    assert data not in files.values()


def test_filters_narrow_it_down(loop: Loop) -> None:
    issue = loop.closed()
    photo, data = loop.picture(item="ELEV-A01")
    report = loop.wang.send(report_body(loop.site, photos=[photo]), {photo["id"]: data})["id"]
    assert list(unpacked(loop.office, loop.su, report=report)[0].values()) == [data]
    assert len(unpacked(loop.office, loop.su, issue=issue)[0]) == 2
    assert len(unpacked(loop.office, loop.su, inspector=str(loop.jia.id))[0]) == 1
    assert len(unpacked(loop.office, loop.su, site=str(loop.site))[0]) == 3
    for filters in ({"site": some_id()}, {"district": JINYUAN}, {"received_to": "2020-01-01"}):
        assert unpacked(loop.office, loop.su, **filters) == ({}, [])


def test_hostile_names_stay_inside_and_replaced_photos_are_there(loop: Loop) -> None:
    evil = loop.office.site("../../etc/CON:*?\u202e<>|\x01小区" + "长" * 120, inspectors=(loop.wang,))
    pictures = [photo_entry(data, item="ELEV-A05", caption=caption, captured_at="1970-01-01T00:00:00+08:00")
                for data, caption in ((jpeg(64, 48, seed=number), one) for number, one in enumerate(HOSTILE))]
    data = {entry["id"]: jpeg(64, 48, seed=number) for number, entry in enumerate(pictures)}
    report = loop.wang.send(report_body(evil, photos=pictures), data)["id"]
    fresh = png(64, 48)
    newer = photo_entry(fresh, item="ELEV-A05", media_type="image/png")
    loop.wang.send(report_body(evil, photos=[newer], revision=2), {newer["id"]: fresh}, report_id=report)
    files, lines = unpacked(loop.office, loop.su)
    assert len(files) == len(HOSTILE) + 1
    for name in files:
        district, community, day, file = name.split("/")
        assert district == "迎泽区"
        assert not set(community + file) & set('\\:*?"<>|\u202e\x01')
        assert community[0] not in "./"
        assert len(file) <= 100
        assert max(len(part.encode()) for part in (community, file)) <= 255
        assert day != "1970-01-01"
    assert sum("_r1-" in name for name in files) == len(HOSTILE)
    assert sum(name.endswith(".png") for name in files) == 1
    assert [line["说明"][0] for line in lines if line["说明"] and line["说明"][0] in "=+@\t＝"] == []


def test_a_photo_that_the_store_has_lost_is_named_as_missing(loop: Loop) -> None:
    loop.opened()
    sha256 = loop.office.read(sa.select(Photo.sha256))[0]
    loop.office.app.extensions["dudao-store"].delete(original_key(sha256))
    _, data = made(loop.office, loop.su, "photos", "zip")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == [LIST]
        lines = table(archive.read(LIST))
    assert {(line["文件"], line["备注"], line["SHA-256"]) for line in lines} == {("", "存储中缺失", sha256)}


def test_an_archive_of_more_entries_than_the_old_format_counts(tmp_path: Path) -> None:
    path, moment = tmp_path / "many.zip", datetime(2026, 11, 20, 9, 15)
    with Archive(path) as archive:
        for number in range(70_000):
            archive.add(f"区/{number:05}.jpg", [b"%d" % number], moment)
    with zipfile.ZipFile(path) as found:
        assert len(found.namelist()) == 70_000
        for number in random.Random(3).sample(range(70_000), 50):
            assert found.read(f"区/{number:05}.jpg") == b"%d" % number
        assert found.getinfo("区/00000.jpg").date_time == (2026, 11, 20, 9, 15, 0)
    assert [one.name for one in tmp_path.iterdir()] == ["many.zip"]
    listed = subprocess.run(["python3", "-m", "zipfile", "-t", str(path)], capture_output=True, text=True, check=False)
    assert "Done testing" in listed.stdout


def test_an_entry_that_breaks_off_is_taken_out_again(tmp_path: Path) -> None:
    def broken() -> Any:
        yield b"half"
        raise FileNotFoundError

    with Archive(tmp_path / "a.zip") as archive:
        archive.add("a", [b"one"], datetime(2026, 1, 1))
        with pytest.raises(FileNotFoundError):
            archive.add("b", broken(), datetime(2026, 1, 1))
        archive.add("c", [b"three"], datetime(2026, 1, 1))
    with zipfile.ZipFile(tmp_path / "a.zip") as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == {"a": b"one", "c": b"three"}
