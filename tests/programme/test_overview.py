"""The matrix, the sites that nobody visited, plan against actual: what they show, to whom, page after page."""

from __future__ import annotations

import io
import uuid
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from python_calamine import CalamineWorkbook

from server.kit import clock
from server.programme.models import Area, Site, WorkEvidence, WorkItem
from server.programme.rules import KINDS, Stage, WorkType
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def chen(office: SiteOffice) -> Someone:
    return office.person("chen", "office")


@pytest.fixture
def li(office: SiteOffice) -> Someone:
    return office.person("li", "supervisor", districts=(YINGZE,))


def work(office: SiteOffice, site: uuid.UUID, kind: WorkType, *amounts: float, proofs: int = 0) -> None:
    """planned, reported, verified, entered as verified."""
    planned, reported, verified, entered = amounts
    at = datetime(2026, 11, 1, 20, tzinfo=UTC)  # the second of November in Taiyuan
    office.write(lambda db: db.add_all([
        WorkItem(site_id=site, type=kind, quantity=planned, unit=KINDS[kind].unit, planned=planned, reported=reported,
                 verified=verified, verified_entered=entered, stage=Stage.IN_PROGRESS),
        *(WorkEvidence(site_id=site, type=kind, report_id=uuid.UUID(int=n + 1), report_number=f"R-{n}", revision=1,
                       approved_at=at + timedelta(days=n)) for n in range(proofs)),
    ]))


def everything(someone: Someone, path: str) -> list[dict[str, Any]]:
    """All rows of a list, page after page."""
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = someone.get(f"{path}{cursor}")
        assert answer.status_code == 200, answer.text
        rows += answer.json["items"]
        if answer.json["next_cursor"] is None:
            return rows
        cursor = f"&cursor={answer.json['next_cursor']}"


def workbook(data: bytes) -> dict[str, list[list[Any]]]:
    """{sheet: rows} as a reader of its own kind sees it."""
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def codes(rows: list[dict[str, Any]]) -> list[str]:
    return [row["site"]["code"] for row in rows]


# the matrix


def test_the_matrix_shows_each_kind_of_work_and_the_evidence_behind_it(office: SiteOffice, chen: Someone) -> None:
    area = office.write(_area)
    site = office.site("老军营小区", code="A1", area_id=area)
    work(office, site, WorkType.ROAD, 100, 50, 0, 20)
    work(office, site, WorkType.FACADE, 9, 8, 7, 7, proofs=2)
    (row,) = chen.get("/programme/matrix").json["items"]
    assert row["site"] | {"id": None} == {
        "id": None, "code": "A1", "name": "老军营小区", "stage": "in_progress", "contractor": None,
        "district": {"code": YINGZE, "name": "迎泽区", "en": "Yingze"}, "area": {"id": str(area), "name": "片区一"},
    }
    facade, road = row["items"]
    newest = {"report_id": str(uuid.UUID(int=2)), "report_number": "R-1", "revision": 1,
              "approved_at": "2026-11-02T20:00:00+00:00"}
    assert facade == {
        "type": "facade", "unit": "m²", "planned": 9, "reported": 8, "verified": 7, "verified_entered": 7,
        "stage": "in_progress", "evidence": 2, "newest_evidence": newest,
    }
    assert (road["verified"], road["verified_entered"], road["evidence"], road["newest_evidence"]) == (0, 20, 0, None)
    behind = chen.get(f"/sites/{site}/standing").json["items"][0]
    assert [one["report_number"] for one in behind["reports"]] == ["R-1", "R-0"]


def _area(db: Any) -> uuid.UUID:
    area = Area(id=uuid.uuid4(), district_code=YINGZE, name="片区一")
    db.add(area)
    return area.id


def test_the_matrix_by_filter_and_page(office: SiteOffice, chen: Someone, li: Someone) -> None:
    area = office.write(_area)
    sites = [office.site(f"小区{n}", code=f"Y{n}", area_id=area if n == 2 else None) for n in range(5)]
    office.site("晋源小区", district=JINYUAN, code="J1", stage=Stage.COMPLETED)
    work(office, sites[1], WorkType.LIFT, 5, 5, 0, 3)
    work(office, sites[1], WorkType.ROAD, 5, 5, 0, 0)
    work(office, sites[3], WorkType.LIFT, 5, 5, 0, 0)
    ask = "/programme/matrix?limit=2"
    assert codes(everything(chen, ask)) == ["J1", "Y0", "Y1", "Y2", "Y3", "Y4"]
    assert codes(everything(li, ask)) == ["Y0", "Y1", "Y2", "Y3", "Y4"]
    assert codes(everything(li, f"{ask}&district={JINYUAN}")) == []
    assert codes(everything(chen, f"{ask}&stage=completed")) == ["J1"]
    assert codes(everything(chen, f"{ask}&area={area}")) == ["Y2"]
    assert codes(everything(chen, f"{ask}&q=小区4")) == ["Y4"]
    lifts = everything(chen, f"{ask}&work_type=lift")
    assert codes(lifts) == ["Y1", "Y3"]
    assert [[item["type"] for item in row["items"]] for row in lifts] == [["lift"], ["lift"]]
    assert codes(everything(chen, f"{ask}&awaiting=true")) == ["Y1"]
    assert codes(everything(chen, f"{ask}&awaiting=true&work_type=road")) == []


