"""The page and the styles of the weekly report's Word templates, by GB/T 9704-2012; fonts are named, not shipped."""

from __future__ import annotations

from typing import Any

from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from server.documents.build_templates import BODY, FONTS, HEAD, LATIN, NOTE, RED, SONG, TITLE
from server.documents.word_xml import east, field, substitutes
from server.kit.i18n import Language
from server.weekly.paper import labels
from server.weekly.paper.cells import Place
from server.weekly.paper.columns import TABLES

CENTRE, RIGHT, LEFT, BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY,
)
BLACK = RGBColor(0, 0, 0)
_MARGINS = (37, 35, 28, 26)  # top, bottom, left, right
_MARGINS_WIDE = (28, 26, 36, 36)  # the binding edge lies at the top


class Page:
    """A document with the page, the styles, and what writes text into it."""

    def __init__(self, paper: Paper, language: Language) -> None:
        self.paper, self.language, self.place = paper, language, Place(language, 0)
        zh = language == "zh"
        self.size, self.pitch = (16.0, Pt(28.95)) if zh else (12.0, Pt(20))  # 22 lines of 28 characters on a page

    def set_up(self) -> None:
        """The page, the styles, and nothing of python-docx's own template that would show."""
        self._lay(self.paper.sections[0], wide=False)
        self._page_numbers(self.paper.sections[0])
        normal = self.paper.styles["Normal"]
        self._style(normal, BODY, self.size)
        normal.paragraph_format.space_after = Pt(0)
        for spoken in self.paper.styles.element.iter(qn("w:lang")):  # else punctuation takes the shape of another country
            spoken.set(qn("w:eastAsia"), "zh-CN")
        text = self._named("Report text", BODY, self.size, BOTH if self.language == "zh" else LEFT, exact=True)
        if self.language == "zh":
            text.paragraph_format.first_line_indent = Pt(32)  # two characters
        else:
            text.paragraph_format.space_after = Pt(6)
        facts = self._named("Case facts", NOTE, 12 if self.language == "zh" else 10.5, LEFT)
        facts.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        facts.paragraph_format.line_spacing = Pt(20 if self.language == "zh" else 16)
        facts.paragraph_format.space_after = Pt(4)
        for name, font, before in (("Heading 1", HEAD, 8), ("Heading 2", NOTE, 4)):
            style = self.paper.styles[name]
            self._style(style, font, self.size + (0 if self.language == "zh" else 2 - 2 * (name == "Heading 2")))
            style.font.bold, style.font.color.rgb = self.language == "en", BLACK
            style.paragraph_format.space_before = Pt(0 if self.language == "zh" else before)
            self._exact(style)
            if self.language == "zh":
                style.paragraph_format.first_line_indent = Pt(32)
        self._named("Table title", HEAD, 12, CENTRE).paragraph_format.keep_with_next = True
        figure = self._named("Figure", SONG, 10.5, CENTRE)
        figure.paragraph_format.keep_with_next, figure.paragraph_format.space_before = True, Pt(8)
        self._named("Figure title", HEAD, 12, CENTRE).paragraph_format.space_after = Pt(8)
        self._named("Table note", SONG, 9, LEFT)
        for size in sorted({table.size for table in TABLES.values()}):
            self._named(f"Cell {size:g}", SONG, size)
            self._named(f"Cell {size:g} head", HEAD, size, CENTRE)
        self.paper.styles["Table title"].paragraph_format.space_before = Pt(6)
        about = self.paper.core_properties
        about.title, about.author, about.comments = self.place.pick(labels.REPORT).replace("\n", " "), "", ""
        about.language = "zh-CN" if self.language == "zh" else "en-GB"
        substitutes(self.paper, FONTS, LATIN)
        package = self.paper.part.package
        for name in [name for name, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
            del package.rels[name]  # python-docx's own first page

    def _section(self, *, wide: bool) -> None:
        self._lay(self.paper.add_section(WD_SECTION.NEW_PAGE), wide=wide)

    @staticmethod
    def _lay(section: Section, *, wide: bool) -> None:
        sides = (Mm(210), Mm(297))
        section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = sides[::-1] if wide else sides
        margins = (Mm(margin) for margin in (_MARGINS_WIDE if wide else _MARGINS))
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = margins
        section.footer_distance, section.header_distance = Mm(18 if wide else 28), Mm(15)

    def _page_numbers(self, section: Section) -> None:
        """— 1 — at the right of odd pages and the left of even ones; above, on every page of a draft, that it is one."""
        self.paper.settings.odd_and_even_pages_header_footer = True
        for footer, side in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
            footer.is_linked_to_previous = False
            para = footer.paragraphs[0]
            para.style, para.alignment = self.paper.styles["Normal"], side
            self._run(para, "— ", SONG, 14)
            field(self._run(para, "", SONG, 14), "PAGE")
            self._run(para, " —", SONG, 14)
        for header in (section.header, section.even_page_header):
            header.is_linked_to_previous = False
            para = header.paragraphs[0]
            para.style, para.alignment = self.paper.styles["Normal"], CENTRE
            self._run(para, "{{ draft_note }}", HEAD, 10.5, RED)

    def _named(
        self, name: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH | None = None, *, exact: bool = False
    ) -> ParagraphStyle:
        style: ParagraphStyle = self.paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = self.paper.styles["Normal"]
        style.quick_style = True
        self._style(style, font, size)
        style.font.bold = self.language == "en" and font == HEAD
        if align is not None:
            style.paragraph_format.alignment = align
        if exact:
            self._exact(style)
        return style

    @staticmethod
    def _style(style: Any, font: str, size: float) -> None:
        properties = style.element.get_or_add_rPr()
        for old in properties.findall(qn("w:rFonts")):  # the theme's fonts would win over names
            properties.remove(old)
        style.font.name, style.font.size = LATIN, Pt(size)
        east(properties, font)

    def _exact(self, style: Any) -> None:
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        style.paragraph_format.line_spacing = self.pitch

    # text

    def _para(
        self, text: str, font: str = BODY, size: float = 16, align: WD_ALIGN_PARAGRAPH | None = None,
        colour: RGBColor | None = None,
    ) -> Paragraph:
        para = self.paper.add_paragraph()
        if align is not None:
            para.alignment = align
        self._run(para, text, font, size, colour)
        return para

    def _run(self, para: Paragraph, text: str, font: str, size: float, colour: RGBColor | None = None) -> Run:
        run = para.add_run(text)
        run.font.name, run.font.size = LATIN, Pt(size)
        east(run._element.get_or_add_rPr(), font)
        if colour is not None:
            run.font.color.rgb = colour
        if self.language == "en" and font in {HEAD, TITLE}:
            run.font.bold = True
        return run
