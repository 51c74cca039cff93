"""Draws a paper as DOCX or PDF: the same paper, template and photos give the same bytes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any, Literal

from server.documents import blocks, words
from server.documents.facts import facts
from server.documents.layout import layout
from server.documents.paper import Paper
from server.documents.printing import ask
from server.documents.rules import Kind
from server.kit.i18n import Language

Format = Literal["docx", "pdf"]
# By the SHA-256 of the original: an upright preview (JPEG, PNG or WebP) of it, or None where there is none.
Photos = Callable[[str], Path | bytes | None]

VERSION = 4  # raise it when papers are drawn otherwise, so that kept files of older versions are not given out
MEDIA_TYPES: dict[Format, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
}
TEMPLATES = Path(__file__).with_name("templates")
_BOX_MM = (74, 60)  # a photo of half a page's width
_BOX_WIDE_MM = (100, 54)
_PIXELS, _QUALITY = 800, 80  # 270 to the inch at that size, and half of a preview, which decodes fast
_DOCX_SECONDS, _DOCX_MIB = 60, 700
_TRIED_SECONDS = 15  # for the sample, which has three issues
_PDF_SECONDS, _PDF_MIB = 60, 2000
_UNBROKEN = re.compile(r"[!-~]{16}(?=[!-~])")
_PLACEHOLDER = re.compile(r"{{ ([a-z_.]+) }}")


def default_template(kind: Kind, language: Language) -> bytes:
    """The template that is used until the office puts in its own."""
    return (TEMPLATES / f"{kind.value}.{language}.docx").read_bytes()


def draw(
    paper: Paper, form: Format, photos: Photos, language: Language = "zh", *, template: bytes | None = None,
    folder: Path | None = None,
) -> bytes:
    """The paper as a file. A photo that is missing or cannot be read says so at its place.

    `template` fills in for the default one of the kind (DOCX alone); `folder` is where work may lie meanwhile. Raises
    NotDrawnError where the template is at fault, Refusal `papers-busy`.
    """
    if form == "docx":
        return drawn(paper, photos, language, template=template, folder=folder)[0]
    with tempfile.TemporaryDirectory(prefix="paper-", dir=folder) as home:
        known = facts(paper, language)
        job = _job(paper, known, photos, Path(home), "paper.pdf") | {
            "do": "pdf", "fonts": fonts(), "paper": breakable(_resolved(paper, known, language)),
        }
        ask(Path(home), job, seconds=_PDF_SECONDS, memory_mib=_PDF_MIB)
        return (Path(home) / "paper.pdf").read_bytes()


def drawn(
    paper: Paper, photos: Photos, language: Language, *, template: bytes | None = None, folder: Path | None = None,
    inspected: bool = False,
) -> tuple[bytes, list[str]]:
    """The paper as DOCX, and the names in the template that no paper has; with `inspected`, see press/inspect.py."""
    kind = Kind(paper.kind)
    with tempfile.TemporaryDirectory(prefix="paper-", dir=folder) as home:
        filled = Path(home) / "template.docx"
        filled.write_bytes(default_template(kind, language) if template is None else template)
        known = facts(paper, language)
        job = _job(paper, known, photos, Path(home), "paper.docx") | {
            "do": "docx", "facts": known, "inspected": inspected, "template": filled.name,
            "missing": words.pick(words.MISSING, language),
            "box_mm": _BOX_WIDE_MM if layout(kind, language).landscape else _BOX_MM,
        }
        answer = ask(Path(home), job, seconds=_TRIED_SECONDS if inspected else _DOCX_SECONDS, memory_mib=_DOCX_MIB)
        return (Path(home) / "paper.docx").read_bytes(), answer["unknown"]


def _job(paper: Paper, known: dict[str, Any], photos: Photos, home: Path, out: str) -> dict[str, Any]:
    shown = [
        side for row in known["photo_rows"] for side in (row["left"], row["right"]) if "no" in side
    ]
    return {
        "pictures": [
            {"no": one["no"], "path": found(photos, one["sha256"], home / f"{one['no']}.given"), "marks": one["marks"],
             "out": f"{one['no']}.jpg"}
            for one in shown
        ],
        "pixels": _PIXELS, "quality": _QUALITY, "made_at": paper.issued_at, "out": out,
    }


def found(photos: Photos, sha256: str, kept: Path) -> str | None:
    """Where the child that draws finds a photo; one that is given as bytes is laid down as `kept`. None: it is not here."""
    photo = photos(sha256)
    if isinstance(photo, bytes):
        kept.write_bytes(photo)
        return kept.name
    return str(photo.resolve()) if photo is not None else None


def fonts() -> list[str]:
    """Noto Serif and Sans SC, of the package that brings them: open fonts, embedded in every PDF."""
    import pylopdf_fonts_zh_cn as fonts

    return [str(fonts.serif_path().parent)]


def _resolved(paper: Paper, known: dict[str, Any], language: Language) -> dict[str, Any]:
    """What the PDF's source is given: the blocks of the layout with the facts in their places."""
    plan = layout(Kind(paper.kind), language)
    shown = [
        block for block in plan.blocks if not (isinstance(block, blocks.Text) and block.when and not known[block.when])
    ]
    said = [
        _block(block, known) | {"sticky": isinstance(after, blocks.Sign)}
        for block, after in zip_longest(shown, shown[1:])
    ]
    return {
        "language": language, "landscape": plan.landscape, "headed": plan.headed, "page": plan.page, "office": known["office"],
        "number": known["number"], "title": known["title"], "day": paper.day, "missing": words.pick(words.MISSING, language),
        "to": (known["to"] + ("：" if language == "zh" else ",")) if known["to"] and plan.addressed else "",
        "blocks": said, "photo_rows": known["photo_rows"], "summary": f"{known['title']} {known['number']}".strip(),
    }


