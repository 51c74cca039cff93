"""The story of one inspection, from the phone's first sync to the week's table, over real HTTP on both databases."""

from __future__ import annotations

import hashlib
import io
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import python_calamine
from PIL import Image, ImageColor

from server.kit.ids import new_id
from tests.city import City, until
from tests.cutter import Cut, Cutter, How, Way
from tests.factories import JINYUAN
from tests.phone import OCTETS, TUS, Answer, Line, LineCutError, Phone, Sending, creation
from tests.photos import CORNERS, corners, exif_of, heic_of, jpeg, padded

SHANGHAI = ZoneInfo("Asia/Shanghai")
SITE = (37.7301, 112.4735)


@dataclass(slots=True)
class Cast:
    """Who takes part, each with a line of their own."""

    inspector: Phone
    supervisor: Phone
    contractor: Phone
    other_contractor: Phone
    office: Phone
    site_id: str

    def hang_up(self) -> None:
        for one in (self.inspector, self.supervisor, self.contractor, self.other_contractor, self.office):
            one.hang_up()


@dataclass(slots=True)
class Album:
    """The photographs that were taken: bytes by name, and their entries in the report."""

    pictures: dict[str, bytes]
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def id(self, name: str) -> str:
        return str(self.entries[name]["id"])


def test_one_inspection(city: City) -> None:
    cast = people_of_jinyuan(city)
    try:
        cursor = morning_sync(cast)
        album, sending = two_days_offline(cast)
        the_report_goes_first(cast, sending)
        photo_1_goes_whole(cast, sending, album)
        photo_2_is_cut_in_the_middle_and_resumed_at_the_byte(city, cast, sending, album)
        the_reply_to_photo_3_is_lost_and_it_is_sent_again(city, cast, sending, album)
        photo_4_brings_the_receipt(cast, sending, album)
        nobody_else_sees_it_yet(cast, sending, album)
        the_supervisor_returns_it(cast, sending)
        second, receipt = the_inspector_sends_revision_2(cast, sending, album, cursor)
        issue = the_supervisor_approves(cast, second)
        the_contractor_sees_the_issue_and_its_photo_and_nothing_else(cast, second, album, issue)
        previews_are_upright(cast, album)
        the_week_holds_it(city, cast, receipt, issue)
        every_original_is_as_it_was_sent(cast, album)
        the_trail_is_one_chain(city, cast, second)
    finally:
        cast.hang_up()


def ok(answer: Answer, status: int = 200) -> Any:
    assert answer.status == status, answer.body.decode(errors="replace")[:800]
    return answer.json if answer.body else None


def people_of_jinyuan(city: City) -> Cast:
    """One district with one site, and a contractor who builds there."""
    office = city.office
    inspector = office.person("inspector.jinyuan", "inspector", districts=(JINYUAN,))
    firm, other = office.organisation("晋源建设"), office.organisation("别家建设")
    site_id = office.site(
        "晋祠路一号院", district=JINYUAN, contractor=firm, inspectors=(inspector,),
        lat=SITE[0], lng=SITE[1], lat_wgs84=SITE[0], lng_wgs84=SITE[1],
    )
    return Cast(
        inspector=city.phone(inspector),
        supervisor=city.phone(office.person("supervisor.jinyuan", "supervisor", districts=(JINYUAN,))),
        contractor=city.phone(office.person("contractor.jinyuan", "contractor", organisation=firm)),
        other_contractor=city.phone(office.person("contractor.other", "contractor", organisation=other)),
        office=city.phone(office.person("office.city", "office")),
        site_id=str(site_id),
    )


def morning_sync(cast: Cast) -> str:
    """The phone takes along what it needs without a network: its sites and every checklist."""
    taken = ok(cast.inspector.get("/sync"))
    assert [site["id"] for site in taken["sites"]] == [cast.site_id]
    assert "ELEV" in {checklist["code"] for checklist in taken["checklists"]}
    assert (taken["reports"], taken["issues"]) == ([], [])
    return str(taken["cursor"])


