"""The sheets around the tables: the masthead with the key points, residents and next week, what each figure means."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from server.kit.i18n import Language
from server.kit.sheets import Cell, Column, Content, Sheet, Shown
from server.weekly.bulletin import Bulletin
from server.weekly.cells import cell, day, heading, pick, title
from server.weekly.words import DASH, DRAFT, FRONT, OFFICE, REPORT, Col
from server.weekly.workbook.tables import FORMATS

ENOUGH = 30  # valid replies, below which no satisfaction is printed


def front(bulletin: Bulletin, language: Language) -> Sheet:
    """The week, whom it is about, the key points and the key figures."""
    figures = bulletin["figures"]
    heads = [Column(pick(words, language), wide, align="left")
             for words, wide in ((("指标", "Figure"), 34), (("数值", "Value"), 64))]
    points = bulletin["words"]["key_points"][language]
    told: list[list[Content]] = [
        [f"{title('front', language)} {n}" if language == "zh" else f"Key point {n}", text]
        for n, text in enumerate(points, 1)
    ]
    # A district alone holds no ranks against others.
    told += [[pick(words, language), text] for words, text in _fast_and_slow(figures, language)]
    totals: list[list[Content]] = [
        [zh if language == "zh" else en,
         Shown(cell(Col(key, zh, en, kind), figures["totals"], language), FORMATS.get(kind))]
        for key, zh, en, kind in FRONT
    ]
    return Sheet(
        title("front", language), heads, [*_masthead(bulletin, language), *told, *totals],
        heading=heading(figures, language), filtered=False, landscape=False,
    )


def _masthead(bulletin: Bulletin, language: Language) -> list[list[Content]]:
    figures, zh = bulletin["figures"], language == "zh"
    week, district = figures["week"], figures["scope"]["district"]
    city = "太原市" if zh else "Taiyuan"
    facts: list[tuple[tuple[str, str], Cell]] = [
        (("报告", "Report"), pick(REPORT, language)),
        (("期号", "Number"), number(bulletin["number"], language)),
        (("编发单位", "Office"), bulletin["words"]["office"]),
        (("日期", "Date"), day(bulletin["day"])),
        (("范围", "Scope"), district[language] if district else city),
        (("周次", "Week"),
         f"{week['iso_year']}年第{week['iso_week']}周" if zh else f"{week['iso_year']}-W{week['iso_week']:02d}"),
        (("起", "From"), date.fromisoformat(week["starts_on"])),
        (("止", "To"), date.fromisoformat(week["ends_on"])),
        (("数据状态", "Figures"),
         ("整周" if week["is_over"] else "本周未结束，截至制作时") if zh
         else ("whole week" if week["is_over"] else "the week still runs; as of the making")),
        (("冻结时间", "Frozen at"), datetime.fromisoformat(bulletin["frozen_at"]) if bulletin["frozen_at"] else None),
        (("数据摘要（SHA-256）", "Digest of the figures (SHA-256)"), bulletin["figures_digest"] or None),
    ]
    return [[pick(words, language), value] for words, value in facts]


def number(given: dict[str, Any], language: Language) -> str:
    """第12期(总第12期), or that it is a draft."""
    if given["serial"] is None:
        return pick(DRAFT, language)
    whole = given["total"]
    if language == "zh":
        return f"第{given['serial']}期" + (f"（总第{whole}期）" if whole is not None else "")
    return f"no. {given['serial']} of {given['year']}" + (f" ({whole} in all)" if whole is not None else "")


def _fast_and_slow(figures: dict[str, Any], language: Language) -> list[tuple[tuple[str, str], str]]:
    ranking = figures.get("ranking") or {}
    named = ((("进展较快", "Fast"), "fast"), (("进展较慢", "Slow"), "slow"))
    between = "、" if language == "zh" else ", "
    return [(words, between.join(one[language] for one in ranking[key])) for words, key in named if ranking.get(key)]


def office(bulletin: Bulletin, language: Language) -> Sheet:
    """五 群众诉求与满意度, 六 下周工作安排, and to whom the report goes: in the language the office wrote."""
    words = bulletin["words"]
    columns = (("项目", "Item"), 30), (("内容", "Content"), 70), (("期限", "Due"), 12), (("责任单位", "Responsible"), 26)
    heads = [Column(pick(head, language), wide, align="left" if at < 2 else None)
             for at, (head, wide) in enumerate(columns)]
    rows = [[pick(OFFICE[key], language), value, None, None] for key, value in _residents(bulletin).items()]
    rows += [
        [f"{pick(OFFICE['next_week'], language)} {n}", one["text"], day(one["due_on"]), one["responsible"]]
        for n, one in enumerate(words["next_week"], 1)
    ]
    rows += [[pick(OFFICE[key], language), value, None, None] for key, value in words["distribution"].items()]
    return Sheet(
        title("office", language), heads, rows, heading=heading(bulletin["figures"], language), filtered=False
    )


def _residents(bulletin: Bulletin) -> dict[str, Cell | Shown]:
    """Hotline and replies as the office gave them, and the residents' own word; no rate of too few replies."""
    given = bulletin["words"]["residents"]
    valid, satisfied = given["replies_valid"], given["replies_satisfied"]
    enough = valid is not None and satisfied is not None and valid >= ENOUGH
    asked = bulletin["figures"].get("residents") or {}
    return {
        **{key: given[key] for key in ("hotline_received", "hotline_done", "hotline_in_time", "replies_valid",
                                       "replies_satisfied")},
        # halves up, as all rates of the report: from whole numbers, so that no float rounds the other way
        "satisfaction": Shown((2000 * satisfied + valid) // (2 * valid) / 10, "0.0") if enough else DASH,
        **{f"residents_{key}": asked.get(key) for key in ("asked", "yes", "no")},
        "text": given["text"],
    }


def definitions(bulletin: Bulletin, language: Language) -> Sheet:
    """附件3: the formula of each figure."""
    figures = bulletin["figures"]
    words = ("指标", "口径") if language == "zh" else ("Figure", "Formula")
    heads = [Column(text, wide) for text, wide in zip(words, (26, 122), strict=True)]
    rows: list[list[Cell]] = [
        [one["name"][language], one["formula"][language]] for one in figures["definitions"]["figures"].values()
    ]
    return Sheet(title("definitions", language), heads, rows, heading=heading(figures, language), filtered=False)
