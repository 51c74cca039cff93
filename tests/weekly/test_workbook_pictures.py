"""Photos of the register: in the right cells, leading to their originals, and none of them able to spoil the report."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from server.weekly import render
from server.weekly.words import COLUMNS
from server.weekly.workbook import tables, thumbs
from tests.photos import jpeg
from tests.weekly import bulletins
from tests.weekly.reading import ART, DRAWING, OFFICE, links, part, parts, sheet_part, title, workbook
from tests.weekly.test_workbook import check_tables

BEFORE, AFTER = ([column.key for column in COLUMNS["T7"]].index(key) for key in ("before", "after"))
Colour = tuple[int, int, int]


def coloured(week: dict[str, Any]) -> dict[str, Colour]:
    """A colour of its own for each photo of the register, by which it is known again."""
    shown = [row[key] for row in week["figures"]["tables"]["T7"]["rows"] for key in ("before", "after") if row[key]]
    return {one["sha256"]: (10 * (n % 20), 90 * (n // 20 % 3), 230 - 8 * n % 200) for n, one in enumerate(shown)}


def picture(colour: Colour) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(out, "JPEG")
    return out.getvalue()


def address(photo_id: str) -> str:
    return f"https://dudao.example.cn/api/v1/photos/{photo_id}/original?a=1&b=2"


def placed(folder: Path) -> dict[tuple[int, int], tuple[bytes, str | None, str]]:
    """{(row, column): (picture, where it leads, what is told of it)} of the register in week.xlsx."""
    drawing = next(one for one in links(folder, sheet_part("T7")).values() if "drawing" in one).replace("..", "xl")
    targets = links(folder, drawing)
    found = {}
    with zipfile.ZipFile(folder / "week.xlsx") as packed:
        for anchor in part(folder, drawing).iter(f"{DRAWING}twoCellAnchor"):
            assert anchor.attrib.get("editAs", "twoCell") == "twoCell"  # filtered and sorted rows take it along
            at = tuple(int(anchor.findtext(f"{DRAWING}from/{DRAWING}{name}") or -1) for name in ("row", "col"))
            end = tuple(int(anchor.findtext(f"{DRAWING}to/{DRAWING}{name}") or -1) for name in ("row", "col"))
            assert at == end  # it lies in one cell
            about = anchor.find(f".//{DRAWING}cNvPr")
            blip = anchor.find(f".//{ART}blip")
            assert about is not None
            assert blip is not None
            link = about.find(f"{ART}hlinkClick")
            data = packed.read(targets[blip.attrib[f"{OFFICE}embed"]].replace("..", "xl"))
            found[at[0], at[1]] = data, None if link is None else targets[link.attrib[f"{OFFICE}id"]], about.attrib["descr"]
    return found


def test_each_thumbnail_lies_in_its_row_and_leads_to_its_original(tmp_path: Path) -> None:
    week = bulletins.full(40)
    colours = coloured(week)
    workbook(week, "zh", tmp_path, lambda sha256: picture(colours[sha256]), address)
    found = placed(tmp_path)
    expected = {
        (row["no"], column): row[key] for row in week["figures"]["tables"]["T7"]["rows"]
        for key, column in (("before", BEFORE), ("after", AFTER)) if row[key]
    }
    assert found.keys() == expected.keys()
    for at, photo in expected.items():
        data, link, told = found[at]
        assert link == address(photo["photo_id"])
        row = week["figures"]["tables"]["T7"]["rows"][at[0] - 1]
        assert told == f"{row['number']} {'整改前' if at[1] == BEFORE else '整改后'} 2026-11-18"
        with Image.open(io.BytesIO(data)) as image:
            assert image.size == (112, 84)
            seen = image.convert("RGB").getpixel((50, 40))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, colours[photo["sha256"]], strict=True)) <= 4


def test_beyond_the_limit_there_are_links_and_the_header_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbs, "MOST", 7)
    monkeypatch.setattr(tables, "_AT_ONCE", 3)
    week = bulletins.full(12)
    asked: list[str] = []

    def photo(sha256: str) -> bytes:
        asked.append(sha256)
        return jpeg(64, 48)

    rows = workbook(week, "zh", tmp_path, photo, address)[title("T7", "zh")]
    assert rows[0][BEFORE] == "整改前（前7张为缩略图，其余为链接）"
    assert len(placed(tmp_path)) == len(asked) == 7
    register = week["figures"]["tables"]["T7"]["rows"]
    kinds = (("before", BEFORE), ("after", AFTER))
    shown = [(row["no"], column, row[key]) for row in register for key, column in kinds if row[key]]
    assert [rows[row][column] for row, column, _ in shown] == [""] * 7 + ["查看照片"] * (len(shown) - 7)
    targets = set(links(tmp_path, sheet_part("T7")).values())
    assert {address(photo["photo_id"]) for *_, photo in shown[7:]} <= targets
    english = workbook(week, "en", tmp_path, photo, address)[title("T7", "en")]
    assert english[0][AFTER] == "After (the first 7 as pictures, then links)"


def test_a_photo_that_is_lost_or_no_picture_is_told_in_words(tmp_path: Path) -> None:
    week = bulletins.full(4)
    first, second, *_ = [row["before"] for row in week["figures"]["tables"]["T7"]["rows"]]
    given = {first["sha256"]: None, second["sha256"]: b"no picture"}
    rows = workbook(week, "zh", tmp_path, lambda sha256: given.get(sha256, jpeg(64, 48)))[title("T7", "zh")]
    assert [rows[row][BEFORE] for row in range(1, 5)] == ["照片未取得", "照片未取得", "", ""]
    rows = workbook(week, "zh", tmp_path, given.get, address)[title("T7", "zh")]
    assert [rows[row][BEFORE] for row in range(1, 5)] == ["查看照片"] * 4


def test_a_picture_that_brings_its_process_down_costs_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = b"crash"
    real = thumbs.ask

    def ask(home: Path, job: dict[str, Any], **limits: int) -> dict[str, Any]:
        if any(Path(one["path"]).read_bytes() == bad for one in job["pictures"]):
            raise thumbs.NotDrawnError("crashed")
        return real(home, job, **limits)

    monkeypatch.setattr(thumbs, "ask", ask)
    made = thumbs.small([jpeg(64, 48), None, bad, jpeg(48, 64)], tmp_path)
    assert [one[1:] if one else None for one in made] == [(64, 48), None, None, (48, 64)]


def test_with_pictures_too_every_cell_is_the_figure_and_bytes_are_the_same(tmp_path: Path) -> None:
    week = bulletins.full(12)
    colours = coloured(week)
    for name in ("a", "b"):
        render.xlsx(week, "zh", tmp_path / name, lambda sha256: picture(colours[sha256]), address, tmp_path)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b"}  # nothing is left behind
    check_tables(week, "zh", tmp_path)


def test_text_is_no_link(tmp_path: Path) -> None:
    workbook(bulletins.full(), "zh", tmp_path)
    assert not any("<hyperlink" in sheet for sheet in parts(tmp_path, "xl/worksheets/sheet").values())


def test_memory_hardly_grows_with_the_register(tmp_path: Path) -> None:
    """XlsxWriter keeps some 2 KB for each picture until the end; rows and pictures themselves are on the disk."""
    data = jpeg(64, 48)

    def peak(issues: int, photo: Callable[[str], bytes]) -> int:
        week = bulletins.full(issues)
        tracemalloc.start()
        render.xlsx(week, "zh", tmp_path / "w.xlsx", photo, address, tmp_path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    small, large = peak(200, lambda _: data), peak(1600, lambda _: data)
    assert large - small < 12_000_000
