"""The words for codes in exported tables, in both languages."""

from __future__ import annotations

from server.documents.words import SEVERITY, VISIT, Pair
from server.kit.i18n import Language

STATE: dict[str, Pair] = {
    "incomplete": ("照片未齐", "photos missing"), "submitted": ("待审核", "submitted"), "approved": ("已审核", "approved"),
    "returned": ("退回修改", "returned"), "void": ("作废", "void"),
}
VERDICT: dict[str, Pair] = {
    "pass": ("合格", "pass"), "fail": ("不合格", "fail"), "na": ("不适用", "not applicable"),
    "recorded": ("已记录", "recorded"),
}
VALUE: dict[str, Pair] = {name: VERDICT[name] for name in ("pass", "fail", "na")}
YES: Pair = ("是", "yes")
NO: Pair = ("否", "no")
__all__ = ["NO", "SEVERITY", "STATE", "VALUE", "VERDICT", "VISIT", "YES", "said", "yes_no"]


def said(table: dict[str, Pair], code: str | None, language: Language) -> str | None:
    """The word for a code; one that is not known here stands for itself."""
    if code is None:
        return None
    pair = table.get(code)
    return code if pair is None else pair[0 if language == "zh" else 1]


def yes_no(value: bool, language: Language) -> str:
    return (YES if value else NO)[0 if language == "zh" else 1]
