"""What the workbook says is what the figures and the office's words say, cell by cell, in both languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from server.issues.rules import Source
from server.kit.i18n import Language
from server.weekly import bulletin as bulletins_of
from server.weekly import render
from server.weekly.words import COLUMNS, FRONT, OFFICE, WORDS, Col
from tests.weekly import bulletins
from tests.weekly.conftest import Counted
from tests.weekly.reading import SHEETS, parts, sheet_part, table, title, workbook

LANGUAGES: tuple[Language, ...] = ("zh", "en")
BULLETINS: dict[str, Callable[[], dict[str, Any]]] = {"full": bulletins.full, "empty": bulletins.empty}
DASHED = {"rate", "ratio"}


def test_wherever_an_issue_was_heard_of_there_is_a_word_for_it() -> None:
    assert set(WORDS["source"]) >= {source.value for source in Source} | set(WORDS["visit"])


def rows_of(bulletin: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of a table, its total last."""
    if name == "T6":
        words = bulletin["words"]
        return [{"list": "red", **row} for row in words["red_list"]] + [{"list": "black", **row} for row in words["black_list"]]
    source = bulletin["figures"]["tables"].get(name, {"rows": []})
    rows = source["rows"]
    if name == "T4":  # what the office says of a site stands beside its figures
        said = {one["site"]: one for one in bulletin["words"]["behind"]}
        rows = [row | {**said.get(row["site"]["id"], {}), "site": row["site"]} for row in rows]
    return [*rows, *([source["total"]] if "total" in source else [])]


def check(column: Col, row: dict[str, Any], cell: Any, language: Language) -> None:
    """One cell against the figure behind it."""
    about, value = (column.key, row.get(column.key), cell), row.get(column.key)
    at = 0 if language == "zh" else 1
    match column.kind:
        case "count" | "money" | "text":
            assert cell == ("" if value is None else value), about
        case "rate" | "ratio":
            assert cell == (("—" if column.key in row else "") if value is None else value), about
        case "day":
            assert cell == (date.fromisoformat(value) if value else ""), about
        case "name":
            assert cell == (value[language] if value else ("合计", "Total")[at]), about
        case "site":
            assert cell == value["name"], about
        case "word":
            assert cell == (WORDS[column.key][value][at] if value else ""), about
        case "yes":
            assert cell == (("是", "yes") if value else ("否", "no"))[at], about
        case "move":
            assert cell == ("" if column.key not in row else f"{'↑↓'[value < 0]}{abs(value)}" if value else "—"), about
        case "photo":
            assert cell == ("" if value is None else ("照片未取得", "photo not to be had")[at]), about
        case "remark":
            assert cell.startswith(WORDS["state"][row["state"]][at]), about
            assert row["is_recurring"] == cell.endswith(("重复发生", "recurring")[at]), about
        case kind:
            assert kind == "escalation"
            assert (row.get("letter") or "") in cell, about


