"""What stands in exported tables is what the lists say, cell by cell, on either database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from server.exports import tables
from server.exports.rules import Format
from server.kit import clock
from server.kit.sheets import unguard
from tests.exports.made import HOSTILE, day, everything, made, no_formula, sheet, table, wall
from tests.factories import YINGZE, SiteOffice, photo_entry, report_body
from tests.issues.loop import Loop
from tests.photos import jpeg


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


STATES = {"incomplete": "照片未齐", "submitted": "待审核", "approved": "已审核", "returned": "退回修改", "void": "作废"}


def same_moment(cell: Any, said: str | None) -> bool:
    if not said:
        return cell in {"", None}
    assert isinstance(cell, datetime)
    wanted = wall(said)
    assert isinstance(wanted, datetime)
    return abs(cell - wanted) < timedelta(milliseconds=2)


def test_reports_are_those_of_the_list(loop: Loop) -> None:
    loop.opened()
    loop.wang.send(report_body(loop.site, visit=None))
    late = photo_entry(jpeg(64, 48), item="ELEV-A05")
    loop.wang.put(f"/reports/{late['id']}", report_body(loop.site, photos=[late]))
    listed = everything(loop.su, "/reports")
    shown, data = made(loop.office, loop.su, "reports")
    rows = sheet(data)
    assert shown["rows"] == len(rows) == len(listed) == 3
    assert shown["name"] == f"检查报告台账_{clock.today().isoformat()}.xlsx"
    for row, said in zip(rows, listed, strict=True):
        assert (row["报告编号"], row["版本"], row["状态"]) == (said["number"], said["revision"], STATES[said["state"]])
        assert (row["区"], row["项目编号"], row["小区"]) == ("迎泽区", said["site"]["code"], said["site"]["name"])
        assert (row["督导员"], row["检查表"], row["检查表版本"]) == (said["inspector"]["name"], "ELEV", 1)
        assert row["检查表名称"] == "既有住宅加装电梯检查表"
        assert row["检查方式"] == ("四不两直检查" if said["visit"] else "")
        for head, key in (("开始时间", "started_at"), ("结束时间", "finished_at"), ("收到时间", "received_at"),
                          ("回执时间", "submitted_at")):
            assert same_moment(row[head], said[key]), head
        counts = said["counts"]
        assert [row["合格"], row["不合格"], row["不适用"], row["未答"], row["合格率%"]] == [
            counts["passed"], counts["failed"], counts["not_applicable"], counts["unanswered"],
            "" if counts["pass_rate"] is None else counts["pass_rate"],
        ]
        assert row["有重大问题"] == ("是" if said["has_critical"] else "否")
        assert (row["应收照片"], row["已收照片"]) == (said["photos"]["expected"], said["photos"]["received"])
        assert row["报告ID"] == said["id"]
    assert no_formula(data)
    _, plain = made(loop.office, loop.su, "reports", "csv")
    flat = table(plain)
    assert [row["报告编号"] for row in flat] == [one["number"] for one in listed]
    assert next(list(row) for row in flat) == list(rows[0])
    for row, cells in zip(flat, rows, strict=True):
        for head, cell in cells.items():
            assert row[head] == _as_csv(cell), head


def _as_csv(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0).isoformat(sep=" ")
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    return str(cell)


def test_answers_are_those_of_the_reports(loop: Loop) -> None:
    photo, data = loop.picture(item="ELEV-A05")
    loop.wang.send(report_body(loop.site, photos=[photo], answers=[
        {"item": "ELEV-A05", "value": "fail", "note": HOSTILE[0], "photos": [photo["id"]],
         "issue": {"severity": "critical", "due_on": "2026-12-01"}},
        {"item": "ELEV-C02", "value": 4.2}, {"item": "ELEV-A01", "value": "pass"}, {"item": "ELEV-A02", "value": "na"},
    ]), {photo["id"]: data})
    said = {one["item"]: one for one in loop.su.get(f"/reports/{everything(loop.su, '/reports')[0]['id']}").json["answers"]}
    shown, file = made(loop.office, loop.su, "reports", rows="answers")
    rows = {row["检查项"]: row for row in sheet(file)}
    assert shown["rows_of"] == "answers"
    assert shown["rows"] == len(rows) == len(said) == 4
    words = {"pass": "合格", "fail": "不合格", "na": "不适用", "recorded": "已记录"}
    for item, row in rows.items():
        value = said[item]["value"]
        assert row["答案"] == (words[value] if isinstance(value, str) else value)
        assert row["结论"] == words[said[item]["verdict"]]
        assert row["说明"] == (said[item]["note"] or "")
        assert row["照片数"] == len(said[item]["photos"])
    assert (rows["ELEV-A05"]["拟定等级"], rows["ELEV-A05"]["拟定期限"]) == ("重大", day("2026-12-01"))
    measured = rows["ELEV-C02"]
    checklist = loop.su.get("/checklists/ELEV/versions/1").json
    item = next(one for part in checklist["sections"] for one in part["items"] if one["code"] == "ELEV-C02")
    assert measured["单位"] == (item.get("unit") or "")
    assert [measured["下限"], measured["上限"]] == [item.get("min") or "", item.get("max") or ""]
    assert no_formula(file)
    english, plain = made(loop.office, loop.su, "reports", "csv", rows="answers", lang="en")
    assert english["name"].isascii()
    assert all(head.isascii() for head in table(plain)[0])
    assert {row["Note"] for row in table(plain)} == {"'=1+1", ""}


def test_the_register_is_that_of_the_list(loop: Loop) -> None:
    loop.closed()
    loop.issued(item="ELEV-B01", extra=None)
    listed = everything(loop.su, "/issues")
    shown, data = made(loop.office, loop.su, "issues")
    rows = sheet(data)
    assert shown["rows"] == len(rows) == len(listed) == 2
    for no, (row, said) in enumerate(zip(rows, listed, strict=True), 1):
        assert (row["序号"], row["问题编号"], row["小区"]) == (no, said["number"], said["site"]["name"])
        assert row["问题描述"] == said["description"]
        assert row["整改期限"] == day(said["due_on"])
        assert row["责任单位"] == said["contractor"]["name"]
        assert row["是否销号"] == ("是" if said["state"] == "closed" else "否")
        reply = next((one for one in said["replies"] if one["state"] == "complete"), None)
        assert row["整改措施"] == (reply["measure"] if reply else "")
    _, plain = made(loop.office, loop.su, "issues", "csv", filters={"state": "closed"})
    closed = table(plain)
    assert [row["问题编号"] for row in closed] == [one["number"] for one in listed if one["state"] == "closed"]
    assert closed[0]["整改前照片"].endswith(f"/desk#/issues/{next(one['id'] for one in listed if one['state'] == 'closed')}")


def test_communities_are_those_of_the_list_and_can_be_imported_again(office: SiteOffice) -> None:
    firm = office.organisation("施工甲公司")
    for number, name in enumerate(" ".join(one.split()) for one in HOSTILE):
        office.site(name, contractor=firm, households=number, floor_area_m2=1234.5, investment_planned_fen=123_456,
                    code=f"C{number:03}", last_visit_at=clock.now(), search=f"c{number:03} {name}".lower())
    clerk = office.person("clerk", "office")
    listed = everything(clerk, "/sites")
    _, data = made(office, clerk, "sites")
    rows = sheet(data)
    assert len(rows) == len(listed) == len(HOSTILE)
    for row, said in zip(rows, listed, strict=True):
        assert (row["项目编号"], row["小区名称"], row["行政区划码"]) == (said["code"], said["name"], said["district"]["code"])
        assert (row["户数"], row["楼栋数"], row["建筑面积"]) == (said["households"], said["buildings"], 1234.5)
        assert (row["纬度"], row["经度"]) == (said["location"]["lat"], said["location"]["lng"])
        assert (row["计划投资（元）"], row["完成投资（元）"]) == (1234.56, 0)
        assert (row["施工单位"], row["进度"], row["已实施"]) == ("施工甲公司", "在建", "是")
        assert same_moment(row["最近检查"], said["last_visit_at"])
    assert no_formula(data)
    _, plain = made(office, clerk, "sites", "csv")
    assert [unguard(row["小区名称"]) for row in table(plain)] == [one["name"] for one in listed]
    assert all(row["小区名称"][0] not in "=+@\t＝" for row in table(plain))
    again = clerk.post("/sites/import?dry_run=true", data=plain, headers={"Content-Type": "text/csv"})
    assert again.status_code == 200, again.text
    assert again.json["errors"] == 0, again.json["rows"][:3]


def test_filters_are_those_of_the_lists(loop: Loop) -> None:
    loop.opened()
    quiet = loop.office.site("文庙小区", inspectors=(loop.wang,))
    loop.wang.send(report_body(quiet))
    for filters in ({"site": str(quiet)}, {"state": "approved"}, {"q": "文庙"}, {"order": "oldest"}, {"district": YINGZE},
                    {"received_from": "2020-01-01", "received_to": "2021-01-01"}, {"inspector": str(loop.wang.id)}):
        path = "/reports?" + "&".join(f"{name}={value}" for name, value in filters.items())
        _, data = made(loop.office, loop.su, "reports", "csv", filters=filters)
        assert [row["报告ID"] for row in table(data)] == [one["id"] for one in everything(loop.su, path)], filters


def test_more_rows_than_a_page_or_a_sheet_holds(office: SiteOffice, tmp_path: Any) -> None:
    for number in range(520):
        office.site(f"小区{number}", code=f"P{number:04}")
    clerk = office.person("clerk", "office")
    _, data = made(office, clerk, "sites", "csv")
    assert [row["项目编号"] for row in table(data)] == [f"P{number:04}" for number in range(520)]
    found = tables.Table("表", (tables.Col("号", "No."),), ([number] for number in range(25)))
    tables.write(tmp_path / "t.xlsx", Format.XLSX, found, "zh", most=10)
    said = [[row["号"] for row in sheet((tmp_path / "t.xlsx").read_bytes(), at)] for at in range(3)]
    assert said == [list(range(10)), list(range(10, 20)), list(range(20, 25))]