def test_the_matrix_as_a_workbook(office: SiteOffice, chen: Someone, li: Someone) -> None:
    site = office.site("=1+1", code="A1")
    work(office, site, WorkType.LIFT, 5, 4, 3, 3, proofs=1)
    work(office, site, WorkType.ROAD, 50, 40, 0, 30)
    office.site("晋源小区", district=JINYUAN, code="J1")
    answer = chen.get("/programme/matrix.xlsx?lang=zh")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, XLSX)
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    book = workbook(answer.data)
    wide, long = book["改造内容一览"], book["改造内容明细"]
    assert len(wide[0]) == 5 + 45
    of = dict(zip(wide[0], wide[1], strict=True))
    assert (of["小区名称"], of["加装电梯计划（台）"], of["加装电梯核实（台）"], of["平整道路核实（m²）"]) == ("=1+1", 5, 3, 0)
    assert of["停车泊位计划（个）"] == ""
    with zipfile.ZipFile(io.BytesIO(answer.data)) as parts:
        assert not any(b"<f>" in parts.read(name) for name in parts.namelist()), "text is never a formula"
    kinds = [dict(zip(long[0], row, strict=True)) for row in long[1:]]
    assert [(one["工程类别"], one["填报核实"], one["核实依据"], one["最新报告"]) for one in kinds] == [
        ("平整道路", 30, "待证据", ""), ("加装电梯", 3, "有", "R-0"),
    ]
    assert kinds[1]["审核通过日期"] == date(2026, 11, 2)
    english = workbook(li.get("/programme/matrix.xlsx?lang=en&work_type=lift").data)["Matrix"]
    assert english[0][5:] == [
        "lift retrofit, planned (lifts)", "lift retrofit, reported (lifts)", "lift retrofit, verified (lifts)",
    ]
    assert [row[0] for row in english[1:]] == ["A1"], "own districts alone"
    assert list((office.app.config["DUDAO"].uploads_dir / "staging").glob("workbook-*")) == [], "nothing is left behind"


def test_the_workbook_can_be_imported_as_it_is(office: SiteOffice, chen: Someone) -> None:
    site = office.site("老军营小区", code="A1", search="a1 老军营小区")
    for kind in WorkType:
        work(office, site, kind, 10, 5, 0, 2)
    data = chen.get("/programme/matrix.xlsx?lang=zh").data
    done = chen.post("/sites/import", data=data, headers={"Content-Type": XLSX})
    assert done.status_code == 200, done.text
    assert (done.json["unchanged"], done.json["ignored_columns"]) == (1, [])
    entered = office.read(sa.select(WorkItem.verified_entered))
    assert entered == [2] * len(WorkType)


# nobody was there


def test_sites_without_a_visit_the_longest_waiting_first(office: SiteOffice, chen: Someone, li: Someone) -> None:
    today, now = clock.today(), clock.now()
    wang = office.person("wang", "inspector")

    def site(code: str, *, days: int | None = None, started: int | None = None, **more: Any) -> uuid.UUID:
        return office.site(
            code, code=code, last_visit_at=None if days is None else now - timedelta(days=days),
            started_on=None if started is None else today - timedelta(days=started), **more,
        )

    site("visited", days=3, started=300)
    site("just", days=21, started=300)
    site("stale", days=22, started=300, inspectors=(wang,))
    site("long", days=90)
    site("never", started=60)
    site("new", started=5)
    site("unknown")
    site("waiting", stage=Stage.NOT_STARTED)
    site("stopped", stage=Stage.SUSPENDED, days=90)
    site("done", stage=Stage.COMPLETED, days=90)
    site("jinyuan", district=JINYUAN, days=40)
    rows = everything(chen, "/programme/unvisited?limit=2")
    assert codes(rows) == ["unknown", "long", "never", "jinyuan", "stale"]
    assert [row["days_since"] for row in rows] == [None, 90, 60, 40, 22]
    assert [row["last_visit_at"] is None for row in rows] == [True, False, True, False, False]
    assert rows[4]["assigned"] == [{"id": str(wang.id), "name": "Wang"}]
    assert codes(everything(li, "/programme/unvisited?limit=50")) == ["unknown", "long", "never", "stale"]
    assert codes(everything(li, "/programme/unvisited?days=20")) == ["unknown", "long", "never", "stale", "just"]
    whole = chen.get("/programme/unvisited").json
    assert (whole["days"], whole["as_of"]) == (21, today.isoformat())
    assert [(one["code"], one["in_progress"], one["unvisited"], one["never_visited"]) for one in whole["by_district"]] == [
        (YINGZE, 7, 4, 2), (JINYUAN, 1, 1, 0),
    ]
    assert li.get(f"/programme/unvisited?district={JINYUAN}").status_code == 404
    assert li.get("/programme/unvisited?days=0").status_code == 422
    assert li.get("/programme/unvisited?cursor=WzFd").status_code == 422


