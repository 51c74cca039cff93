"""Reports as rows of a table: one for each report, or one for each of its answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists import queries as checklists
from server.checklists.rules import Checklist, Item, ItemType, Limit, judged_by
from server.exports import words
from server.exports.tables import Col
from server.kit.actor import Actor
from server.kit.i18n import Language
from server.kit.sheets import Content, Shown
from server.programme import queries as programme
from server.programme.models import Site
from server.reports import queries
from server.reports.models import Revision

AT_ONCE = 500
COLUMNS: tuple[Col, ...] = (
    Col("报告编号", "Report", 26), Col("版本", "Revision", 8), Col("状态", "State", 12, None, "center"),
    Col("区", "District", 11, None, "center"), Col("项目编号", "Site code", 20), Col("小区", "Community", 22),
    Col("督导员", "Inspector", 12, None, "center"), Col("检查表", "Checklist", 12, None, "center"),
    Col("检查表名称", "Checklist name", 26), Col("检查表版本", "Checklist version", 9), Col("检查方式", "Kind of visit", 14),
    Col("开始时间", "Started", 18), Col("结束时间", "Finished", 18), Col("收到时间", "Received", 18),
    Col("回执时间", "Receipt given", 18), Col("合格", "Passed", 9), Col("不合格", "Failed", 9),
    Col("不适用", "Not applicable", 9), Col("未答", "Unanswered", 9), Col("合格率%", "Pass rate %", 10, "0.0"),
    Col("有重大问题", "Critical failure", 11, None, "center"), Col("应收照片", "Photos expected", 10),
    Col("已收照片", "Photos received", 10), Col("报告ID", "Report id", 38),
)
ANSWERS: tuple[Col, ...] = (
    *COLUMNS[:9], Col("结束时间", "Finished", 18), Col("分部", "Section", 18), Col("检查项", "Item", 12),
    Col("检查项名称", "Item name", 30), Col("答案", "Answer", 14, None, "center"), Col("单位", "Unit", 8, None, "center"),
    Col("下限", "Lower limit", 10), Col("上限", "Upper limit", 10), Col("结论", "Verdict", 10, None, "center"),
    Col("说明", "Note", 30), Col("照片数", "Photos", 8), Col("拟定等级", "Proposed grade", 10, None, "center"),
    Col("拟定期限", "Proposed due date", 12), Col("报告ID", "Report id", 38),
)
_ANY_NUMBER = "General"


def rows(db: Session, actor: Actor, query: dict[str, Any], language: Language) -> Iterator[list[Content]]:
    """Every report that a list with this filter shows, in its order."""
    for found in _pages(db, actor, query):
        names = _names(db, found)
        for one in found:
            yield _report(one, names, language)


def answers(db: Session, actor: Actor, query: dict[str, Any], language: Language) -> Iterator[list[Content]]:
    """Every answer of the newest revision of those reports, in the order of the report."""
    for found in _pages(db, actor, query):
        names = _names(db, found)
        contents = _contents(db, found)
        places = sa.select(Site.id).where(Site.id.in_({one["site"]["id"] for one in found}))
        limits = checklists.limits_by_site(db, places)
        for one in found:
            content, verdicts = contents[one["id"]]
            yield from _answers(one, content, verdicts, names, limits.get(one["site"]["id"], {}), language)


def _pages(db: Session, actor: Actor, query: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    cursor: str | None = None
    while True:
        page = queries.list_reports(db, actor, query | {"cursor": cursor, "limit": AT_ONCE})
        yield list(page.items)
        cursor = page.next_cursor
        if cursor is None:
            return


class _Names:
    """What a page of reports names."""

    def __init__(self, districts: dict[str, str], checklist: dict[tuple[str, int], Checklist | None]) -> None:
        self.districts, self.checklist = districts, checklist


def _names(db: Session, found: list[dict[str, Any]]) -> _Names:
    keys = {(one["checklist"]["code"], one["checklist"]["version"]) for one in found}
    return _Names(
        {one.code: one.en for one in programme.districts(db)},
        {key: checklists.get_version(db, *key) for key in keys},
    )


def _head(one: dict[str, Any], names: _Names, language: Language) -> list[Content]:
    site, listed = one["site"], one["checklist"]
    checklist = names.checklist[listed["code"], listed["version"]]
    district = site["district"]
    return [
        one["number"], one["revision"], words.said(words.STATE, one["state"], language),
        district["name"] if language == "zh" else names.districts.get(district["code"], district["code"]),
        site["code"], site["name"], one["inspector"]["name"], listed["code"],
        checklist.content[language] if checklist else None,
    ]


def _report(one: dict[str, Any], names: _Names, language: Language) -> list[Content]:
    counts, photos = one["counts"], one["photos"]
    return [
        *_head(one, names, language), one["checklist"]["version"], words.said(words.VISIT, one["visit"], language),
        one["started_at"], one["finished_at"], one["received_at"], one["submitted_at"], counts["passed"],
        counts["failed"], counts["not_applicable"], counts["unanswered"], counts["pass_rate"],
        words.yes_no(one["has_critical"], language), photos["expected"], photos["received"], str(one["id"]),
    ]


def _contents(db: Session, found: list[dict[str, Any]]) -> dict[uuid.UUID, tuple[dict[str, Any], dict[str, Any]]]:
    """The newest content of each report, and its verdicts."""
    query = sa.select(Revision.report_id, Revision.content, Revision.verdicts).where(
        sa.tuple_(Revision.report_id, Revision.revision).in_([(one["id"], one["revision"]) for one in found])
    )
    return {row.report_id: (orjson.loads(row.content), row.verdicts) for row in db.execute(query)}


def _answers(  # noqa: PLR0917 - a row is made of all of these
    one: dict[str, Any], content: dict[str, Any], verdicts: dict[str, Any], names: _Names, limits: dict[str, Limit],
    language: Language,
) -> Iterator[list[Content]]:
    head = _head(one, names, language)
    checklist = names.checklist[one["checklist"]["code"], one["checklist"]["version"]]
    sections = {section["code"]: section[language] for section in checklist.content["sections"]} if checklist else {}
    for entry in content["answers"]:
        item = checklist.index.get(entry["item"]) if checklist else None
        low, high = judged_by(item, limits.get(entry["item"])) if item else (None, None)
        issue = entry.get("issue") or {}
        yield [
            *head, one["finished_at"], sections.get(item.section) if item else None, entry["item"],
            _name(item, language), answer(item, entry["value"], language), _unit(item, language),
            Shown(low, _ANY_NUMBER), Shown(high, _ANY_NUMBER), words.said(words.VERDICT, verdicts.get(entry["item"]), language),
            entry.get("note"), len(entry.get("photos") or []),
            words.said(words.SEVERITY, issue.get("severity"), language), _day(issue.get("due_on")), str(one["id"]),
        ]


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _name(item: Item | None, language: Language) -> str | None:
    return (item.zh if language == "zh" else item.en) if item else None


def _unit(item: Item | None, language: Language) -> str | None:
    if item is None:
        return None
    return item.unit if language == "zh" else item.unit_en or item.unit


def answer(item: Item | None, value: Any, language: Language) -> Content:
    """An answer's value: a number as one, words for what is chosen from, and text as it is."""
    if isinstance(value, bool) or value is None:
        return None if value is None else words.yes_no(value, language)
    if isinstance(value, int | float):
        return Shown(value, _ANY_NUMBER)
    text = str(value)
    if item is not None and item.type is ItemType.CHOICE:
        for option in item.options:
            if option.value == text:
                return option.zh if language == "zh" else option.en
    if item is None or item.type is not ItemType.TEXT or text == "na":
        return words.said(words.VALUE, text, language)
    return text
