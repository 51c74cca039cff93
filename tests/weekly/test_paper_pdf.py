"""The weekly report as a PDF reader sees it: every row, bookmarks, page labels, fonts, lying pages, hostile words."""

from __future__ import annotations

import ctypes
import functools
import io
import re
from collections.abc import Callable
from typing import Any

import pypdf
import pypdfium2
import pytest
from PIL import Image

from server.kit.i18n import Language
from server.weekly.paper import drawing
from server.weekly.paper.columns import TABLES as PRINTED
from server.weekly.paper.facts import ROWS
from tests.documents.papers import pdf_pictures, pdf_text, word_text
from tests.photos import jpeg
from tests.weekly.printed import MADE, TABLES, Bulletin, Form, Week, cells, drawn, empty, full, long_week, photo

LANGUAGES: tuple[Language, ...] = ("zh", "en")
languages = pytest.mark.parametrize("language", LANGUAGES)
FORMS: tuple[Form, ...] = ("docx", "pdf")
RAW = pypdfium2.raw
ODD = ["\x00\x07\x0b\x0c\x1b[31ma", "\ud800", "\ufffe", "𬭎", "😀👩‍👩‍👧", "<w:p>&amp;</w:p>", "{{ number }}",
    "{% raw %}", "{# x #}",
       "#set page()", "$x$ *b* _i_ \\", "\u202eעברית", "x" * 300, "http://example.cn/" + "y" * 200, "长" * 600,
       "]}\"'`", "a\r\nb\tc"]


def squeezed(value: str) -> str:
    return re.sub(r"[\s\u200b]", "", value)


def unbroken(text: str) -> str:
    """Without hyphens: English words are broken with them, which pdfium tells as U+0002."""
    return re.sub("[-\x02]", "", text)


def by_pdfium(language: Language) -> list[str]:
    return [unbroken(page) for page in pdf_text(drawn("full", "pdf", language))]


@functools.cache
def by_pypdf(language: Language) -> list[str]:
    book = pypdf.PdfReader(io.BytesIO(drawn("full", "pdf", language)))
    return [unbroken(squeezed(page.extract_text())) for page in book.pages]


@languages
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("read", [by_pdfium, by_pypdf])
def test_every_row_is_what_the_figures_say(read: Callable[[Language], list[str]], name: str, language: Language) -> None:
    bulletin, pages = full(), read(language)
    rows = cells(bulletin["figures"], bulletin["words"], name, language)
    assert rows
    for row in rows:  # a row stands on one page, its cells one after another
        wanted = unbroken(squeezed("".join(row)))
        assert any(wanted in page for page in pages), row


@languages
def test_an_empty_week_says_so_and_is_a_draft(language: Language) -> None:
    pages, bulletin = pdf_text(drawn("empty", "pdf", language)), empty()
    for name in ("T1", "T2"):
        for row in cells(bulletin["figures"], bulletin["words"], name, language):
            assert any(squeezed("".join(row)) in page for page in pages)
    assert "".join(pages).count("本周无" if language == "zh" else "None") >= 10
    assert all(("草稿" if language == "zh" else "DRAFT") in page for page in pages)
    assert "草稿" not in "".join(pdf_text(drawn("full", "pdf", "zh")))