def check_tables(bulletin: dict[str, Any], language: Language, folder: Path) -> None:
    book = workbook(bulletin, language, folder)
    assert list(book) == [title(name, language) for name in SHEETS]
    for name in render.TABLES:
        head, *printed = book[title(name, language)]
        rows = rows_of(bulletin, name)
        assert head == [column.header(language) for column in COLUMNS[name]]
        assert len(printed) == len(rows), name
        for row, cells in zip(rows, printed, strict=True):
            for column, cell in zip(COLUMNS[name], cells, strict=True):
                check(column, row, cell, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("week", BULLETINS)
def test_every_cell_of_every_table_is_the_figure(week: str, language: Language, tmp_path: Path) -> None:
    """Numbers are numbers, days are days, names are names, and what cannot be said is a dash or empty."""
    check_tables(BULLETINS[week](), language, tmp_path)


def test_so_is_every_cell_of_a_week_that_was_counted(counted: Counted, tmp_path: Path) -> None:
    for figures in (counted.city, counted.jinyuan):
        check_tables(bulletins_of.bare(figures), "zh", tmp_path)


def test_figures_of_before_the_bulletin_still_print(tmp_path: Path) -> None:
    """Shape 2 knew no table 4, no series and no photos; its weeks are kept for years."""
    bulletin = bulletins.full()
    figures = bulletin["figures"]
    for name in ("cases", "series", "ranking", "residents", "sites_seen"):
        del figures[name]
    del figures["tables"]["T4"]
    for row in figures["tables"]["T5"]["rows"] + figures["tables"]["T7"]["rows"]:
        row.pop("letter", None)
        row |= {"escalation": None}
        for name in ("before", "after", "found_by", "responsible_person", "verified_on"):
            row.pop(name)
    check_tables(bulletin, "zh", tmp_path)


def test_codes_are_printed_as_words_in_both_languages(tmp_path: Path) -> None:
    week = bulletins.full()
    assert [row["rank_change"] for row in table(week, "zh", tmp_path, "T1")] == ["—", "↑1", "↓1", "—", "↑2", "↓2", ""]
    assert [row["escalation"] for row in table(week, "zh", tmp_path, "T5")] == [
        "—", "超期1日，告知区", "超期7日，约谈通报；督办函 并老改督〔2026〕12号", "督办函 并老改督〔2026〕13号",
    ]
    assert table(week, "en", tmp_path, "T5")[2]["escalation"] == "7 days late, interview; letter 并老改督〔2026〕12号"
    register = table(week, "zh", tmp_path, "T7")
    assert [(row["severity"], row["closed"], row["verdict"], row["state"]) for row in register[1:3] + register[6:7]] == [
        ("较大", "否", "", "待整改"), ("重大", "是", "合格", "已销号"), ("重大", "否", "", "待整改;重复发生"),
    ]
    assert [(row["list"], row["subject"]) for row in table(week, "en", tmp_path, "T6")] == [
        ("red", "迎泽区示例片区项目部"), ("black", "示例施工乙公司")
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_front_sheet_holds_the_masthead_the_key_points_and_the_key_figures(language: Language, tmp_path: Path) -> None:
    week = bulletins.full()
    front = {row[0]: row[1] for row in workbook(week, language, tmp_path)[title("front", language)]}
    at = 0 if language == "zh" else 1
    expected = {
        ("期号", "Number"): ("第12期（总第47期）", "no. 12 of 2026 (47 in all)")[at],
        ("编发单位", "Office"): "太原市老旧小区改造工作专班办公室", ("日期", "Date"): date(2026, 11, 23),
        ("范围", "Scope"): ("太原市", "Taiyuan")[at], ("周次", "Week"): ("2026年第47周", "2026-W47")[at],
        ("起", "From"): date(2026, 11, 16), ("止", "To"): date(2026, 11, 22),
        ("数据状态", "Figures"): ("整周", "whole week")[at], ("冻结时间", "Frozen at"): datetime(2026, 11, 23, 9),
        ("进展较快", "Fast"): ("迎泽区、杏花岭区", "Yingze, Xinghualing")[at],
        ("进展较慢", "Slow"): ("晋源区、小店区", "Jinyuan, Xiaodian")[at],
        ("本周要情 2", "Key point 2"): week["words"]["key_points"][language][1],
    }
    assert {words: front[words[at]] for words in expected} == expected
    for key, *names, _ in FRONT:
        value = week["figures"]["totals"][key]
        assert front[names[at]] == ("—" if value is None else value), key


def test_a_draft_says_so(tmp_path: Path) -> None:
    front = {row[0]: row[1] for row in workbook(bulletins.empty(), "zh", tmp_path)["本周要情"]}
    assert front["期号"] == "草稿（未编号）"
    assert front["开工率%"] == "—"
    assert not {"本周要情 1", "进展较快"} & front.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offices_words_stand_on_a_sheet(language: Language, tmp_path: Path) -> None:
    at = 0 if language == "zh" else 1
    rows = workbook(bulletins.full(), language, tmp_path)[title("office", language)]
    said = {row[0]: row[1:] for row in rows}
    expected = {"hotline_received": 46, "replies_valid": 312, "satisfaction": 91.7, "residents_yes": 36}
    assert {key: said[OFFICE[key][at]][0] for key in expected} == expected
    assert said[f"{OFFICE['next_week'][at]} 1"] == ["对超期13个问题逐一督办", date(2026, 11, 27), "各区专班"]
    assert [said[OFFICE[key][at]][0] for key in ("report_to", "copies")] == ["市委、市政府分管领导", 30]


@pytest.mark.parametrize(
    ("valid", "satisfied", "printed"),
    [(29, 29, "—"), (30, 30, 100), (2000, 1, 0.1), (2001, 1, 0), (None, 5, "—"), (40, None, "—")],
)
def test_too_few_replies_give_no_rate(valid: int | None, satisfied: int | None, printed: Any, tmp_path: Path) -> None:
    week = bulletins.full()
    week["words"]["residents"] |= {"replies_valid": valid, "replies_satisfied": satisfied}
    said = {row[0]: row[1] for row in workbook(week, "zh", tmp_path)["群众诉求与下周安排"]}
    assert said["满意度%（满30份才显示）"] == printed


def test_english_is_complete(tmp_path: Path) -> None:
    """What we say is in English; what the office and the sites wrote stays as it is."""
    week = bulletins.empty()
    week["figures"]["tables"]["T5"]["rows"] = []
    for name, rows in workbook(week, "en", tmp_path).items():
        told = "".join(str(cell) for row in rows for cell in row) + name
        assert not [one for one in told if "\u3000" <= one <= "\u9fff" or "\uff00" <= one <= "\uffef"], name


def test_the_header_stays_and_can_be_filtered(tmp_path: Path) -> None:
    workbook(bulletins.full(), "zh", tmp_path)
    sheets = parts(tmp_path, "xl/worksheets/sheet")
    assert len(sheets) == len(SHEETS)
    frozen = {name for name in SHEETS if 'state="frozen"' in sheets[sheet_part(name)]}
    filtered = {name for name in SHEETS if "<autoFilter" in sheets[sheet_part(name)]}
    assert frozen == set(SHEETS) - {"charts"}
    assert filtered == set(render.TABLES)
    assert '<autoFilter ref="A1:X7"/>' in sheets[sheet_part("T2")]  # the total is out of its reach


def test_every_page_names_the_week_and_fits_its_paper(tmp_path: Path) -> None:
    workbook(bulletins.full(), "zh", tmp_path)
    sheets = parts(tmp_path, "xl/worksheets/sheet")
    titles = parts(tmp_path, "xl/workbook.xml")["xl/workbook.xml"]
    for name in SHEETS:
        sheet = sheets[sheet_part(name)]
        assert "太原市老旧小区改造督导周报 2026年第47周（2026-11-16 – 2026-11-22）" in sheet
        assert f'paperSize="{8 if name == "T7" else 9}"' in sheet  # the register on A3, all else on A4
        assert ('fitToHeight="0"' in sheet) == (name != "charts")  # there pages break between charts
        assert ('orientation="landscape"' in sheet) == (name != "front")
    assert titles.count("_xlnm.Print_Titles") == len(SHEETS) - 1  # the header is repeated on every page


def test_the_same_bulletin_makes_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        render.xlsx(bulletins.full(), "zh", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_csv_is_the_register_with_the_mark_that_excel_needs(tmp_path: Path) -> None:
    week = bulletins.full()
    render.csv(week, "zh", tmp_path / "t.csv")
    data = (tmp_path / "t.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert head == [column.zh for column in COLUMNS["T7"]]
    printed = [dict(zip((column.key for column in COLUMNS["T7"]), row, strict=True)) for row in rows]
    register = week["figures"]["tables"]["T7"]["rows"]
    for key in ("number", "due_on", "item"):
        assert [row[key] for row in printed] == [row[key] for row in register]
    assert [row["before"] for row in printed] == [row["before"]["sha256"] for row in register]
    assert printed[0]["after"] == ""
