"""Downloaded tables: what stands in the database stands in the file, and nothing in it can act."""

import csv
import io
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from server.kit.sheets import (
    Cell,
    Column,
    Sheet,
    csv_bytes,
    guard,
    printable,
    sheet_name,
    unguard,
    write_xlsx,
    xlsx_bytes,
)

ODD = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "=HYPERLINK()",
    '=HYPERLINK("http://x")',
    "http://example.org/a b",
    "mailto:a@b",
    "007",
    "1e5",
    "140105001",
    "TRUE",
    "2022-09-14",
    "_x0041_",
    "{=A1}",
    "𠮷野家",
    "a\nb",
    "'quoted",
]


def read_back(data: bytes, sheet: int = 0) -> list[list[object]]:
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        return [list(row) for row in book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)]


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return packed.read(name).decode()


def csv_rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


# --- XLSX


def test_text_numbers_and_days_come_back_as_what_they_were() -> None:
    row: list[Cell] = [
        "140105001",
        60,
        1234.5,
        Decimal("3.43"),
        True,
        date(2022, 9, 14),
        datetime(2022, 9, 14, 8, 30),
        None,
        "末",
    ]
    [_, back] = read_back(xlsx_bytes([Sheet("计划", list("abcdefghi"), [row])]))
    assert back == ["140105001", 60, 1234.5, 3.43, True, date(2022, 9, 14), datetime(2022, 9, 14, 8, 30), "", "末"]


@pytest.mark.parametrize("constant_memory", [False, True])
def test_odd_text_is_written_to_the_letter_and_never_as_formula_or_link(tmp_path: Path, constant_memory: bool) -> None:
    path = tmp_path / "t.xlsx"
    write_xlsx(path, [Sheet("s", ["=H()"], [[text] for text in ODD])], constant_memory=constant_memory)
    data = path.read_bytes()
    assert [row[0] for row in read_back(data)] == ["=H()", *ODD]
    sheet = part(data, "xl/worksheets/sheet1.xml")
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert list(tmp_path.iterdir()) == [path]


@given(st.lists(st.text(st.characters(exclude_categories=["Cn"]), max_size=20), min_size=1, max_size=5))
def test_any_text_is_written_and_only_what_xml_cannot_hold_is_lost(texts: list[str]) -> None:
    back = read_back(xlsx_bytes([Sheet("s", ["a", "b"], [[text, "|"] for text in texts])]))
    assert [row[0] for row in back[1:]] == [printable(text) for text in texts]


def test_controls_and_lone_surrogates_do_not_break_the_file() -> None:
    back = read_back(xlsx_bytes([Sheet("s\x00", ["a\x01"], [["x\x00\x0b\x1f\ufffe\uffffy\ud800"]])]))
    assert back == [["a"], ["xy\ufffd"]]


def test_equal_input_gives_equal_bytes_whenever_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    sheets = [Sheet("s", ["a", Column("b", number_format="0.0")], [["x", 1.25], ["y", 2]])]
    first = xlsx_bytes(sheets)
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    assert xlsx_bytes(sheets) == first
    assert "2000-01-01T00:00:00Z" in part(first, "docProps/core.xml")


def test_written_to_a_path_the_bytes_are_the_same(tmp_path: Path) -> None:
    sheets = [Sheet("s", ["a"], [["x"], [1]])]
    write_xlsx(tmp_path / "a.xlsx", sheets)
    assert (tmp_path / "a.xlsx").read_bytes() == xlsx_bytes(sheets)
    write_xlsx(tmp_path / "b.xlsx", sheets, constant_memory=True)
    write_xlsx(tmp_path / "c.xlsx", sheets, constant_memory=True)
    assert (tmp_path / "b.xlsx").read_bytes() == (tmp_path / "c.xlsx").read_bytes()


def test_the_header_is_frozen_and_can_be_filtered_and_columns_fit_chinese() -> None:
    data = xlsx_bytes([Sheet("s", ["编号", "小区名称", Column("备注", width=33)], [["1", "太原市迎泽区老军营小区"]])])
    sheet = part(data, "xl/worksheets/sheet1.xml")
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:C2"/>' in sheet
    widths = [float(found.split('"')[0]) for found in sheet.split(' width="')[1:]]
    assert 6 < widths[0] < 9
    assert 22 < widths[1] < 25
    assert 33 < widths[2] < 34


def test_a_sparse_sheet_leaves_its_empty_cells_out_and_nothing_else() -> None:
    rows: list[list[Cell]] = [["甲", None, 0], [None, None, 2.5]]
    full, sparse = (xlsx_bytes([Sheet("表", ["a", "b", "c"], rows, sparse=sparse)]) for sparse in (False, True))
    assert read_back(sparse) == read_back(full)
    assert len(sparse) < len(full)


def test_number_formats_are_kept() -> None:
    styles = part(
        xlsx_bytes([Sheet("s", [Column("率", number_format="0.0")], [[28.3], [date(2022, 9, 14)]])]), "xl/styles.xml"
    )
    assert 'formatCode="0.0_)"' in styles  # with a gap as wide as a bracket, so that no number touches what follows


