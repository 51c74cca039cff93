"""Uploaded tables: whatever an office sends is read as it looks, or refused by name, and never stops the house."""

import contextlib
import io
import math
import random
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from server.errors import CATALOGUE
from server.kit.sheets import Sheet, csv_bytes, xlsx_bytes
from server.kit.tables import Table, TableRefused, match_headers, read_table
from server.kit.tables.numbers import shown
from server.kit.tables.parts import Moment, moment_of
from tests.effort import calls

PLAN = "编号,名称,建筑面积\uff08m²\uff09\r\n140105001,山大宿舍,1234.5\r\n"


def refusal(data: bytes | Path, name: str = "t.csv", **limits: int) -> TableRefused:
    with pytest.raises(TableRefused) as caught:
        read_table(data, name, **limits)
    assert caught.value.code in CATALOGUE
    assert " / " in caught.value.detail
    return caught.value


def book(write: Callable[[xlsxwriter.Workbook], None], **options: object) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    write(made)
    made.close()
    return out.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


SOUND = xlsx_bytes([Sheet("计划", ["编号", "名称"], [["140105-0001", "山大宿舍"], ["140106-0001", "=1+1"]])])
SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(xml: str, **others: bytes) -> bytes:
    ns = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    whole = f'<worksheet xmlns="{ns}"><sheetData>{xml}</sheetData></worksheet>'
    return packed(parts_of(SOUND) | {SHEET: whole.encode()} | others)


# --- CSV