def two_days_offline(cast: Cast) -> tuple[Album, Sending]:
    """Four photographs and a filled checklist wait on the phone for two days."""
    visited = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(days=2)
    sideways = corners(960, 1280).transpose(Image.Transpose.ROTATE_90)  # the phone was held upright: orientation 6
    out = io.BytesIO()
    sideways.save(out, "JPEG", quality=90, exif=facts(visited, orientation=6).tobytes())
    album = Album({
        "licence": out.getvalue(),
        "pit": padded(jpeg(1600, 1200, exif_at=visited, gps=SITE, seed=1), 700_000),
        "weld": jpeg(1280, 960, exif_at=visited, gps=SITE, orientation=3, seed=2),
        "yard": heic_of(corners(1280, 960), facts(visited)),
        "weld again": jpeg(1280, 960, exif_at=visited + timedelta(minutes=5), gps=SITE, seed=3),
    })
    items = {"licence": "ELEV-A05", "pit": "ELEV-B01", "weld": "ELEV-B05", "yard": None, "weld again": "ELEV-B05"}
    for name, data in album.pictures.items():
        album.entries[name] = {
            "id": str(new_id()), "sha256": hashlib.sha256(data).hexdigest(), "size": len(data),
            "media_type": "image/heic" if name == "yard" else "image/jpeg", "item": items[name],
            "captured_at": visited.isoformat(), "source": "camera", "caption": f"{name} 照片",
            "location": {"lat": SITE[0], "lng": SITE[1], "crs": "wgs84", "accuracy_m": 8.5},
        }
    taken = ["licence", "pit", "weld", "yard"]
    body = {
        "revision": 1, "site_id": cast.site_id, "checklist": {"code": "ELEV", "version": 1}, "visit": "unannounced",
        "started_at": visited.isoformat(), "finished_at": (visited + timedelta(minutes=46)).isoformat(),
        "device": {"id": "phone-jinyuan", "sent_at": datetime.now(SHANGHAI).isoformat()},
        "location": {"lat": SITE[0], "lng": SITE[1], "crs": "wgs84", "accuracy_m": 12.0},
        "summary": "三单元加装电梯,许可证过期 𬭎",
        "answers": [
            {"item": "ELEV-A05", "value": "fail", "note": "安装单位许可证已过期", "photos": [album.id("licence")]},
            {"item": "ELEV-B01", "value": "pass", "photos": [album.id("pit")]},
            {"item": "ELEV-B05", "value": "pass", "photos": [album.id("weld")]},
            {"item": "ELEV-C02", "value": 4.2},
        ],
        "photos": [album.entries[name] for name in taken],
    }
    return album, Sending(body, {album.id(name): album.pictures[name] for name in taken}, id=str(new_id()))


def facts(at: datetime, orientation: int = 1) -> Image.Exif:
    exif = exif_of(at, SITE, orientation, "HUAWEI", "ALN-AL00")
    assert exif is not None
    return exif


def put(cast: Cast, sending: Sending, status: int) -> Any:
    return ok(cast.inspector.send_json("PUT", f"/reports/{sending.id}", sending.body), status)


def missing(answer: Any) -> set[str]:
    return {entry["id"] for entry in answer["photos"]["missing"]}


def upload(phone: Phone, sending: Sending, album: Album, name: str) -> Answer:
    """A whole photo in the request that creates its upload."""
    data = album.pictures[name]
    return phone.ask("POST", "/uploads", data, f"{TUS}{OCTETS}{creation(sending, album.id(name), data)}")


def the_report_goes_first(cast: Cast, sending: Sending) -> None:
    new = put(cast, sending, 201)
    assert (new["state"], new["receipt"], missing(new)) == ("incomplete", None, set(sending.photos))
    assert put(cast, sending, 200) == new


def photo_1_goes_whole(cast: Cast, sending: Sending, album: Album) -> None:
    answer = upload(cast.inspector, sending, album, "licence")
    assert (answer.status, answer.headers["upload-offset"]) == (201, str(len(album.pictures["licence"])))


