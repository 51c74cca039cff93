"""Sites over HTTP: who sees which, how they are found, what one looks like."""

from __future__ import annotations

import sqlalchemy as sa

from server.kit.geo import Point, from_wgs84, quick_distance_m
from server.programme.models import Area, WorkItem
from server.programme.rules import Stage, WorkType
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone


def names(person: Someone, query: str = "") -> list[str]:
    answer = person.get(f"/sites{query}")
    assert answer.status_code == 200, answer.text
    return [site["name"] for site in answer.json["items"]]


def test_everybody_sees_their_own_sites_and_no_other(office: SiteOffice) -> None:
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    li = office.person("li", "supervisor", districts=(YINGZE,))
    firm = office.organisation("甲公司")
    zhao = office.person("zhao", "contractor", organisation=firm)
    chen = office.person("chen", "office")
    mine = office.site("老军营小区", code="A1", inspectors=(wang,), contractor=firm)
    other = office.site("新南三片区", code="A2")
    far = office.site("化二建小区", code="B1", district=JINYUAN)
    assert names(wang) == ["老军营小区"]
    assert names(li) == ["老军营小区", "新南三片区"]
    assert names(zhao) == []
    assert names(chen) == ["老军营小区", "新南三片区", "化二建小区"]
    seen = {who.username: [who.get(f"/sites/{site}").status_code for site in (mine, other, far)]
            for who in (wang, li, zhao, chen)}
    assert seen == {"wang": [200, 404, 404], "li": [200, 200, 404], "zhao": [404] * 3, "chen": [200] * 3}
    for query in ("?near=37.86,112.55", "?q=化二建", f"?district={JINYUAN}", "?bbox=112,37,113,38"):
        assert "化二建小区" not in names(li, query), query
        assert "化二建小区" not in li.get("/sites.geojson" + ("" if "near" in query else query)).text, query


def test_a_site_has_the_shape_of_the_contract(office: SiteOffice) -> None:
    firm = office.organisation("甲公司")
    site_id = office.site(
        "老军营小区", code="A1", contractor=firm, street="老军营街道", households=320, buildings=6,
        investment_planned_fen=123_456, investment_done_fen=100_00, fence_radius_m=150.0,
    )
    office.write(lambda db: db.add(WorkItem(
        site_id=site_id, type=WorkType.LIFT, quantity=4, unit="台", contract_price_fen=50_000_00, planned=4,
        reported=1, verified=0, stage=Stage.IN_PROGRESS,
    )))
    site = office.person("chen", "office").get(f"/sites/{site_id}").json
    assert site["id"] == str(site_id)
    assert site["district"] == {"code": YINGZE, "name": "迎泽区", "en": "Yingze"}
    assert site["area"] is None
    assert site["location"] == {"lat": 37.86, "lng": 112.55, "crs": "wgs84", "received": None}
    assert site["fence"] == {"radius_m": 150.0}
    assert (site["stage"], site["households"], site["buildings"]) == ("in_progress", 320, 6)
    assert (site["investment_planned_yuan"], site["investment_done_yuan"]) == (1234.56, 100)
    assert site["contractor"] == {"id": str(firm), "name": "甲公司"}
    assert site["last_visit_at"] is None
    assert site["work_items"] == [{
        "type": "lift", "quantity": 4.0, "unit": "台", "contract_price_yuan": 50000, "planned": 4.0, "reported": 1.0,
        "verified": 0.0, "verified_entered": 0.0, "stage": "in_progress",
    }]
    assert {"floor_area_m2", "plan_year", "planned_start_on", "planned_end_on", "started_on", "ended_on"} <= site.keys()