@pytest.mark.parametrize(
    ("encode", "encoding"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_a_csv_reads_the_same_in_every_encoding_offices_use(encode: str, encoding: str) -> None:
    table = read_table(PLAN.encode(encode), "计划.csv")
    assert table.headers == ["编号", "名称", "建筑面积(m2)"]
    assert [row.cells for row in table.rows] == [["140105001", "山大宿舍", "1234.5"]]
    assert (table.format, table.encoding) == ("csv", encoding)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_commas_semicolons_and_tabs_are_told_apart(separator: str) -> None:
    text = f'code{separator}name\n1{separator}"a{separator}b;,c"\n'
    assert read_table(text.encode(), "t.csv").rows[0].cells == ["1", f"a{separator}b;,c"]


def test_the_line_that_tells_excel_the_separator_is_obeyed_and_not_a_row() -> None:
    table = read_table(b"sep=;\r\na,b;c\r\n1;2\r\n", "t.csv")
    assert table.headers == ["a,b", "c"]
    assert table.rows[0].number == 3


def test_a_line_break_within_quotes_makes_no_new_row() -> None:
    table = read_table(b'a,b\r\n"x\r\ny",2\r\n\r\n3,4\r\n', "t.csv")
    assert [(row.number, row.cells) for row in table.rows] == [(2, ["x\ny", "2"]), (4, ["3", "4"])]


def test_old_line_ends_are_understood() -> None:
    assert [row.cells for row in read_table(b"a,b\r1,2\r3,4", "t.csv").rows] == [["1", "2"], ["3", "4"]]


def test_full_width_headers_become_plain_ones() -> None:
    assert read_table("\uff23\uff2f\uff24\uff25,名称\uff08全\uff09\n1,2\n".encode(), "t.csv").headers == [
        "CODE",
        "名称(全)",
    ]


def test_a_title_above_the_header_is_not_taken_for_it() -> None:
    table = read_table("太原市2022年计划,,\n,,\n编号,名称,户数\n1,甲,60\n".encode(), "t.csv")
    assert table.headers == ["编号", "名称", "户数"]
    assert table.rows[0].number == 4


def test_a_table_of_one_column_is_still_a_table() -> None:
    table = read_table(b"code\n1\n2\n", "t.csv")
    assert table.headers == ["code"]
    assert [row.cells for row in table.rows] == [["1"], ["2"]]


def test_short_rows_are_filled_and_text_beyond_the_header_is_reported() -> None:
    table = read_table(b"a,b\n1\n1,2,,9\n", "t.csv")
    assert table.rows[0].cells == ["1", ""]
    assert table.rows[1].cells == ["1", "2"]
    assert table.rows[1].faults == ((3, "cell-surplus"),)


def test_control_characters_are_taken_out_and_said_so() -> None:
    row = read_table(b"a,b\nx\x00y,ok\x1b\n", "t.csv").rows[0]
    assert row.cells == ["xy", "ok"]
    assert row.faults == ((0, "cell-cleaned"), (1, "cell-cleaned"))


def test_a_first_row_of_which_nothing_is_left_is_no_header() -> None:
    table = read_table(b"\x01\ncode\n1\n", "t.csv")
    assert (table.headers, [row.cells for row in table.rows]) == (["code"], [["1"]])
    xml = '<row r="1"><c r="A1"><f>1</f></c></row><row r="2"><c r="A2" t="str"><v>code</v></c></row>'
    assert read_table(with_sheet(xml), "t.xlsx").headers == ["code"]


def test_quotes_that_never_close_are_refused_rather_than_swallow_the_file() -> None:
    assert refusal(b'a,b\n1,"2\n3,4\n').code == "table-unreadable"
    assert refusal(b'a,b\n"1"x,2\n').code == "table-unreadable"
    assert refusal(b"a,b\n1," + b"x" * 200_000 + b"\n").code == "table-unreadable"


@pytest.mark.parametrize("data", [b"", b"   \r\n\r\n", b",,,\n,,\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_a_file_with_nothing_in_it_has_no_header(data: bytes) -> None:
    assert refusal(data).code == "table-no-header"


@pytest.mark.parametrize(
    "data", [b"\xff\xd8\xff\xe0" + bytes(range(256)), b"\x89PNG\r\n\x1a\n" + bytes(100), b"\x00" * 50]
)
def test_a_picture_is_no_table(data: bytes) -> None:
    assert refusal(data).code == "table-unreadable"


def test_what_is_called_a_workbook_but_is_none_is_refused() -> None:
    assert refusal(b"a,b\n1,2\n", "plan.XLSX").code == "table-unreadable"


def test_too_many_bytes_rows_or_cells_are_refused() -> None:
    rows = b"a,b\n" + b"1,2\n" * 10
    assert len(read_table(rows, "t.csv", max_rows=10).rows) == 10
    assert refusal(rows, max_rows=9).code == "table-too-large"
    assert refusal(rows, max_bytes=20).code == "table-too-large"
    assert refusal(rows, max_cells=21).code == "table-too-large"
    assert refusal(b"," * 2_000_000).code == "table-too-large"


def test_a_path_is_read_like_bytes_and_never_beyond_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(PLAN.encode())
    assert read_table(path, "t.csv") == read_table(PLAN.encode(), "t.csv")
    assert refusal(path, max_bytes=10).code == "table-too-large"
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "gone.csv", "gone.csv")


# --- XLSX


def test_codes_stay_text_and_numbers_look_as_typed() -> None:
    def write(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet("计划")
        page.write_row(0, 0, ["编号", "户数", "面积", "金额", "比例", "长编号", "和"])
        page.write_row(1, 0, [140105001, 60, 1234.5, 1e15 - 1, 0.283, "14010500120220914001234", 0.1 + 0.2])

    row = read_table(book(write), "t.xlsx").rows[0]
    assert row.cells == ["140105001", "60", "1234.5", "999999999999999", "0.283", "14010500120220914001234", "0.3"]
    assert row.faults == ()


def test_a_long_id_stored_as_a_number_is_flagged_since_its_end_is_lost() -> None:
    row = read_table(
        with_sheet(
            '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
            "<row><c><v>1.23456789012346E+17</v></c><c><v>1</v></c></row>"
        ),
        "t.xlsx",
    ).rows[0]
    assert row.cells == ["123456789012346000", "1"]
    assert row.faults == ((0, "cell-imprecise"),)


def test_days_are_iso_and_moments_too() -> None:
    def write(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet()
        page.write_row(0, 0, ["a", "b", "c", "d", "e"])
        for at, (value, code) in enumerate(
            [
                (date(2022, 9, 14), 'yyyy"年"m"月"d"日"'),
                (datetime(2022, 9, 14, 8, 30), "yyyy/m/d h:mm"),
                (datetime(2022, 9, 14, 0, 0), "m/d/yy"),
                (datetime(1900, 1, 5, 0, 0), "[$-804]yyyy-mm-dd;@"),
                (datetime(2022, 9, 14, 23, 59, 59), "yyyy-mm-dd hh:mm:ss"),
            ]
        ):
            page.write_datetime(1, at, value, made.add_format({"num_format": code}))

    expected = ["2022-09-14", "2022-09-14T08:30:00", "2022-09-14", "1900-01-05", "2022-09-14T23:59:59"]
    assert read_table(book(write), "t.xlsx").rows[0].cells == expected
    assert read_table(book(write, date_1904=True), "t.xlsx").rows[0].cells[:3] == expected[:3]


@pytest.mark.parametrize(
    ("code", "moment"),
    [
        ("General", None),
        ("G/通用格式", None),
        ("0.00E+00", None),
        ("#,##0.00_);[Red](#,##0.00)", None),
        ('0"m²"', None),
        ('0.0"day"', None),
        ("\\d0", None),
        ("yyyy-mm-dd", Moment.DAY),
        ("m月", Moment.DAY),
        ("[$-F800]dddd, mmmm dd, yyyy", Moment.DAY),
        ("hh:mm:ss", Moment.TIME),
        ("上午/下午h时mm分", Moment.TIME),
        ("[h]:mm:ss", Moment.DURATION),
    ],
)
def test_a_number_format_tells_days_from_numbers(code: str, moment: Moment | None) -> None:
    assert moment_of("164", code) is moment


def test_a_code_longer_than_excel_takes_is_no_format() -> None:
    assert moment_of("164", "y" * 255) is Moment.DAY
    assert moment_of("164", "y" * 256) is None
    assert moment_of("14", "0" * 256) is Moment.DAY  # by its number, as if there were no code


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        ("0", None),
        ("10", None),
        ("14", Moment.DAY),
        ("31", Moment.DAY),
        ("58", Moment.DAY),
        ("20", Moment.TIME),
        ("46", Moment.DURATION),
        ("99", None),
        ("x", None),
        ("²", None),
        ("9" * 9, None),
    ],
)
def test_well_known_formats_need_no_code(number: str, moment: Moment | None) -> None:
    assert moment_of(number, None) is moment


@pytest.mark.parametrize(
    ("raw", "moment", "text"),
    [
        ("44818", Moment.DAY, "2022-09-14"),
        ("44818.354166666664", Moment.DAY, "2022-09-14T08:30:00"),
        ("0.5", Moment.TIME, "12:00:00"),
        ("1.5", Moment.DURATION, "36:00:00"),
        ("1", Moment.DAY, "1900-01-01"),
        ("61", Moment.DAY, "1900-03-01"),
        ("2958465.9999999", Moment.DAY, "9999-12-31"),
        ("-1", Moment.DAY, "-1"),
        ("2958466", Moment.DAY, "2958466"),
        ("1e-7", None, "0.0000001"),
        ("-0", None, "0"),
        ("-0.0", None, "0"),
        ("1e999", None, ""),
        ("1E+2", None, "100"),
        (" 5 ", None, "5"),
        ("nan", None, "nan"),
        ("1_0", None, "1_0"),
    ],
)
def test_numbers_become_what_a_person_would_have_typed(raw: str, moment: Moment | None, text: str) -> None:
    assert shown(raw, moment, from_1904=False) == text


@given(st.floats(), st.sampled_from([None, *Moment]), st.booleans())
def test_no_number_is_too_odd_to_be_shown(value: float, moment: Moment | None, from_1904: bool) -> None:
    assert "\n" not in shown(repr(value), moment, from_1904=from_1904)


def test_the_last_day_there_is_comes_out_in_both_date_systems() -> None:
    assert shown("2958465.99999999", Moment.DAY, from_1904=False) == "9999-12-31"
    assert shown("2957003.99999999", Moment.DAY, from_1904=True) == "9999-12-31"
    assert shown("0", Moment.DAY, from_1904=True) == "1904-01-01"


def test_formulas_give_their_saved_value_and_text_like_a_formula_stays_text() -> None:
    def write(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet()
        page.write_row(0, 0, ["a", "b", "c", "d", "e"])
        page.write_formula(1, 0, "=1+1", None, 2)
        page.write_formula(1, 1, '=A1&"x"', None, "ax")
        page.write_string(1, 2, '=HYPERLINK("http://x")')
        page.write_string(1, 3, "@SUM(1)")
        page.write_formula(1, 4, "=1/0", None, "#DIV/0!")

    row = read_table(book(write), "t.xlsx").rows[0]
    assert row.cells == ["2", "ax", '=HYPERLINK("http://x")', "@SUM(1)", ""]
    assert row.faults == ((4, "cell-error"),)
    assert row.formulas == {0: "=1+1", 1: '=A1&"x"', 4: "=1/0"}
    assert [row.literal(column) for column in range(4)] == ["=1+1", '=A1&"x"', '=HYPERLINK("http://x")', "@SUM(1)"]


def test_a_formula_without_a_result_is_reported_and_one_shared_with_another_cell_has_no_text() -> None:
    xml = (
        '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c><c r="C1" t="str"><v>c</v></c></row>'
        '<row r="2"><c r="A2"><f t="shared" ref="A2:A3" si="0">B2&amp;"x"</f><v>1</v></c><c r="B2"><f>1 + 1</f></c></row>'
        '<row r="3"><c r="A3"><f t="shared" si="0"/><v>3</v></c><c r="C3" t="str"><f>IF(A3,"")</f><v></v></c></row>'
        '<row r="4"><c r="A4" t="str"><f>IF(B4,"")</f><v></v></c></row>'
        '<row r="30"><c r="A30"><f>2</f><v/></c></row>'
    )
    rows = read_table(with_sheet(xml), "t.xlsx").rows
    assert [(row.number, row.cells, row.faults) for row in rows] == [
        (2, ["1", "", ""], ((1, "cell-formula"),)), (3, ["3", "", ""], ()), (30, ["", "", ""], ((0, "cell-formula"),)),
    ]
    assert [row.formulas for row in rows] == [{0: '=B2&"x"', 1: "=1 + 1"}, {0: "", 2: '=IF(A3,"")'}, {0: "=2"}]
    assert [rows[1].literal(column) for column in range(3)] == ["3", "", '=IF(A3,"")']
    assert [rows[2].name(column) for column in (0, 25, 26, 27, 701, 702)] == ["A30", "Z30", "AA30", "AB30", "ZZ30", "AAA30"]


def test_hidden_and_empty_sheets_are_passed_over() -> None:
    def write(made: xlsxwriter.Workbook) -> None:
        made.add_worksheet("空")
        hidden = made.add_worksheet("隐藏")
        hidden.write_row(0, 0, ["no", "no"])
        hidden.hide()
        made.add_worksheet("数据").write_row(0, 0, ["a", "b"])

    table = read_table(book(write), "t.xlsx")
    assert (table.sheet, table.headers, table.rows) == ("数据", ["a", "b"], [])


def test_rich_text_counts_whole_and_reading_aids_do_not() -> None:
    strings = (
        b'<sst><si><r><t>a</t></r><r><t xml:space="preserve"> b</t></r><rPh><t>yi</t></rPh></si>'
        b"<si><t>x_x000A_y</t></si></sst>"
    )
    sheet = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>c</t></is></c></row>'
        '<row r="7"><c r="B7" t="s"><v>1</v></c><c r="A7" t="b"><v>1</v></c></row>'
    )
    table = read_table(with_sheet(sheet, **{"xl/sharedStrings.xml": strings}), "t.xlsx")
    assert table.headers == ["a b", "c"]
    assert table.rows[0][:2] == (7, ["TRUE", "x\ny"])


def test_a_sheet_whose_cells_carry_no_references_is_read_in_order() -> None:
    cells = "".join(f'<c t="str"><v>{value}</v></c>' for value in "ab")
    table = read_table(with_sheet(f"<row>{cells}</row><row><c/><c><v>2</v></c></row>"), "t.xlsx")
    assert (table.headers, table.rows[0].cells) == (["a", "b"], ["", "2"])


cell_values = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cn")), min_size=1, max_size=12),
    st.integers(-(10**14), 10**14),
    st.floats(-1e12, 1e12),
    st.booleans(),
    st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    st.datetimes(datetime(1901, 1, 1), datetime(2999, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
)


def as_calamine_has_it(value: object) -> str:
    match value:
        case bool():
            return str(value).upper()
        case float():
            return f"{Decimal(f'{value:.15g}'):f}".removesuffix(".0").removeprefix("-" if value == 0 else "")
        case datetime():
            return value.isoformat() if value.time().isoformat() != "00:00:00" else value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(cell_values, cell_values), min_size=1, max_size=5))
def test_a_sound_workbook_reads_as_calamine_reads_it(rows: list[tuple[str, str]]) -> None:
    data = xlsx_bytes([Sheet("s", ["a", "b"], rows)])
    theirs = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    ours = {row.number: row.cells for row in read_table(data, "t.xlsx").rows}
    for number, line in enumerate(theirs[1:], 2):
        expected = [" ".join(as_calamine_has_it(value).split()) for value in line]
        assert [" ".join(cell.split()) for cell in ours.get(number, ["", ""])] == expected


# --- hostile files


def test_one_far_cell_in_a_small_file_is_refused_and_costs_nothing() -> None:
    far = with_sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        + "".join(f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>' for n in range(2, 200))
    )
    assert refusal(far, "t.xlsx").code == "table-too-large"
    lonely = with_sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert len(read_table(lonely, "t.xlsx").headers) == 16_384


def test_a_workbook_that_boasts_of_its_counts_is_not_believed() -> None:
    parts = parts_of(SOUND)
    for name in parts:
        parts[name] = re.sub(rb'(count|uniqueCount|Count)="\d+"', rb'\1="4294967295"', parts[name])
    assert len(read_table(packed(parts), "t.xlsx").rows) == 2


@pytest.mark.parametrize(
    "sheet",
    [
        '<row r="0"><c><v>1</v></c></row>',
        '<row r="x"><c><v>1</v></c></row>',
        '<row r="99999999"><c><v>1</v></c></row>',
        '<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>',
        '<row r="1"><c r="A2"><v>1</v></c></row>',
        '<row r="1"><c r="a1"><v>1</v></c></row>',
        '<row r="1"><c r="ZZZ1"><v>1</v></c></row>',
        '<row r="1"><c t="s"><v>99</v></c></row>',
        '<row r="1"><c t="s"><v>-1</v></c></row>',
        "<c><v>1</v></c>",
        "<row>",
        "<deep>" * 100 + "</deep>" * 100,
    ],
)
def test_a_sheet_that_contradicts_itself_is_refused(sheet: str) -> None:
    assert refusal(with_sheet(sheet), "t.xlsx").code == "table-unreadable"


def test_entities_and_document_types_are_refused_wherever_they_stand() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    for name in ("xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml", SHEET, "xl/_rels/workbook.xml.rels"):
        for hostile in (laughs, laughs.decode().encode("utf-16")):
            assert refusal(packed(parts_of(SOUND) | {name: hostile}), "t.xlsx").code == "table-unreadable"


def test_a_part_of_nothing_but_tags_is_refused_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.kit.tables.xml.MAX_TAGS", 1_000)
    assert refusal(with_sheet("<a/>" * 1_001), "t.xlsx").code == "table-unreadable"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = packed(parts_of(SOUND) | {SHEET: b" " * 200_000_000})
    assert len(bomb) < 300_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("a part of it was opened"))
    assert refusal(bomb, "t.xlsx").code == "table-bomb"


def test_many_middling_parts_are_a_bomb_too() -> None:
    assert refusal(packed(parts_of(SOUND) | {f"x{n}": b"" for n in range(2_100)}), "t.xlsx").code == "table-bomb"
    assert refusal(packed({f"x{n}": b"" for n in range(4_100)}), "t.xlsx").code == "table-bomb"
    noise = random.Random(1).randbytes(1_000)
    heavy = {f"x{n}": noise * 8_000 for n in range(9)}
    assert refusal(packed(parts_of(SOUND) | heavy), "t.xlsx").code == "table-bomb"


def test_one_long_text_repeated_in_every_cell_is_a_bomb_by_reference() -> None:
    strings = b"<sst><si><t>" + b"abcdefghij" * 90_000 + b"</t></si></sst>"
    cells = '<c t="s"><v>0</v></c>' * 70
    assert (
        refusal(with_sheet(f"<row>{cells}</row>", **{"xl/sharedStrings.xml": strings}), "t.xlsx").code
        == "table-too-large"
    )


def test_a_sheet_full_of_blank_cells_does_not_keep_the_house_busy() -> None:
    blank = with_sheet("<row>" + '<c s="1"/>' * 300 + "</row>")
    assert refusal(blank, "t.xlsx", max_cells=100).code == "table-too-large"


def test_a_format_is_worked_out_once_however_many_styles_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def watched(number: str, code: str | None) -> Moment | None:
        seen.append(number)
        return moment_of(number, code)

    monkeypatch.setattr("server.kit.tables.parts.moment_of", watched)
    formats = f'<numFmts><numFmt numFmtId="164" formatCode="{"[" * 60_000}"/><numFmt numFmtId="165" formatCode="y"/></numFmts>'
    xfs = '<xf numFmtId="164"/><xf numFmtId="165"/>' * 1_000
    styles = f"<styleSheet>{formats}<cellXfs>{xfs}</cellXfs></styleSheet>".encode()
    head = '<row><c t="str"><v>a</v></c><c t="str"><v>b</v></c></row>'
    row = '<row><c s="1998"><v>44818</v></c><c s="1999"><v>44818</v></c></row>'
    made = with_sheet(head + row, **{"xl/styles.xml": styles})
    assert read_table(made, "t.xlsx").rows[0].cells == ["44818", "2022-09-14"]
    assert sorted(seen) == ["164", "165"]


def test_a_directory_that_lies_about_sizes_gives_no_more_than_it_announced() -> None:
    data = bytearray(packed(parts_of(SOUND) | {SHEET: b"x" * 3_000_000}))
    at = data.rindex(SHEET.encode()) - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<I", data, at + 24, 100)
    assert refusal(bytes(data), "t.xlsx").code == "table-unreadable"


def test_encrypted_legacy_and_other_offices_files_are_refused_with_advice() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert ".xls" in refusal(ole, "t.xls").detail
    assert "加密" in refusal(ole + "EncryptedPackage".encode("utf-16-le"), "t.xlsx").detail
    ods = packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"})
    assert ".xlsx" in refusal(ods, "t.ods").detail
    assert refusal(packed({"xl/workbook.bin": b""}), "t.xlsb").code == "table-unreadable"
    locked = bytearray(SOUND)
    for found in re.finditer(b"PK\x01\x02", SOUND):
        locked[found.start() + 8] |= 1
    assert "加密" in refusal(bytes(locked), "t.xlsx").detail
    assert refusal(packed(parts_of(SOUND), zipfile.ZIP_BZIP2), "t.xlsx").code == "table-unreadable"


def test_a_part_that_stands_there_twice_is_refused() -> None:
    out = io.BytesIO(SOUND)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(out, "a") as archive:
        archive.writestr(SHEET, b"<x/>")
    assert refusal(out.getvalue(), "t.xlsx").code == "table-unreadable"


def test_a_workbook_cut_short_is_unreadable() -> None:
    for size in (2, 4, 100, len(SOUND) // 2, len(SOUND) - 1):
        assert refusal(SOUND[:size], "t.xlsx").code == "table-unreadable"


def only_refused(data: bytes, name: str) -> Table | None:
    with contextlib.suppress(TableRefused):
        return read_table(data, name)
    return None


@given(st.binary(max_size=600), st.sampled_from(["t.csv", "t.xlsx", "", "💥.xls"]))
def test_random_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    only_refused(data, name)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b"\xff\xfe", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]),
)
def test_random_bytes_after_a_known_beginning_are_read_or_refused(data: bytes, start: bytes) -> None:
    only_refused(start + data, "t")


