"""The weekly report as DOCX or PDF: the same bulletin, template and photos give the same bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from server.documents.drawing import breakable, fonts, found
from server.documents.printing import ask
from server.kit.i18n import Language
from server.weekly.paper import labels
from server.weekly.paper.cells import Place
from server.weekly.paper.charts import charts
from server.weekly.paper.columns import TABLES
from server.weekly.paper.facts import Bulletin, facts
from server.weekly.paper.sample import sample

# By the SHA-256 of the original: a picture of it (JPEG, PNG or WebP), or None where there is none.
Photo = Callable[[str], Path | bytes | None]

VERSION = 3  # raise it when reports are drawn otherwise, so that kept files of older versions are not given out
TEMPLATES = Path(__file__).with_name("templates")
_BOX_MM = (74, 50)  # a photo of half the text's width
_PIXELS, _QUALITY = 800, 80  # 270 to the inch at that size
_MIB = 1 << 20
_SECONDS, _TRIED_SECONDS = 60, 20
_WORD_MIB, _PDF_MIB = 900, 2_000
_CHART_SCALE = 2.5  # 250 dots to the inch
# V8 reserves 64 GiB of addresses and writes to a hundred megabytes of them: what it may write to is limited instead.
_CHART_ADDRESSES_MIB, _CHART_MIB = 100 << 10, 1_000


def default_template(language: Language) -> bytes:
    """The template that is used until the office puts in its own."""
    return (TEMPLATES / f"bulletin.{language}.docx").read_bytes()


def docx(
    bulletin: Bulletin, language: Language, photo: Photo, *, template: bytes | None = None, folder: Path | None = None,
    inspected: bool = False,
) -> tuple[bytes, list[str]]:
    """The report as DOCX, and the names in the template that no report has. A photo that is missing says so at its place.

    `template` fills in for the default one; with `inspected` it is looked through first, as one that the office sends.
    `folder` is where work may lie meanwhile. Raises NotDrawnError where the template is at fault, Refusal `papers-busy`.
    """
    with tempfile.TemporaryDirectory(prefix="weekly-", dir=folder) as home:
        known = facts(bulletin, language)
        drawn = _charts(bulletin, language, Path(home), png=True)
        (Path(home) / "template.docx").write_bytes(default_template(language) if template is None else template)
        job = _job(bulletin, known, photo, Path(home), "report.docx") | {
            "do": "docx", "facts": known, "inspected": inspected, "template": "template.docx",
            "missing": Place(language, 0).pick(labels.MISSING), "box_mm": _BOX_MM,
        }
        job["pictures"] += [
            {"no": name, "out": f"{name}.png", "size": size, "box_mm": size} for name, size in drawn.items()
        ]
        answer = ask(Path(home), job, seconds=_TRIED_SECONDS if inspected else _SECONDS, memory_mib=_WORD_MIB)
        return (Path(home) / "report.docx").read_bytes(), answer["unknown"]


def pdf(bulletin: Bulletin, language: Language, photo: Photo, *, folder: Path | None = None) -> bytes:
    """The report as PDF, in our own layout. Raises NotDrawnError, Refusal `papers-busy`."""
    with tempfile.TemporaryDirectory(prefix="weekly-", dir=folder) as home:
        known = facts(bulletin, language)
        drawn = _charts(bulletin, language, Path(home), png=False)
        job = _job(bulletin, known, photo, Path(home), "report.pdf") | {
            "do": "pdf", "source": "bulletin", "fonts": fonts(),
            "paper": breakable(_laid_out(known, language, bulletin["day"])) | {
                "drawn": {name: {"file": f"{name}.svg", "wide": size[0]} for name, size in drawn.items()},
            },
        }
        ask(Path(home), job, seconds=_SECONDS, memory_mib=_PDF_MIB)
        return (Path(home) / "report.pdf").read_bytes()


def tried(language: Language, template: bytes | None, folder: Path | None = None) -> tuple[bytes, list[str]]:
    """The sample bulletin drawn with a template of the office (None: the default), which is looked through first."""
    shown = (Path(__file__).parents[2] / "documents" / "templates" / "sample.jpg").read_bytes()
    return docx(sample(), language, lambda _sha256: shown, template=template, folder=folder, inspected=template is not None)


def _charts(bulletin: Bulletin, language: Language, home: Path, *, png: bool) -> dict[str, tuple[int, int]]:
    """Draws what can be drawn; name → millimetres."""
    wanted = charts(bulletin["figures"], language)
    if wanted:
        ask(home, {
            "do": "charts", "fonts": fonts(), "png": png, "scale": _CHART_SCALE, "data": _CHART_MIB * _MIB,
            "charts": [{"spec": spec, "out": name} for name, (spec, _) in wanted.items()],
        }, seconds=_SECONDS, memory_mib=_CHART_ADDRESSES_MIB)
    return {name: size for name, (_, size) in wanted.items()}


def _job(bulletin: Bulletin, known: dict[str, Any], photo: Photo, home: Path, out: str) -> dict[str, Any]:
    return {
        "pictures": [
            {"no": one["no"], "path": found(photo, one["sha256"], home / f"{one['no']}.given"), "out": f"{one['no']}.jpg"}
            for one in _photos(known)
        ],
        "pixels": _PIXELS, "quality": _QUALITY, "out": out,
        "made_at": bulletin["frozen_at"] or f"{bulletin['day']}T00:00:00+08:00",
    }


def _photos(known: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for case in known["cases"]:
        for pair in case["pairs"]:
            yield from (side for side in pair.values() if "no" in side)


def _laid_out(known: dict[str, Any], language: Language, day: str) -> dict[str, Any]:
    """What the PDF's source is given: the facts, tables as rows of cells, and the words that a template has in itself."""
    place = Place(language, 0)
    tables = {
        name: {
            "title": known[name]["title"], "empty": known[name]["empty"], "more": known[name]["more"], "size": table.size,
            "heads": [column.header(language) for column in table.columns],
            "widths": [column.width(language) for column in table.columns], "sides": [column.side for column in table.columns],
            "rows": [[_hyphened(text) for text in row.values()] for row in known[name]["rows"]],
            **({"yearless": known["yearless"]} if any(column.kind == "day" for column in table.columns) else {}),
            "total": [list(row.values()) for row in known[name]["total"]],
        }
        for name, table in TABLES.items()
    }
    return {name: value for name, value in known.items() if name not in TABLES} | {
        "tables": tables, "date": day, "missing": place.pick(labels.MISSING), "page": labels.PAGE[0 if language == "zh" else 1],
        "contents": place.pick(labels.CONTENTS),
        "headings": {name: place.pick(words) for name, words in labels.HEADINGS.items()},
        "none": {name: place.pick(words) for name, words in labels.EMPTY.items()},
    }


def _hyphened(text: str) -> str:
    """With a place to break after each hyphen: typst sees none between digits, and issue numbers are long."""
    return text.replace("-", "-\u200b") if len(text) > len("2026-11-20") else text