def test_the_list_is_narrowed_by_every_filter(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    lift = office.site("老军营小区", code="YZ-001", street="老军营街道", search="yz-001 老军营小区 老军营街道")
    office.site("金刚堰", code="YZ-002", stage=Stage.SUSPENDED, lat_wgs84=37.90, lng_wgs84=112.60)
    office.site("化二建", code="JY-001", district=JINYUAN)
    office.write(lambda db: db.add(WorkItem(site_id=lift, type=WorkType.LIFT, quantity=1, unit="台", planned=1)))
    assert names(chen, f"?district={JINYUAN}") == ["化二建"]
    assert names(chen, "?district=999999") == []
    assert names(chen, "?stage=suspended") == ["金刚堰"]
    assert names(chen, "?work_type=lift") == ["老军营小区"]
    assert names(chen, "?q=yz-00") == ["老军营小区", "金刚堰"]
    assert names(chen, "?q=YZ-001 街道") == ["老军营小区"]
    assert names(chen, "?q=%25") == names(chen, "?q=_") == []
    assert names(chen, "?bbox=112.59,37.89,112.61,37.91") == ["金刚堰"]
    assert names(chen, f"?district={YINGZE}&stage=in_progress&q=老军营&bbox=112,37,113,38") == ["老军营小区"]


def test_a_filter_that_means_nothing_is_422(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    for query in ("stage=done", "work_type=roof", "bbox=1,2,3", "bbox=113,37,112,38", "near=abc", "near=91,0",
                  "near=nan,1", "limit=0", "limit=201", "limit=x", "cursor=%00", "cursor=zzz", "q=" + "x" * 500,
                  "colour=red", "near=37,112&cursor=WyJhIl0", "district=%00"):
        answer = chen.get(f"/sites?{query}")
        assert answer.status_code == 422, query
        assert answer.json["errors"], query


def test_pages_join_without_gap_or_repetition_while_sites_are_added(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    for number in range(7):
        office.site(f"小区{number}", code=f"C{number}", lat_wgs84=37.8 + number / 100)
    for start in ("/sites?limit=3", "/sites?limit=3&near=37.8,112.55"):
        seen, cursor = [], ""
        while cursor is not None:
            page = chen.get(f"{start}&cursor={cursor}").json
            seen += [site["code"] for site in page["items"]]
            cursor = page["next_cursor"]
            office.site("新", code=f"A{len(seen)}{start[-2:]}".replace("=", ""), lat_wgs84=37.7)
        assert [code for code in seen if code.startswith("C")] == [f"C{number}" for number in range(7)]
        assert len(seen) == len(set(seen))


def test_near_sorts_by_distance_and_says_it(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    for number, (lat, lng) in enumerate([(37.9, 112.5), (37.861, 112.551), (37.8, 112.9), (37.86, 112.6)]):
        office.site(f"小区{number}", lat_wgs84=lat, lng_wgs84=lng)
    office.site("无位置", lat=None, lng=None, lat_wgs84=None, lng_wgs84=None)
    found = chen.get("/sites?near=37.86,112.55").json["items"]
    assert [site["name"] for site in found] == ["小区1", "小区3", "小区0", "小区2"]
    for site in found:
        expected = quick_distance_m(Point(37.86, 112.55), Point(site["location"]["lat"], site["location"]["lng"]))
        assert abs(site["distance_m"] - expected) < 0.01


def test_districts_and_areas_are_there_for_everybody(office: SiteOffice) -> None:
    office.write(lambda db: db.add_all([
        Area(district_code=YINGZE, name="新南三片区"), Area(district_code=JINYUAN, name="晋祠片区"),
    ]))
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    districts = wang.get("/districts").json
    assert [(one["code"], one["name"]) for one in districts["items"]] == [(YINGZE, "迎泽区"), (JINYUAN, "晋源区")]
    assert districts["next_cursor"] is None
    assert [area["name"] for area in wang.get("/areas").json["items"]] == ["新南三片区", "晋祠片区"]
    assert [area["name"] for area in wang.get(f"/areas?district={JINYUAN}").json["items"]] == ["晋祠片区"]


def test_the_map_is_geojson_of_visible_sites_with_a_position(office: SiteOffice) -> None:
    wang = office.person("wang", "inspector", districts=(YINGZE,))
    mine = office.site("老军营小区", code="A1", inspectors=(wang,))
    office.site("别处", code="A2")
    office.site("无位置", code="A3", inspectors=(wang,), lat=None, lng=None, lat_wgs84=None, lng_wgs84=None)
    answer = wang.get("/sites.geojson")
    assert answer.status_code == 200
    assert answer.content_type == "application/geo+json"
    assert answer.json["type"] == "FeatureCollection"
    (only,) = answer.json["features"]
    assert only["id"] == str(mine)
    assert only["geometry"] == {"type": "Point", "coordinates": [112.55, 37.86]}
    assert only["properties"]["name"] == "老军营小区"
    assert wang.get("/sites.geojson?stage=suspended").json == {"type": "FeatureCollection", "features": []}
    assert wang.get("/sites.geojson?bbox=x").status_code == 422


def test_the_map_joins_its_batches(office: SiteOffice) -> None:
    from server.programme import geojson

    chen = office.person("chen", "office")
    for number in range(5):
        office.site(f"小区{number}", code=f"C{number}")
    size, geojson.BATCH = geojson.BATCH, 2
    try:
        features = chen.get("/sites.geojson").json["features"]
    finally:
        geojson.BATCH = size
    assert [one["properties"]["code"] for one in features] == [f"C{number}" for number in range(5)]


def test_an_office_adds_a_site_and_a_code_is_given_once(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    firm = office.organisation("甲公司")
    lat, lng = from_wgs84(37.86, 112.55, "gcj02")
    body = {
        "code": "TY-0001", "name": "老军营小区", "district": YINGZE, "area": "新南三片区", "street": "老军营街道",
        "location": {"lat": lat, "lng": lng, "crs": "gcj02"}, "fence": {"radius_m": 300}, "households": 200,
        "stage": "in_progress", "investment_planned_yuan": 1000000.5, "investment_done_yuan": 5,
        "contractor_id": str(firm), "planned_start_on": "2026-03-01",
        "work_items": [{"type": "lift", "planned": 4, "contract_price_yuan": 400000}],
    }
    answer = chen.post("/sites", body)
    assert answer.status_code == 201, answer.text
    site = answer.json
    assert abs(site["location"]["lat"] - 37.86) < 1e-7
    assert site["location"]["received"] == {"lat": lat, "lng": lng, "crs": "gcj02"}
    assert site["area"]["name"] == "新南三片区"
    assert site["carried_out"] is True  # started and funded
    assert site["work_items"][0]["quantity"] == 4.0
    assert chen.get(f"/sites/{site['id']}").json == site
    again = chen.post("/sites", body)
    assert (again.status_code, again.json["code"]) == (409, "code-taken")
    assert office.read(sa.select(sa.func.count()).select_from(Area)) == [1]
    assert names(chen, "?q=新南三") == ["老军营小区"]


def test_what_cannot_be_is_named(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    good = {"code": "X1", "name": "小区", "district": YINGZE}
    wrong: list[tuple[dict[str, object], str]] = [
        ({"district": "000000"}, "district"), ({"name": ""}, "name"), ({"code": "  "}, "code"),
        ({"code": "X" * 500}, "code"), ({"households": -1}, "households"), ({"households": 2**63}, "households"),
        ({"households": 1.5}, "households"), ({"investment_done_yuan": 0.001}, "investment_done_yuan"),
        ({"investment_done_yuan": -1}, "investment_done_yuan"),
        ({"investment_done_yuan": 1e300}, "investment_done_yuan"),
        ({"stage": "done"}, "stage"), ({"carried_out": "yes"}, "carried_out"),
        ({"planned_end_on": "2026-02-30"}, "planned_end_on"), ({"planned_end_on": "0001-01-01"}, "planned_end_on"),
        ({"planned_start_on": "2026-05-01", "planned_end_on": "2026-04-01"}, "planned_end_on"),
        ({"location": {"lat": 112.55, "lng": 37.86}}, "location.lat"),
        ({"location": {"lat": 37.86, "lng": 112.55, "crs": "mars"}}, "location.crs"),
        ({"location": {"lat": 37.86}}, "location.lng"), ({"location": []}, "location._schema"),
        ({"fence": {"radius_m": 1}}, "fence"), ({"fence": {}}, "fence._schema"),
        ({"fence": {"polygon": "x"}}, "fence"), ({"fence": {"polygon": [[112.5, 37.8]] * 600}}, "fence"),
        ({"fence": {"polygon": {"type": "Polygon", "coordinates": [[["a", 1]] * 5]}}}, "fence"),
        ({"contractor_id": "00000000-0000-0000-0000-000000000000"}, "contractor_id"),
        ({"area_id": "00000000-0000-0000-0000-000000000000"}, "area_id"),
        ({"work_items": [{"type": "roof"}]}, "work_items.0.type"),
        ({"work_items": [{"type": "lift", "unit": "m²"}]}, "work_items.0.unit"),
        ({"work_items": [{"type": "facade", "unit": "m"}]}, "work_items.0.unit"),
        ({"work_items": [{"type": "lift"}, {"type": "lift"}]}, "work_items"),
        ({"work_items": [{"type": "lift", "planned": -1}]}, "work_items.0.planned"),
        ({"colour": "red"}, "colour"), ({"version": 1}, "version"),
    ]
    for change, named in wrong:
        answer = chen.post("/sites", good | change)
        assert answer.status_code == 422, (change, answer.text)
        assert list(answer.json["errors"]) == [named], change
    assert chen.get("/sites").json["items"] == []


def test_a_unit_is_the_same_however_it_is_typed(office: SiteOffice) -> None:
    chen = office.person("chen", "office")
    for number, (kind, unit) in enumerate((
        ("facade", "m²"), ("facade", "m2"), ("facade", "㎡"), ("road", "M2"), ("lift", "台"), ("lift", "Lifts"),
    )):
        items = [{"type": kind, "unit": unit, "planned": 2}]
        made = chen.post("/sites", {"code": f"U{number}", "name": "小区", "district": YINGZE, "work_items": items})
        assert made.status_code == 201, (unit, made.text)
        assert made.json["work_items"][0]["unit"] == {"lift": "台"}.get(kind, "m²")


def test_only_office_and_administrator_add_sites(office: SiteOffice) -> None:
    body = {"code": "X1", "name": "小区", "district": YINGZE}
    for role, status in (("inspector", 403), ("supervisor", 403), ("contractor", 403), ("admin", 201)):
        person = office.person(f"a-{role}", role, districts=(YINGZE,))
        assert person.post("/sites", body).status_code == status, role
