"""Stamped copies: what stands on them for whom, that they hold nothing else, and that no text and no shape breaks them."""

from __future__ import annotations

import dataclasses
import io
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image, ImageChops

from server.accounts import queries as people
from server.evidence.stamping import drawing, glyphs, queries, words
from server.evidence.stamping.words import Place, Stamp
from server.kit.images.pixels import as_jpeg
from server.photos.models import Photo
from server.programme.models import Site
from tests.evidence.conftest import Telling
from tests.evidence.pictures import telling, tells_nothing
from tests.factories import Someone, photo_entry, report_body
from tests.issues.loop import ITEM, refused

WHOLE = Stamp(
    sha256="0123456789abcdef" * 4, received_at=datetime(2026, 11, 20, 4, 1, tzinfo=UTC),
    captured_at=datetime(2026, 11, 20, 1, 15, 7, tzinfo=UTC), place=Place(37.870123, 112.550456, 8.0, exact=True),
    district=("迎泽区", "Yingze"), site="老军营小区 🏗️ 𬭎", item="ELEV-A05",
    item_name=("电焊工、电工等特种作业人员持证上岗", "Welders and electricians hold their certificates"), taken_by="王督导",
    report="140106-20261120-0001",
)


def told(loop: Telling, who: Someone, photo: str, language: Any = "zh") -> list[str]:
    """The lines that this person's copy bears."""
    with loop.office.database.read() as db:
        actor = people.actor_now(db, who.id)
        assert actor is not None
        found = db.scalars(sa.select(Photo).where(Photo.id == uuid.UUID(photo))).one()
        return words.lines(queries.stamp_of(db, actor, found), language)


def jpeg_of(width: int, height: int, colour: Any = (120, 140, 90)) -> bytes:
    return as_jpeg(Image.new("RGB", (width, height), colour), 90)


def opened(data: bytes) -> Image.Image:
    tells_nothing(data)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        return picture.convert("RGB")


