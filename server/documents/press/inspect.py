"""What is wrong with a Word file that the office wants as its template: it may bring nothing along and ask nobody."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lxml import etree  # type: ignore[import-untyped]

ENTRIES, UNPACKED = 500, 40 << 20
_TYPES = "[Content_Types].xml"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACROS = re.compile(r"vbaproject|vbadata|macroenabled|activex", re.IGNORECASE)
_GUESTS = re.compile(r"/(embeddings|afchunk|altchunk)|\.(bin|exe|dll|js|vbs|html?|mht|rtf|docm|dotm)$", re.IGNORECASE)
# Fields that fetch or run something. Word asks before it does, and people say yes.
_FIELDS = re.compile(
    r"\b(INCLUDETEXT|INCLUDEPICTURE|DDE|DDEAUTO|LINK|IMPORT|INCLUDE|DATABASE|MACROBUTTON|RD|HYPERLINK|SUBSCRIBER|AUTOTEXT)\b",
    re.IGNORECASE,
)
# The template's own tags, which are not yet what they will be: `{{ 'D' }}DEAUTO` is no word that could be judged.
_TAGS = re.compile(r"\{[{%#]")
_XML = re.compile(r"[+/]xml\s*(;|$)", re.IGNORECASE)
_WORD = (  # also the namespace of "strict" files, which Word reads as well
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_LEFT_OUT = ("del", "moveFrom")  # what Word skips
_STRANGERS = ("/attachedTemplate", "/oleObject", "/aFChunk", "/package", "/frame", "/subDocument", "/externalLinkPath")


def faults(path: Path) -> list[str]:
    """Codes of what is wrong: not-docx, too-large, macros, guests, links, fields, tags, doctype; none for a fit one."""
    try:
        parts = _parts(path.read_bytes())
    except _TooLargeError:
        return ["too-large"]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        return ["not-docx"]
    types = parts.get(_TYPES, b"")
    found: set[str] = set()
    if b"macroEnabled" in types or any(_MACROS.search(name) for name in parts):
        found.add("macros")
    elif _MAIN.encode() not in types or "word/document.xml" not in parts:
        found.add("not-docx")
    if any(_GUESTS.search(f"/{name}") for name in parts):
        found.add("guests")
    is_xml = _told_by_type(parts)
    for name, data in parts.items():
        if is_xml(name):
            found |= _xml_faults(name, data)
    return sorted(found)


def drawn_faults(content: bytes) -> list[str]:
    """Codes of what is wrong with the fields of a document that was made of a template: not-docx, fields.

    Only now is every tag text, and a tag can write what looks like nothing in the template, fields and all. Its size is
    not judged: a paper has as many photos as it has.
    """
    found: set[str] = set()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        is_xml = _told_by_type({name: archive.read(name) for name in archive.namelist() if name.lower() == _TYPES.lower()})
        for name in archive.namelist():
            if is_xml(name):
                root = _parsed(archive.read(name))
                found |= {"not-docx"} if root is None else _field_faults(root) - {"tags"}  # braces that a reader sees
    return sorted(found)


class _TooLargeError(Exception):
    pass


def _parts(content: bytes) -> dict[str, bytes]:
    """Every part, read with a limit: what the directory says of sizes may be a lie."""
    found: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > ENTRIES:
            raise _TooLargeError
        left = UNPACKED
        for entry in entries:
            if entry.filename in found:
                raise ValueError("a part twice")
            with archive.open(entry) as stream:
                data = stream.read(left + 1)
            left -= len(data)
            if left < 0:
                raise _TooLargeError
            found[entry.filename] = data
    return found


def _told_by_type(parts: dict[str, bytes]) -> Callable[[str], bool]:
    """Whether Word takes a part for XML: by its type, whatever it is called, and by its name, whatever its type."""
    ends, names = {"xml", "rels"}, set()
    for name, data in parts.items():
        root = _parsed(data) if name.lower() == _TYPES.lower() else None
        for one in () if root is None else root:
            if _XML.search(one.get("ContentType", "")):
                ends.add(one.get("Extension", "xml").lower())
                names.add(_plain(one.get("PartName", "")))
    return lambda name: _plain(name) in names or name.lower().rpartition(".")[2] in ends


def _plain(name: str) -> str:
    """A part's name as others compare it: without regard to case, and with or without the root's slash."""
    return unquote(name).replace("\\", "/").lstrip("/").lower()


def _parsed(data: bytes) -> Any:
    """The root, without comments, which would cut a word in two; None for what is not XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        return None


def _xml_faults(name: str, data: bytes) -> set[str]:
    root = _parsed(data)
    if root is None:
        return {"not-docx"}
    found = _field_faults(root)
    if root.getroottree().docinfo.internalDTD is not None:
        found.add("doctype")
    if name.lower().endswith(".rels"):
        for relation in root:
            if relation.get("TargetMode", "").lower() == "external":
                found.add("links")
            if relation.get("Type", "").endswith(_STRANGERS):
                found.add("guests")
    return found


def _field_faults(root: Any) -> set[str]:
    found: set[str] = set()
    for code in _codes(root):
        if code is None or _FIELDS.search(code):
            found.add("fields")
        if code is not None and _TAGS.search(code):
            found.add("tags")
    return found


def _codes(root: Any) -> Iterator[str | None]:
    """The code of every field, put together from its runs; None for one of which Word might skip a piece.

    What stands in the code of an outer field, also a field's result, is of the outer one's code too. Codes outside any
    field are put together as one.
    """
    stray: list[str] = []
    fields: list[_Field] = []
    for one in root.iter("*"):
        match etree.QName(one).localname:
            case "fldSimple":
                yield _attribute(one, "instr")
            case "fldChar":
                kind = _attribute(one, "fldCharType")
                if kind == "begin":
                    fields.append(_Field(_setting(one)))
                elif fields and kind == "separate":
                    fields[-1].told = True
                elif fields and kind == "end":
                    yield fields.pop().code()
            case "instrText" | "delInstrText" as name:
                text = one.text or ""
                if not fields:
                    stray.append(text)
                for field in fields:
                    field.add(text, one, own=field is fields[-1] and name == "instrText")
            case "t" if etree.QName(one).namespace in _WORD:  # not a formula's or a drawing's
                for field in fields:
                    field.add(one.text or "", one)
    yield from (field.code() for field in fields)
    yield "".join(stray)


class _Field:
    """A field that has begun: pieces of its code so far; `told` when its result has begun."""

    def __init__(self, setting: Any) -> None:
        self.told, self._setting, self._pieces, self._whole = False, setting, list[str](), True

    def add(self, text: str, of: Any, *, own: bool = False) -> None:
        """Take a piece of the code. A code that comes late is the field's `own` all the same."""
        if not self.told or own:
            self._pieces.append(text)
            self._whole = self._whole and _setting(of) is self._setting

    def code(self) -> str | None:
        """What the pieces say together."""
        return "".join(self._pieces) if self._whole else None


def _setting(one: Any) -> Any:
    """The nearest thing around it that Word may skip as a whole: what is not Word's own (alternatives among it), or struck."""
    return next((
        outer for outer in one.iterancestors()
        if etree.QName(outer).namespace not in _WORD or etree.QName(outer).localname in _LEFT_OUT
    ), None)


def _attribute(one: Any, name: str) -> str:
    return next((value for key, value in one.attrib.items() if etree.QName(key).localname == name), "")
