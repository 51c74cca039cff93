"""Who works with positions to the metre, and who sees the neighbourhood alone: a firm's whole view is walked."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest

from server.kit.actor import Actor, Role
from server.kit.geo import coarse
from server.kit.ids import new_id
from server.permissions import placed
from tests.evidence.conftest import Telling
from tests.evidence.pictures import LAT, LNG, tells_nothing
from tests.exports.made import made, table

# More than three decimals of where the photos were taken, as text or in EXIF's own way
EXACT = re.compile(r"37\.870[0-9]*[1-9]|112\.550[0-9]*[1-9]|37\.8601|112\.5502")


def actor(*roles: Role) -> Actor:
    return Actor(id=new_id(), username="x", name="x", roles=frozenset(roles))


def test_a_position_is_rounded_wherever_it_stands() -> None:
    said = {
        "location": {"lat": LAT, "lng": LNG, "crs": "gcj02", "accuracy_m": 8.0}, "gps_error_m": 3.2, "count": 7.123456,
        "photos": [{"lat": -LAT, "lng": None}], "geometry": {"type": "Point", "coordinates": [LNG, LAT]},
        "fence": {"polygon": [[LNG, LAT], [LNG + 0.0004, LAT]]}, "lat": True, "far": {"accuracy_m": 250.5},
    }
    kept = {**said}
    assert coarse(said) == {
        "location": {"lat": 37.87, "lng": 112.55, "crs": "gcj02", "accuracy_m": 100.0}, "gps_error_m": 100.0,
        "count": 7.123456, "photos": [{"lat": -37.87, "lng": None}],
        "geometry": {"type": "Point", "coordinates": [112.55, 37.87]},
        "fence": {"polygon": [[112.55, 37.87], [112.551, 37.87]]}, "lat": True, "far": {"accuracy_m": 250.5},
    }
    assert said == kept, "what was given is not changed"


@pytest.mark.parametrize(("roles", "exact"), [
    ((Role.CONTRACTOR,), False), ((), False), ((Role.INSPECTOR,), True), ((Role.SUPERVISOR,), True),
    ((Role.OFFICE,), True), ((Role.ADMIN,), True), ((Role.CONTRACTOR, Role.INSPECTOR), True),
])
def test_the_roles_decide(roles: tuple[Role, ...], exact: bool) -> None:
    assert placed(actor(*roles), {"lat": LAT}) == {"lat": LAT if exact else 37.87}


def readable(data: bytes) -> str:
    """A file as text, a package unpacked."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "\n".join(readable(parts.read(name)) for name in parts.namelist())
    return data.decode("utf-8", "replace")


def test_a_firm_finds_no_exact_position_behind_any_of_its_doors(loop: Telling) -> None:
    issue = loop.closed()
    before, _ = loop.photos(issue)
    report = loop.su.get("/reports").json["items"][0]["id"]
    loop.work_off()
    jia = loop.jia
    ids = {"issue_id": issue, "photo_id": before, "report_id": report, "site_id": str(loop.site)}
    walked = 0
    for name, endpoint in loop.office.app.extensions["dudao"].endpoints.items():
        method, _, path = name.partition(" ")
        if method != "GET" or endpoint.public or re.search(r"\{(?!issue_id|photo_id|report_id|site_id)", path):
            continue
        answer = jia.get(path.format_map(ids))
        assert answer.status_code < 500, (name, answer.text)
        if answer.status_code != 200:
            continue
        walked += 1
        if path.endswith("/original"):
            continue  # the very bytes
        assert not EXACT.search(readable(answer.data)), name
        if answer.data[:2] == b"\xff\xd8":
            tells_nothing(answer.data)
    assert walked > 12
    for document in jia.get("/documents").json["items"]:
        assert not EXACT.search(readable(jia.get(f"/documents/{document['id']}.docx").data))
    for kind, form in (("issues", "xlsx"), ("issues", "csv")):
        assert not EXACT.search(readable(made(loop.office, jia, kind, form)[1])), kind


def test_photos_facts_to_whom(loop: Telling) -> None:
    before, after = loop.photos(loop.closed())
    loop.work_off()
    for who in (loop.wang, loop.zhao, loop.su):
        exif = who.get(f"/photos/{before}").json["exif"]
        assert (round(exif["lat"], 5), round(exif["lng"], 5)) == (round(LAT, 5), round(LNG, 5))
    for photo in (before, after):
        exif = loop.jia.get(f"/photos/{photo}").json["exif"]
        assert (exif["lat"], exif["lng"]) == (37.87, 112.55)


def test_a_firm_has_the_very_bytes_of_the_photos_of_its_issues(loop: Telling) -> None:
    """A reviewer's evidence is its evidence too, and whoever replies may hold it against their own; at once, before anybody
    has read what stands in the file."""
    before, after = loop.photos(loop.closed())
    for photo in (before, after):
        answer = loop.jia.get(f"/photos/{photo}/original")
        assert answer.status_code == 200
        assert answer.data == loop.su.get(f"/photos/{photo}/original").data
        assert "original" in loop.jia.get(f"/photos/{photo}").json["links"]


def test_the_list_in_a_firms_archive_tells_places_coarsely(loop: Telling) -> None:
    before, after = loop.photos(loop.closed())
    loop.work_off()
    _, data = made(loop.office, loop.jia, "photos", "zip", lang="zh")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        lines: list[dict[str, Any]] = table(archive.read("照片清单.csv"))
        files = {line["类别"]: archive.read(line["文件"]) for line in lines}
    said = {line["类别"]: (line["备注"], line["纬度"], line["经度"], line["精度（米）"]) for line in lines}
    assert said["整改前"][0] == ""
    assert said["整改后"] == ("", "37.87", "112.55", "100")
    very_bytes = [loop.su.get(f"/photos/{photo}/original").data for photo in (before, after)]
    assert [files["整改前"], files["整改后"]] == very_bytes