def test_a_stamped_copy_is_upright_bare_and_kept(loop: Telling) -> None:
    data = telling(9, width=1200, height=900, orientation=6)
    photo = photo_entry(data, item=ITEM, location={"lat": 37.87, "lng": 112.55, "crs": "wgs84", "accuracy_m": 9.0})
    loop.wang.send(report_body(loop.site, photos=[photo]), {photo["id"]: data})
    pending = loop.wang.get(f"/photos/{photo['id']}/stamped")
    refused(pending, 404, "rendition-pending")
    assert int(pending.headers["Retry-After"]) > 0
    loop.work_off()
    answer = loop.wang.get(f"/photos/{photo['id']}/stamped")
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert opened(answer.data).size == (900, 1200)
    assert answer.headers["Cache-Control"].startswith("private, max-age=")
    again = loop.wang.get(f"/photos/{photo['id']}/stamped", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert loop.wang.get(f"/photos/{photo['id']}/original").data == data, "the original stays as it is"
    link = loop.wang.get(f"/photos/{photo['id']}").json["links"]["stamped"]
    browser = loop.office.app.test_client()
    assert browser.get(link).data == answer.data
    assert browser.get(link + "&lang=en").data != answer.data
    assert browser.get(link.partition("?")[0]).status_code == 401
    refused(loop.wang.get(f"/photos/{photo['id']}/stamped?lang=fr"), 422, "invalid")


def test_what_stands_on_the_copy_of_a_reports_photo(loop: Telling) -> None:
    before, _ = loop.photos(loop.closed())
    number = loop.su.get("/reports").json["items"][0]["number"]
    sha256 = loop.su.get(f"/photos/{before}").json["sha256"]
    zh, en = told(loop, loop.wang, before), told(loop, loop.su, before, "en")
    assert zh[0] == "2026-11-20 09:15:00（手机时间）"
    assert zh[1] == "37.870123°N, 112.550456°E ±8 米 WGS-84"
    assert zh[2].startswith("迎泽区 老军营小区　ELEV-A05 ")
    assert zh[3] == "拍摄人：Wang"
    assert zh[4] == f"检查报告：{number}　SHA-256:{sha256[:12]}"
    assert en[0] == "2026-11-20 09:15:00 (phone's clock)"
    assert en[2].startswith("Yingze 老军营小区  ELEV-A05 ")
    assert en[4] == f"Report: {number}  SHA-256:{sha256[:12]}"


def test_what_a_firm_is_told(loop: Telling) -> None:
    before, after = loop.photos(loop.closed())
    number = loop.jia.get("/issues").json["items"][0]["number"]
    for photo, side, taken_by in ((before, "整改前", "Wang"), (after, "整改后", "Jia")):
        lines = told(loop, loop.jia, photo)
        assert lines[1] == "约37.870°N, 112.550°E ±100 米 WGS-84"
        assert lines[3] == f"拍摄人：{taken_by}　施工单位：施工甲公司"
        assert lines[4].startswith(f"问题：{number}（{side}）　SHA-256:")
        assert "检查报告" not in "".join(lines), "reports are not the firm's to know"
    loop.work_off()
    inspectors, firms = (who.get(f"/photos/{before}/stamped") for who in (loop.wang, loop.jia))
    assert inspectors.headers["ETag"] != firms.headers["ETag"]
    assert inspectors.data != firms.data
    refused(loop.bing.get(f"/photos/{before}/stamped"), 404, "not-found")


def test_another_name_of_the_site_is_another_copy(loop: Telling) -> None:
    before, _ = loop.photos(loop.closed())
    loop.work_off()
    one = loop.su.get(f"/photos/{before}/stamped")
    loop.office.write(lambda db: db.execute(sa.update(Site).values(name="金刚堰小区")))
    two = loop.su.get(f"/photos/{before}/stamped")
    assert one.headers["ETag"] != two.headers["ETag"]
    assert one.data != two.data
    assert loop.su.get(f"/photos/{before}/stamped").data == two.data


def test_positions_of_other_datums_and_hemispheres(loop: Telling) -> None:
    places: list[Any] = [
        {"lat": 37.876, "lng": 112.5566, "crs": "gcj02"}, {"lat": -33.8688, "lng": -70.6693, "crs": "wgs84"}, None,
        {"lat": -10.0, "lng": -10.0, "crs": "gcj02", "accuracy_m": 9999.5},
    ]
    data = telling(1)
    entries = [photo_entry(data, location=place) for place in places]
    loop.wang.send(report_body(loop.site, photos=entries), {one["id"]: data for one in entries})
    shifted, south, none, outside = (told(loop, loop.wang, one["id"])[1] for one in entries)
    assert shifted.startswith("37.87")
    assert "37.876000" not in shifted, "WGS-84 is what stands there"
    assert south == "33.868800°S, 70.669300°W WGS-84"
    assert none == "没有位置"
    assert outside.endswith("±10000 米 WGS-84") or outside == "没有位置"


SHAPES = {
    "landscape": (1600, 1200), "portrait": (1200, 1600), "panorama": (1600, 240), "flat": (1600, 40), "tower": (300, 1600),
    "thread": (12, 1600), "small": (320, 240), "tiny": (64, 48), "pixel": (1, 1), "square": (1600, 1600),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_strip_never_takes_more_than_a_quarter(shape: str, language: Any) -> None:
    width, height = SHAPES[shape]
    plain = jpeg_of(width, height)
    image = opened(drawing.stamped(plain, words.lines(WHOLE, language)))
    assert image.width >= width
    assert image.height >= height
    covered = image.crop(((image.width - width) // 2, 0, (image.width - width) // 2 + width, height))
    free = covered.crop((0, 0, width, height - height // 4))
    with Image.open(io.BytesIO(plain)) as original:
        same = ImageChops.difference(free, original.convert("RGB").crop((0, 0, width, height - height // 4)))
    if width < 16:
        return  # its neighbours are within the same block of the JPEG
    if height > 64:  # a JPEG's blocks at the edge of a strip blur by some pixels
        same = same.crop((0, 0, width, max(1, same.height - 16)))
    assert all(high <= 12 for _, high in same.getextrema()), "what is above is as it was"
    if image.height == height:
        strip = image.crop((0, height - height // 4, width, height))
        assert strip.convert("L").getextrema()[1] > 235, "white letters"


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (255, 0, 0), (128, 128, 128), (255, 255, 0)])
def test_letters_stand_out_on_any_ground(colour: tuple[int, int, int]) -> None:
    image = opened(drawing.stamped(jpeg_of(1600, 1200, colour), words.lines(WHOLE, "zh")))
    strip = image.crop((0, 1150, 1600, 1196)).convert("L")
    ground = sorted(strip.tobytes())[len(strip.tobytes()) // 2]
    assert strip.getextrema()[1] > 235
    assert ground < 115, "white on it has a contrast of at least 4.5"


@pytest.mark.parametrize("text", [
    "𬭎🏗️👨‍👩‍👧‍👦", "", " ", "\x00\x07", "مرحبا שלום", "\u202eabc\u202c", "超" * 900, "W" * 900, "a b " * 300,
    "\U0010ffff\ue000",
    "نص\n新行\t制表", "e\u0301ﬁ½№①",
])
def test_no_text_breaks_it(text: str) -> None:
    lines = words.lines(dataclasses.replace(WHOLE, site=text, item_name=(text, text), taken_by=text, report=text), "zh")
    for size in ((1600, 1200), (64, 48)):
        assert opened(drawing.stamped(jpeg_of(*size), lines)).height >= size[1]


def test_a_letter_that_no_font_has_is_a_geta_mark() -> None:
    assert "".join(run.text for run in glyphs.runs("小区🏗x", 20)) == f"小区{glyphs.GETA}x"
    assert "".join(run.text for run in glyphs.runs("𬭎鿏", 20)).count(glyphs.GETA) <= 2
    assert glyphs.printable("a\u202eb\x00c\nd") == "abc d"


@pytest.mark.parametrize("moment", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_the_ends_of_time(moment: datetime) -> None:
    assert words.lines(dataclasses.replace(WHOLE, captured_at=moment), "zh")[0].endswith("（手机时间）")
    came = dataclasses.replace(WHOLE, captured_at=None)
    assert words.lines(came, "en")[0] == "2026-11-20 12:01:00 (received, server's clock)"
