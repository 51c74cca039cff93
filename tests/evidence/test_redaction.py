"""Black boxes over a photo: who lays and lifts them, what is given out from then on, and that nothing below shows."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image

from server.audit.models import AuditEvent
from server.kit import covering
from server.photos.models import Redaction
from tests.evidence import pictures
from tests.evidence.conftest import Telling
from tests.evidence.pictures import telling, tells_nothing
from tests.exports.made import made, table
from tests.factories import JINYUAN, Someone, photo_entry, report_body
from tests.issues.loop import refused, taken

BOX = {"x": 0.25, "y": 0.25, "w": 0.5, "h": 0.5}
WHY = "遮盖路人面部"


def cover(who: Someone, photo: str, *boxes: dict[str, float], reason: str = WHY) -> Any:
    return who.post(f"/photos/{photo}/redactions", {"boxes": list(boxes) or [BOX], "reason": reason})


def picture(data: bytes) -> Image.Image:
    tells_nothing(data)
    return Image.open(io.BytesIO(data)).convert("RGB")


def is_black(image: Image.Image, box: dict[str, float] = BOX) -> bool:
    """Whether nothing but black is within the box, but for a JPEG's blur at its edge."""
    left, top = box["x"] * image.width + 8, box["y"] * image.height + 8
    right, bottom = (box["x"] + box["w"]) * image.width - 8, (box["y"] + box["h"]) * image.height - 8
    inside = image.crop((round(left), round(top), round(right), round(bottom)))
    return all(low_high[1] <= 12 for low_high in inside.getextrema())


def test_a_covered_photo_is_covered_in_all_that_is_made_of_it(loop: Telling) -> None:
    before, _ = loop.photos(loop.closed())
    loop.work_off()
    plain = {kind: loop.su.get(f"/photos/{before}/{kind}").data for kind in ("preview", "thumb", "stamped")}
    assert not any(is_black(picture(data)) for data in plain.values())
    shown = taken(cover(loop.su, before))
    assert shown["cover"]
    assert shown["redactions"][0]["boxes"] == [BOX]
    assert (shown["redactions"][0]["by"]["name"], shown["redactions"][0]["reason"]) == ("Su", WHY)
    for kind in ("preview", "thumb", "stamped"):
        answer = loop.su.get(f"/photos/{before}/{kind}")
        assert refused(answer, 404, "rendition-pending"), "never the uncovered one"
        assert int(answer.headers["Retry-After"]) > 0
    loop.work_off()
    for kind, data in plain.items():
        answer = loop.su.get(f"/photos/{before}/{kind}")
        image = picture(answer.data)
        assert is_black(image), kind
        assert image.size == picture(data).size
        assert not is_black(image, {"x": 0.0, "y": 0.0, "w": 0.2, "h": 0.2}), "the rest is as it was"


def test_redactions_add_up_and_each_is_lifted_by_itself(loop: Telling) -> None:
    before, _ = loop.photos(loop.closed())
    loop.work_off()
    corner = {"x": 0.0, "y": 0.0, "w": 0.2, "h": 0.2}
    first = taken(cover(loop.su, before))["redactions"][0]["id"]
    clerk = loop.office.person("clerk", "office")
    both = taken(cover(clerk, before, corner, reason="车牌"))
    assert len(both["redactions"]) == 2
    loop.work_off()
    image = picture(loop.su.get(f"/photos/{before}/preview").data)
    assert is_black(image)
    assert is_black(image, corner)
    refused(loop.su.post(f"/photos/{before}/redactions/{first}/lifting", {"reason": " "}), 422, "invalid")
    left = loop.sun.post(f"/photos/{before}/redactions/{first}/lifting", {"reason": "误遮"}).json
    assert left["cover"] not in {None, both["cover"]}
    assert [one["lifted_reason"] for one in left["redactions"]] == ["误遮", None]
    again = loop.sun.post(f"/photos/{before}/redactions/{first}/lifting", {"reason": "再说一遍"}).json
    assert again["redactions"][0]["lifted_reason"] == "误遮", "lifted once"
    loop.work_off()
    image = picture(loop.su.get(f"/photos/{before}/preview").data)
    assert not is_black(image)
    assert is_black(image, corner)
    second = both["redactions"][1]["id"]
    bare = loop.su.post(f"/photos/{before}/redactions/{second}/lifting", {"reason": "不是车牌"}).json
    assert bare["cover"] is None
    assert loop.su.get(f"/photos/{before}/preview").status_code == 200, "the plain one was never away"
    lines = loop.office.read(sa.select(AuditEvent.verb).where(AuditEvent.verb.like("photo_redact%")))
    assert sorted(lines) == ["photo_redacted"] * 2 + ["photo_redaction_lifted"] * 2


