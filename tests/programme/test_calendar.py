"""A year's arrangement of days off and worked weekends: imported row by row, all or nothing, and shown."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.kit import clock
from server.kit.sheets import Sheet, xlsx_bytes
from server.programme.calendar_importing import BUNDLED
from server.programme.policy_models import CalendarDay
from tests.factories import YINGZE, SiteOffice, Someone

TABLE = """日期,结束日期,类型,名称
2026-10-01,2026/10/7,节假日,国庆节
2026年10月10日,,调休上班,国庆节调休
"""


@pytest.fixture
def chen(office: SiteOffice) -> Someone:
    return office.person("chen", "office")


def send(person: Someone, content: str | bytes, query: str = "", kind: str = "text/csv") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return person.ask("POST", f"/calendar/import{query}", data=data, headers={"Content-Type": kind})


def days(person: Someone, year: int = 2026) -> dict[str, tuple[str, str]]:
    return {one["day"]: (one["kind"], one["name"]) for one in person.get(f"/calendar?year={year}").json["days"]}


def test_an_arrangement_is_tried_first_and_then_taken(office: SiteOffice, chen: Someone) -> None:
    tried = send(chen, TABLE, "?dry_run=true")
    assert tried.status_code == 200, tried.text
    assert (tried.json["created"], tried.json["years"], days(chen)) == (8, [2026], {})
    done = send(chen, TABLE)
    assert {**done.json, "dry_run": True} == tried.json
    assert [(row["row"], row["day"], row["until"], row["kind"], row["days"], row["action"])
            for row in done.json["rows"]] == [
        (2, "2026-10-01", "2026-10-07", "holiday", 7, "created"),
        (3, "2026-10-10", "2026-10-10", "workday", 1, "created"),
    ]
    assert days(chen)["2026-10-07"] == ("holiday", "国庆节")
    assert days(chen)["2026-10-10"] == ("workday", "国庆节调休")
    assert chen.get("/calendar?year=2025").json == {"year": 2025, "days": [], "years": [2026]}
    [event] = office.read(sa.select(AuditEvent).where(AuditEvent.verb == "calendar_imported"))
    assert event.facts == {"years": [2026], "created": 8, "updated": 0, "removed": 0}
    again = send(chen, TABLE)
    assert (again.json["created"], again.json["unchanged"]) == (0, 8)
    assert len(office.read(sa.select(AuditEvent).where(AuditEvent.verb == "calendar_imported"))) == 1


@pytest.mark.parametrize("content", [
    TABLE.encode("gb18030"),
    b"\xef\xbb\xbf" + TABLE.encode(),
    TABLE.encode("utf-16"),
    "date;end;kind;name\n2026-10-01;2026-10-07;holiday;国庆节\n2026-10-10;;workday;国庆节调休\n".encode(),
    "日期,类型,名称\n2026-10-01至2026-10-07,放假,国庆节\n２０２６-10-10,上班,国庆节调休\n".encode(),
    xlsx_bytes([Sheet("安排", ["日期", "类型", "名称"], [
        *([date(2026, 10, day), "节假日", "国庆节"] for day in range(1, 8)), ["2026-10-10", "工作日", "国庆节调休"],
    ])]),
], ids=["gb18030", "bom", "utf-16", "english", "range-in-a-cell", "xlsx"])
def test_a_table_is_read_as_offices_have_it(chen: Someone, content: bytes) -> None:
    done = send(chen, content, kind="application/octet-stream")
    assert done.status_code == 200, done.text
    assert done.json["created"] == 8
    assert days(chen)["2026-10-10"] == ("workday", "国庆节调休")


def test_wrong_rows_are_named_and_nothing_is_taken(office: SiteOffice, chen: Someone) -> None:
    table = (
        "日期,结束日期,类型,名称,年度\n"
        "2026-05-01,,节假日,劳动节,\n"
        "2026-02-30,,节假日,春节,\n"
        "2026-05-05,2026-05-01,节假日,劳动节,\n"
        "2026-05-01,,工作日,劳动节,\n"
        "2026-06-19,2026-09-19,节假日,端午节,\n"
        "2026-06-19,,过节,端午节,\n"
        ",,节假日,端午节,\n"
        "2026-06-20,,节假日,端午节,2024\n"
    )
    tried = send(chen, table, "?dry_run=true")
    assert (tried.status_code, tried.json["errors"], tried.json["created"]) == (200, 7, 1)
    assert {row["row"]: [error["field"] for error in row["errors"]] for row in tried.json["rows"]} == {
        2: [], 3: ["day"], 4: ["until"], 5: ["day"], 6: ["until"], 7: ["kind"], 8: ["day"], 9: ["year"],
    }
    refused = send(chen, table)
    assert (refused.status_code, refused.json["code"]) == (422, "table-rows-invalid")
    assert refused.json["errors"].keys() == {
        "rows.3.day", "rows.4.until", "rows.5.day", "rows.6.until", "rows.7.kind", "rows.8.day", "rows.9.year",
    }
    assert refused.json["rows"] == tried.json["rows"]
    assert days(chen) == {}


@pytest.mark.parametrize(("table", "code", "field"), [
    ("类型,名称\n节假日,春节\n", "table-no-header", "day"),
    ("日期,名称\n2026-01-01,元旦\n", "table-no-header", "kind"),
    ("日期,类型,类别\n2026-01-01,节假日,节假日\n", "invalid", "类别"),
    ("日期,类型\n", "invalid", "rows"),
])
def test_a_table_that_cannot_be_understood_is_refused(chen: Someone, table: str, code: str, field: str) -> None:
    refused = send(chen, table)
    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert field in refused.json["errors"]


def test_a_day_is_corrected_and_a_whole_year_replaced(office: SiteOffice, chen: Someone) -> None:
    send(chen, TABLE)
    corrected = send(chen, "日期,类型,名称\n2026-10-10,节假日,国庆节\n")
    assert (corrected.json["updated"], corrected.json["removed"]) == (1, 0)
    assert days(chen)["2026-10-10"] == ("holiday", "国庆节")
    send(chen, "日期,类型,名称\n2025-10-01,节假日,国庆节\n")
    tried = send(chen, TABLE, "?dry_run=true&replace=true")
    assert (tried.json["updated"], tried.json["removed"], tried.json["unchanged"]) == (1, 0, 7)
    replaced = send(chen, "日期,类型,名称\n2026-10-01,节假日,国庆节\n", "?replace=true")
    assert (replaced.json["removed"], replaced.json["unchanged"]) == (7, 1)
    assert list(days(chen)) == ["2026-10-01"]
    assert list(days(chen, 2025)) == ["2025-10-01"]


def test_the_day_before_new_year_belongs_to_the_next_years_arrangement(office: SiteOffice, chen: Someone) -> None:
    send(chen, "日期,结束日期,类型,名称\n2022-12-31,2023-01-02,节假日,元旦\n")
    assert set(office.read(sa.select(CalendarDay.year))) == {2023}
    assert list(days(chen, 2022)) == ["2022-12-31"]
    assert list(days(chen, 2023)) == ["2022-12-31", "2023-01-01", "2023-01-02"]


def test_a_half_word_does_not_import_for_real(chen: Someone) -> None:
    for query in ("?dry_run=", "?replace=", "?dryrun=true"):
        assert send(chen, TABLE, query).status_code == 422
    assert days(chen) == {}
    assert chen.get("/calendar").json["year"] == clock.today().year


def test_the_arrangements_of_the_product_are_those_of_the_state_council(office: SiteOffice) -> None:
    """As many days as the notices say, each off or worked once; a day that is worked is one of a weekend."""
    runner = office.app.test_cli_runner()
    assert "2 years added: 2025, 2026" in runner.invoke(args=["calendar", "load"]).output
    there = office.read(sa.select(CalendarDay).order_by(CalendarDay.day))
    assert Counter((one.year, one.kind.value) for one in there) == {
        (2025, "holiday"): 28, (2025, "workday"): 5, (2026, "holiday"): 33, (2026, "workday"): 6,
    }
    assert all(one.day.weekday() >= 5 for one in there if one.kind == "workday")
    assert {one.day.year == one.year for one in there} == {True}
    assert date(2026, 2, 23) in {one.day for one in there}
    for path in BUNDLED.glob("*.csv"):
        assert "国办发明电" in path.read_text()
    assert "0 years added" in runner.invoke(args=["calendar", "load"]).output


def test_the_command_line_imports_and_shows(office: SiteOffice, chen: Someone, tmp_path: Path) -> None:
    runner = office.app.test_cli_runner()
    file = tmp_path / "节假日.csv"
    file.write_text(TABLE, encoding="gb18030")
    assert "2 rows: 8 days would be added" in runner.invoke(args=["calendar", "import", str(file), "--dry-run"]).output
    assert "2026: 尚未导入" in runner.invoke(args=["calendar", "show", "2026"]).output
    assert "2 rows: 8 days were added" in runner.invoke(args=["calendar", "import", str(file)]).output
    shown = runner.invoke(args=["calendar", "show", "2026"]).output
    assert "2026-10-10  周六 Sat  工作日 workday  国庆节调休" in shown
    file.write_text("日期,类型\n2026-13-01,节假日\n", encoding="utf-8")
    wrong = runner.invoke(args=["calendar", "import", str(file), "--dry-run"])
    assert (wrong.exit_code, "row 2 day" in wrong.output) == (1, True)
    assert runner.invoke(args=["calendar", "import", str(file)]).exit_code == 1
    # a year that the office has entered itself is left as it is
    assert "1 years added: 2025" in runner.invoke(args=["calendar", "load"]).output


def test_a_supervisor_sees_the_calendar_and_does_not_enter_it(office: SiteOffice) -> None:
    supervisor = office.person("qian", "supervisor", districts=(YINGZE,))
    assert supervisor.get("/calendar?year=2026").status_code == 200
    assert send(supervisor, TABLE).status_code == 403
