"""The document of one report as DOCX, built node by node: python-docx's own tables take seconds for hundreds of rows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table

from .word import repacked

_WIDTH_MM = 174
_SHADE, _WRONG, _RED = "EEF1F5", "FDECEC", "C01414"
_TWIPS = 56.7  # of a millimetre
_HIGH_MM, _MARGINS_MM = 52, (20, 20, 18)
_WIDE_NAMES = {"time", "checklist", "result", "place", "no_place", "outside", "correction", "others"}
_LONG = 26  # characters beyond which a fact has a line of its own


class Text:
    """What stands in a cell: text, and how it looks."""

    __slots__ = ("bold", "centred", "colour", "fill", "font", "size", "span", "text")

    def __init__(
        self, text: str, *, size: float = 9, bold: bool = False, colour: str | None = None, fill: str | None = None,
        centred: bool = False, span: int = 1, font: str | None = None,
    ) -> None:
        self.text, self.size, self.bold, self.colour = text, size, bold, colour
        self.fill, self.centred, self.span, self.font = fill, centred, span, font


def build(paper: dict[str, Any], made_at: str, out: Path) -> None:
    """Write the document of `paper` to `out`."""
    document = Document()
    _set_up(document, paper, made_at)
    _forget_thumbnail(document)
    title = document.add_heading(paper["title"], 0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    labels, zh = paper["labels"], paper["language"] == "zh"
    _facts(document, paper["facts"], 24 if zh else 32)
    if paper["summary"]:
        document.add_heading(labels["summary"], 1)
        _said(document, paper["summary"])
    if paper["flags"]:
        document.add_heading(labels["flags"], 1)
        for flag in paper["flags"]:
            _said(document, f"• {flag}")
    _answers(document, paper, labels)
    _rest(document, paper, labels)
    _photos(document, paper, labels)
    packed = io.BytesIO()
    document.save(packed)
    out.write_bytes(repacked(packed.getvalue()))


def _set_up(document: Any, paper: dict[str, Any], made_at: str) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(_MARGINS_MM[0])
    section.left_margin = section.right_margin = Mm(_MARGINS_MM[2])
    for name, size, east in (("Normal", 10, "宋体"), ("Title", 19, "黑体"), ("Heading 1", 12, "黑体")):
        style = document.styles[name]
        style.font.size = Pt(size)
        style.font.color.rgb = None
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for at in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{at}"), None)
        fonts.set(qn("w:ascii"), "Times New Roman" if east == "宋体" else "Arial")
        fonts.set(qn("w:hAnsi"), "Times New Roman" if east == "宋体" else "Arial")
        fonts.set(qn("w:eastAsia"), east)
        for colour in style.element.rPr.findall(qn("w:color")):
            style.element.rPr.remove(colour)
        for border in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
            style.element.pPr.remove(border)
        style.paragraph_format.space_before = Pt(0 if name == "Normal" else 8)
        style.paragraph_format.space_after = Pt(2 if name == "Normal" else 5)
    _footer(section.footer.paragraphs[0], paper)
    moment = datetime.fromisoformat(made_at).astimezone(UTC).replace(tzinfo=None, microsecond=0)
    about = document.core_properties
    about.created = about.modified = moment
    about.title, about.author, about.comments = f"{paper['title']} {paper['number']}"[:255], "", ""
    about.last_modified_by, about.revision = "", 1


def _forget_thumbnail(document: Any) -> None:
    """python-docx's own template brings along a picture of itself."""
    relations = document.part.package.rels
    for name in [name for name, one in relations.items() if one.reltype.endswith("/thumbnail")]:
        del relations[name]


def _footer(paragraph: Any, paper: dict[str, Any]) -> None:
    before, between, after = paper["page"]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph._p, Text(f"{paper['title']} {paper['number']}    {before}", size=8.5))
    _field(paragraph._p, "PAGE")
    _run(paragraph._p, Text(between, size=8.5))
    _field(paragraph._p, "NUMPAGES")
    _run(paragraph._p, Text(after, size=8.5))


