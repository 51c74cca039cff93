"""Walks a part of a workbook with expat: UTF-8 only, no document type (so no entities of its own), no deep nesting."""

from collections.abc import Mapping
from typing import Protocol
from xml.parsers import expat

from server.kit.tables.archive import unreadable

MAX_TAGS = 5_000_000  # a million cells have some three million; each costs a microsecond
MAX_DEPTH = 64  # a sheet needs about ten; expat keeps memory for every open tag


class Walker(Protocol):
    """Told what comes by; names are without their namespace prefix."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """A tag opens."""

    def end(self, name: str) -> None:
        """A tag closes."""

    def text(self, data: str) -> None:
        """A piece of text; one text may come in several."""


def walk(part: bytes, walker: Walker) -> None:
    """Lead the walker through the whole part. TableRefused `table-unreadable` when it is not well-formed.

    The part is given to expat in one piece: in pieces, older versions go over an unfinished tag again and again.
    """
    depth = tags = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, tags
        depth += 1
        tags += 1
        if depth > MAX_DEPTH or tags > MAX_TAGS:
            raise _forbidden()
        walker.start(_local(tag), attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        walker.end(_local(tag))

    parser = expat.ParserCreate("utf-8")  # whatever the declaration says
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = walker.text
    parser.StartDoctypeDeclHandler = _no_doctype
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        raise unreadable("文件已损坏", "The workbook's XML is damaged") from None


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _no_doctype(*_: object) -> None:
    raise _forbidden()


def _forbidden() -> Exception:
    return unreadable("文件含有不允许的内容", "The workbook holds XML that is not allowed")
