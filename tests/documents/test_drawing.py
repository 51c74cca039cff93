"""What a drawn paper holds: all that its kind must say, in both languages and forms, whatever is written in it."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from PIL import Image

from server.documents import build_templates
from server.documents.blocks import LANDSCAPE, PORTRAIT, Issues
from server.documents.drawing import TEMPLATES, Format, draw
from server.documents.layout import layout
from server.documents.paper import Paper, PaperIssue, PaperPair, PaperPhoto
from server.documents.rules import Kind
from server.documents.sample import sample
from server.kit.i18n import Language
from tests.documents.papers import pdf_pictures, pdf_text, photos, preview, word_pictures, word_text, word_told
from tests.photos import jpeg

LANGUAGES: tuple[Language, ...] = ("zh", "en")
FORMS: tuple[Format, ...] = ("docx", "pdf")
NOTICE, REPLY, RECORD, LETTER = (
    Kind.RECTIFICATION_NOTICE, Kind.RECTIFICATION_REPLY, Kind.VERIFICATION_RECORD, Kind.ESCALATION_LETTER,
)
ODD = ["\x00\x07a", "\ud800", "\ufffe", "𬭎",
       "😀👩‍👩‍👧", "<w:p>&amp;</w:p>", "{{ number }}", "{% raw %}", "#set page()", "$x$ *b* _i_ \\",
       "\u202eעברית", "x" * 400, "长" * 3000, "a\r\nb\tc", "]}\"'`", "http://example.cn/" + "y" * 300]
# What practice asks of each kind, in Chinese: labels, and a fact of the sample beside each.
MUST: dict[Kind, list[str]] = {
    NOTICE: ["整改通知单", "并老改督〔2026〕12号", "老军营南二条小区",
             "TY-2026-0412", "迎泽区老军营南二条18号", "迎泽区", "老军营街道",
             "建设单位", "施工单位山西汾河建筑工程有限公司", "监理单位太原诚信工程监理有限公司",
             "检查日期2026年11月25日", "四不两直检查",
             "王建国、李晓梅", "JGJ144-2019第5.2.6条", "较大", "补足锚栓", "2026-11-29", "照片1、2",
             "逾期", "签发人：张立新", "印章",
             "2026年11月26日", "签收人", "签收时间", "签收单位（盖章）", "抄送：迎泽区住房和城乡建设局"],
    REPLY: ["整改回复单", "并老改督〔2026〕9号", "班组交底不到位", "补打锚栓186个", "防范措施：", "赵强", "2026-11-28",
            "项目经理（签字）",
            "监理单位复查意见", "建设单位意见", "督导组复查结论", "整改前", "整改后", "2026-11-2816:02"],
    RECORD: ["复查记录", "并老改督〔2026〕9号", "合格，予以销号", "不合格，继续整改", "李晓梅", "2026-11-3010:12",
             "照片无定位"],
    Kind.STOP_WORK_NOTICE: ["停工通知单", "立即停止施工", "二十四小时", "复查合格后方可复工", "签收人"],
    Kind.HANDOVER_LIST: ["问题交办单", "140106-20261125-0007", "责任单位", "山西汾河建筑工程有限公司", "逾期", "签收人"],
    LETTER: ["督办函", "逾期（天）", "2026年11月29日前", "约谈", "签发人"],
}


def text_of(data: bytes, form: Format) -> str:
    return "".join(pdf_text(data)) if form == "pdf" else re.sub(r"\s", "", word_text(data))


def pictures_of(data: bytes, form: Format) -> int:
    return pdf_pictures(data) if form == "pdf" else word_pictures(data)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_a_paper_holds_what_its_kind_must_say(kind: Kind, form: Format) -> None:
    said = text_of(draw(sample(kind), form, photos), form)
    assert [words for words in MUST[kind] if words not in said] == []
    assert "{{" not in said
    assert "None" not in said


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_it_is_there_in_english_as_well(kind: Kind, form: Format) -> None:
    said = text_of(draw(sample(kind), form, photos, "en"), form)
    assert kind.en.replace(" ", "") in said
    for words in ("问题描述", "整改要求", "签收", "抄送", "照片1", "序号", "{{"):
        assert words not in said


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("kind", "count"), [(NOTICE, 4), (REPLY, 7), (Kind.HANDOVER_LIST, 4)])
def test_every_photo_is_in_it_with_its_number_and_time(kind: Kind, count: int, form: Format) -> None:
    data = draw(sample(kind), form, photos)
    assert pictures_of(data, form) == count
    said = text_of(data, form)
    assert f"照片{count}整改" in said
    assert "2026-11-2509:31" in said  # of Taiyuan, whatever the offset it was kept with


@pytest.mark.parametrize("form", FORMS)
def test_a_photo_that_is_missing_or_broken_says_so(form: Format) -> None:
    given = {1: None, 2: b"", 3: b"no picture", 5: preview(1)[:200]}
    data = draw(sample(REPLY), form, lambda sha256: given.get(int(sha256, 16), preview(2)))
    assert pictures_of(data, form) == 3
    assert text_of(data, form).count("照片缺失或无法读取") == 4


@pytest.mark.parametrize("kind", [NOTICE, REPLY, RECORD, Kind.HANDOVER_LIST], ids=lambda kind: kind.value)
def test_every_picture_is_told_in_words_in_the_papers_language(kind: Kind) -> None:
    paper = sample(kind)
    before = next(pair.before for issue in paper.issues for pair in issue.pairs if pair.before)
    before.caption = 'Ecke "A" & <B>\n{{ number }}'
    chinese, english = word_told(draw(paper, "docx", photos)), word_told(draw(paper, "docx", photos, "en"))
    assert chinese
    assert all(told and re.match(r"照片\d+　整改[前后]　", told) for told in chinese)
    assert all(told and re.match(r"Photo \d+, (before|after), ", told) for told in english)
    assert sum('Ecke "A" & <B>' in (told or "") and "{{ number }}" in (told or "") for told in chinese) == 1
    assert (len(chinese), len(english)) == (word_pictures(draw(paper, "docx", photos)),) * 2


@pytest.mark.parametrize("form", FORMS)
def test_the_same_paper_gives_the_same_bytes(form: Format) -> None:
    first = draw(sample(REPLY), form, photos)
    assert draw(sample(REPLY), form, photos) == first
    assert draw(replace(sample(REPLY), note="另行通知"), form, photos) != first


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [NOTICE, REPLY, Kind.HANDOVER_LIST], ids=lambda kind: kind.value)
def test_odd_text_is_text(kind: Kind, form: Format) -> None:
    """In every field at once: nothing of it is read as a tag, a source or markup, and nothing fails."""
    odd = "\n".join(ODD)
    paper = sample(kind)
    paper.site = dict.fromkeys(paper.site, odd)
    paper.to = paper.office = paper.note = paper.client = paper.copies_to = paper.issued_by = odd
    paper.inspectors = [odd, odd]
    for issue in paper.issues:
        issue.description = issue.basis = issue.requirement = issue.item_zh = issue.part = issue.contractor = odd
        for pair in issue.pairs:
            if pair.before:
                pair.before.caption = odd
        if issue.reply:
            issue.reply.cause = issue.reply.measure = issue.reply.responsible_person = odd
    said = text_of(draw(paper, form, photos), form)
    assert "#setpage()" in said
    assert "𬭎" in said
    assert said.count("{{number}}") > 10
    assert "<w:p>&amp;</w:p>" in said


@pytest.mark.parametrize("form", FORMS)
def test_a_paper_with_nothing_but_what_it_must_have_is_drawn(form: Format) -> None:
    bare = Paper(NOTICE.value, "2026-11-26", {}, None, [], "某人", "2026-11-26T00:00:00+00:00")
    said = text_of(draw(bare, form, photos), form)
    assert "整改通知单" in said
    assert "None" not in said
    assert "附件" not in said
    lone = PaperIssue("1", "灯不亮", "unheard-of", "not a day", "", pairs=[PaperPair(None, PaperPhoto("a", "0" * 64))])
    assert "灯不亮" in text_of(draw(replace(bare, issues=[lone], visit="other"), form, photos), form)


@pytest.mark.parametrize("form", FORMS)
def test_thirty_issues_with_sixty_photos_keep_their_header_on_every_page(form: Format) -> None:
    data = draw(many(30), form, photos)
    assert pictures_of(data, form) == 60
    if form == "pdf":
        pages = [page for page in pdf_text(data) if "班组交底不到位" in page]
        assert len(pages) > 3
        assert all("序号问题原因分析" in page for page in pages)
    else:
        table = next(table for table in Document(io.BytesIO(data)).tables if table.cell(0, 0).text == "序号")
        assert len(table.rows) == 31
        properties = [row._tr.trPr for row in table.rows]
        assert [row.find(qn("w:tblHeader")) is not None for row in properties] == [True] + [False] * 30
        assert all(row.find(qn("w:cantSplit")) is not None for row in properties)


def many(count: int) -> Paper:
    paper = sample(REPLY)
    first = paper.issues[0]
    pairs = [[PaperPair(PaperPhoto("b", f"{2 * n:064x}"), PaperPhoto("a", f"{2 * n + 1:064x}"))] for n in range(count)]
    paper.issues = [replace(first, number=f"140106-{n}", pairs=pairs[n]) for n in range(count)]
    return paper


def test_a_pdf_has_bookmarks_numbered_pages_embedded_fonts_and_its_facts() -> None:
    data = draw(sample(NOTICE), "pdf", photos)
    with pypdfium2.PdfDocument(data) as book:
        facts = book.get_metadata_dict()
        outline = [mark.get_title() for mark in book.get_toc()]
        sizes = {tuple(round(side) for side in page.get_size()) for page in book}
        count = len(book)
    assert facts["Title"] == "整改通知单 并老改督〔2026〕12号"
    assert facts["Author"] == "太原市老旧小区改造督导组"
    assert facts["CreationDate"].startswith("D:20261126")
    assert [title.replace(" ", "") for title in outline[:3]] == ["整改通知单", "一、存在问题及整改要求", "二、回复要求"]
    assert "附件：问题照片" in outline
    assert sizes == {(595, 842)}
    assert all(f"第{n}页，共{count}页" in page for n, page in enumerate(pdf_text(data), 1))
    assert data.count(b"/FontFile3") >= 2
    with pypdfium2.PdfDocument(draw(sample(Kind.HANDOVER_LIST), "pdf", photos)) as book:
        assert tuple(round(side) for side in book[0].get_size()) == (842, 595)


def test_a_word_file_has_the_sizes_of_the_standard() -> None:
    paper = Document(io.BytesIO(draw(sample(NOTICE), "docx", photos)))
    section = paper.sections[0]
    mm = [round(side / Mm(1)) for side in (section.page_width, section.page_height, section.top_margin, section.bottom_margin,
                                          section.left_margin, section.right_margin)]  # type: ignore[operator]
    assert mm == [210, 297, 37, 35, 28, 26]
    body = next(para for para in paper.paragraphs if para.text.startswith("经检查"))
    assert body.paragraph_format.line_spacing == Pt(28.95)
    assert body.runs[0].font.size == Pt(16)
    assert body.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    title = next(para for para in paper.paragraphs if para.text == "整改通知单")
    assert title.runs[0].font.size == Pt(22)
    assert title.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    assert section.footer.paragraphs[0].text.replace("1", "") == "—  —"
    assert section.even_page_footer.paragraphs[0].alignment != section.footer.paragraphs[0].alignment
    assert paper.core_properties.title == "整改通知单 并老改督〔2026〕12号"
    assert str(paper.core_properties.created).startswith("2026-11-26")


@pytest.mark.parametrize("form", FORMS)
def test_photos_are_upright_small_and_bear_their_marks(form: Format, tmp_path: Path) -> None:
    """A phone's photo that lies on its side, with a red frame drawn on it."""
    lying = jpeg(1600, 1200, orientation=6, seed=4)
    paper = sample(NOTICE)
    paper.issues = paper.issues[:1]
    mark = {"colour": "red", "width": 0.05, "points": [[0.1, 0.5], [0.9, 0.5]]}
    paper.issues[0].pairs = [PaperPair(PaperPhoto("a", "0" * 64, marks=[mark]), None)]
    data = draw(paper, form, lambda _sha256: lying)
    with _first_picture(data, form) as picture:
        assert picture.width < picture.height <= 800
        red, green, blue = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))  # type: ignore[misc]
        assert red > 180
        assert green < 110
        assert blue < 110


def _first_picture(data: bytes, form: Format) -> Image.Image:
    if form == "docx":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            name = next(name for name in parts.namelist() if name.startswith("word/media/"))
            return Image.open(io.BytesIO(parts.read(name)))
    with pypdfium2.PdfDocument(data) as book:
        found: Any = next(
            one for page in book for one in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=5)
        )
        out = io.BytesIO()
        found.extract(out)
        return Image.open(io.BytesIO(out.getvalue()))


def test_the_templates_kept_are_those_that_are_built() -> None:
    for name, data in build_templates.made():
        assert (TEMPLATES / name).read_bytes() == data, f"{name}: run python -m server.documents.build_templates"


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
@pytest.mark.parametrize("language", LANGUAGES)
def test_columns_fill_the_width_between_the_margins(kind: Kind, language: Language) -> None:
    plan = layout(kind, language)
    tables = [block for block in plan.blocks if isinstance(block, Issues)]
    assert tables
    for table in tables:
        assert sum(column.width for column in table.columns) == (LANDSCAPE if plan.landscape else PORTRAIT)