def _field(paragraph: Any, name: str) -> None:
    """A number that Word works out."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    _run(field, Text("1", size=8.5))
    paragraph.append(field)


def _said(document: Any, text: str) -> None:
    _run(document.add_paragraph()._p, Text(text, size=10))


def _facts(document: Any, facts: Sequence[Sequence[str]], wide: int) -> None:
    """Short facts two beside each other, long ones over the whole width."""
    rows: list[list[Text]] = []
    waiting: tuple[str, str] | None = None

    def label(name: str) -> Text:
        return Text(name, fill=_SHADE)

    def alone(name: str, value: str) -> None:
        rows.append([label(name), Text(value, size=10, span=3)])

    for name, value, key in facts:
        long = key in _WIDE_NAMES or len(value) > _LONG
        if waiting and long:
            alone(*waiting)
            waiting = None
        if long:
            alone(name, value)
        elif waiting is None:
            waiting = (name, value)
        else:
            rows.append([label(waiting[0]), Text(waiting[1], size=10), label(name), Text(value, size=10)])
            waiting = None
    if waiting:
        alone(*waiting)
    rest = (_WIDTH_MM - 2 * wide) / 2
    _table(document, [wide, rest, wide, rest], rows)


def _answers(document: Any, paper: dict[str, Any], labels: dict[str, str]) -> None:
    document.add_heading(labels["answers"], 1)
    rows = []
    for section in paper["sections"]:
        if section["title"]:
            rows.append([Text(section["title"], bold=True, fill="F7F8FA", span=6)])
        for row in section["rows"]:
            fill, colour = (_WRONG, _RED) if row["bad"] else (None, None)
            rows.append([
                Text(row["code"], size=7.5, fill=fill), Text(row["item"], fill=fill),
                Text(row["answer"], centred=True, fill=fill, colour=colour), Text(row["limit"], size=8, fill=fill),
                Text(row["verdict"], centred=True, bold=row["bad"], fill=fill, colour=colour),
                Text(row["note"], size=8.5, fill=fill),
            ])
    heads = [_head(labels["item"], 2), *(_head(labels[name]) for name in ("answer", "limit", "verdict", "note"))]
    _table(document, [18, 44, 20, 42, 15, 35], rows, heads)
    if paper["unanswered"]:
        colon = "：" if paper["language"] == "zh" else ": "
        _said(document, f"{labels['unanswered']}{colon}{paper['unanswered']}")


def _rest(document: Any, paper: dict[str, Any], labels: dict[str, str]) -> None:
    document.add_heading(labels["issues"], 1)
    names = ("number", "item", "description", "grade", "due", "contractor", "state")
    heads = [_head(labels[name]) for name in ("issue", "item", "description", "grade", "due", "contractor", "issue_state")]
    if paper["issues"]:
        _table(document, [36, 20, 42, 13, 21, 24, 18], [[Text(one[name]) for name in names] for one in paper["issues"]], heads)
    else:
        _said(document, paper["none"]["issues"])
    document.add_heading(labels["reviews"], 1)
    said = ("when", "who", "decision", "revision", "comment")
    if paper["reviews"]:
        rows = [[Text(one[name]) for name in said] for one in paper["reviews"]]
        _table(document, [30, 24, 22, 18, 80], rows, [_head(labels[name]) for name in said])
    else:
        _said(document, paper["none"]["reviews"])
    document.add_heading(labels["receipt"], 1)
    receipt = paper["receipt"]
    if receipt is None:
        _said(document, paper["none"]["receipt"])
    else:
        _table(document, [34, 53, 34, 53], [
            [Text(labels["receipt_number"], fill=_SHADE), Text(receipt["number"]), Text(labels["received"], fill=_SHADE),
             Text(receipt["received"])],
            [Text(labels["revision"], fill=_SHADE), Text(receipt["revision"]), Text(labels["digest"], fill=_SHADE),
             Text(receipt["digest"], size=7, font="Courier New")],
        ])
    if paper["signature"]:
        document.add_heading(labels["signature"], 1)
        picture = document.add_paragraph().add_run().add_picture(paper["signature"]["file"])
        _fit(picture, (60, 18))
        picture._inline.docPr.set("descr", labels["signature"])
        _said(document, paper["signature"]["under"])


def _photos(document: Any, paper: dict[str, Any], labels: dict[str, str]) -> None:
    if not paper["photos"]:
        return
    document.add_heading(labels["photos"], 1)
    half = _WIDTH_MM / 2
    table = _table(document, [half, half], [[Text(""), Text("")] for _ in range(-(-len(paper["photos"]) // 2))])
    for at, row in enumerate(table._tbl.tr_lst):
        for photo, cell in zip(paper["photos"][2 * at:2 * at + 2], row.tc_lst, strict=False):
            _photo(table, cell, photo, paper["missing"])


def _photo(table: Table, cell: Any, photo: dict[str, Any], missing: str) -> None:
    from docx.table import _Cell

    shown = _Cell(cell, table).paragraphs[0]
    shown.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if photo["file"]:
        picture = shown.add_run().add_picture(photo["file"])
        _fit(picture, (_WIDTH_MM / 2 - 5, _HIGH_MM))
        picture._inline.docPr.set("descr", photo["caption"])
    else:
        _run(shown._p, Text(missing, colour=_RED))
    for text in (
        Text(photo["caption"], bold=True, size=8.5), *(Text(line, size=8) for line in photo["lines"]),
        Text(f"SHA-256 {photo['sha256']}", size=6.5, font="Courier New"),
    ):
        _paragraph(cell, text)


def _fit(picture: Any, box: tuple[float, float]) -> None:
    scale = min(Mm(box[0]) / picture.width, Mm(box[1]) / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)


def _table(
    document: Any, widths: Sequence[float], rows: Sequence[Sequence[Text]], heads: Sequence[Text] | None = None
) -> Table:
    """A table in a grid; `heads` are repeated on every page."""
    table: Table = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    table.autofit = False
    table._tbl.tblPr.append(_margins())
    for column, wide in zip(table._tbl.tblGrid.gridCol_lst, widths, strict=True):
        column.w = Mm(wide)
    if heads:
        table._tbl.append(_row(heads, widths, head=True))
    for row in rows:
        table._tbl.append(_row(row, widths))
    return table


def _head(text: str, span: int = 1) -> Text:
    return Text(text, fill=_SHADE, centred=True, span=span)


def _margins() -> Any:
    """Room between text and lines: Word's own leaves none above and below."""
    room = OxmlElement("w:tblCellMar")
    for side, twips in (("top", 40), ("left", 80), ("bottom", 40), ("right", 80)):
        one = OxmlElement(f"w:{side}")
        one.set(qn("w:w"), str(twips))
        one.set(qn("w:type"), "dxa")
        room.append(one)
    return room