def photo_2_is_cut_in_the_middle_and_resumed_at_the_byte(
    city: City, cast: Cast, sending: Sending, album: Album
) -> None:
    data, phone = album.pictures["pit"], cast.inspector
    created = phone.ask("POST", "/uploads", b"", f"{TUS}{creation(sending, album.id('pit'), data)}")
    assert (created.status, created.headers["upload-offset"]) == (201, "0")
    address = created.headers["location"]
    more = f"{TUS}{OCTETS}Upload-Offset: 0\r\n"
    through = len(data) // 2
    with Cutter(city.server.port) as cutter:
        phone.hang_up()
        cutter.arm(Cut(Way.UP, len(phone.head("PATCH", address, len(data), more)) + through, How.FIN))
        phone.line = Line(cutter.port)
        try:
            phone.ask("PATCH", address, data, more)
        except LineCutError:
            pass
        else:
            raise AssertionError("the line was not cut")
        assert cutter.happened
    stands = phone.ask("HEAD", address, more=TUS)
    offset = int(stands.headers["upload-offset"])
    assert (stands.status, stands.headers["upload-length"]) == (200, str(len(data)))
    assert 0 < offset <= through
    assert {"id": album.id("pit"), "sha256": hashlib.sha256(data).hexdigest(), "upload": address} in (
        put(cast, sending, 200)["photos"]["missing"])
    rest = phone.ask("PATCH", address, data[offset:], f"{TUS}{OCTETS}Upload-Offset: {offset}\r\n")
    assert (rest.status, rest.headers["upload-offset"]) == (204, str(len(data)))


def the_reply_to_photo_3_is_lost_and_it_is_sent_again(
    city: City, cast: Cast, sending: Sending, album: Album
) -> None:
    with Cutter(city.server.port) as cutter:
        cast.inspector.hang_up()
        cutter.arm(Cut(Way.DOWN, 1, How.RST))  # the first byte of the reply says that it was sent
        cast.inspector.line = Line(cutter.port)
        try:
            upload(cast.inspector, sending, album, "weld")
        except LineCutError:
            pass
        else:
            raise AssertionError("the reply was not lost")
    again = upload(cast.inspector, sending, album, "weld")
    assert (again.status, again.headers["upload-offset"]) == (201, str(len(album.pictures["weld"])))
    stands = put(cast, sending, 200)
    assert (stands["photos"]["received"], missing(stands)) == (3, {album.id("yard")})


def photo_4_brings_the_receipt(cast: Cast, sending: Sending, album: Album) -> None:
    assert upload(cast.inspector, sending, album, "yard").status == 201
    stands = put(cast, sending, 200)
    assert (stands["state"], missing(stands)) == ("submitted", set())
    assert stands["receipt"]["digest"] == sending.digest
    assert stands["receipt"]["number"]
    later = Sending(sending.body | {"device": {"id": "phone-jinyuan", "sent_at": "2026-12-01T00:00:00+08:00"}}, id=sending.id)
    assert put(cast, later, 200) == stands  # when it was sent is not part of what was said


def nobody_else_sees_it_yet(cast: Cast, sending: Sending, album: Album) -> None:
    for contractor in (cast.contractor, cast.other_contractor):
        assert ok(contractor.get("/issues"))["items"] == []
        assert contractor.get(f"/reports/{sending.id}").status == 404
        assert contractor.get(f"/photos/{album.id('licence')}/original").status == 404


def decide(phone: Phone, sending: Sending, revision: int, decision: str, **more: Any) -> Answer:
    return phone.send_json("POST", f"/reports/{sending.id}/reviews", {"decision": decision, "revision": revision, **more})