@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_workbook_with_bytes_knocked_about_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(SOUND)
    for at, value in changes:
        data[at] = value
    only_refused(bytes(data), "t.xlsx")


@given(st.sampled_from(sorted(parts_of(SOUND))), st.binary(max_size=40), st.integers(0, 10_000), st.integers(0, 30))
def test_a_workbook_with_a_part_tampered_with_is_read_or_refused(name: str, new: bytes, at: int, gone: int) -> None:
    parts = parts_of(SOUND)
    at %= len(parts[name])
    parts[name] = parts[name][:at] + new + parts[name][at + gone :]
    only_refused(packed(parts, zipfile.ZIP_STORED), "t.xlsx")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_and_no_cell_holds_a_control_character(text: str) -> None:
    table = only_refused(text.encode("utf-8", "surrogatepass"), "t.csv")
    for row in table.rows if table else []:
        assert len(row.cells) == len(table.headers if table else [])
        assert not any(re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", cell) for cell in row.cells)


printable_cells = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=20
)


@given(st.lists(st.tuples(printable_cells, printable_cells), max_size=5))
def test_what_we_export_as_csv_we_read_back_to_the_letter(rows: list[tuple[str, str]]) -> None:
    table = read_table(csv_bytes(["a", "b"], rows), "t.csv")
    assert [tuple(row.cells) for row in table.rows] == rows