def test_the_same_boxes_again_are_one_redaction(loop: Telling) -> None:
    before, _ = loop.photos(loop.closed())
    one, two = taken(cover(loop.su, before)), taken(cover(loop.su, before))
    assert [one["cover"], len(two["redactions"])] == [two["cover"], 1]
    assert len(loop.office.read(sa.select(Redaction.id))) == 1


def test_the_original_is_for_the_desk_alone(loop: Telling) -> None:
    before, after = loop.photos(loop.closed())
    loop.work_off()
    original = loop.su.get(f"/photos/{before}/original").data
    assert loop.wang.get(f"/photos/{before}/original").data == original
    for photo in (before, after):
        taken(cover(loop.su, photo))
    clerk, boss = loop.office.person("clerk", "office"), loop.office.person("boss", "admin")
    for who in (loop.su, clerk, boss):
        assert who.get(f"/photos/{before}/original").data == original, "to the letter"
        assert "original" in who.get(f"/photos/{before}").json["links"]
    for who, photo in ((loop.wang, before), (loop.zhao, before), (loop.jia, before), (loop.jia, after)):
        refused(who.get(f"/photos/{photo}/original"), 403, "original-withheld")
        shown = who.get(f"/photos/{photo}").json
        assert "original" not in shown["links"]
        assert (bool(shown["cover"]), shown["may_redact"], shown["redactions"]) == (True, False, [])
    issue = loop.jia.get("/issues").json["items"][0]
    assert all("original" not in one["links"] for side in issue["photos"].values() for one in side)
    assert all("cover=" in one["links"]["thumb"] for side in issue["photos"].values() for one in side)


def test_who_may_cover(loop: Telling) -> None:
    before, after = loop.photos(loop.closed())
    elsewhere = loop.office.person("far", "supervisor", districts=(JINYUAN,))
    boss = loop.office.person("boss", "admin")
    both = loop.office.person("both", "inspector", "supervisor", districts=(JINYUAN,))
    for who, photo, status in (
        (loop.wang, before, 403), (loop.jia, after, 403), (boss, before, 403), (elsewhere, before, 404),
        (loop.bing, after, 404), (both, before, 404),
    ):
        assert cover(who, photo).status_code == status, who.username
    data = telling(77)
    entry = photo_entry(data)
    own_site = loop.office.site("又一小区", inspectors=(both,))
    both.send(report_body(own_site, photos=[entry]), {entry["id"]: data})
    refused(cover(both, entry["id"]), 403, "not-allowed")  # supervisor, but of another district
    assert not loop.office.read(sa.select(Redaction.id))