def the_supervisor_returns_it(cast: Cast, sending: Sending) -> None:
    queue = ok(cast.supervisor.get("/reports?state=submitted"))["items"]
    assert [report["id"] for report in queue] == [sending.id]
    assert decide(cast.inspector, sending, 1, "approve").status == 403
    said = [{"item": "ELEV-B05", "comment": "焊缝照片模糊,请补拍"}]
    done = ok(decide(cast.supervisor, sending, 1, "return", items=said), 201)
    assert (done["state"], done["items"], done["issues"]) == ("returned", said, [])
    assert ok(decide(cast.supervisor, sending, 1, "return", items=said))["id"] == done["id"]


def the_inspector_sends_revision_2(
    cast: Cast, sending: Sending, album: Album, cursor: str
) -> tuple[Sending, dict[str, Any]]:
    told = ok(cast.inspector.get(f"/sync?cursor={cursor}"))
    [report] = told["reports"]
    assert report["state"] == "returned"
    assert "焊缝照片模糊,请补拍" in [
        entry["comment"] for step in report["history"] for entry in step["items"]]
    answers = [dict(answer) for answer in sending.body["answers"]]
    answers[2] |= {"photos": [album.id("weld again")], "note": "已补拍"}
    kept = ["licence", "pit", "yard", "weld again"]
    body = sending.body | {
        "revision": 2, "answers": answers, "photos": [album.entries[name] for name in kept],
    }
    second = Sending(body, {album.id(name): album.pictures[name] for name in kept}, id=sending.id)
    answer = put(cast, second, 201)
    assert (answer["revision"], answer["state"], missing(answer)) == (2, "incomplete", {album.id("weld again")})
    assert upload(cast.inspector, second, album, "weld again").status == 201
    stands = put(cast, second, 200)
    assert (stands["state"], stands["receipt"]["digest"]) == ("submitted", second.digest)
    assert second.digest != sending.digest
    first = ok(cast.inspector.get(f"/reports/{sending.id}/revisions/1"))
    assert (first["digest"], first["receipt"]["digest"]) == (sending.digest, sending.digest)
    return second, {**stands["receipt"], "report": stands["number"]}


def the_supervisor_approves(cast: Cast, sending: Sending) -> str:
    stale = decide(cast.supervisor, sending, 1, "approve")
    assert (stale.status, stale.code) == (409, "revision-stale")
    done = ok(decide(cast.supervisor, sending, 2, "approve"), 201)
    assert done["state"] == "approved"
    [issue_id] = done["issues"]
    return str(issue_id)


def the_contractor_sees_the_issue_and_its_photo_and_nothing_else(
    cast: Cast, sending: Sending, album: Album, issue_id: str
) -> None:
    [issue] = ok(cast.contractor.get("/issues"))["items"]
    assert (issue["id"], issue["item"], issue["description"]) == (issue_id, "ELEV-A05", "安装单位许可证已过期")
    assert [photo["id"] for photo in issue["photos"]["before"]] == [album.id("licence")]
    seen = cast.contractor.get(f"/photos/{album.id('licence')}/original")
    assert (seen.status, seen.body) == (200, album.pictures["licence"])
    assert cast.contractor.get(f"/reports/{sending.id}").status == 404
    assert ok(cast.contractor.get("/reports"))["items"] == []
    for name in ("pit", "weld", "yard", "weld again"):
        assert cast.contractor.get(f"/photos/{album.id(name)}/original").status == 404, name
    assert ok(cast.other_contractor.get("/issues"))["items"] == []
    assert cast.other_contractor.get(f"/issues/{issue_id}").status == 404
    assert cast.other_contractor.get(f"/photos/{album.id('licence')}/original").status == 404


