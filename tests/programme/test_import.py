"""Import of sites: CSV and XLSX as offices have them, row by row, all or nothing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import xlsxwriter  # type: ignore[import-untyped]

from server.audit.models import AuditEvent
from server.kit.geo import from_wgs84
from server.kit.sheets import Column, Sheet, xlsx_bytes
from server.programme.columns import HEADERS, READERS
from server.programme.importing import CHUNK
from server.programme.models import Area, Site, SiteChange
from tests.factories import JINYUAN, YINGZE, SiteOffice, Someone

HEADER = (
    "项目编号,小区名称,区,片区,街道,户数,建筑面积(㎡),计划投资(万元),完成投资(万元),进度,计划开工日期,"
    "加装电梯(台),加装电梯完成"
)
ROWS = (
    'TY-001,老军营小区,迎泽区,新南三片区,老军营街道,"1,200",5000,31.5,10.25,在建,2026年3月1日,4,1',
    "TY-002,化二建小区,140110,,,80,,5,,未开工,2026/5/1,,",
)
GOOD = "\n".join((HEADER, *ROWS)) + "\n"


@pytest.fixture
def chen(office: SiteOffice) -> Someone:
    return office.person("chen", "office")


def send(person: Someone, content: str | bytes, query: str = "", kind: str = "text/csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return person.ask("POST", f"/sites/import{query}", data=data, headers={"Content-Type": kind})


def sites(person: Someone) -> dict[str, dict[str, Any]]:
    return {site["code"]: site for site in person.get("/sites?limit=200").json["items"]}


def test_a_table_is_tried_first_and_then_taken(office: SiteOffice, chen: Someone) -> None:
    tried = send(chen, GOOD, "?dry_run=true")
    assert tried.status_code == 200, tried.text
    assert (tried.json["dry_run"], tried.json["total"], tried.json["created"]) == (True, 2, 2)
    assert sites(chen) == {}
    done = send(chen, GOOD)
    assert done.status_code == 201, done.text
    assert {**done.json, "dry_run": True} == tried.json
    assert [(row["row"], row["code"], row["action"], row["errors"]) for row in done.json["rows"]] == [
        (2, "TY-001", "created", []), (3, "TY-002", "created", []),
    ]
    first = sites(chen)["TY-001"]
    assert (first["name"], first["district"]["code"], first["households"]) == ("老军营小区", YINGZE, 1200)
    assert (first["investment_planned_yuan"], first["investment_done_yuan"]) == (315_000, 102_500)
    assert (first["stage"], first["planned_start_on"], first["carried_out"]) == ("in_progress", "2026-03-01", True)
    assert first["area"]["name"] == "新南三片区"
    assert [(i["type"], i["planned"], i["reported"]) for i in first["work_items"]] == [("lift", 4.0, 1.0)]
    second = sites(chen)["TY-002"]
    assert (second["district"]["code"], second["area"], second["investment_done_yuan"]) == (JINYUAN, None, 0)
    again = send(chen, GOOD)
    assert again.status_code == 200
    assert (again.json["created"], again.json["updated"], again.json["unchanged"]) == (0, 0, 2)


def test_known_codes_are_updated_and_each_change_is_kept(office: SiteOffice, chen: Someone) -> None:
    send(chen, GOOD)
    answer = send(chen, "编号,完成投资,进度,加装电梯完成,户数\nTY-001,20万元,完工,4,\n")
    assert answer.status_code == 200, answer.text
    assert answer.json["updated"] == 1
    site = sites(chen)["TY-001"]
    assert (site["investment_done_yuan"], site["stage"], site["households"]) == (200_000, "completed", 1200)
    kept = chen.get(f"/sites/{site['id']}/changes").json["items"]
    assert {(one["field"], one["before"], one["after"], one["source"]) for one in kept} == {
        ("investment_done_yuan", 102_500, 200_000, "import"), ("stage", "in_progress", "completed", "import"),
        ("work_items.lift.reported", 1.0, 4.0, "import"),
    }
    assert {one["by"]["id"] for one in kept} == {str(chen.id)}
    events = office.read(sa.select(AuditEvent).where(AuditEvent.verb == "sites_imported"))
    assert [event.facts["updated"] for event in events] == [0, 1]


def test_one_bad_row_keeps_everything_out(office: SiteOffice, chen: Someone) -> None:
    bad = HEADER + ",施工单位,坐标系\n" + "\n".join((
        ROWS[0] + ",,",
        "TY-003,,迎泽区,,,x,-1,0.0000001,1,做完了,2026-02-30,1.5台,,没有的公司,",
        ",无编号,迎泽区,,,,,,,,,,,,",
        "TY-001,重复,迎泽区,,,,,,,,,,,,",
        "TY-004,无区,太原区,,,,,,,,,,,,GCJ-02",
    ))
    for query in ("", "?dry_run=1"):
        answer = send(chen, bad, query)
        assert answer.status_code == (200 if query else 422)
        wrong = {row["row"]: [error["field"] for error in row["errors"]] for row in answer.json["rows"]}
        assert wrong == {
            2: [], 4: ["code"], 5: ["code"], 6: ["crs", "district"],
            3: ["households", "floor_area_m2", "investment_planned_yuan", "stage", "planned_start_on", "lift.planned",
                "contractor", "name"],
        }
        assert [row["action"] for row in answer.json["rows"]] == ["created"] + ["error"] * 4
    assert answer.json["errors"] == 4
    refused = send(chen, bad).json
    assert refused["code"] == "table-rows-invalid"
    assert "rows.4.code" in refused["errors"]
    assert sites(chen) == {}
    assert office.read(sa.select(Area)) == []


def test_what_a_row_names_must_be_there(office: SiteOffice, chen: Someone) -> None:
    office.organisation("甲公司")
    office.organisation("某监理", kind="supervision_firm")
    head = "编号,名称,区,施工单位,计划开工,计划完工,纬度,经度\n"
    for row, field in (
        ("A,小区,太原区,,,,,", "district"), ("A,小区,迎泽区,乙公司,,,,", "contractor"),
        ("A,小区,迎泽区,某监理,,,,", "contractor"), ("A,,迎泽区,,,,,", "name"), ("A,小区,,,,,,", "district"),
        ("A,小区,迎泽区,,2026-05-01,2026-04-01,,", "planned_end_on"), ("A,小区,迎泽区,,,,37.8,", "location"),
        ("A,小区,迎泽区,,,,112.5,37.8", "lat"), ("A,小区,迎泽区,,,,37.8,112.5,多余", None),
    ):
        answer = send(chen, head + row, "?dry_run=true")
        assert [error["field"] for error in answer.json["rows"][0]["errors"]] == [field], (row, answer.json)
    assert send(chen, head + "A,小区,迎泽,甲公司,,,37.86,112.55").json["created"] == 1


def test_positions_in_other_systems_are_kept_as_received(office: SiteOffice, chen: Someone) -> None:
    lat, lng = from_wgs84(37.86, 112.55, "bd09")
    send(chen, f"code,name,district,latitude,longitude,crs,fence radius (m)\nA1,Site,Yingze,{lat!r},{lng!r},BD-09,150")
    site = sites(chen)["A1"]
    assert abs(site["location"]["lat"] - 37.86) < 1e-7
    assert site["location"]["received"]["crs"] == "bd09"
    assert site["fence"] == {"radius_m": 150.0}


def test_encodings_and_workbooks_as_offices_send_them(office: SiteOffice, chen: Someone) -> None:
    gb = "编号,名称,区\n00123,示例𬭎小区,迎泽区\n".encode("gb18030")
    assert send(chen, gb).json["created"] == 1
    assert send(chen, "\ufeff编号,名称,区\n00124,小区,迎泽区\n").json["created"] == 1
    book = xlsx_bytes([Sheet("项目", [Column("编号"), Column("名称"), Column("区")],
                             [["00125", "=1+1", "迎泽区"], ["00126", "小区", "晋源区"]])])
    form = chen.ask("POST", "/sites/import", data={"file": (io.BytesIO(book), "项目.xlsx")})
    assert form.status_code == 201, form.text
    assert form.json["created"] == 2
    found = sites(chen)
    assert sorted(found) == ["00123", "00124", "00125", "00126"]
    assert found["00125"]["name"] == "=1+1"


def workbook(*rows: tuple[object, ...]) -> bytes:
    """A workbook as an office has it: what begins with = is a formula; (formula, result) is one with its result."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    page = made.add_worksheet("项目")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, tuple):
                page.write_formula(number, column, cell[0], None, cell[1])
            else:
                page.write(number, column, cell)
    made.close()
    return out.getvalue()