@languages
def test_it_has_bookmarks_contents_page_numbers_and_labels(language: Language) -> None:
    data = drawn("full", "pdf", language)
    pages = pdf_text(data)
    with pypdfium2.PdfDocument(data) as book:
        marks = [(mark.level, squeezed(mark.get_title())) for mark in book.get_toc()]
        labels = [book.get_page_label(number) for number in range(len(book))]
        facts = book.get_metadata_dict()
        count = len(book)
    wanted = [squeezed(words[0 if language == "zh" else 1]) for words in drawing.labels.HEADINGS.values()]
    assert [title for _, title in marks] == wanted
    assert [level for level, _ in marks] == [0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert labels == [str(number) for number in range(1, count + 1)]
    foot = "第{}页，共{}页" if language == "zh" else "Page{}of{}"
    assert all(foot.format(number, count) in page for number, page in enumerate(pages, 1))
    assert all(title in pages[0] + pages[1] for level, title in marks if level == 0)
    assert facts["CreationDate"].startswith("D:20261123")
    assert facts["Author"] == "太原市老旧小区改造工作专班办公室"


def test_fonts_are_embedded_and_wide_tables_lie() -> None:
    data = drawn("full", "pdf", "zh")
    lying = {"表1": True, "表2": True, "附件1": True, "附件2": True, "突出问题": False, "附件3": False}
    with pypdfium2.PdfDocument(data) as book:
        used, embedded = set(), []
        for page in book:
            for one in page.get_objects(filter=[RAW.FPDF_PAGEOBJ_TEXT], max_depth=5):
                font = RAW.FPDFTextObj_GetFont(one.raw)
                name = ctypes.create_string_buffer(100)
                RAW.FPDFFont_GetBaseFontName(font, name, 100)
                used.add(name.value.decode())
                embedded.append(RAW.FPDFFont_GetIsEmbedded(font))
        sizes = [tuple(round(side) for side in page.get_size()) for page in book]
    assert set(embedded) == {1}
    assert any("NotoSerifSC" in name for name in used)
    assert any("NotoSansSC" in name for name in used)
    assert set(sizes) == {(595, 842), (842, 595)}
    for number, page in enumerate(pdf_text(data)[1:], 1):
        for words, wide in lying.items():
            if page.startswith(words):
                assert (sizes[number] == (842, 595)) == wide


def test_headers_are_on_every_page_of_a_long_register_which_is_cut() -> None:
    pages = pdf_text(drawing.pdf(long_week(ROWS + 5), "zh", photo))
    heads = squeezed("".join(column.header("zh") for column in PRINTED["t7"].columns))
    numbers = [one["number"] for one in long_week(ROWS)["figures"]["tables"]["T7"]["rows"]]
    shown = [page for page in pages if heads in page]
    assert len(shown) > 10
    assert sum(page.count(number) for page in shown for number in numbers) == ROWS
    assert "".join(pages).count(f"本表共{ROWS + 5}行，此处按序列出前{ROWS}行") == 2


def test_pictures_are_the_cases_photos_upright_and_without_metadata() -> None:
    assert pdf_pictures(drawn("full", "pdf", "zh")) == 11
    assert pdf_pictures(drawn("photos", "pdf", "zh")) == 48
    lying = jpeg(1600, 1200, orientation=6, gps=(37.87, 112.55), seed=4)
    data = drawing.pdf(full(), "zh", lambda _sha256: lying)
    with pypdfium2.PdfDocument(data) as book:
        for page in book:
            for one in page.get_objects(filter=[RAW.FPDF_PAGEOBJ_IMAGE], max_depth=5):
                out = io.BytesIO()
                found: Any = one
                found.extract(out)
                with Image.open(io.BytesIO(out.getvalue())) as picture:
                    assert picture.width < picture.height <= 800
                    assert not picture.getexif()
    assert b"Exif\x00" not in data
    assert b"sample 4" not in data


@languages
@pytest.mark.parametrize("week", MADE)
def test_the_same_bulletin_gives_the_same_bytes(week: Week, language: Language) -> None:
    assert drawing.pdf(MADE[week](), language, photo) == drawn(week, "pdf", language)


def hostile() -> Bulletin:
    """Every text that people wrote, in every place at once."""
    odd = "\n".join(ODD)

    def spoilt(value: Any, key: str = "") -> Any:
        match value:
            case dict():
                return {name: spoilt(one, name) for name, one in value.items()}
            case list():
                return [spoilt(one, key) for one in value]
            case str() if key in WRITTEN:
                return odd
            case _:
                return value

    bulletin = full()
    told: Bulletin = spoilt(bulletin)
    told["words"]["key_points"] = {"zh": [odd], "en": [odd]}
    told["figures"]["week"] = bulletin["figures"]["week"]
    return told


WRITTEN = {"description", "reason", "measure", "part", "subject", "basis", "text", "responsible", "report_to",
    "send_to", "issue_to",
           "office", "contractor", "verifier", "inspector", "letter", "notice", "item", "name", "zh", "en", "number"}


@languages
@pytest.mark.parametrize("form", FORMS)
def test_odd_text_is_text(form: Form, language: Language) -> None:
    bulletin = hostile()
    bulletin["number"] = {"year": 2026, "serial": 12, "total": 37}
    if form == "pdf":
        said = "".join(pdf_text(drawing.pdf(bulletin, language, photo)))
    else:
        said = squeezed(word_text(drawing.docx(bulletin, language, photo)[0]))
    for words in ("#setpage()", "𬭎", "{{number}}", "{%raw%}", "<w:p>&amp;</w:p>", "$x$*b*_i_\\"):
        assert words in said, words
    assert said.count("{{number}}") > 20


def test_a_district_is_named() -> None:
    bulletin = full()
    bulletin["figures"]["scope"] = {"district": {"code": "140106", "zh": "迎泽区", "en": "Yingze"}}
    first = pdf_text(drawing.pdf(bulletin, "zh", photo))[0]
    assert "（迎泽区）" in first
    assert "2026年第47周迎泽区老旧小区改造督导情况" in first
    assert "迎泽区年度计划改造小区600个" in first
