"""The parts of a workbook that its sheets lean on: the list of sheets, shared strings, and which styles are dates."""

import posixpath
import re
from collections.abc import Mapping
from enum import Enum, auto

from server.kit.tables.archive import Archive
from server.kit.tables.xml import walk

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")  # how a workbook writes characters that XML has no place for


class Moment(Enum):
    """What a number stands for under a date format."""

    DAY = auto()
    TIME = auto()
    DURATION = auto()


def unescape(value: str) -> str:
    """`_x0041_` as the character it stands for."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value


class Book:
    """Reads workbook.xml: the visible sheets as (name, relation), and whether days count from 1904."""

    def __init__(self, part: bytes) -> None:
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False
        walk(part, self)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note sheets and the date system."""
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            self.sheets.append((attributes.get("name", ""), relation))
        elif name == "workbookPr":
            self.from_1904 = attributes.get("date1904", "") in {"1", "true"}

    def end(self, name: str) -> None:
        """Nothing closes here."""

    def text(self, data: str) -> None:
        """No text here."""


class Relations:
    """Reads workbook.xml.rels: the part behind each relation, and the parts of a kind such as `styles`."""

    def __init__(self, part: bytes) -> None:
        self.by_id: dict[str, str] = {}
        self.by_kind: dict[str, str] = {}
        walk(part, self)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Note where a relation leads; targets may be relative to xl/ or absolute."""
        if name == "Relationship":
            target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
            path = target.lstrip("/").lower()
            self.by_id[attributes.get("Id", "")] = path
            self.by_kind.setdefault(attributes.get("Type", "").rpartition("/")[2], path)

    def end(self, name: str) -> None:
        """Nothing closes here."""

    def text(self, data: str) -> None:
        """No text here."""


class _Strings:
    """Collects each <si>: all its <t>, but not the reading aids of <rPh>."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] | None = None
        self._listening = False
        self._aside = False

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._aside = True
        self._listening = name == "t" and not self._aside

    def end(self, name: str) -> None:
        self._listening = False
        if name == "rPh":
            self._aside = False
        elif name == "si" and self._pieces is not None:
            self.found.append(unescape("".join(self._pieces)))
            self._pieces = None

    def text(self, data: str) -> None:
        if self._listening and self._pieces is not None:
            self._pieces.append(data)


class _Styles:
    """Collects number formats and, for each style of a cell, the number format it names."""

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}
        self.styles: list[str] = []
        self._within = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            self.formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._within = True
        elif name == "xf" and self._within:
            self.styles.append(attributes.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._within = False

    def text(self, data: str) -> None:
        """No text here."""


def shared_strings(archive: Archive, path: str) -> list[str]:
    """The strings that cells name by number; none when there is no such part."""
    strings = _Strings()
    if path in archive:
        walk(archive.part(path), strings)
    return strings.found


def moments(archive: Archive, path: str) -> list[Moment | None]:
    """For each style of a cell: what its numbers stand for, None for plain numbers."""
    styles = _Styles()
    if path in archive:
        walk(archive.part(path), styles)
    # A workbook has a few formats and may name each in thousands of styles.
    known = {number: moment_of(number, styles.formats.get(number)) for number in set(styles.styles)}
    return [known[number] for number in styles.styles]


# Formats that have a number only, as Chinese Excel has them (ECMA-376 part 1, 18.8.30, zh-cn).
_DAYS = {*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58}
_TIMES = {*range(18, 22), *range(32, 36), 45, 47, 55, 56}
_ELAPSED = 46
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\[\]]*\]', re.IGNORECASE)
_LONGEST = 255  # Excel's own limit for the code of a format; nobody's format is longer, and to read it takes its time


def moment_of(number: str, code: str | None) -> Moment | None:
    """What a number format makes of a number, by its code, else by its well-known number."""
    if code is None or len(code) > _LONGEST:
        known = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        if known == _ELAPSED:
            return Moment.DURATION
        return Moment.DAY if known in _DAYS else Moment.TIME if known in _TIMES else None
    bare = _LITERAL.sub("", code.partition(";")[0]).lower()
    if "general" in bare or "通用" in bare:
        return None
    if re.search(r"\[[hms]+\]", bare):
        return Moment.DURATION
    if re.search("[yd]", bare) or ("m" in bare and not re.search("[hs]", bare)):
        return Moment.DAY
    return Moment.TIME if re.search("[hs]", bare) else None