@pytest.mark.parametrize(("boxes", "where"), [
    ([], "boxes"), ([{**BOX, "x": -0.1}], "boxes.0.x"), ([BOX, {**BOX, "w": 0.8}], "boxes.1.w"),
    ([{**BOX, "h": 0}], "boxes.0.h"), ([BOX, BOX, {**BOX, "y": "oben"}], "boxes.2.y"), ([BOX] * 51, "boxes"),
    ([{"x": 0.1, "y": 0.1, "w": 0.1}], "boxes.0.h"), ([{**BOX, "x": float("1e308")}], "boxes.0.x"), (["no"], "boxes.0"),
])
def test_a_wrong_box_is_named(loop: Telling, boxes: list[Any], where: str) -> None:
    before, _ = loop.photos(loop.closed())
    answer = loop.su.post(f"/photos/{before}/redactions", {"boxes": boxes, "reason": WHY})
    named = refused(answer, 422, "invalid")["errors"]
    assert any(field.startswith(where) for field in named), named


def test_a_photo_without_renditions_yet_is_covered_once_they_are_made(loop: Telling) -> None:
    before, _ = loop.photos(loop.closed())
    taken(cover(loop.su, before))
    loop.work_off("redaction")
    refused(loop.su.get(f"/photos/{before}/preview"), 404, "rendition-pending")
    loop.work_off("renditions")
    refused(loop.su.get(f"/photos/{before}/preview"), 404, "rendition-pending")
    loop.work_off("redaction")
    assert is_black(picture(loop.su.get(f"/photos/{before}/preview").data))


def test_the_same_bytes_in_another_photo_are_covered_too(loop: Telling) -> None:
    data = telling(5)
    entries = [photo_entry(data), photo_entry(data)]
    report = loop.wang.send(report_body(loop.site, photos=entries), {one["id"]: data for one in entries})
    loop.work_off()
    taken(cover(loop.su, entries[0]["id"]))
    loop.work_off()
    assert is_black(picture(loop.su.get(f"/photos/{entries[1]['id']}/thumb").data))
    gallery = loop.wang.get(f"/reports/{report['id']}").json["gallery"]
    assert ["original" in one["links"] for one in gallery] == [False, False]


def test_small_and_thin_boxes_cover_at_least_a_pixel(tmp_path: Path) -> None:
    for box in ((0.0, 0.0, 0.001, 0.001), (0.999, 0.999, 0.001, 0.001), (0.5, 0.0, 0.001, 1.0)):
        plain = io.BytesIO()
        Image.new("RGB", (32, 24), "white").save(plain, "JPEG", quality=95)
        preview = tmp_path / "preview.jpg"
        covering.draw(plain.getvalue(), covering.Cover((box,)), preview, tmp_path / "thumb.jpg")
        with Image.open(preview) as opened:
            drawn = opened.convert("RGB")
        low, high = drawn.convert("L").getextrema()
        assert (low < 128, high > 250) == (True, True), box


def papers(loop: Telling, issue: str, report: str) -> dict[str, list[bytes]]:
    """The pictures of everything that is printed, and of the archive."""
    found = {
        name: pictures.media(loop.su.get(path).data) for name, path in {
            "notice": f"/issues/{issue}/notice.docx", "verification": f"/issues/{issue}/verification.docx",
            "report": f"/reports/{report}.docx", "register": "/issues.xlsx",
        }.items()
    }
    _, archive = made(loop.office, loop.su, "photos", "zip", lang="zh")
    _, workbook = made(loop.office, loop.su, "issues", "xlsx", lang="zh")
    return {**found, "archive": pictures.media(archive), "export": pictures.media(workbook)}


@pytest.mark.parametrize("ready", [True, False])
def test_papers_workbooks_and_archives_show_the_covered_one_and_are_drawn_anew(loop: Telling, ready: bool) -> None:
    issue = loop.closed()
    before, after = loop.photos(issue)
    report = loop.su.get("/reports").json["items"][0]["id"]
    loop.work_off()
    plain = papers(loop, issue, report)
    assert all(plain.values())
    for name, shown in plain.items():
        assert not any(is_black(Image.open(io.BytesIO(one)).convert("RGB")) for one in shown), name
    for photo in (before, after):
        taken(cover(loop.su, photo))
    if ready:
        loop.work_off()  # else they are printed before the job came to it
    for name, shown in papers(loop, issue, report).items():
        assert len(shown) == len(plain[name]), name
        photos = [one for one in shown if min(Image.open(io.BytesIO(one)).size) > 40]
        assert photos
        assert all(is_black(Image.open(io.BytesIO(one)).convert("RGB")) for one in photos), name
    _, data = made(loop.office, loop.su, "photos", "zip", lang="zh")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lines = table(archive.read("照片清单.csv"))
    assert {line["备注"] for line in lines} >= {"部分内容已遮盖，所附为遮盖后的副本"}