def _block(block: blocks.Block, known: dict[str, Any]) -> dict[str, Any]:  # noqa: PLR0911 - one return a block
    said: dict[str, Any] = {"is": type(block).__name__}
    match block:
        case blocks.Heading():
            return said | {"text": fill(block.text, known)}
        case blocks.Text():
            return said | {"text": fill(block.text, known), "indent": block.indent}
        case blocks.Facts():
            return said | {"rows": [[[name, fill(text, known)] for name, text in row] for row in block.rows]}
        case blocks.Issues():
            return said | {
                "widths": [column.width for column in block.columns], "heads": [column.header for column in block.columns],
                "centred": [column.centred for column in block.columns],
                "rows": [
                    [fill(column.text, known | {"issue": issue}) for column in block.columns] for issue in known["issues"]
                ],
            }
        case blocks.Boxes():
            return said | {"rows": [[label, fill(text, known), high] for label, text, high in block.rows]}
        case blocks.Sign():
            return said | {"lines": [fill(line, known) for line in block.lines]}
        case blocks.Receipt():
            return said | {"labels": list(block.labels)}
        case blocks.Photos():
            return said | {"heading": block.heading}


def fill(text: str, known: dict[str, Any]) -> str:
    """The text with the facts at the places that name them."""

    def fact(found: re.Match[str]) -> str:
        value: Any = known
        for name in found[1].split("."):
            value = value[name]
        return str(value)

    return _PLACEHOLDER.sub(fact, text)


def breakable(value: Any) -> Any:
    """The same with places to break in what has none for long: typst would set it over the edge."""
    match value:
        case str():
            return _UNBROKEN.sub("\\g<0>\u200b", value)
        case dict():
            return {key: one if key in _CODES else breakable(one) for key, one in value.items()}
        case list() | tuple():
            return [breakable(one) for one in value]
        case _:
            return value


_CODES = {"sha256", "marks", "is", "language", "day"}  # not for readers
