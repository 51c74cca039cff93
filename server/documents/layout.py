"""A kind of paper in a language: the one source of the Word templates and of the PDF."""

from __future__ import annotations

from dataclasses import dataclass

from server.documents import wording_en, wording_zh
from server.documents.blocks import LANDSCAPE, PORTRAIT, Block
from server.documents.rules import Kind
from server.kit.i18n import Language


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of paper in a language: how it lies and its blocks, between the title and the last page."""

    title: str
    blocks: tuple[Block, ...]
    landscape: bool = False
    addressed: bool = True
    headed: bool = True  # with the issuing office in red over a red rule; what a contractor writes is not
    page: tuple[str, str, str] = ("第 ", " 页，共 ", " 页")

    @property
    def width(self) -> int:
        return LANDSCAPE if self.landscape else PORTRAIT


def layout(kind: Kind, language: Language) -> Layout:
    """The layout of a kind of paper in a language."""
    zh = language == "zh"
    return Layout(
        title=kind.zh if zh else kind.en,
        blocks=(wording_zh if zh else wording_en).BLOCKS[kind],
        landscape=kind is Kind.HANDOVER_LIST,
        addressed=kind is not Kind.VERIFICATION_RECORD,
        headed=kind is not Kind.RECTIFICATION_REPLY,
        page=("第 ", " 页，共 ", " 页") if zh else ("Page ", " of ", ""),
    )
