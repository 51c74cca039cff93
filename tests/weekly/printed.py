"""Bulletins that tests print, and what their tables must say, worked out here from the figures alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Literal

from server.kit.i18n import Language
from server.weekly.paper import drawing
from server.weekly.paper.sample import figures, sample
from tests.photos import jpeg

Bulletin = dict[str, Any]
Form = Literal["docx", "pdf"]
Week = Literal["full", "empty", "photos"]


@functools.cache
def picture(number: int) -> bytes:
    return jpeg(400, 300, seed=number) if number % 2 else jpeg(300, 400, seed=number)


def photo(sha256: str) -> bytes:
    return picture(int(sha256, 16) % 8)


def full() -> Bulletin:
    return sample()


def photos() -> Bulletin:
    """With 24 cases chosen, each with both photos."""
    bulletin = sample()
    for case in bulletin["figures"]["cases"]:
        case["pairs"] = [dict.fromkeys(("before", "after"), case["pairs"][0]["before"])]
    bulletin["words"]["cases"] = [case["issue_id"] for case in bulletin["figures"]["cases"]]
    return bulletin


def empty() -> Bulletin:
    """A week in which nothing was planned, seen or written, and which is not frozen."""
    bulletin = sample()
    told, words = bulletin["figures"], bulletin["words"]
    for name in ("T1", "T2"):
        table = told["tables"][name]
        told["tables"][name] = {"rows": [_nothing(row) for row in table["rows"]], "total": _nothing(table["total"])}
    told["totals"] = {**told["tables"]["T1"]["total"], **told["tables"]["T2"]["total"]}
    told["tables"]["T3"] = {"rows": [], "total": {"count": 0, "share": None, "before": 0, "change": None}}
    for name in ("T4", "T5", "T7", "T8"):
        told["tables"][name] = {"rows": []}
    told["stock"] = dict.fromkeys(told["stock"], 0)
    told |= {"cases": [], "ranking": {"fast": [], "slow": []}, "sites_seen": [],
        "residents": dict.fromkeys(told["residents"], 0),
             "series": {"F2": [], "F5": [row | {"new": 0, "closed": 0, "open_end": 0} for row in told["series"]["F5"]]}}
    words |= {"red_list": [], "black_list": [], "behind": [], "next_week": [], "office": None,
              "residents": dict.fromkeys(words["residents"]), "distribution": dict.fromkeys(words["distribution"])}
    return bulletin | {"number": {"year": 2026, "serial": None, "total": None}, "frozen_at": None}


def _nothing(row: dict[str, Any]) -> dict[str, Any]:
    unmeasured = ("rate", "coverage", "score", "density", "mean", "rank")
    return {
        key: value if key == "district" else None if any(part in key for part in unmeasured) else 0 for key,
        value in row.items()
    }


MADE: dict[Week, Callable[[], Bulletin]] = {"full": full, "empty": empty, "photos": photos}


@functools.cache
def drawn(week: Week, form: Form, language: Language) -> bytes:
    """The file of a week; drawn once for all tests that look at it."""
    return drawing.pdf(MADE[week](), language, photo) if form == "pdf" else drawing.docx(MADE[week](), language, photo)[0]


def long_week(rows: int) -> Bulletin:
    bulletin = sample()
    bulletin["figures"] = figures(issues=rows, visits=rows)
    return bulletin


def cells(told: dict[str, Any], words: dict[str, Any], name: str, language: Language) -> list[list[str]]:
    """Every row that a table must have below its head, total included."""
    tables, zh = told["tables"], language == "zh"

    def rate(value: float | None) -> str:
        return "—" if value is None else f"{value:.1f}"

    def money(value: float) -> str:
        return f"{value:.2f}" if zh else f"{value:,.2f}"

    def day(value: str | None) -> str:
        return (value or "").removeprefix("2026-")

    def pick(table: dict[str, tuple[str, str]], value: str | None) -> str:
        return "" if value is None else table[value][0 if zh else 1]

    def place(row: dict[str, Any]) -> str:
        return str(row["district"][language]) if "district" in row else ("合计" if zh else "Total")

    def t1(row: dict[str, Any]) -> list[str]:
        total = "district" not in row
        move = row.get("rank_change")
        return [
            "" if total else str(row["rank"]) if row["rank"] is not None else "—", place(row), str(row["plan_count"]),
            str(row["started"]), rate(row["start_rate"]), str(row["completed"]), rate(row["completion_rate"]),
            str(row["accepted"]),
            str(row["households"]), money(row["invest_plan"]), money(row["invest_done"]), rate(row["invest_rate"]),
            str(row["wk_started"]), str(row["wk_completed"]), "" if total else rate(row["score"]),
            "" if total else f"↑{move}" if move and move > 0 else f"↓{-move}" if move else "—",
        ]

    def t2(row: dict[str, Any]) -> list[str]:
        rates = {"coverage", "on_time_rate", "first_pass_rate", "closure_rate"}
        keys = ("in_progress", "inspected_projects", "coverage", "visits", "new_issues", "minor", "major", "critical",
            "notices",
                "due", "on_time", "on_time_rate", "first_verifications", "first_passes", "first_pass_rate", "closed",
                "found_cum",
                "closed_cum", "closure_rate", "overdue")
        return [place(row), *(rate(row[key]) if key in rates else str(row[key]) for key in keys)]

    def t3(row: dict[str, Any]) -> list[str]:
        name = row["category"][language] if "category" in row else ("合计" if zh else "Total")
        return [name, str(row["count"]), rate(row["share"]), str(row["before"]), rate(row["change"])]

    def t4(row: dict[str, Any]) -> list[str]:
        said = next((one for one in words["behind"] if one["site"] == row["site"]["id"]), {})
        return [place(row), row["site"]["name"], rate(row["planned"]), rate(row["physical"]), rate(row["deviation"]),
                said.get("reason") or "", row["contractor"] or "", said.get("measure") or "", day(said.get("expected_on"))]

    def t5(row: dict[str, Any]) -> list[str]:
        letter = f"\n{'督办函' if zh else 'letter '}{row['letter']}" if row["letter"] else ""
        return [row["number"], place(row), row["site"]["name"], row["description"], pick(GRADES, row["severity"]),
                day(row["issued_on"]), day(row["due_on"]), str(row["overdue_days"]), row["contractor"],
                pick(STATES, row["state"]),
                (pick(STEPS, row["escalation"]) + letter).strip()]

    def t7(row: dict[str, Any]) -> list[str]:
        again = ("、重复发生" if zh else ", recurring") if row["is_recurring"] else ""
        return [
            str(row["no"]), row["number"], place(row), row["site"]["name"], row["category"][language], row["part"],
            row["description"], pick(GRADES, row["severity"]), pick(SOURCES, row["source"]), day(row["found_on"]),
            row["contractor"],
            row["measure"] or "", day(row["due_on"]), str(row["photos_before"]), str(row["photos_after"]), day(row["done_on"]),
            row["verifier"] or "", pick(VERDICTS, row["verdict"]),
            ("是" if zh else "yes") if row["closed"] else ("否" if zh else "no"),
            pick(STATES, row["state"]) + again,
        ]

    def t8(row: dict[str, Any]) -> list[str]:
        late = ("、补报" if zh else ", late") if row["late"] else ""
        return [str(row["no"]), row["date"], place(row), row["site"]["name"], row["inspector"], pick(VISITS, row["visit"]),
                row["checklist"][language], rate(row["pass_rate"]), str(row["problems"]),
                pick(STANDING, row["standing"]) + late,
                row["number"]]

    if name == "T6":
        return [
            [("红榜" if zh else "Red") if key == "red_list" else ("黑榜" if zh else "Black"), one["subject"], one["reason"],
             one["basis"] or ""]
            for key in ("red_list", "black_list") for one in words[key]
        ]
    if name == "definitions":
        return [[one["name"][language], one["formula"][language]] for one in told["definitions"]["figures"].values()]
    table = tables[name]
    shown = {"T1": t1, "T2": t2, "T3": t3, "T4": t4, "T5": t5, "T7": t7, "T8": t8}[name]
    return [shown(row) for row in [*table["rows"], *([table["total"]] if "total" in table and table["rows"] else [])]]


GRADES = {"minor": ("一般", "minor"), "major": ("较大", "major"), "critical": ("重大", "critical")}
VISITS = {"routine": ("计划", "routine"), "themed": ("专项", "themed"), "follow_up": ("回头看", "follow-up"),
          "unannounced": ("四不两直", "unannounced")}
SOURCES = VISITS | {"hotline": ("12345热线", "12345 hotline")}
STANDING = {"approved": ("已审核", "approved"), "unreviewed": ("待审核", "unreviewed"),
    "in_revision": ("退回修改", "in revision")}
STATES = {"issued": ("待整改", "issued"), "rectifying": ("整改中", "under rectification"),
    "rejected": ("复查不合格", "rejected"),
          "pending_verification": ("待复查", "to be verified"), "closed": ("已销号", "closed")}
VERDICTS = {"pass": ("合格", "pass"), "fail": ("不合格", "fail")}
STEPS = {"none": ("", ""), "due_tomorrow": ("到期提醒", "reminded"), "late_1": ("通报属地", "district told"),
         "late_3": ("督办", "escalated"), "late_7": ("约谈", "summoned")}
TABLES = ("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "definitions")
WIDE = ("T1", "T2", "T7", "T8")
