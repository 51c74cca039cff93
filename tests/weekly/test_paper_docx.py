"""The weekly report as Word reads it: every cell, the page of the standard, sections, pictures, the office's templates."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table
from PIL import Image

from server.documents.printing import NotDrawnError
from server.kit.i18n import Language
from server.weekly.paper import build_templates, drawing, prose_en, prose_zh
from server.weekly.paper.columns import TABLES as PRINTED
from server.weekly.paper.facts import ROWS
from tests.documents.papers import altered, word, word_pictures, word_text, word_told
from tests.documents.test_templates import bomb, field, relation
from tests.photos import jpeg
from tests.weekly.printed import MADE, TABLES, WIDE, Week, cells, drawn, empty, full, long_week, photo

LANGUAGES: tuple[Language, ...] = ("zh", "en")
languages = pytest.mark.parametrize("language", LANGUAGES)


def opened(week: Week, language: Language = "zh") -> Word:
    return Document(io.BytesIO(drawn(week, "docx", language)))


def heads(name: str, language: Language) -> list[str]:
    return [column.header(language) for column in PRINTED[name.lower()].columns]


def table_of(paper: Word, name: str, language: Language) -> Table | None:
    wanted = heads(name, language)
    return next((one for one in paper.tables if one.rows and said(one.rows[0]) == wanted), None)


def said(row: Any) -> list[str]:
    return [cell.text for cell in row.cells]


@languages
@pytest.mark.parametrize("name", TABLES)
def test_every_cell_is_what_the_figures_say(name: str, language: Language) -> None:
    bulletin, table = full(), table_of(opened("full", language), name, language)
    assert table is not None
    assert [said(row) for row in table.rows[1:]] == cells(bulletin["figures"], bulletin["words"], name, language)


@languages
def test_an_empty_week_says_so_instead_of_empty_grids(language: Language) -> None:
    paper, bulletin = opened("empty", language), empty()
    for name in TABLES:
        rows = cells(bulletin["figures"], bulletin["words"], name, language)
        table = table_of(paper, name, language)
        assert (table is not None) == bool(rows), name
        if table is not None:
            assert [said(row) for row in table.rows[1:]] == rows
    text = word_text(drawn("empty", "docx", language))
    assert text.count("本周无" if language == "zh" else "None") >= 10
    assert ("草稿" if language == "zh" else "DRAFT") in text
    assert "None" not in text.replace("None this week", "").replace("None has been", "")
    headers = {section.header.paragraphs[0].text for section in paper.sections}
    wanted = "草稿：数据尚未冻结，不得作为正式文件引用" if language == "zh" else "DRAFT: figures not frozen, not to be quoted"
    assert headers == {wanted}


@languages
@pytest.mark.parametrize("week", MADE)
def test_headers_repeat_and_rows_are_not_split(week: Week, language: Language) -> None:
    paper = opened(week, language)
    for name in TABLES:
        table = table_of(paper, name, language)
        if table is None:
            continue
        properties = [row._tr.trPr for row in table.rows]
        assert [one.find(qn("w:tblHeader")) is not None for one in properties] == [True] + [False] * (len(properties) - 1)
        assert all(one.find(qn("w:cantSplit")) is not None for one in properties)


@languages
@pytest.mark.parametrize("week", MADE)
def test_the_page_is_that_of_the_standard_and_wide_tables_lie(week: Week, language: Language) -> None:
    paper = opened(week, language)
    lying = [section.orientation is WD_ORIENT.LANDSCAPE for section in paper.sections]
    assert lying == [False, True, False, True, False, True, False]
    for section, wide in zip(paper.sections, lying, strict=True):
        sides = [round(side / Mm(1)) for side in (section.page_width, section.page_height, section.top_margin,
            # type: ignore[operator]
                                                  section.bottom_margin, section.left_margin, section.right_margin)]
        assert sides == ([297, 210, 28, 26, 36, 36] if wide else [210, 297, 37, 35, 28, 26])
    assert {name for name, wide in sections_of(paper, language).items() if wide} <= set(WIDE)
    if week == "full":
        assert {name for name, wide in sections_of(paper, language).items() if wide} == set(WIDE)
    footers = paper.sections[0]
    assert footers.footer.paragraphs[0].text.replace("1", "") == "—  —"
    assert footers.even_page_footer.paragraphs[0].alignment != footers.footer.paragraphs[0].alignment


def sections_of(paper: Word, language: Language) -> dict[str, bool]:
    """Table → whether it stands in a landscape section."""
    found, at = {}, 0
    by_element = {table._tbl: table for table in paper.tables}
    for element in paper.element.body:
        if element in by_element:
            name = next((name for name in TABLES if said(by_element[element].rows[0]) == heads(name, language)), None)
            if name:
                found[name] = paper.sections[at].orientation is WD_ORIENT.LANDSCAPE
        at += element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None
    return found


def test_fonts_sizes_and_headings_are_those_of_the_standard() -> None:
    paper = opened("full")
    body = next(para for para in paper.paragraphs if para.text.startswith("截至11月22日"))
    style = body.style
    assert style is not None
    assert style.font.size == Pt(16)
    assert style.paragraph_format.line_spacing == Pt(28.95)
    assert fonts(style.element) == "仿宋_GB2312"
    by_text = {para.text: para for para in paper.paragraphs}
    assert fonts(by_text["一、总体进展"].style.element) == "黑体"  # type: ignore[union-attr]
    assert fonts(by_text["（一）开工、完工、投资"].style.element) == "楷体_GB2312"  # type: ignore[union-attr]
    name = by_text["太原市老旧小区提质改造督导周报"].runs[0]
    assert (fonts(name._element), str(name.font.color.rgb)) == ("方正小标宋简体", "D01A1A")
    title = by_text["2026年第47周老旧小区改造督导情况"].runs[0]
    assert (fonts(title._element), title.font.size) == ("方正小标宋简体", Pt(22))
    outline = [para.text for para in paper.paragraphs if str(para.style.name).startswith("Heading")]  # type: ignore[union-attr]
    assert outline == [
        "本周要情", "一、总体进展", "（一）开工、完工、投资", "（二）进度滞后项目", "二、督导检查情况",
        "（一）检查覆盖与问题发现",
        "（二）突出问题", "三、问题整改与销号", "四、红黑榜", "五、群众诉求与满意度", "六、下周工作安排与要求",
        "附件1　问题清单暨销号台账", "附件2　检查项目明细", "附件3　指标口径说明",
    ]


def fonts(element: Any) -> str:
    return str(element.find(f".//{qn('w:rFonts')}").get(qn("w:eastAsia")))


def test_the_text_says_what_the_outline_asks() -> None:
    text = word_text(drawn("full", "docx", "zh"))
    for words in (
        "内部资料", "第12期（总第37期）", "太原市老旧小区改造工作专班办公室", "2026年11月23日", "（2026年11月16日—11月22日）",
        "开工率96.8%（较上周提高2.2个百分点）", "完成投资14.48亿元", "进展较快：迎泽区、杏花岭区；进展较慢：晋源区、小店区。",
        "周末存量124个（71+136+0−83−0=124）", "满意度问卷有效312份，满意度91.7%", "1. 对超期问题逐一督办（责任单位：督导组）",
        "（11月27日前，责任单位：市质安站）", "报：市委、市政府分管领导", "送：市直有关单位",
        "发：六城区政府、各街道办", "共印30份",
        "1. 【重大】", "整改前　2026-11-12 09:31", "整改后（无照片）", "图6　检查点位示意图",
    ):
        assert words in text, words
    for words in ("草稿", "{{", "{%", "None"):
        assert words not in text
    english = word_text(drawn("full", "docx", "en"))
    for words in ("71 + 136 + 0 − 83 − 0 = 124", "1.448 billion yuan", "Fast: Yingze, Xinghualing.",
        "30 copies printed", "91.7%"):
        assert words in english, words
    assert not [words for words in ("本周无", "见表", "图1", "表1", "附件", "合计", "整改前") if words in english]


def test_satisfaction_needs_thirty_replies() -> None:
    for valid, satisfied, words in ((29, 29, "满意度—（n=29，不足30份不计算）"), (30, 20, "满意度66.7%"),
        (0, 0, "满意度—（n=0")):
        bulletin = full()
        bulletin["words"]["residents"] |= {"replies_valid": valid, "replies_satisfied": satisfied}
        assert words in word_text(drawing.docx(bulletin, "zh", photo)[0])


def test_pictures_are_the_charts_and_the_cases_photos() -> None:
    assert word_pictures(drawn("full", "docx", "zh")) == 6 + 11  # of the first six cases one has no after-photo
    assert word_pictures(drawn("photos", "docx", "zh")) == 6 + 48
    assert word_pictures(drawn("empty", "docx", "zh")) == 0


def test_every_picture_is_told_in_words_in_the_reports_language() -> None:
    case = full()["figures"]["cases"][0]
    for language, before, chart in (("zh", "整改前　", "图"), ("en", "Before, ", "Figure ")):
        told = word_told(drawn("full", "docx", language))
        assert len(told) == 6 + 11
        assert all(told)
        assert sum(str(one).startswith(f"{chart}{no}") for one in told for no in range(1, 7)) == 6
        first = next(str(one) for one in told if str(one).startswith(before))
        assert case["site"]["name"] in first
        assert case["description"] in first


def test_photos_are_upright_small_and_without_what_the_phone_wrote() -> None:
    """A phone's photo that lies on its side, with its place, its clock and a comment."""
    lying = jpeg(1600, 1200, orientation=6, gps=(37.87, 112.55), exif_at=datetime(2026, 11, 20, 9, 30), seed=4)
    data, _ = drawing.docx(full(), "zh", lambda _sha256: lying)
    shown = pictures_of(data)
    assert shown
    for raw in shown:
        with Image.open(io.BytesIO(raw)) as picture:
            assert picture.width < picture.height <= 800
            assert not picture.getexif()
            assert not {"exif", "comment", "icc_profile", "xmp"} & set(picture.info)


