"""What is wrong with a Word file that the office wants as its template: it may bring nothing along and ask nobody."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]

ENTRIES, UNPACKED = 500, 40 << 20
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACROS = re.compile(r"vbaproject|vbadata|macroenabled|activex", re.IGNORECASE)
_GUESTS = re.compile(r"/(embeddings|afchunk|altchunk)|\.(bin|exe|dll|js|vbs|html?|mht|rtf|docm|dotm)$", re.IGNORECASE)
# Fields that fetch or run something. Word asks before it does, and people say yes.
_FIELDS = re.compile(
    r"\b(INCLUDETEXT|INCLUDEPICTURE|DDE|DDEAUTO|LINK|IMPORT|INCLUDE|DATABASE|MACROBUTTON|RD|HYPERLINK|SUBSCRIBER|AUTOTEXT)\b",
    re.IGNORECASE,
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRANGERS = ("/attachedTemplate", "/oleObject", "/aFChunk", "/package", "/frame", "/subDocument", "/externalLinkPath")


def faults(path: Path) -> list[str]:
    """Codes of what is wrong: not-docx, too-large, macros, guests, links, fields, doctype; none for a fit one."""
    try:
        parts = _parts(path.read_bytes())
    except _TooLargeError:
        return ["too-large"]
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        return ["not-docx"]
    types = parts.get("[Content_Types].xml", b"")
    found: set[str] = set()
    if b"macroEnabled" in types or any(_MACROS.search(name) for name in parts):
        found.add("macros")
    elif _MAIN.encode() not in types or "word/document.xml" not in parts:
        found.add("not-docx")
    if any(_GUESTS.search(f"/{name}") for name in parts):
        found.add("guests")
    for name, data in parts.items():
        if name.lower().endswith((".xml", ".rels")):
            found |= _xml_faults(name, data)
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


def _xml_faults(name: str, data: bytes) -> set[str]:
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return {"not-docx"}
    found = set()
    if root.getroottree().docinfo.internalDTD is not None:
        found.add("doctype")
    if name.lower().endswith(".rels"):
        for relation in root:
            if relation.get("TargetMode", "").lower() == "external":
                found.add("links")
            if relation.get("Type", "").endswith(_STRANGERS):
                found.add("guests")
    told = "".join(one.text or "" for one in root.iter(f"{_WORD}instrText"))
    simple = " ".join(one.get(f"{_WORD}instr", "") for one in root.iter(f"{_WORD}fldSimple"))
    if _FIELDS.search(told) or _FIELDS.search(simple):
        found.add("fields")
    return found