def _row(cells: Sequence[Text], widths: Sequence[float], *, head: bool = False) -> Any:
    row, about = OxmlElement("w:tr"), OxmlElement("w:trPr")
    if sum(len(cell.text) for cell in cells) < 1200:  # one that may be longer than a page has to break
        about.append(OxmlElement("w:cantSplit"))
    if head:
        about.append(OxmlElement("w:tblHeader"))
    row.append(about)
    at = 0
    for cell in cells:
        row.append(_cell(cell, sum(widths[at:at + cell.span])))
        at += cell.span
    return row


def _cell(said: Text, wide: float) -> Any:
    cell, about, width = (OxmlElement(f"w:{name}") for name in ("tc", "tcPr", "tcW"))
    width.set(qn("w:w"), str(round(wide * _TWIPS)))
    width.set(qn("w:type"), "dxa")
    about.append(width)
    if said.span > 1:
        about.append(_valued("gridSpan", str(said.span)))
    if said.fill:
        fill = _valued("shd", "clear")
        fill.set(qn("w:fill"), said.fill)
        about.append(fill)
    about.append(_valued("vAlign", "center"))
    cell.append(about)
    _paragraph(cell, said)
    return cell


def _paragraph(parent: Any, said: Text) -> None:
    paragraph = OxmlElement("w:p")
    if said.centred:
        about = OxmlElement("w:pPr")
        about.append(_valued("jc", "center"))
        paragraph.append(about)
    _run(paragraph, said)
    parent.append(paragraph)


def _run(paragraph: Any, said: Text) -> None:
    run, about = OxmlElement("w:r"), OxmlElement("w:rPr")
    if said.font:
        fonts = OxmlElement("w:rFonts")
        for name in ("ascii", "hAnsi"):
            fonts.set(qn(f"w:{name}"), said.font)
        about.append(fonts)
    if said.bold:
        about.append(OxmlElement("w:b"))
    if said.colour:
        about.append(_valued("color", said.colour))
    about.append(_valued("sz", str(round(said.size * 2))))
    run.append(about)
    for number, line in enumerate(said.text.split("\n")):
        if number:
            run.append(OxmlElement("w:br"))
        text = OxmlElement("w:t")
        text.text = line
        text.set(qn("xml:space"), "preserve")
        run.append(text)
    paragraph.append(run)


def _valued(name: str, value: str) -> Any:
    element = OxmlElement(f"w:{name}")
    element.set(qn("w:val"), value)
    return element