def test_an_aware_moment_is_shown_in_shanghai() -> None:
    moments: list[Cell] = [
        datetime(2022, 9, 14, 16, 30, tzinfo=UTC),
        datetime(2022, 9, 14, 8, 30, tzinfo=timezone(timedelta(hours=-4))),
    ]
    [_, back] = read_back(xlsx_bytes([Sheet("s", ["a", "b"], [moments])]))
    assert back == [datetime(2022, 9, 15, 0, 30), datetime(2022, 9, 14, 20, 30)]
    assert csv_rows(csv_bytes(["a", "b"], [moments]))[1] == ["2022-09-15 00:30:00", "2022-09-14 20:30:00"]


def test_what_a_spreadsheet_cannot_count_is_written_as_text_or_left_empty() -> None:
    row: list[Cell] = [
        2**63,
        -(10**15),
        10**15 - 1,
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        date(1850, 1, 1),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-9))),
        "|",
    ]
    [_, back] = read_back(xlsx_bytes([Sheet("s", list("abcdefghi"), [row])]))
    assert back[:3] == [str(2**63), str(-(10**15)), 10**15 - 1]
    assert back[3:7] == ["", "", "", "1850-01-01"]
    assert csv_rows(csv_bytes(list("abcdefghi"), [row]))[1][:7] == [
        str(2**63),
        str(-(10**15)),
        str(10**15 - 1),
        "",
        "",
        "",
        "1850-01-01",
    ]


def test_a_text_too_long_for_a_cell_is_cut_and_says_so() -> None:
    back = read_back(xlsx_bytes([Sheet("s", ["a"], [["x" * 32_767], ["x" * 40_000], ["𠮷" * 20_000]])]))
    assert back[1][0] == "x" * 32_767
    for [text] in back[2:]:
        assert isinstance(text, str)
        assert text.endswith("…〔已截断 cut〕")
        assert len(text.encode("utf-16-le")) <= 2 * 32_767
        assert "\ufffd" not in text


def test_a_sheet_that_is_too_long_is_refused_not_cut(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("server.kit.sheets.workbook.MAX_SHEET_ROWS", 2)
    with pytest.raises(ValueError, match=r"^sheet-too-long$"):
        write_xlsx(tmp_path / "t.xlsx", [Sheet("s", ["a"], [[1], [2], [3]])], constant_memory=True)
    with pytest.raises(ValueError, match=r"^sheet-missing$"):
        xlsx_bytes([])


def test_rows_that_fail_halfway_fail_as_themselves() -> None:
    def rows() -> Iterator[list[Cell]]:
        yield ["x"]
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        xlsx_bytes([Sheet("s", ["a"], rows())])


def test_sheet_names_are_such_as_excel_takes() -> None:
    assert sheet_name("周报/2022:37*[a]?") == "周报_2022_37__a__"
    assert sheet_name("  'x' ") == "x"
    assert sheet_name("") == sheet_name("'") == sheet_name("History") == "Sheet"
    assert sheet_name("台账", ["台账", "台账 (2)"]) == "台账 (3)"
    assert sheet_name("x" * 40, ["X" * 31]) == "x" * 27 + " (2)"
    back = xlsx_bytes([Sheet("台账", ["a"], []), Sheet("台账", ["b"], []), Sheet("Sheet1", [], [])])
    with CalamineWorkbook.from_filelike(io.BytesIO(back)) as book:
        assert book.sheet_names == ["台账", "台账 (2)", "Sheet1"]


@given(st.lists(st.text(max_size=45), min_size=1, max_size=4))
def test_whatever_sheets_are_called_the_workbook_opens(names: list[str]) -> None:
    data = xlsx_bytes([Sheet(name, ["a"], []) for name in names])
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
        assert len({name.casefold() for name in book.sheet_names}) == len(names)


# --- CSV


def test_a_csv_has_the_mark_excel_needs_and_its_line_ends() -> None:
    assert csv_bytes(["编号", "a"], [["1", None], [True, 2.5]]) == "\ufeff编号,a\r\n1,\r\nTRUE,2.5\r\n".encode()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@pytest.mark.parametrize("text", ["{}a", " {}1+1", "\n{}x", "\u3000{}1-1|x"])
def test_a_text_that_could_act_gets_an_apostrophe(text: str, start: str) -> None:
    text = text.format(start)
    assert guard(text) == "'" + text
    assert unguard(guard(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "a", "-5", "+5", "-5.25", "-.5", "+86 13812345678", "-12%", "a=1", "140105-0001", "'quoted", "山大宿舍", " "],
)
def test_a_text_that_cannot_act_stays_as_it_is(text: str) -> None:
    assert guard(text) == unguard(text) == text


@given(st.text())
def test_taking_the_apostrophe_off_gives_the_very_text(text: str) -> None:
    assert unguard(guard(text)) == text
    assert unguard(guard(guard(text))) == guard(text)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_no_cell_of_a_csv_begins_like_a_formula(texts: list[str]) -> None:
    [header, row] = csv_rows(csv_bytes(texts, [texts]))
    assert header == row == [guard(printable(text)) for text in texts]
    for cell in row:
        start = cell.strip()[:1]
        assert start not in {"=", "@", "\uff1d", "\uff20"}


def test_numbers_in_a_csv_are_plain_and_may_be_negative() -> None:
    row: list[Cell] = [-5, -0.5, 1e-7, 1e21, Decimal("-1E+3"), 100.0, date(2022, 9, 14)]
    assert csv_rows(csv_bytes(list("abcdefg"), [row]))[1] == [
        "-5",
        "-0.5",
        "0.0000001",
        "1000000000000000000000",
        "-1000",
        "100",
        "2022-09-14",
    ]
