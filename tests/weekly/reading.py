"""The week's files as programs of others read them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from python_calamine import CalamineWorkbook

from server.kit.i18n import Language
from server.weekly import render
from server.weekly.words import COLUMNS, TITLES
from server.weekly.workbook import thumbs
from server.weekly.workbook.thumbs import Link, Photo

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
ART = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
SHEETS = ("front", "charts", "T1", "T2", "T3", "T4", "T5", "T6", "office", "T7", "T8", "definitions")


def title(name: str, language: Language) -> str:
    return TITLES[name][0 if language == "zh" else 1]


def workbook(
    bulletin: dict[str, Any], language: Language, folder: Path, photo: Photo = thumbs.nothing, link: Link = thumbs.nothing
) -> dict[str, list[list[Any]]]:
    """{sheet: rows} of the workbook, which is left at week.xlsx."""
    path = folder / "week.xlsx"
    render.xlsx(bulletin, language, path, photo, link, folder)
    with CalamineWorkbook.from_path(str(path)) as book:
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def table(bulletin: dict[str, Any], language: Language, folder: Path, name: str) -> list[dict[str, Any]]:
    """A printed table as dictionaries by column key."""
    head, *rows = workbook(bulletin, language, folder)[title(name, language)]
    columns = COLUMNS[name]
    assert head == [column.header(language) for column in columns]
    return [dict(zip((column.key for column in columns), row, strict=True)) for row in rows]


def part(folder: Path, name: str) -> ET.Element:
    """A part of week.xlsx."""
    with zipfile.ZipFile(folder / "week.xlsx") as packed:
        return ET.fromstring(packed.read(name))


def parts(folder: Path, start: str) -> dict[str, str]:
    """The parts of week.xlsx whose names start so, as text."""
    with zipfile.ZipFile(folder / "week.xlsx") as packed:
        return {name: packed.read(name).decode() for name in packed.namelist() if name.startswith(start)}


def sheet_part(name: str) -> str:
    return f"xl/worksheets/sheet{SHEETS.index(name) + 1}.xml"


def links(folder: Path, of: str) -> dict[str, str]:
    """{id: target} of a part of week.xlsx."""
    above, _, name = of.rpartition("/")
    return {one.attrib["Id"]: one.attrib["Target"] for one in part(folder, f"{above}/_rels/{name}.rels")}
