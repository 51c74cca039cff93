"""A sheet for each table; the register (table 7) with photos in its cells."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.kit import clock
from server.kit.i18n import Language
from server.kit.sheets import Cell, Column, Content, Picture, Sheet
from server.kit.sheets import Link as Linked
from server.weekly import cells
from server.weekly.bulletin import Bulletin, table
from server.weekly.words import COLUMNS, NO_PHOTO, PHOTO, THUMBS_CUT, Col
from server.weekly.workbook import thumbs
from server.weekly.workbook.thumbs import Link, Photo

TABLES = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8")
FORMATS = {"rate": "0.0", "money": "#,##0.00", "ratio": "0.00", "count": "#,##0"}
_ALIGN = {"count": "right", "rate": "right", "money": "right", "ratio": "right", "day": "center", "move": "center",
          "yes": "center", "word": "center", "photo": "center"}
# Half characters, for what may be long and is wrapped, and for what is mostly empty; the rest is measured.
_WIDTHS = {"description": 30, "site": 22, "category": 22, "checklist": 22, "contractor": 18, "measure": 22, "part": 16,
           "verdict": 9, "verifier": 10, "found_by": 10, "responsible_person": 10, "state": 13, "escalation": 18,
           "before": 18, "after": 18, "reason": 34, "subject": 34, "basis": 34}
# So that the register can be read on A3: half of its columns are narrower than elsewhere.
_REGISTER = {"number": 21, "site": 16, "category": 14, "part": 13, "description": 26, "source": 9, "contractor": 15,
             "responsible_person": 9, "measure": 20, "verifier": 8, "found_by": 8, "photos_before": 8, "photos_after": 8}
_AT_ONCE = 250  # rows whose photos one process makes small
_PHOTOS = tuple(column.key for column in COLUMNS["T7"] if column.kind == "photo")


def sheet(bulletin: Bulletin, name: str, language: Language) -> Sheet:
    """A table as it is printed."""
    found = table(bulletin, name)
    return _sheet(bulletin, name, language, cells.rows(found, name, language), cells.total(found, name, language))


def register(bulletin: Bulletin, language: Language, photo: Photo, link: Link, home: Path) -> Sheet:
    """Table 7; the small copies of its photos lie below `home` until the workbook is written."""
    rows = table(bulletin, "T7")["rows"]
    more = sum(bool(row.get(key)) for row in rows for key in _PHOTOS) > thumbs.MOST
    return _sheet(bulletin, "T7", language, _with_photos(rows, language, photo, link, home), None, cut=more)


def _sheet(
    bulletin: Bulletin, name: str, language: Language, rows: Iterator[list[Any]], total: list[Cell] | None,
    *, cut: bool = False,
) -> Sheet:
    heads = [
        Column(_header(column, language, cut=cut), _wide(name, column, language), FORMATS.get(column.kind), _align(column))
        for column in COLUMNS[name]
    ]
    return Sheet(
        cells.title(name, language), heads, rows, total, cells.heading(bulletin["figures"], language), large=name == "T7"
    )


def _header(column: Col, language: Language, *, cut: bool) -> str:
    """The header; where not every photo is shown, those of photos say so."""
    told = column.header(language)
    return told + cells.pick(THUMBS_CUT, language).format(n=f"{thumbs.MOST:,}") if cut and column.kind == "photo" else told


def _wide(name: str, column: Col, language: Language) -> float | None:
    """English words are longer than Chinese ones."""
    wide = (_WIDTHS | _REGISTER if name == "T7" else _WIDTHS).get(column.key)
    return wide if wide is None or language == "zh" or column.kind == "photo" else wide + 3


def _align(column: Col) -> str | None:
    return "center" if column.key in {"no", "rank", "district"} else _ALIGN.get(column.kind)


def _with_photos(
    rows: list[dict[str, Any]], language: Language, photo: Photo, link: Link, home: Path
) -> Iterator[list[Content]]:
    columns = COLUMNS["T7"]
    left = thumbs.MOST
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start:start + _AT_ONCE]
        shown = [row[key] for row in some for key in _PHOTOS if row.get(key)]
        given = [photo(one["sha256"]) for one in itertools.islice(shown, left)]
        pictures = iter([*thumbs.small(given, home), *[None] * (len(shown) - len(given))])
        left -= len(given)
        for row in some:
            yield [
                _photo(row, column, next(pictures), link, language) if column.kind == "photo" and row.get(column.key)
                else cells.cell(column, row, language)
                for column in columns
            ]


def _photo(row: dict[str, Any], column: Col, made: thumbs.Sized, link: Link, language: Language) -> Content:
    """The picture, which leads to its original; else words that do."""
    one = row[column.key]
    url = link(one["photo_id"])
    if made:
        day = clock.day_of(clock.read(one["captured_at"])) if one.get("captured_at") else ""
        told = f"{row['number']} {column.header(language)} {day}".rstrip()
        return Picture(*made, url=url, told=told)
    return Linked(cells.pick(PHOTO, language), url) if url else cells.pick(NO_PHOTO, language)
