"""What python-docx has no word for: fonts of Chinese text, shading, rules, fields, substitutes of fonts."""

from __future__ import annotations

from typing import Any

from docx.document import Document as Paper
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.table import _Cell
from docx.text.paragraph import Paragraph
from docx.text.run import Run


def east(properties: Any, font: str) -> None:
    """The font of Chinese characters; Word keeps it apart from that of Latin ones."""
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hint"), "eastAsia")


def shade(cell: _Cell) -> None:
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="F2F2F2"/>')
    later = ("w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark")
    in_order(cell._tc.get_or_add_tcPr(), shade, *later)


def rule_below(para: Paragraph) -> None:
    """The red rule below the number, 4 mm under it."""
    rule = parse_xml(f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="12" w:space="11" w:color="D01A1A"/></w:pBdr>')
    in_order(para._p.get_or_add_pPr(), rule, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")


def in_order(properties: Any, new: Any, *later: str) -> None:
    """Word wants properties in the schema's order: before the first of those that come later."""
    after = next((one for one in properties if one.tag in {qn(name) for name in later}), None)
    if after is None:
        properties.append(new)
    else:
        after.addprevious(new)


def field(run: Run, code: str) -> None:
    for kind, text in (("begin", None), (None, code), ("separate", None), ("text", "1"), ("end", None)):
        if kind == "text":
            run.add_text(text or "")
        elif kind is None:
            told = OxmlElement("w:instrText")
            told.text = text
            run._r.append(told)
        else:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)


def substitutes(paper: Paper, fonts: dict[str, str], latin: str) -> None:
    """Write into the font table what stands for a font that a computer lacks."""
    part = next(part for part in paper.part.package.iter_parts() if str(part.partname).endswith("/fontTable.xml"))
    listed = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>' for name, other in fonts.items()
    )
    part._blob = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:fonts {nsdecls("w")}>{listed}'
        f'<w:font w:name="{latin}"><w:charset w:val="00"/></w:font></w:fonts>'
    ).encode()
