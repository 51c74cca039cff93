"""Prints of the week: XLSX and CSV, from the bulletin and nothing else, so that every form says the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from server.kit.i18n import Language
from server.kit.sheets import Page, Sheet, csv_bytes, write_xlsx
from server.weekly import cells
from server.weekly.bulletin import Bulletin, table
from server.weekly.cells import cell, heading, title
from server.weekly.words import COLUMNS
from server.weekly.workbook import front, tables, thumbs
from server.weekly.workbook.charts import Charts
from server.weekly.workbook.tables import TABLES
from server.weekly.workbook.thumbs import Link, Photo

__all__ = ["TABLES", "VERSION", "cell", "csv", "csv_of", "heading", "title", "xlsx"]

VERSION = 4  # raise it when a print changes, so that stored files of older versions are not given out


def xlsx(  # noqa: PLR0917 - what is printed, how, and where photos are found
    bulletin: Bulletin, language: Language, path: Path, photo: Photo = thumbs.nothing, link: Link = thumbs.nothing,
    folder: Path | None = None,
) -> None:
    """A workbook at `path`: key figures, charts, a sheet for each table, definitions. Memory stays flat.

    `photo` gives a small rendition by the original's SHA-256, `link` the address of an original by the photo's id.
    Small copies lie in `folder` until the workbook is written. Refusal `papers-busy` where too much is drawn already.
    """
    with tempfile.TemporaryDirectory(prefix="weekly-photos-", dir=folder) as home:
        register = tables.register(bulletin, language, photo, link, Path(home))
        write_xlsx(path, _sheets(bulletin, language, register), constant_memory=True)


def _sheets(bulletin: Bulletin, language: Language, register: Sheet) -> Iterator[Sheet | Page]:
    """In the order of the report's outline."""
    yield front.front(bulletin, language)
    yield Charts(bulletin, language)
    for name in ("T1", "T2", "T3", "T4", "T5", "T6"):
        yield tables.sheet(bulletin, name, language)
    yield front.office(bulletin, language)
    yield register
    yield tables.sheet(bulletin, "T8", language)
    yield front.definitions(bulletin, language)


def csv(bulletin: Bulletin, language: Language, path: Path) -> None:
    """The register (table 7) at `path`, UTF-8 with a mark."""
    path.write_bytes(csv_of(bulletin, "T7", language))


def csv_of(bulletin: Bulletin, name: str, language: Language) -> bytes:
    """A table as CSV, UTF-8 with a mark; its last row is the total where there is one. Photos are their SHA-256.

    Text that a spreadsheet would take for a formula has an apostrophe in front: `server.kit.sheets.unguard` takes off
    just those, and the JSON has every text as it was written.
    """
    found = table(bulletin, name)
    total = cells.total(found, name, language)
    heads = [column.header(language) for column in COLUMNS[name]]
    return csv_bytes(heads, [*cells.rows(found, name, language), *([total] if total else [])])