def pictures_of(data: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return [parts.read(name) for name in parts.namelist() if name.endswith(".jpg")]


def test_a_photo_that_is_missing_or_broken_says_so() -> None:
    given: list[bytes | None] = [None, b"", b"no picture", jpeg(400, 300)[:300]]
    data, _ = drawing.docx(full(), "zh", lambda sha256: given[int(sha256, 16) % 4])
    assert word_text(data).count("照片缺失或无法读取") == 11


def test_the_office_chooses_the_cases_and_their_order() -> None:
    bulletin = full()
    bulletin["words"]["cases"] = ["issue-9", "gone", "issue-3"]
    text = word_text(drawing.docx(bulletin, "zh", photo)[0])
    numbers = [case["number"] for case in bulletin["figures"]["cases"]]
    assert text.index(f"编号{numbers[8]}") < text.index(f"编号{numbers[2]}")
    assert "3. 【" not in text


def test_the_same_bulletin_gives_the_same_bytes() -> None:
    assert drawing.docx(full(), "zh", photo)[0] == drawn("full", "docx", "zh")


def test_a_long_register_is_cut_and_says_so() -> None:
    bulletin = long_week(ROWS + 5)
    data, _ = drawing.docx(bulletin, "zh", photo)
    table = table_of(Document(io.BytesIO(data)), "T7", "zh")
    assert table is not None
    assert len(table.rows) == ROWS + 1
    assert word_text(data).count(f"本表共{ROWS + 5}行，此处按序列出前{ROWS}行，全部内容见同期周报工作簿（XLSX）。") == 2


def test_the_templates_kept_are_those_that_are_built() -> None:
    for name, data in build_templates.made():
        assert (drawing.TEMPLATES / name).read_bytes() == data, f"{name}: run python -m server.weekly.paper.build_templates"


@languages
def test_columns_fill_the_width_between_the_margins(language: Language) -> None:
    for printed in PRINTED.values():
        assert round(sum(column.width(language) for column in printed.columns), 3) == printed.width, printed.name


@languages
def test_the_default_template_passes_the_inspection(language: Language) -> None:
    data, unknown = drawing.tried(language, drawing.default_template(language))
    assert unknown == []
    assert word_pictures(data) == 17


def test_the_offices_own_template_is_filled_in(tmp_path: Path) -> None:
    own = word("{{ name }} {{ number }}", "{% for row in t1.rows %}{{ row.district }} {{ row.score }};{% endfor %}",
        "{{ charts.f1.picture }}")
    data, unknown = drawing.tried("zh", own, folder=tmp_path)
    text = word_text(data)
    assert "太原市老旧小区提质改造督导周报 第12期（总第37期）" in text
    assert "迎泽区 86.0;杏花岭区 82.4;" in text
    assert (unknown, word_pictures(data)) == ([], 1)
    assert list(tmp_path.iterdir()) == []
    strange = word("{{ nummer }}{% for row in t7.rows %}{{ row.prise }}{% endfor %}")
    assert drawing.tried("zh", strange)[1] == ["nummer", "row.prise"]


HOSTILE: dict[str, tuple[bytes, str]] = {
    "classes": (word("{{ ''.__class__.__mro__[1].__subclasses__() }}"), "template"),
    "a picture's inside": (word("{{ charts.f1.picture._image.tpl.save('x.docx') }}"), "template"),
    "another file": (word("{% include '/etc/passwd' %}"), "broken"),
    "memory": (word("{{ 'a' * 10**10 }}"), "memory"),
    "a broken tag": (word("{{ number"), "template"),
    "no document": (b"PK\x03\x04 no zip", "unfit"),
    "a macro": (altered({}, [("word/vbaProject.bin", b"x")]), "unfit"),
    "an object": (altered({}, [("word/embeddings/oleObject1.bin", b"x")]), "unfit"),
    "a picture elsewhere": (altered(relation("image", "file:///etc/passwd")), "unfit"),
    "a field that fetches": (altered(field('INCLUDETEXT "c:\\\\secrets.txt"')), "unfit"),
    "a bomb": (bomb(), "unfit"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_a_template_may_not_do_is_refused(what: str) -> None:
    template, reason = HOSTILE[what]
    with pytest.raises(NotDrawnError) as raised:
        drawing.tried("zh", template)
    assert raised.value.reason == reason


def test_a_week_that_still_runs_is_told_by_the_day_of_the_city() -> None:
    """An early morning in Taiyuan is the evening before by UTC."""
    figures = full()["figures"]
    figures["week"] |= {"is_over": False, "cutoff_at": "2026-11-17T17:30:00+00:00"}
    assert prose_zh.progress(figures).startswith("截至11月18日（本周未结束）")
    assert prose_en.progress(figures).startswith("As of 18 November (the week still runs)")
