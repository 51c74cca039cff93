"""Odd text stays text: never a formula or a link, never a broken file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from server.kit.i18n import Language
from server.kit.sheets import unguard
from server.programme.rules import Stage
from server.weekly import bulletin as bulletins_of
from server.weekly import render
from server.weekly.words import COLUMNS
from tests.weekly import bulletins
from tests.weekly.conftest import LONG_AGO, Count
from tests.weekly.made import Made, at
from tests.weekly.reading import MAIN, parts, table, title, workbook

# printing asks no database: where rows are made for it, one kind is enough
on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ODD = [
    "=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\tx", "http://a.b/c d", "007", "1e5", "a\x00b\x0bc",
    "𠮷野家\n乙", "'x", '=HYPERLINK("http://x")', "x" * 40_000, "", "2026-11-16",
]
ODDER = [*ODD, "孤\ud800代理", "𬭎煤厂👷🏽‍♀️", "<b>&amp;</b>]]>", "＝1+1", "\u202egpj.exe", "mailto:a@b.cn", "{=1}",
         "\ufffe\uffff", "_x0041_"]


def clean(value: str) -> str:
    """What XML can hold of a text; a carriage return does not occur above."""
    return "".join(
        "\ufffd" if "\ud800" <= one <= "\udfff" else one for one in value
        if one in "\t\n" or (one >= " " and not "\x7f" <= one <= "\x9f" and one not in "\ufffe\uffff")
    )


def odd_week(odd: list[str]) -> dict[str, Any]:
    """Every text that people write is an odd one, in tables, charts and the office's words."""
    week = bulletins.full(len(odd), photos=False)
    figures, words = week["figures"], week["words"]
    for at_, (text, row) in enumerate(zip(odd, figures["tables"]["T7"]["rows"], strict=True)):
        named = {"zh": text, "en": text, "code": str(at_)}
        written = dict.fromkeys(("description", "part", "item", "measure", "contractor", "verifier", "found_by"), text)
        row.update(written, site={"name": text}, category=named, district=named, number=text)
    for name in ("T4", "T5", "T8"):
        for text, row in zip(odd, figures["tables"][name]["rows"], strict=False):
            row["site"] = {"id": name, "name": text}
    for name, key in (("T1", "district"), ("T2", "district"), ("T3", "category")):
        for text, row in zip(odd, figures["tables"][name]["rows"], strict=False):
            row[key] = {"zh": text, "en": text, "code": "1"}
    figures["sites_seen"] = [{"district": {"zh": text, "en": text, "code": str(n)}, "lat": 37.8, "lon": 112.5, "visits": 1}
                             for n, text in enumerate(odd)]
    words["key_points"] = {"zh": odd, "en": odd}
    words["red_list"] = [{"subject": text, "reason": text, "basis": text} for text in odd]
    words["next_week"] = [{"text": text, "due_on": None, "responsible": text} for text in odd]
    words["residents"]["text"], words["office"] = odd[0], odd[1]
    return week


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whatever_people_write_is_printed_as_text(language: Language, tmp_path: Path) -> None:
    week = odd_week(ODDER)
    book = workbook(week, language, tmp_path)
    for rows, row in zip(book[title("T7", language)][1:], week["figures"]["tables"]["T7"]["rows"], strict=True):
        for column, cell in zip(COLUMNS["T7"], rows, strict=True):
            if column.kind == "text" and column.key in {"description", "part", "contractor"}:
                told = clean(row[column.key])
                assert cell == told if len(told) < 32_000 else cell.startswith(told[:30_000])
    points = [row[1] for row in book[title("front", language)] if str(row[0]).startswith(("本周要情", "Key point"))]
    short = [text for text in ODDER if len(text) < 30_000]
    assert [point for point in points[-len(ODDER):] if len(point) < 30_000] == [clean(text) for text in short]
    for name, text in parts(tmp_path, "xl/").items():
        if name.endswith((".xml", ".rels")):
            root = ET.fromstring(text)
            if "/worksheets/sheet" in name:
                assert not list(root.iter(f"{MAIN}f"))
                assert not list(root.iter(f"{MAIN}hyperlink"))


def test_a_csv_of_odd_texts_starts_nothing_and_gives_them_back(tmp_path: Path) -> None:
    week = odd_week(ODDER)
    for name in render.TABLES:
        data = render.csv_of(week, name, "zh")
        for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")):
            for cell in row:
                start = cell.lstrip(" \n\u3000\u00a0")[:1]
                assert start not in set("=@\t＝＋－＠") or not start, cell[:40]
                assert start not in set("+-") or cell[1:].replace(".", "").isdigit(), cell[:40]
    read = list(csv.reader(io.StringIO(render.csv_of(week, "T7", "zh").decode("utf-8-sig"), newline="")))
    at_ = [column.key for column in COLUMNS["T7"]].index("description")
    assert [unguard(row[at_]) for row in read[1:]] == [clean(text) for text in ODDER]


@on_one_database
def test_so_does_what_came_through_the_database(made: Made, count: Count, tmp_path: Path) -> None:
    for n, odd in enumerate(ODD):
        site = made.site(odd.replace("\x00", "") or "空", (LONG_AGO, Stage.IN_PROGRESS, 0))
        report = made.report(site, at("11-17", f"{n:02d}:00"))
        made.issue(site, report, at("11-18", f"{n:02d}:00"), "11-30", description=odd.replace("\x00", ""))
    week = bulletins_of.bare(count())
    for odd, row in zip(ODD, table(week, "zh", tmp_path, "T7"), strict=True):
        told = str(row["description"])
        if len(odd) > 32_767:
            assert told.startswith("xxx")
            assert len(told) <= 32_767
        else:
            assert told == clean(odd)


@on_one_database
def test_an_empty_week_prints(made: Made, count: Count, tmp_path: Path) -> None:
    week = bulletins_of.bare(count())
    for language in ("zh", "en"):
        assert len(workbook(week, language, tmp_path)) == 12
    assert [row["rank"] for row in table(week, "zh", tmp_path, "T1")] == ["", "", ""]
    assert table(week, "zh", tmp_path, "T1")[0]["start_rate"] == "—"
    render.csv(week, "en", tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").count("\n") == 1
