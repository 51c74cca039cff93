"""Makes the Word templates in `templates/` from the layout: `python -m server.documents.build_templates`.

Sizes are those of GB/T 9704-2012. Fonts are named, not shipped: Word and WPS find them on the office's computers, and
what stands for a missing one is written beside it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from server.documents.blocks import Block, Boxes, Facts, Heading, Issues, Photos, Receipt, Sign, Text
from server.documents.layout import Layout, layout
from server.documents.press.word import repacked
from server.documents.rules import Kind
from server.documents.word_xml import east, field, in_order, rule_below, shade, substitutes
from server.kit.i18n import Language

FOLDER = Path(__file__).with_name("templates")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
# Name in the document → what a computer without it takes instead.
FONTS = {"方正小标宋简体": "宋体", "仿宋_GB2312": "仿宋", "楷体_GB2312": "楷体", "黑体": "SimHei", "宋体": "SimSun"}
TITLE, BODY, NOTE, HEAD, SONG = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
LATIN = "Times New Roman"
PITCH = Pt(28.95)  # 22 lines on a page
RED = RGBColor(0xD0, 0x1A, 0x1A)
CENTRE, RIGHT, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.LEFT


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, data in made():
        (FOLDER / name).write_bytes(data)


def made() -> Iterator[tuple[str, bytes]]:
    """Every template with the name of its file; the same bytes each time."""
    for kind in Kind:
        for language in LANGUAGES:
            yield f"{kind.value}.{language}.docx", build(layout(kind, language), language)


def build(plan: Layout, language: Language) -> bytes:
    """One template."""
    paper = Document()
    builder = _Builder(paper, plan, language)
    builder.set_up()
    builder.masthead()
    for block, after in zip_longest(plan.blocks, plan.blocks[1:]):
        builder.block(block, after)
    builder.footers()
    out = io.BytesIO()
    paper.save(out)
    return repacked(out.getvalue())


class _Builder:
    """Adds block after block to a document."""

    def __init__(self, paper: Paper, plan: Layout, language: Language) -> None:
        self.paper, self.plan, self.language = paper, plan, language

    def set_up(self) -> None:
        """The page, the fonts, and nothing of python-docx's own template that would show."""
        section, style = self.paper.sections[0], self.paper.styles["Normal"]
        wide, high = Mm(210), Mm(297)
        if self.plan.landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
            wide, high = high, wide
        section.page_width, section.page_height = wide, high
        margins = (28, 26, 37, 35) if self.plan.landscape else (37, 35, 28, 26)
        section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = map(Mm, margins)
        if self.plan.landscape:  # the binding edge lies at the top
            section.left_margin, section.right_margin = Mm(36), Mm(36)
        section.footer_distance = Mm(28 if not self.plan.landscape else 18)
        style.font.name, style.font.size = LATIN, Pt(16)
        east(style.element.get_or_add_rPr(), BODY)
        style.paragraph_format.space_after = Pt(0)
        for spoken in self.paper.styles.element.iter(qn("w:lang")):  # else punctuation takes the shape of another country
            spoken.set(qn("w:eastAsia"), "zh-CN")
        about = self.paper.core_properties
        about.title, about.author, about.comments = self.plan.title, "", ""
        about.language = "zh-CN" if self.language == "zh" else "en-GB"
        substitutes(self.paper, FONTS, LATIN)
        package = self.paper.part.package
        for name in [name for name, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
            del package.rels[name]  # python-docx's own first page

    def masthead(self) -> None:
        """Who issues it in red over a red rule, the number, the title, whom it is for."""
        if self.plan.headed:
            office = self._para("{{ office }}", TITLE, 26, CENTRE, colour=RED, exact=None)
            office.paragraph_format.space_after = Pt(10)
            rule_below(self._para("{{ number }}", BODY, 16, CENTRE))
        else:
            self._para("{{ number }}", BODY, 16, RIGHT)
        title = self._para("{{ title }}", TITLE, 22, CENTRE, exact=Pt(36))
        title.paragraph_format.space_before = Pt(22)
        title.paragraph_format.space_after = Pt(10)
        if self.plan.addressed:
            self._when("to", lambda: self._para("{{ to }}：" if self.language == "zh" else "{{ to }},", BODY, 16, LEFT))

    def block(self, block: Block, after: Block | None) -> None:
        """A block; a text goes with what is signed below it."""
        match block:
            case Heading():
                self._para(block.text, HEAD, 16, LEFT, indent=True).paragraph_format.keep_with_next = True
            case Text():
                def add() -> None:
                    para = self._para(block.text, BODY, 16, indent=block.indent)
                    para.paragraph_format.keep_with_next = isinstance(after, Sign)

                add() if block.when is None else self._when(block.when, add)
            case Facts():
                self._facts(block)
            case Issues():
                self._issues(block)
            case Boxes():
                self._boxes(block)
            case Sign():
                for number, line in enumerate(block.lines):
                    para = self._para(line, BODY, 16, RIGHT)
                    para.paragraph_format.right_indent = Pt(64)  # four characters
                    para.paragraph_format.space_before = Pt(18 if number == 0 else 0)
                    para.paragraph_format.keep_with_next = number < len(block.lines) - 1
            case Receipt():
                self._receipt(block)
            case Photos():
                self._photos(block)

    def footers(self) -> None:
        """— 1 — at the right of odd pages and the left of even ones."""
        self.paper.settings.odd_and_even_pages_header_footer = True
        section = self.paper.sections[0]
        for footer, side in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
            footer.is_linked_to_previous = False
            para = footer.paragraphs[0]
            para.style = self.paper.styles["Normal"]
            para.alignment = side
            for before, code, after in (("— ", "PAGE", " —"),):
                self._run(para, before, SONG, 14)
                field(self._run(para, "", SONG, 14), code)
                self._run(para, after, SONG, 14)

    # pieces

    def _para(
        self, text: str, font: str, size: float, align: WD_ALIGN_PARAGRAPH | None = None, *, indent: bool = False,
        colour: RGBColor | None = None, exact: Any = PITCH,
    ) -> Paragraph:
        para = self.paper.add_paragraph()
        if align is not None:
            para.alignment = align
        if exact is not None:
            para.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
            para.paragraph_format.line_spacing = exact
        if indent:
            para.paragraph_format.first_line_indent = Pt(32)  # two characters
        self._run(para, text, font, size, colour)
        return para

    def _run(
        self, para: Paragraph, text: str, font: str, size: float, colour: RGBColor | None = None
    ) -> Run:
        run = para.add_run(text)
        run.font.name, run.font.size = LATIN, Pt(size)
        east(run._element.get_or_add_rPr(), font)
        if colour is not None:
            run.font.color.rgb = colour
        if self.language == "en" and font in {HEAD, TITLE}:
            run.font.bold = True
        return run

    def _when(self, name: str | None, add: Any) -> None:
        self._tag(f"{{%p if {name} %}}")
        add()
        self._tag("{%p endif %}")

    def _tag(self, text: str) -> None:
        self._para(text, BODY, 16)

    def _table(self, widths: list[int]) -> Table:
        table: Table = self.paper.add_table(rows=0, cols=len(widths))
        table.style = self.paper.styles["Table Grid"]
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        in_order(table._tbl.tblPr, parse_xml(
            f'<w:tblCellMar {nsdecls("w")}><w:top w:w="34" w:type="dxa"/><w:left w:w="45" w:type="dxa"/>'
            '<w:bottom w:w="34" w:type="dxa"/><w:right w:w="45" w:type="dxa"/></w:tblCellMar>'
        ), "w:tblLook")
        for column, wide in zip(table.columns, widths, strict=True):
            column.width = Mm(wide)
        return table

    def _row(self, table: Table, widths: list[int], *, whole: bool = True) -> _Row:
        row: _Row = table.add_row()  # type: ignore[no-untyped-call]
        for cell, wide in zip(row.cells, widths, strict=True):
            cell.width = Mm(wide)
        if whole:
            row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        return row

    def _cell(
        self, cell: _Cell, text: str, font: str = BODY, size: float = 10.5, align: WD_ALIGN_PARAGRAPH = LEFT
    ) -> None:
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        for number, line in enumerate(text.split("\n")):
            para = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
            para.alignment = align
            para.paragraph_format.line_spacing = 1.15
            self._run(para, line, font, size)

    def _gap(self, points: float = 6, *, before: bool = False) -> None:
        """Two tables that touch would become one; one `before` a table stays with it."""
        para = self._para("", BODY, 6, exact=Pt(points))
        para.paragraph_format.keep_with_next = before

    def _facts(self, block: Facts) -> None:
        label, total = 26 if self.language == "zh" else 32, self.plan.width
        half = total // 2
        widths = [label, half - label, label, total - half - label]
        self._gap(before=True)
        table = self._table(widths)
        for pairs in block.rows:
            row = self._row(table, widths)
            for at, (name, text) in enumerate(pairs):
                self._cell(row.cells[at * 2], name, HEAD, 12, CENTRE)
                shade(row.cells[at * 2])
                value = row.cells[at * 2 + 1].merge(row.cells[3]) if len(pairs) == 1 else row.cells[at * 2 + 1]
                self._cell(value, text, BODY, 12)
        self._gap()

    def _issues(self, block: Issues) -> None:
        widths = [column.width for column in block.columns]
        self._gap(4, before=True)
        table = self._table(widths)
        head = self._row(table, widths)
        head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for cell, column in zip(head.cells, block.columns, strict=True):
            self._cell(cell, column.header, HEAD, 10.5, CENTRE)
            cell.paragraphs[0].paragraph_format.keep_with_next = True
            shade(cell)
        self._loop(table, widths, "for issue in issues")
        row = self._row(table, widths)
        for cell, column in zip(row.cells, block.columns, strict=True):
            self._cell(cell, column.text, BODY, 10.5, CENTRE if column.centred else LEFT)
        self._loop(table, widths, "endfor")
        self._gap()

    def _loop(self, table: Table, widths: list[int], tag: str) -> None:
        self._cell(self._row(table, widths, whole=False).cells[0], f"{{%tr {tag} %}}")

    def _boxes(self, block: Boxes) -> None:
        widths = [30, self.plan.width - 30]
        self._gap(4, before=True)
        table = self._table(widths)
        for label, text, high in block.rows:
            row = self._row(table, widths)
            row.height = Mm(high)
            self._cell(row.cells[0], label, HEAD, 12, CENTRE)
            shade(row.cells[0])
            self._cell(row.cells[1], text, BODY, 12)
            for para in (para for cell in row.cells for para in cell.paragraphs if label != block.rows[-1][0]):
                para.paragraph_format.keep_with_next = True  # what is signed by hand stands together
        self._gap()

    def _receipt(self, block: Receipt) -> None:
        """A row to be filled in by hand."""
        head, who, when, seal = block.labels
        widths = [22, 34, 28, self.plan.width - 84]
        self._gap(12, before=True)
        table = self._table(widths)
        first, second = self._row(table, widths), self._row(table, widths)
        second.height = Mm(16)
        self._cell(first.cells[0].merge(second.cells[0]), head, HEAD, 12, CENTRE)
        shade(first.cells[0])
        for cell, label in zip(first.cells[1:], (who, when, seal), strict=True):
            self._cell(cell, label, HEAD, 10.5, CENTRE)
        self._gap()

    def _photos(self, block: Photos) -> None:
        self._tag("{%p if photo_rows %}")
        head = self._para(block.heading, HEAD, 16, LEFT)
        head.paragraph_format.page_break_before = True
        head.paragraph_format.space_after = Pt(6)
        self._tag("{%p endif %}")
        half = self.plan.width // 2
        widths = [half, half]
        table = self._table(widths)
        self._loop(table, widths, "for row in photo_rows")
        self._loop(table, widths, "if row.first")
        top = self._row(table, widths)
        self._cell(top.cells[0].merge(top.cells[1]), "{{ row.heading }}", NOTE, 10.5)
        shade(top.cells[0])
        self._loop(table, widths, "endif")
        self._loop(table, widths, "if row.right.caption")
        for what in ("picture", "caption"):
            row = self._row(table, widths)
            for cell, side in zip(row.cells, ("left", "right"), strict=True):
                self._cell(cell, f"{{{{ row.{side}.{what} }}}}", BODY, 10.5, CENTRE)
                cell.paragraphs[0].paragraph_format.keep_with_next = what == "picture"
        self._loop(table, widths, "else")
        for what in ("picture", "caption"):
            row = self._row(table, widths)
            alone = row.cells[0].merge(row.cells[1])
            self._cell(alone, f"{{{{ row.left.{what} }}}}", BODY, 10.5, CENTRE)
            alone.paragraphs[0].paragraph_format.keep_with_next = what == "picture"
        self._loop(table, widths, "endif")
        top.cells[0].paragraphs[0].paragraph_format.keep_with_next = True
        self._loop(table, widths, "endfor")


if __name__ == "__main__":
    main()