def test_the_unvisited_and_the_schedule_as_workbooks(office: SiteOffice, li: Someone) -> None:
    wang = office.person("wang", "inspector")
    day = clock.today() - timedelta(days=40)
    office.site("=1+1", code="A1", inspectors=(wang,), last_visit_at=clock.now() - timedelta(days=30), planned_end_on=day)
    office.site("晋源小区", district=JINYUAN, code="J1")
    quiet = workbook(li.get("/programme/unvisited.xlsx?lang=zh").data)
    assert quiet["久未检查的在建小区"][1:] == [["A1", "=1+1", "迎泽区", "", 30, clock.today() - timedelta(days=30), "", "Wang"]]
    assert quiet["各区情况"][1:] == [["迎泽区", 1, 1, 0]]
    late = workbook(li.get("/programme/schedule.xlsx?lang=en&late=any").data)
    assert late["Plan and actual"][1:] == [
        ["A1", "=1+1", "Yingze", "", "in progress", "", "", "", day, "", 40, "running late"],
    ]
    assert late["By district"][1:] == [["Yingze", 1, 1, 0, 0, 1, 0, 40]]
    assert li.get(f"/programme/schedule.xlsx?district={JINYUAN}").status_code == 404


def test_a_day_ends_at_midnight_in_taiyuan(office: SiteOffice, chen: Someone) -> None:
    late, past = datetime(2026, 11, 1, 15, 59, tzinfo=UTC), datetime(2026, 11, 1, 16, 1, tzinfo=UTC)
    office.site("一", code="A1", last_visit_at=late)
    office.site("二", code="A2", last_visit_at=past)
    days = {row["site"]["code"]: row["days_since"] for row in everything(chen, "/programme/unvisited?days=1")}
    assert days["A1"] == days["A2"] + 1


# plan against actual


def test_the_schedule_names_who_is_late_and_sums_by_district(office: SiteOffice, chen: Someone, li: Someone) -> None:
    today = clock.today()

    def day(days: int) -> Any:
        return today - timedelta(days=days)

    office.site("一", code="running", planned_start_on=day(90), planned_end_on=day(30), started_on=day(90))
    office.site("二", code="overdue", stage=Stage.NOT_STARTED, planned_start_on=day(10), planned_end_on=day(-90))
    finished = office.site("三", code="finished", stage=Stage.COMPLETED, planned_start_on=day(90), planned_end_on=day(30),
                           started_on=day(88), ended_on=day(25))
    office.site("四", code="in-time", planned_start_on=day(20), planned_end_on=day(-20), started_on=day(21))
    office.site("五", code="dateless")
    office.site("六", code="jinyuan", district=JINYUAN, planned_start_on=day(50), planned_end_on=day(45), started_on=day(50))
    ask = "/programme/schedule?limit=2"
    rows = everything(chen, ask)
    assert codes(rows) == ["jinyuan", "running", "overdue", "finished", "dateless", "in-time"]
    assert [row["days_late"] for row in rows] == [45, 30, 10, 5, 0, 0]
    assert rows[3]["late"] == ["started_late", "finished_late"]
    assert (rows[5]["start_days_late"], rows[5]["end_days_late"]) == (-1, None)
    assert codes(everything(li, f"{ask}&late=any")) == ["running", "overdue", "finished"]
    for way, site in (("running_late", "running"), ("start_overdue", "overdue"), ("started_late", "finished")):
        assert codes(everything(li, f"{ask}&late={way}")) == [site]
    assert li.get("/programme/schedule?late=often").status_code == 422
    sums = chen.get("/programme/schedule?late=any").json["by_district"]
    assert [one["code"] for one in sums] == [YINGZE, JINYUAN]
    assert sums[0] | {"en": "", "name": ""} == {
        "code": YINGZE, "name": "", "en": "", "sites": 5, "is_late": 3, "start_overdue": 1, "started_late": 1,
        "running_late": 1, "finished_late": 1, "most_days_late": 30,
    }
    shown = li.get(f"/sites/{finished}/standing").json
    assert (shown["schedule"]["start_days_late"], shown["schedule"]["end_days_late"]) == (2, 5)
    assert li.get(f"/programme/schedule?district={JINYUAN}").status_code == 404


def test_how_one_site_stands(office: SiteOffice, li: Someone) -> None:
    wang = office.person("wang", "inspector")
    site = office.site(code="A1", inspectors=(wang,), last_visit_at=clock.now() - timedelta(days=30))
    shown = li.get(f"/sites/{site}/standing").json
    assert shown["assigned"] == [{"id": str(wang.id), "name": "Wang"}]
    assert (shown["visits"]["days_since"], shown["visits"]["days"], shown["visits"]["is_stale"]) == (30, 21, True)
    office.write(lambda db: db.execute(sa.update(Site).values(stage=Stage.ACCEPTED)))
    assert li.get(f"/sites/{site}/standing").json["visits"]["is_stale"] is False