def test_boxes_that_were_lifted_before_they_were_drawn_are_drawn_when_laid_again(loop: Telling) -> None:
    before, _ = loop.photos(loop.closed())
    loop.work_off()
    first = taken(cover(loop.su, before))["redactions"][0]["id"]
    loop.su.post(f"/photos/{before}/redactions/{first}/lifting", {"reason": "误遮"})
    loop.work_off("redaction")  # and finds nothing to draw
    taken(cover(loop.su, before))
    refused(loop.su.get(f"/photos/{before}/preview"), 404, "rendition-pending")
    loop.work_off("redaction")
    assert is_black(picture(loop.su.get(f"/photos/{before}/preview").data))


def test_an_archive_that_was_made_before_a_photo_was_covered_is_given_out_no_more(loop: Telling) -> None:
    """Neither by its address nor by a link that was signed before."""
    issue = loop.closed()
    before, after = loop.photos(issue)
    loop.work_off()
    elsewhere = loop.office.site("别处小区", inspectors=(loop.wang,))
    files = {
        who.username: made(loop.office, who, "photos", "zip", lang="zh")[0] for who in (loop.su, loop.jia, loop.wang)
    }
    other, _ = made(loop.office, loop.su, "photos", "zip", lang="zh", filters={"site": str(elsewhere)})
    register, _ = made(loop.office, loop.su, "issues", "xlsx", lang="zh")
    plain, _ = made(loop.office, loop.su, "issues", "csv", lang="zh")
    given = taken(cover(loop.su, after))
    for who in (loop.su, loop.jia):
        for address in (f"/exports/{files[who.username]['id']}/file",):
            refused(who.get(address), 404, "export-lost")
        assert who.client.get(files[who.username]["links"]["file"]).status_code == 404
    refused(loop.su.get(f"/exports/{register['id']}/file"), 404, "export-lost")
    for kept in (other, plain):
        assert loop.su.get(f"/exports/{kept['id']}/file").status_code == 200, "nothing of it is shown there"
    loop.work_off()
    _, data = made(loop.office, loop.jia, "photos", "zip", lang="zh")
    assert any(is_black(Image.open(io.BytesIO(one)).convert("RGB")) for one in pictures.media(data))
    laid = given["redactions"][0]["id"]
    assert loop.su.post(f"/photos/{after}/redactions/{laid}/lifting", {"reason": "误遮"}).status_code == 200
    assert loop.jia.get(f"/exports/{files['jia']['id']}/file").status_code == 200, "nothing is covered any more"
    assert before != after


def test_supervisors_read_in_the_trail_who_covered_a_photo_of_their_district(loop: Telling) -> None:
    before, after = loop.photos(loop.closed())
    far = loop.office.person("far", "supervisor", districts=(JINYUAN,))
    for photo in (before, after):
        laid = taken(cover(loop.su, photo))["redactions"][0]["id"]
        loop.su.post(f"/photos/{photo}/redactions/{laid}/lifting", {"reason": "误遮"})
        lines = loop.su.get(f"/audit?object=photo:{photo}").json["items"]
        assert [(line["verb"], line["district"]) for line in lines] == [
            (verb, "140106") for verb in ("photo_redaction_lifted", "photo_redacted", "photo_stored")
        ]
        assert far.get(f"/audit?object=photo:{photo}").json["items"] == []
