"""What the files say is what the figures say, cell by cell; odd text stays text."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from server.issues.rules import Source
from server.kit.i18n import Language
from server.kit.sheets import unguard
from server.programme.rules import Stage
from server.weekly import archive, render
from server.weekly.words import COLUMNS, FRONT, TITLES, WORDS
from tests.weekly.conftest import LONG_AGO, Count, Counted
from tests.weekly.made import Made, at

# printing asks no database: where rows are made for it, one kind is enough
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ODD = [
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\tx", "http://a.b/c d", "007", "1e5", "a\x00b\x0bc",
    "𠮷野家\n乙", "'x", '=HYPERLINK("http://x")', "x" * 40_000, "", "2026-11-16",
]


def test_wherever_an_issue_was_heard_of_there_is_a_word_for_it() -> None:
    assert set(WORDS["source"]) >= {source.value for source in Source} | set(WORDS["visit"])


def workbook(figures: dict[str, Any], language: Language, folder: Path) -> dict[str, list[list[Any]]]:
    """{sheet: rows} of the workbook as a reader of its own kind sees it."""
    path = folder / "week.xlsx"
    render.xlsx(figures, language, path)
    with CalamineWorkbook.from_path(str(path)) as book:
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def table(figures: dict[str, Any], language: Language, folder: Path, name: str) -> list[dict[str, Any]]:
    """A printed table as dictionaries by column key."""
    head, *rows = workbook(figures, language, folder)[TITLES[name][0 if language == "zh" else 1]]
    columns = COLUMNS[name]
    assert head == [column.header(language) for column in columns]
    return [dict(zip((column.key for column in columns), row, strict=True)) for row in rows]


@pytest.fixture
def figures(counted: Counted) -> dict[str, Any]:
    return counted.city


def test_every_cell_of_every_table_is_the_figure(figures: dict[str, Any], tmp_path: Path) -> None:
    """Numbers are numbers, days are days, names are names, and what cannot be said is a dash or empty."""
    book = workbook(figures, "zh", tmp_path)
    for name in render.TABLES:
        head, *printed = book[TITLES[name][0]]
        source = figures["tables"][name]
        rows = [*source["rows"], *([source["total"]] if "total" in source else [])]
        assert len(printed) == len(rows)
        for row, cells in zip(rows, printed, strict=True):
            for column, cell in zip(COLUMNS[name], cells, strict=True):
                value = row.get(column.key)
                if column.kind in {"count", "money"} or (column.kind == "rate" and value is not None):
                    assert cell == ("" if value is None else value), (name, column.key)
                elif column.kind == "rate" and column.key in row:
                    assert cell == "—"
                elif column.kind == "day":
                    assert cell == (date.fromisoformat(value) if value else ""), (name, column.key)
                elif column.kind == "name":
                    assert cell == (value["zh"] if value else "合计")
                elif column.kind == "site":
                    assert cell == value["name"]
                elif column.kind == "text":
                    assert cell == (value or "")
        assert len(head) == len(COLUMNS[name])


def test_codes_are_printed_as_words_in_both_languages(figures: dict[str, Any], tmp_path: Path) -> None:
    first = table(figures, "zh", tmp_path, "T1")
    assert [(row["rank"], row["district"], row["rank_change"]) for row in first] == [
        (1, "迎泽区", "↑1"), (2, "晋源区", "↓1"), ("", "合计", "")
    ]
    register = table(figures, "zh", tmp_path, "T7")
    assert [(row["severity"], row["closed"], row["state"]) for row in register] == [
        ("一般", "否", "待整改"), ("较大", "是", "已销号"), ("重大", "否", "待下发"), ("一般", "否", "作废"),
        ("一般", "否", "反弹"), ("较大", "否", "待复查;重复发生"),
    ]
    assert register[3]["category"] == "道路与雨污分流"
    english = table(figures, "en", tmp_path, "T8")
    assert [(row["district"], row["visit"], row["standing"], row["late"]) for row in english[:2]] == [
        ("Yingze", "unannounced", "approved", "yes"), ("Jinyuan", "unannounced", "approved", "no")
    ]
    assert table(figures, "en", tmp_path, "T7")[5]["state"] == "to be verified; recurring"


def test_the_front_sheet_holds_the_week_and_the_key_figures(figures: dict[str, Any], tmp_path: Path) -> None:
    book = workbook(figures, "zh", tmp_path)
    assert next(iter(book)) == "本周要情"
    front = {row[0]: row[1] for row in book["本周要情"]}
    assert front["周次"] == "2026年第47周"
    assert front["范围"] == "太原市"
    assert front["起"] == date(2026, 11, 16)
    assert front["数据状态"] == "整周"
    for key, zh, _, _ in FRONT:
        value = {**figures["changes"], **figures["totals"]}[key]
        assert front[zh] == ("—" if value is None else value), key
    meanings = {row[0]: row for row in book["附件3 指标口径"]}
    assert meanings["滞后原因"][2].startswith("暂不统计：")
    assert not meanings["按期整改率"][2]


def test_the_header_stays_and_can_be_filtered(figures: dict[str, Any], tmp_path: Path) -> None:
    workbook(figures, "zh", tmp_path)
    with zipfile.ZipFile(tmp_path / "week.xlsx") as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 8
    assert all('state="frozen"' in sheet for sheet in sheets)
    assert ["<autoFilter" in sheet for sheet in sheets] == [False, *[True] * 6, False]  # the front and the meanings: no
    assert not any("<f>" in sheet for sheet in sheets)


def test_every_page_names_the_week_and_fits_its_paper(figures: dict[str, Any], tmp_path: Path) -> None:
    workbook(figures, "zh", tmp_path)
    with zipfile.ZipFile(tmp_path / "week.xlsx") as packed:
        sheets = [packed.read(f"xl/worksheets/sheet{n}.xml").decode() for n in range(1, 9)]
        titles = packed.read("xl/workbook.xml").decode().count("_xlnm.Print_Titles")
    for sheet in sheets:
        assert "太原市老旧小区改造督导周报 2026年第47周(2026-11-16 – 2026-11-22)" in sheet
        assert 'paperSize="9"' in sheet
        assert 'fitToHeight="0"' in sheet
    assert ['orientation="landscape"' in sheet for sheet in sheets] == [False, *[True] * 7]
    assert titles == 8  # the header is repeated on every page


def test_the_total_is_out_of_the_filters_reach(figures: dict[str, Any], tmp_path: Path) -> None:
    book = workbook(figures, "zh", tmp_path)
    rows = book[TITLES["T2"][0]]
    assert rows[-1][0] == "合计"
    with zipfile.ZipFile(tmp_path / "week.xlsx") as packed:
        assert f'<autoFilter ref="A1:X{len(rows) - 1}"/>' in packed.read("xl/worksheets/sheet3.xml").decode()


def test_the_same_figures_make_the_same_bytes(figures: dict[str, Any], tmp_path: Path) -> None:
    for form, write in (("xlsx", render.xlsx), ("csv", render.csv), ("zip", archive.write)):
        for name in "ab":
            write(figures, "zh", tmp_path / name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes(), form


def test_the_csv_is_the_register_with_the_mark_that_excel_needs(figures: dict[str, Any], tmp_path: Path) -> None:
    render.csv(figures, "zh", tmp_path / "t.csv")
    data = (tmp_path / "t.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == [column.zh for column in COLUMNS["T7"]]
    assert len(rows) == 7
    printed = [dict(zip((column.key for column in COLUMNS["T7"]), row, strict=True)) for row in rows[1:]]
    assert [row["number"] for row in printed] == [row["number"] for row in figures["tables"]["T7"]["rows"]]
    assert printed[2]["description"] == "'=吊篮安全绳未独立固定"  # cannot start anything
    assert printed[1]["due_on"] == "2026-11-15"


@on_one_database
def test_odd_text_is_printed_and_never_acts(made: Made, count: Count, tmp_path: Path) -> None:
    for n, odd in enumerate(ODD):
        site = made.site(odd.replace("\x00", "") or "空", (LONG_AGO, Stage.IN_PROGRESS, 0))
        report = made.report(site, at("11-17", f"{n:02d}:00"))
        made.issue(site, report, at("11-18", f"{n:02d}:00"), "11-30", description=odd.replace("\x00", ""))
    figures = count()
    rows = table(figures, "zh", tmp_path, "T7")
    for odd, row in zip(ODD, rows, strict=True):
        told = str(row["description"])
        if len(odd) > 32_767:
            assert told.startswith("xxx")
            assert len(told) <= 32_767
        else:
            assert told == odd.replace("\x00", "").replace("\x0b", "")
    with zipfile.ZipFile(tmp_path / "week.xlsx") as packed:
        text = "".join(packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/"))
    assert "<f>" not in text
    assert "<hyperlink" not in text
    render.csv(figures, "zh", tmp_path / "t.csv")
    printed = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_bytes().decode("utf-8-sig"), newline="")))
    for row in printed:
        assert row["问题"].strip()[:1] not in {"=", "@", "+"}
    assert unguard(printed[0]["问题"]) == "=1+1"


@on_one_database
def test_an_empty_week_prints(made: Made, count: Count, tmp_path: Path) -> None:
    figures = count()
    for language in ("zh", "en"):
        book = workbook(figures, language, tmp_path)
        assert len(book) == 8
    assert [row["rank"] for row in table(figures, "zh", tmp_path, "T1")] == ["", "", ""]
    assert table(figures, "zh", tmp_path, "T1")[0]["start_rate"] == "—"
    render.csv(figures, "en", tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").count("\n") == 1
