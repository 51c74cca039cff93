"""Makes the Word templates of the weekly report in `templates/`: `python -m server.weekly.paper.build_templates`.

Sizes are those of GB/T 9704-2012; the outline is what stands in `_Builder.report`. What people may change in Word or
WPS is set by styles, which also keeps a register of thousands of cells small.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from server.documents.blocks import PORTRAIT
from server.documents.build_templates import BODY, FONTS, HEAD, LANGUAGES, LATIN, NOTE, RED, SONG, TITLE
from server.documents.press.word import repacked
from server.documents.word_xml import east, field, in_order, rule_below, shade, substitutes
from server.kit.i18n import Language
from server.weekly.paper import labels
from server.weekly.paper.cells import Place
from server.weekly.paper.columns import TABLES, Printed

FOLDER = Path(__file__).with_name("templates")
CENTRE, RIGHT, LEFT, BOTH = (
    WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.JUSTIFY,
)
SIDES = {"left": LEFT, "center": CENTRE, "right": RIGHT}
BLACK = RGBColor(0, 0, 0)
_MARGINS = (37, 35, 28, 26)  # top, bottom, left, right
_MARGINS_WIDE = (28, 26, 36, 36)  # the binding edge lies at the top


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, data in made():
        (FOLDER / name).write_bytes(data)


def made() -> Iterator[tuple[str, bytes]]:
    """Both templates with the names of their files; the same bytes each time."""
    for language in LANGUAGES:
        yield f"bulletin.{language}.docx", build(language)


def build(language: Language) -> bytes:
    """One template."""
    paper = Document()
    builder = _Builder(paper, language)
    builder.set_up()
    builder.report()
    out = io.BytesIO()
    paper.save(out)
    return repacked(out.getvalue())


class _Builder:
    """Adds one piece after another to a document."""

    def __init__(self, paper: Paper, language: Language) -> None:
        self.paper, self.language, self.place = paper, language, Place(language, 0)
        zh = language == "zh"
        self.size, self.pitch = (16.0, Pt(28.95)) if zh else (12.0, Pt(20))  # 22 lines of 28 characters on a page

    # the report, from top to bottom

    def report(self) -> None:
        self._masthead()
        self._heading("key_points")
        self._each("key_points")
        self._heading("progress")
        self._heading("start", 2)
        self._text("{{ progress }}")
        self._text("{{ progress_more }}")
        self._chart("f1")
        self._section(wide=True)
        self._table("t1")
        self._when("speed", lambda: self._text("{{ speed }}"))
        self._chart("f2")
        self._section(wide=False)
        self._heading("behind", 2)
        self._table("t4")
        self._heading("inspections")
        self._heading("coverage", 2)
        self._text("{{ coverage }}")
        self._chart("f3")
        self._section(wide=True)
        self._table("t2")
        self._chart("f4")
        self._section(wide=False)
        self._table("t3")
        self._chart("f6")
        self._heading("cases", 2)
        self._cases()
        self._heading("rectification")
        self._each("stock")
        self._table("t5")
        self._chart("f5")
        self._heading("lists")
        self._table("t6")
        self._heading("residents")
        self._each("residents")
        self._heading("next_week")
        self._each("next_week", labels.EMPTY["next_week"])
        self._section(wide=True)
        self._heading("annex_1")
        self._table("t7")
        self._heading("annex_2").paragraph_format.page_break_before = True
        self._table("t8")
        self._section(wide=False)
        self._heading("annex_3")
        self._table("definitions")
        self._imprint()

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

    # pages

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

    # styles

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

    # pieces

    def _masthead(self) -> None:
        """The name in red over number, office, day and a red rule; below it the title."""
        top = self._para("")
        top.paragraph_format.tab_stops.add_tab_stop(Mm(PORTRAIT), WD_TAB_ALIGNMENT.RIGHT)
        self._run(top, f"{labels.INTERNAL[0 if self.language == 'zh' else 1]}", HEAD, self.size)
        self._run(top, "\t{{ draft }}", HEAD, self.size, RED)
        name = self._para("{{ name }}", TITLE, 28 if self.language == "zh" else 24, CENTRE, RED)
        name.paragraph_format.space_before, name.paragraph_format.space_after = Pt(24), Pt(10)
        self._when("scope", lambda: self._para("（{{ scope }}）" if self.language == "zh" else "{{ scope }}", NOTE, 16, CENTRE))
        self._para("{{ number }}", BODY, self.size, CENTRE).paragraph_format.space_after = Pt(6)
        line = self._para("{{ office }}\t{{ day }}", BODY, self.size)
        line.paragraph_format.tab_stops.add_tab_stop(Mm(PORTRAIT), WD_TAB_ALIGNMENT.RIGHT)
        rule_below(line)
        title = self._para("{{ title }}", TITLE, 22, CENTRE)
        title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(20), Pt(2)
        self._para("{{ span }}", NOTE, self.size, CENTRE).paragraph_format.space_after = Pt(10)

    def _heading(self, name: str, level: int = 1) -> Paragraph:
        para = self.paper.add_paragraph(style=f"Heading {level}")
        para.add_run(self.place.pick(labels.HEADINGS[name]))
        return para

    def _text(self, text: str) -> None:
        self.paper.add_paragraph(text, style="Report text")

    def _each(self, name: str, empty: labels.Pair | None = None) -> None:
        self._tag(f"{{%p for line in {name} %}}")
        self._text("{{ line }}")
        if empty is not None:
            self._tag("{%p else %}")
            self._text(self.place.pick(empty))
        self._tag("{%p endfor %}")

    @contextmanager
    def _if(self, condition: str) -> Iterator[None]:
        self._tag(f"{{%p if {condition} %}}")
        yield
        self._tag("{%p endif %}")

    def _when(self, name: str, add: Any) -> None:
        with self._if(name):
            add()

    def _tag(self, text: str) -> None:
        self.paper.add_paragraph(text)

    def _chart(self, name: str) -> None:
        with self._if(f"charts.{name}.there"):
            self.paper.add_paragraph(f"{{{{ charts.{name}.picture }}}}", style="Figure")
            self.paper.add_paragraph(f"{{{{ charts.{name}.caption }}}}", style="Figure title")
        with self._if(f"not charts.{name}.there"):
            self._text(f"{{{{ charts.{name}.empty }}}}")

    def _table(self, name: str) -> None:
        """The table with its total and note, or the words for one that has no rows."""
        printed = TABLES[name]
        with self._if(f"{name}.rows"):
            self.paper.add_paragraph(printed.title(self.language), style="Table title")
            widths = [column.width(self.language) for column in printed.columns]
            table = self._grid(widths)
            self._head(table, printed, widths)
            for part, bold in (("rows", False), ("total", True)):
                self._cell(self._row(table, widths).cells[0], f"{{%tr for row in {name}.{part} %}}", printed.size)
                row = self._row(table, widths)
                for cell, column in zip(row.cells, printed.columns, strict=True):
                    self._cell(cell, f"{{{{ row.{column.key} }}}}", printed.size, SIDES[column.side], bold)
                self._cell(self._row(table, widths).cells[0], "{%tr endfor %}", printed.size)
            self._gap()
        with self._if(f"{name}.more"):
            self.paper.add_paragraph(f"{{{{ {name}.more }}}}", style="Table note")
        if any(column.kind == "day" for column in printed.columns):
            with self._if(f"{name}.rows"):
                self.paper.add_paragraph("{{ yearless }}", style="Table note")
        with self._if(f"not {name}.rows"):
            self._text(f"{{{{ {name}.empty }}}}")

    def _head(self, table: Table, printed: Printed, widths: list[float]) -> None:
        head = self._row(table, widths)
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, column in zip(head.cells, printed.columns, strict=True):
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
            para = cell.paragraphs[0]
            para.style = self.paper.styles[f"Cell {printed.size:g} head"]
            para.paragraph_format.keep_with_next = True
            for number, line in enumerate(column.header(self.language).split("\n")):
                run = para.add_run()
                if number:
                    run.add_break()
                run.add_text(line)
            shade(cell)

    def _grid(self, widths: list[float]) -> Table:
        table: Table = self.paper.add_table(rows=0, cols=len(widths))
        table.style = self.paper.styles["Table Grid"]
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        in_order(table._tbl.tblPr, parse_xml(
            f'<w:tblCellMar {nsdecls("w")}><w:top w:w="28" w:type="dxa"/><w:left w:w="34" w:type="dxa"/>'
            '<w:bottom w:w="28" w:type="dxa"/><w:right w:w="34" w:type="dxa"/></w:tblCellMar>'
        ), "w:tblLook")
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = Mm(wide)
        return table

    def _row(self, table: Table, widths: list[float]) -> _Row:
        row: _Row = table.add_row()  # type: ignore[no-untyped-call]
        for cell, wide in zip(row.cells, widths, strict=True):
            cell.width = Mm(wide)
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        return row

    def _cell(
        self, cell: _Cell, text: str, size: float, align: WD_ALIGN_PARAGRAPH = LEFT, bold: bool = False
    ) -> None:
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        para = cell.paragraphs[0]
        para.style = self.paper.styles[f"Cell {size:g}"]
        para.alignment = align
        run = para.add_run(text)
        if bold:
            run.font.bold = True

    def _cases(self) -> None:
        """Each case in words, and its pairs of photos, before beside after."""
        self._tag("{%p for case in cases %}")
        for text, style in (("{{ case.head }}", "Report text"), ("{{ case.facts }}", "Case facts")):
            self.paper.add_paragraph(text, style=style).paragraph_format.keep_with_next = True
        with self._if("case.pairs"):
            half = PORTRAIT / 2
            table = self._grid([half, half])
            table.style = self.paper.styles["Normal Table"]
            self._cell(self._row(table, [half, half]).cells[0], "{%tr for pair in case.pairs %}", 10.5)
            for what in ("picture", "caption"):
                row = self._row(table, [half, half])
                for cell, side in zip(row.cells, ("before", "after"), strict=True):
                    self._cell(cell, f"{{{{ pair.{side}.{what} }}}}", 10.5, CENTRE)
                    cell.paragraphs[0].paragraph_format.keep_with_next = what == "picture"
            self._cell(self._row(table, [half, half]).cells[0], "{%tr endfor %}", 10.5)
            self._gap()
        self._tag("{%p else %}")
        self._text(self.place.pick(labels.EMPTY["cases"]))
        self._tag("{%p endfor %}")

    def _imprint(self) -> None:
        """报尾: to whom it goes, who printed it when, how many; between rules."""
        table = self._grid([PORTRAIT - 52, 52])
        table.style = self.paper.styles["Normal Table"]
        self._imprint_row(table, "{%tr for one in distribution %}")
        row = self._row(table, [PORTRAIT - 52, 52])
        self._imprint_text(row.cells[0].merge(row.cells[1]), "{{ one.label }}{{ one.to }}")
        self._imprint_row(table, "{%tr endfor %}")
        last = self._row(table, [PORTRAIT - 52, 52])
        self._imprint_text(last.cells[0], "{{ office }}")
        self._imprint_text(last.cells[1], "{{ day }}印发" if self.language == "zh" else "{{ day }}", RIGHT)
        with self._if("copies"):
            self._para("{{ copies }}", BODY, 14 if self.language == "zh" else 11, RIGHT)

    def _imprint_row(self, table: Table, tag: str) -> None:
        self._cell(self._row(table, [PORTRAIT - 52, 52]).cells[0], tag, 10.5)

    def _imprint_text(self, cell: _Cell, text: str, align: WD_ALIGN_PARAGRAPH = LEFT) -> None:
        para = cell.paragraphs[0]
        para.alignment = align
        para.paragraph_format.keep_with_next = True
        self._run(para, text, BODY, 14 if self.language == "zh" else 11)
        borders = "".join(f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>' for side in ("top", "bottom"))
        in_order(cell._tc.get_or_add_tcPr(), parse_xml(f'<w:tcBorders {nsdecls("w")}>{borders}</w:tcBorders>'),
                 "w:shd", "w:noWrap", "w:tcMar", "w:vAlign")

    def _gap(self) -> None:
        """Two tables that touch would become one."""
        para = self._para("", BODY, 6)
        para.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
        para.paragraph_format.line_spacing = Pt(8)

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


if __name__ == "__main__":
    main()
