"""The register of issues (销号台账) as a workbook, with thumbs of the photos in its cells; its memory stays flat."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from server.documents import words
from server.documents.printing import ask
from server.kit.i18n import Language
from server.kit.sheets import Column, Content, Link, Picture, Sheet, long_sheets, write_xlsx

Shown = Path | bytes | Link | None  # a link where there are too many rows for pictures
_PIXELS, _QUALITY = 112, 70
_AT_ONCE = 250  # rows whose photos one process makes small
_TITLE: words.Pair = ("销号台账", "Issue register")
_YES: words.Pair = ("是", "Yes")
_NO: words.Pair = ("否", "No")
_UNREADABLE: words.Pair = ("照片无法读取", "unreadable")
# The columns of the trade, in its order: header in both languages, width in half characters, where cells stand.
_COLUMNS: tuple[tuple[str, str, float, str | None], ...] = (
    ("序号", "No.", 6, "center"), ("问题编号", "Issue", 23, "left"), ("区", "District", 11, "center"),
    ("小区", "Community", 20, None), ("工程类别", "Kind of work", 14, None), ("部位", "Part", 16, None),
    ("问题描述", "Description", 34, None), ("等级", "Grade", 9, "center"), ("来源", "Source", 11, "center"),
    ("发现日期", "Found on", 12, None), ("发现人", "Found by", 11, "center"), ("责任单位", "Responsible party", 20, None),
    ("责任人", "Person in charge", 11, "center"), ("整改措施", "Measure", 28, None), ("整改期限", "Due on", 12, None),
    ("整改前照片", "Photo before", 18, "center"), ("整改后照片", "Photo after", 18, "center"),
    ("完成日期", "Done on", 12, None), ("复查人", "Verified by", 11, "center"), ("复查日期", "Verified on", 12, None),
    ("复查结论", "Verdict", 16, "center"), ("是否销号", "Closed", 9, "center"), ("备注", "Remarks", 20, None),
)


@dataclass(slots=True)
class RegisterRow:
    """One issue as the register shows it; words are in the reader's language already. Photos are thumbs or previews."""

    number: str
    district: str
    site: str
    category: str | None
    part: str | None
    description: str
    severity: str  # minor | major | critical
    source: str | None
    found_on: date
    found_by: str | None
    contractor: str | None
    due_on: date
    closed: bool
    url: str | None = None
    responsible_person: str | None = None
    measure: str | None = None
    before: Shown = None
    after: Shown = None
    done_on: date | None = None
    verified_by: str | None = None
    verified_on: date | None = None
    result: str | None = None  # pass | fail
    remarks: str | None = None


def write(
    path: Path, rows: Iterable[RegisterRow], language: Language, *, folder: Path | None = None, heading: str = ""
) -> None:
    """The register at `path`; small copies of the photos lie in `folder` until it is written."""
    with tempfile.TemporaryDirectory(prefix="register-", dir=folder) as home:
        heads = zip(headers(language), _COLUMNS, strict=True)
        sheet = Sheet(
            words.pick(_TITLE, language), [Column(head, wide, align=align) for head, (_, _, wide, align) in heads],
            _shown(rows, language, Path(home)), heading=heading or words.pick(_TITLE, language),
        )
        write_xlsx(path, long_sheets(sheet), constant_memory=True)


def headers(language: Language) -> list[str]:
    """What stands above the columns."""
    return [zh if language == "zh" else en for zh, en, _, _ in _COLUMNS]


def _shown(rows: Iterable[RegisterRow], language: Language, home: Path) -> Iterator[list[Content]]:
    counted = enumerate(rows, 1)
    for first in itertools.count(1):
        some = list(itertools.islice(counted, _AT_ONCE))
        if not some:
            return
        pictures = _small([shown for _, row in some for shown in (row.before, row.after)], home / str(first), language)
        for at, (no, row) in enumerate(some):
            yield cells(no, row, pictures[2 * at], pictures[2 * at + 1], language)


def _small(given: list[Shown], home: Path, language: Language) -> list[Content]:
    """Small copies of photos; nothing where there is none, words where it cannot be read; a link stays one."""
    home.mkdir()
    pictures = []
    for at, shown in enumerate(given):
        path = home / f"{at}.given" if isinstance(shown, bytes) else shown
        if isinstance(shown, bytes):
            (home / f"{at}.given").write_bytes(shown)
        if isinstance(path, Path):
            pictures.append({"at": at, "path": str(path.resolve()), "out": f"{at}.jpg"})
    made: list[Content] = [shown if isinstance(shown, Link) else None for shown in given]
    if not pictures:
        return made
    job = {"do": "shrink", "pictures": pictures, "pixels": _PIXELS, "quality": _QUALITY}
    sizes = ask(home, job, seconds=60, memory_mib=500)["sizes"]
    for left in home.glob("*.given"):
        left.unlink()
    for picture, size in zip(pictures, sizes, strict=True):
        at = int(str(picture["at"]))
        made[at] = Picture(home / f"{at}.jpg", *size) if size else words.pick(_UNREADABLE, language)
    return made


def cells(no: int, row: RegisterRow, before: Content, after: Content, language: Language) -> list[Content]:
    """A row as it stands in the table, with what is shown of its photos."""
    return [
        no, Link(row.number, row.url) if row.url else row.number, row.district, row.site, row.category, row.part,
        row.description, words.code(words.SEVERITY, row.severity, language), row.source, row.found_on, row.found_by,
        row.contractor, row.responsible_person, row.measure, row.due_on, before, after, row.done_on, row.verified_by,
        row.verified_on, words.code(words.RESULT, row.result, language) or None,
        words.pick(_YES if row.closed else _NO, language), row.remarks,
    ]
