"""Papers and templates as tests make them."""

from __future__ import annotations

import functools
import io
import re
import zipfile
from collections.abc import Iterable
from typing import Any

import pypdfium2
from docx import Document

from server.documents.drawing import default_template
from server.documents.rules import Kind
from tests.photos import jpeg


@functools.cache
def preview(number: int) -> bytes:
    return jpeg(400, 300, seed=number) if number % 2 else jpeg(300, 400, seed=number)


def photos(sha256: str) -> bytes:
    return preview(int(sha256, 16) % 8)


def pdf_text(data: bytes) -> list[str]:
    """The text of each page, without the line breaks that a column makes."""
    with pypdfium2.PdfDocument(data) as book:
        texts = [page.get_textpage().get_text_bounded().replace("\ufffe", "-") for page in book]  # a hyphen at a line's end
    return [re.sub(r"[\s\u200b]", "", text) for text in texts]


def pdf_pictures(data: bytes) -> int:
    with pypdfium2.PdfDocument(data) as book:
        return sum(1 for page in book for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=5))


def word_text(data: bytes) -> str:
    """All that a Word file says in its body."""
    body = Document(io.BytesIO(data)).element.body
    return "".join(one.text or "" for one in body.iter() if one.tag.endswith("}t"))


def word_pictures(data: bytes) -> int:
    body = Document(io.BytesIO(data)).element.body
    return sum(1 for one in body.iter() if one.tag.endswith("}blip"))


def word_told(data: bytes) -> list[str | None]:
    """What each picture says to who cannot see it."""
    return [shape._inline.docPr.get("descr") for shape in Document(io.BytesIO(data)).inline_shapes]


def word(*paragraphs: str) -> bytes:
    """A Word file with these paragraphs."""
    made = Document()
    for text in paragraphs:
        made.add_paragraph(text)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def altered(changes: dict[str, Any], more: Iterable[tuple[str, bytes]] = ()) -> bytes:
    """The default notice with parts changed by a function of their bytes, and more parts."""
    out = io.BytesIO()
    whole = io.BytesIO(default_template(Kind.RECTIFICATION_NOTICE, "zh"))
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, changes[name](data) if name in changes else data)
        for name, data in more:
            new.writestr(name, data)
    return out.getvalue()
