"""Words of papers in both languages: codes, days, moments, and what each kind of paper has to say by itself."""

from __future__ import annotations

from datetime import date, datetime

from server.kit.clock import SHANGHAI
from server.kit.i18n import Language

Pair = tuple[str, str]

SEVERITY: dict[str, Pair] = {"minor": ("一般", "Minor"), "major": ("较大", "Major"), "critical": ("重大", "Critical")}
VISIT: dict[str, Pair] = {
    "routine": ("日常检查", "routine visit"),
    "themed": ("专项检查", "themed inspection"),
    "follow_up": ("回头看", "follow-up visit"),
    "unannounced": ("四不两直检查", "unannounced visit"),
}
RESULT: dict[str, Pair] = {
    "pass": ("合格，予以销号", "Passed, closed"),
    "fail": ("不合格，继续整改", "Failed, rectify again"),
}
# What the checklists say of an item that rests on no clause.
BASIS: dict[str, Pair] = {"practice": ("行业通行做法", "good practice")}
BEFORE: Pair = ("整改前", "Before")
AFTER: Pair = ("整改后", "After")
PHOTO: Pair = ("照片", "Photo ")
PHOTOS: Pair = ("照片", "Photos ")
AND: Pair = ("、", ", ")
MISSING: Pair = ("照片缺失或无法读取", "The photo is missing or cannot be read")
NONE: Pair = ("（无照片）", "(no photo)")
NO_TIME: Pair = ("拍摄时间不详", "time unknown")
PREVENTION: Pair = ("防范措施：", "Prevention: ")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")


def pick(words: Pair, language: Language) -> str:
    return words[0] if language == "zh" else words[1]


def code(table: dict[str, Pair], value: str | None, language: Language) -> str:
    """The words for a code; one that is not known here stands for itself."""
    if not value:
        return ""
    return pick(table[value], language) if value in table else value


def day(value: str | None, language: Language) -> str:
    """`2026年12月1日` (GB/T 9704: no leading zeros) or `1 December 2026`; what is no day stays as it is."""
    found = _day(value)
    if found is None:
        return value or ""
    if language == "zh":
        return f"{found.year}年{found.month}月{found.day}日"
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


def short_day(value: str | None) -> str:
    """`2026-12-01`, for narrow columns; of a moment, its day in Taiyuan."""
    found = _day(value)
    return found.isoformat() if found else value or ""


def moment(value: str | None) -> str:
    """`2026-11-20 09:31` in Taiyuan's time."""
    if not value:
        return ""
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (read.astimezone(SHANGHAI) if read.tzinfo else read).strftime("%Y-%m-%d %H:%M")


def _day(value: str | None) -> date | None:
    if not value:
        return None
    try:
        if len(value) == len("2026-12-01"):
            return date.fromisoformat(value)
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (read.astimezone(SHANGHAI) if read.tzinfo else read).date()