def previews_are_upright(cast: Cast, album: Album) -> None:
    """Made by the worker, which says 404 rendition-pending until then."""
    for name in album.pictures:
        for kind, longest in (("preview", 1600), ("thumb", 320)):
            path = f"/photos/{album.id(name)}/{kind}"
            until(lambda path=path: cast.inspector.get(path).code != "rendition-pending", f"no {kind} of {name}")
            answer = cast.inspector.get(path)
            assert (answer.status, answer.headers["content-type"]) == (200, "image/jpeg")
            with Image.open(io.BytesIO(answer.body)) as picture:
                assert max(picture.size) <= longest
                assert not picture.getexif()
                if name in {"licence", "yard"}:
                    assert corners_of(picture) == list(CORNERS.values()), (name, kind)
    for name, turned in (("licence", 6), ("yard", 1)):
        told = ok(cast.inspector.get(f"/photos/{album.id(name)}"))
        assert {told["width"], told["height"]} == {1280, 960}
        exif = told["exif"]
        assert (exif["make"], exif["orientation"] or 1) == ("HUAWEI", turned)
        assert (round(exif["lat"], 4), round(exif["lng"], 4)) == SITE


def corners_of(picture: Image.Image) -> list[str]:
    """Which of the four colours is nearest to each corner: top left, top right, bottom right, bottom left."""
    right, low = picture.width - 1 - picture.width // 8, picture.height - 1 - picture.height // 8
    left, top = picture.width // 8, picture.height // 8
    named = []
    for spot in ((left, top), (right, top), (right, low), (left, low)):
        seen = picture.convert("RGB").getpixel(spot)
        assert isinstance(seen, tuple)
        named.append(min(CORNERS.values(), key=lambda name: sum(
            abs(a - b) for a, b in zip(ImageColor.getrgb(name), seen, strict=True))))
    return named


def the_week_holds_it(city: City, cast: Cast, receipt: dict[str, Any], issue_id: str) -> None:
    week = datetime.fromisoformat(receipt["received_at"]).astimezone(SHANGHAI).isocalendar()
    wanted = {"iso_year": week.year, "iso_week": week.week, "district": JINYUAN}
    asked = ok(cast.office.send_json("POST", "/weekly-reports", wanted), 202)
    path = f"/weekly-reports/{asked['id']}"
    until(lambda: ok(cast.office.get(path))["state"] in {"ready", "failed"}, "the week is not made")
    made = ok(cast.office.get(path))
    assert made["state"] == "ready", made
    figures = ok(cast.office.get(f"{path}/figures"))
    assert (figures["totals"]["visits"], figures["totals"]["new_issues"]) == (1, 1)
    with urllib.request.urlopen(city.server.url + made["links"]["xlsx"], timeout=20) as answer:  # as a browser does
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.read()))
    visits, register = sheet(book, "附件2"), sheet(book, "附件1")
    [visit] = [row for row in visits if receipt["report"] in row]
    assert "晋祠路一号院" in visit
    number = ok(cast.office.get(f"/issues/{issue_id}"))["number"]
    [entry] = [row for row in register if number in row]
    assert "安装单位许可证已过期" in entry
    for reader in (cast.supervisor, cast.contractor):
        reader.hang_up()  # while the book was drawn their lines lay idle, which the server ends
    assert ok(cast.supervisor.get(path))["id"] == asked["id"]
    assert cast.contractor.get(path).status in {403, 404}


def sheet(book: python_calamine.CalamineWorkbook, beginning: str) -> list[list[Any]]:
    [name] = [name for name in book.sheet_names if name.startswith(beginning)]
    return book.get_sheet_by_name(name).to_python()


def every_original_is_as_it_was_sent(cast: Cast, album: Album) -> None:
    """Also that of revision 1 that revision 2 no longer names: it is evidence."""
    for name, data in album.pictures.items():
        for reader in (cast.inspector, cast.supervisor, cast.office):
            answer = reader.get(f"/photos/{album.id(name)}/original")
            assert (answer.status, answer.body == data) == (200, True), name


def the_trail_is_one_chain(city: City, cast: Cast, sending: Sending) -> None:
    trail = ok(cast.office.get(f"/audit?object=report:{sending.id}"))["items"]
    verbs = {line["verb"] for line in trail}
    assert {"report_received", "receipt_given", "report_returned", "report_approved", "reviewed"} <= verbs
    city.server.flask("audit", "chain")
    assert "the chain holds" in city.server.flask("audit", "verify")