FORMULAS = ("编号", "名称", "区", "街道", "片区", "户数", "计划投资(万元)", "计划开工日期", "进度")


def test_a_formula_stays_text_where_words_stand_and_gives_its_result_where_numbers_do(
    office: SiteOffice, chen: Someone
) -> None:
    book = workbook(FORMULAS, (
        ('="A"&1', "A1"), ('=A2&"小区"', "A1小区"), "迎泽区", ('=HYPERLINK("http://x","街")', "街"), ("=1/0", "#DIV/0!"),
        ("=40*3", 120), ("=1.5*2", 3), ('=TEXT(46082,"yyyy-mm-dd")', "2026-03-01"), ('=IF(TRUE,"在建")', "在建"),
    ))
    done = send(chen, book)
    assert done.status_code == 201, done.text
    (site,) = sites(chen).values()
    assert (site["code"], site["name"], site["street"]) == ('="A"&1', '=A2&"小区"', '=HYPERLINK("http://x","街")')
    assert site["area"]["name"] == "=1/0"
    assert (site["households"], site["investment_planned_yuan"]) == (120, 30_000)
    assert (site["planned_start_on"], site["stage"]) == ("2026-03-01", "in_progress")


def test_a_formula_without_a_result_is_named_and_never_an_empty_cell(office: SiteOffice, chen: Someone) -> None:
    book = workbook(FORMULAS, (
        "A1", "小区", "迎泽区", "", "", ('=IF(FALSE,1,"")', ""), ('=IF(FALSE,1,"")', ""), ("=1/0", "#DIV/0!"), "在建",
    ))
    parts = {}
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b'<c r="F2" t="str"><f>IF(FALSE,1,"")</f><v></v></c>', b'<c r="F2"><f>40*3</f></c>')
    unsaved = io.BytesIO()
    with zipfile.ZipFile(unsaved, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    answer = send(chen, unsaved.getvalue(), "?dry_run=true")
    errors = {error["field"]: error["message"] for error in answer.json["rows"][0]["errors"]}
    assert errors.keys() == {"households", "investment_planned_yuan", "planned_start_on"}
    assert "F2" in errors["households"]
    assert "G2" in errors["investment_planned_yuan"]
    assert send(chen, unsaved.getvalue()).status_code == 422
    assert sites(chen) == {}


def test_a_table_that_cannot_be_understood_is_refused_whole(office: SiteOffice, chen: Someone) -> None:
    for content, status, code in (
        ("名称,区\n小区,迎泽区\n", 422, "table-no-header"), ("", 422, "table-no-header"),
        ("编号,名称\n", 422, "invalid"), ("编号,户数,居民户数\nA,1,2\n", 422, "invalid"),
        ("编号,计划投资(美元)\nA,1\n", 422, "invalid"), (b"PK\x03\x04junk", 415, "table-unreadable"),
        (b"\x00\xff\xfe" * 100, 415, "table-unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 600, 415, "table-unreadable"),
    ):
        answer = send(chen, content)
        assert (answer.status_code, answer.json["code"]) == (status, code), (content, answer.text)
    assert send(chen, "编号,名称,区,颜色\nA,小区,迎泽区,红\n", "?dry_run=true").json["ignored_columns"] == ["颜色"]


def test_only_office_and_administrator_import(office: SiteOffice) -> None:
    for role in ("inspector", "supervisor", "contractor"):
        assert send(office.person(role, role, districts=(YINGZE,)), GOOD).status_code == 403


def test_the_command_does_the_same(office: SiteOffice, chen: Someone, tmp_path: Path) -> None:
    runner = office.app.test_cli_runner()
    path = tmp_path / "项目.csv"
    path.write_text(GOOD, "utf-8")
    tried = runner.invoke(args=["sites", "import", str(path), "--dry-run"])
    assert "2 rows: 2 would be added" in tried.output
    assert sites(chen) == {}
    assert "2 rows: 2 were added" in runner.invoke(args=["sites", "import", str(path)]).output
    assert sorted(sites(chen)) == ["TY-001", "TY-002"]
    path.write_text("编号,户数\nTY-001,多\n", "utf-8")
    wrong = runner.invoke(args=["sites", "import", str(path)])
    assert wrong.exit_code == 1
    assert "rows.2.households" in wrong.output
    path.write_text("名称\n小区\n", "utf-8")
    assert runner.invoke(args=["sites", "import", str(path)]).exit_code == 1


def test_a_table_longer_than_one_batch_is_one_import(office: SiteOffice, chen: Someone) -> None:
    codes = [f"TY-{number:04}" for number in range(CHUNK + 20)]
    new = "编号,名称,区,户数\n" + "".join(f"{code},示例{code},迎泽区,10\n" for code in codes)
    assert send(chen, new).json["created"] == len(codes)
    answer = send(chen, "编号,户数\n" + "".join(f"{code},11\n" for code in codes))
    assert answer.status_code == 200, answer.text
    assert (answer.json["total"], answer.json["updated"]) == (len(codes), len(codes))
    assert office.read(sa.select(sa.func.count()).select_from(SiteChange)) == [len(codes)]
    assert office.read(sa.select(sa.func.sum(Site.households))) == [11 * len(codes)]


def test_every_column_can_be_read() -> None:
    assert HEADERS.keys() == READERS.keys()
