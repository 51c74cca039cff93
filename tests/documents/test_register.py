"""The register of issues: the columns of the trade, real days, pictures in their cells, text that stays text."""

from __future__ import annotations

import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from server.documents.register import RegisterRow, write
from tests.documents.papers import preview

COLUMNS = [
    "序号", "问题编号", "区", "小区", "工程类别", "部位", "问题描述", "等级", "来源", "发现日期", "发现人", "责任单位",
    "责任人",
    "整改措施", "整改期限", "整改前照片", "整改后照片", "完成日期", "复查人", "复查日期", "复查结论", "是否销号", "备注",
]


def row(number: int = 1, **more: Any) -> RegisterRow:
    facts: dict[str, Any] = {
        "district": "迎泽区", "site": "老军营小区", "category": "外墙", "part": "东山墙", "description": "锚栓不足",
        "severity": "major", "source": "督导", "found_on": date(2026, 11, 25), "found_by": "王建国", "contractor": "某公司",
        "due_on": date(2026, 11, 29), "closed": True, "result": "pass", "url": f"https://dudao.example.cn/desk#/issues/{number}",
    }
    return RegisterRow(f"140106-{number}", **(facts | more))


def read(path: Path) -> list[list[Any]]:
    with CalamineWorkbook.from_path(str(path)) as book:
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_it_has_the_columns_of_the_trade_and_real_days(tmp_path: Path) -> None:
    write(tmp_path / "r.xlsx", [row(before=preview(1), after=preview(2), done_on=date(2026, 11, 28))], "zh")
    head, first = read(tmp_path / "r.xlsx")
    assert head == COLUMNS
    said = dict(zip(head, first, strict=True))
    assert said["序号"] == 1
    assert said["问题编号"] == "140106-1"
    assert said["发现日期"] == date(2026, 11, 25)
    assert said["完成日期"] == date(2026, 11, 28)
    assert said["复查日期"] == ""
    assert (said["等级"], said["复查结论"], said["是否销号"]) == ("较大", "合格，予以销号", "是")
    parts = zipfile.ZipFile(tmp_path / "r.xlsx")
    assert len([name for name in parts.namelist() if name.startswith("xl/media/")]) == 2
    sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    assert "https://dudao.example.cn/desk" in parts.read("xl/worksheets/_rels/sheet1.xml.rels").decode()


def test_english_is_complete(tmp_path: Path) -> None:
    write(tmp_path / "r.xlsx", [row(closed=False, result="fail")], "en")
    head, first = read(tmp_path / "r.xlsx")
    assert all(name.isascii() for name in head)
    assert first[7] == "Major"
    assert first[-3:] == ["Failed, rectify again", "No", ""]


def test_a_photo_that_cannot_be_read_says_so_and_text_is_never_a_formula(tmp_path: Path) -> None:
    write(tmp_path / "r.xlsx", [row(before=b"no picture", description="=1+1", remarks="@SUM(A1)", contractor="a\x00b")], "zh")
    first = read(tmp_path / "r.xlsx")[1]
    assert first[15] == "照片无法读取"
    assert (first[6], first[22], first[11]) == ("=1+1", "@SUM(A1)", "ab")
    assert b"<f>" not in zipfile.ZipFile(tmp_path / "r.xlsx").read("xl/worksheets/sheet1.xml")


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path / name, [row(before=preview(1)), row(2)], "zh", folder=tmp_path)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}


def test_memory_stays_flat_over_thousands_of_rows(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        def rows() -> Iterator[RegisterRow]:
            for number in range(count):
                yield row(number, before=preview(number % 8) if number % 10 == 0 else None, description="锚栓不足" * 50)

        tracemalloc.start()
        write(tmp_path / "r.xlsx", rows(), "zh", folder=tmp_path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    small, large = peak(300), peak(3000)
    assert large < small + 12_000_000
    assert len(read(tmp_path / "r.xlsx")) == 3001
