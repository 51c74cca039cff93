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
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from server.documents.blocks import PORTRAIT
from server.documents.build_templates import BODY, HEAD, LANGUAGES, NOTE, RED, TITLE
from server.documents.press.word import repacked
from server.documents.word_xml import in_order, rule_below, shade
from server.kit.i18n import Language
from server.weekly.paper import labels
from server.weekly.paper.columns import TABLES, Printed
from server.weekly.paper.template_page import CENTRE, LEFT, RIGHT, Page

FOLDER = Path(__file__).with_name("templates")
SIDES = {"left": LEFT, "center": CENTRE, "right": RIGHT}


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


class _Builder(Page):
    """Adds one piece after another to a document."""

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


if __name__ == "__main__":
    main()