def test_ten_times_the_rows_are_ten_times_the_work() -> None:
    def work(count: int) -> int:
        data = xlsx_bytes([Sheet("s", list("abcdefghij"), ([f"码{n}", n, n / 3, *"abcdefg"] for n in range(count)))])
        return calls(lambda: len(read_table(data, "t.xlsx").rows) == count or pytest.fail("rows were lost"))

    assert work(2_000) < 11 * work(200)


# --- headers

SYNONYMS = {
    "code": ("编号", "项目编号"),
    "name": ("小区名称", "项目名称"),
    "floor_area_m2": ("建筑面积", "floor area"),
    "investment_planned": ("计划投资", "总投资", "planned investment"),
    "households": ("户数",),
}


@pytest.mark.parametrize(
    ("header", "field", "unit", "factor"),
    [
        ("编号", "code", None, 1),
        ("* 项目\u3000编号\uff1a", "code", None, 1),
        ("Code", "code", None, 1),
        ("建筑面积\uff08m²\uff09", "floor_area_m2", "m2", 1),
        ("建筑面积(万㎡)", "floor_area_m2", "万m2", 10_000),
        ("建筑面积【平方米】", "floor_area_m2", "平方米", 1),
        ("Floor area (m2)", "floor_area_m2", "m2", 1),
        ("FLOOR_AREA_M2", "floor_area_m2", None, 1),
        ("计划投资(万元)", "investment_planned", "万元", 10_000),
        ("总投资/亿元", "investment_planned", "亿元", 100_000_000),
        ("计划投资\uff08元\uff09", "investment_planned", "元", 1),
        ("Planned investment (10k yuan)", "investment_planned", "10k yuan", 10_000),
        ("planned investment (10,000 yuan)", "investment_planned", "10,000 yuan", 10_000),
        ("计划投资(美元)", "investment_planned", "美元", None),
        ("户数(户)", "households", "户", 1),
        ("户数()", "households", None, 1),
    ],
)
def test_a_column_is_known_by_any_of_its_names_and_its_unit_counts(
    header: str, field: str, unit: str | None, factor: int | None
) -> None:
    match = match_headers(["", header], SYNONYMS)
    column = match.columns[field]
    assert (column.index, column.header, column.unit, column.factor) == (1, header, unit, factor)
    assert match.unknown == match.repeated == ()


def test_strangers_doubles_and_missing_columns_are_told() -> None:
    match = match_headers(["编号", "项目编号", "备注", "小区/名称", "  "], SYNONYMS)
    assert match.columns["code"].index == 0
    assert match.repeated == ("项目编号",)
    assert match.unknown == ("备注", "小区/名称")
    assert match.missing(("code", "name", "households")) == ("name", "households")


def test_a_name_given_to_two_fields_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match=r"^synonym-repeated$"):
        match_headers([], {"a": ("名称",), "b": (" 名 称 ",)})


@given(st.lists(st.text(max_size=15), max_size=6))
def test_any_header_is_matched_or_left(headers: list[str]) -> None:
    match = match_headers(headers, SYNONYMS)
    assert len(match.columns) + len(match.unknown) + len(match.repeated) <= len(headers)
    assert all(math.isfinite(column.factor or 0) for column in match.columns.values())
