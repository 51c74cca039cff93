"""Bulletins made by hand: a full week (figures of shape 3, invented), an empty one, and one of odd texts."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from server.weekly.figures.definitions import definitions

DISTRICTS = [
    {"code": "140106", "zh": "迎泽区", "en": "Yingze"}, {"code": "140107", "zh": "杏花岭区", "en": "Xinghualing"},
    {"code": "140109", "zh": "万柏林区", "en": "Wanbailin"}, {"code": "140108", "zh": "尖草坪区", "en": "Jiancaoping"},
    {"code": "140105", "zh": "小店区", "en": "Xiaodian"}, {"code": "140110", "zh": "晋源区", "en": "Jinyuan"},
]
KINDS = [
    {"code": "SAFE", "zh": "施工安全与绿色施工", "en": "Site safety and green construction"},
    {"code": "FACADE", "zh": "外立面整治与外墙保温", "en": "Facades and insulation"},
    {"code": "ROAD", "zh": "道路与雨污分流", "en": "Roads, rain and foul water"},
    {"code": "CABLE", "zh": "线缆入地", "en": "Cables underground"}, {"code": "ELEV", "zh": "加装电梯", "en": "Lifts"},
]
WEIGHTS = {"start_rate": 25, "completion_rate": 20, "invest_rate": 20, "on_time_rate": 20, "first_pass_rate": 15}
MONDAY = date(2026, 11, 16)


def photo(n: int, kind: str) -> dict[str, Any]:
    """A photo of the figures; its SHA-256 is that of its name."""
    name = f"{kind}-{n}"
    return {"photo_id": f"photo-{name}", "sha256": hashlib.sha256(name.encode()).hexdigest(),
            "captured_at": "2026-11-18T10:20:00+08:00"}


def issue(n: int, *, photos: bool = True, **more: Any) -> dict[str, Any]:
    """A row of table 7."""
    district, kind = DISTRICTS[n % 6], KINDS[n % 5]
    closed = n % 3 == 0
    row: dict[str, Any] = {
        "no": n, "number": f"{district['code']}-20261118-{n:04d}", "district": district,
        "site": {"id": f"site-{n}", "code": f"S{n}", "name": f"示例小区{n}"}, "category": kind,
        "item": f"{kind['code']}-D{n % 30:02d}", "part": f"{n % 9 + 1}号楼东山墙",
        "description": "吊篮安全绳未独立固定，现场未见验收记录",
        "severity": ("minor", "minor", "major", "critical")[n % 4], "source": "unannounced", "found_on": "2026-11-18",
        "found_by": "王督导", "issued_on": "2026-11-18", "contractor": "示例施工甲公司", "responsible_person": "李工",
        "measure": "立即停止该处作业，安全绳另行固定于屋面结构" if closed else None, "due_on": "2026-11-21",
        "first_due_on": "2026-11-21", "overdue_days": None if closed else 1, "photos_before": 2, "photos_after": int(closed),
        "done_on": "2026-11-20" if closed else None, "verifier": "赵复查" if closed else None,
        "verified_on": "2026-11-21" if closed else None, "verdict": "pass" if closed else None, "closed": closed,
        "state": "closed" if closed else "issued", "is_recurring": n % 7 == 0, "issue_id": f"issue-{n}",
        "before": photo(n, "before") if photos else None, "after": photo(n, "after") if photos and closed else None,
    }
    return row | more


def _ranked(rank: int, district: dict[str, str]) -> dict[str, Any]:
    return {
        "rank": rank, "district": district, "plan_count": 100 + rank, "started": 98, "start_rate": 99.2 - rank,
        "completed": 60 - 7 * rank, "completion_rate": 55.9 - 5 * rank, "accepted": 30, "households": 22_100,
        "invest_plan": 42_000.5, "invest_done": 33_180.25, "invest_rate": 79, "wk_started": 2, "wk_completed": 1,
        "score": 88.4 - 3 * rank, "rank_change": (0, 1, -1, None, 2, -2)[rank - 1],
    }


_T1_TOTAL = {key: value for key, value in _ranked(3, DISTRICTS[0]).items()
             if key not in {"rank", "district", "score", "rank_change"}}


def _worked(n: int, district: dict[str, str] | None) -> dict[str, Any]:
    row = {
        "in_progress": 51 + n, "inspected_projects": 21, "coverage": 41.2, "visits": 28, "approved": 20, "unreviewed": 6,
        "in_revision": 2, "new_issues": 19 + n, "minor": 12 + n, "major": 6, "critical": n % 3, "notices": 7, "due": 19,
        "on_time": 18, "on_time_rate": 94.7, "first_verifications": 16, "first_passes": 15, "first_pass_rate": 93.8,
        "closed": 18, "found_cum": 288, "closed_cum": 279, "closure_rate": 96.9, "overdue": 1, "reopened": 0, "void": 0,
        "open_start": 8, "open_end": 9 + n, "late": 1, "corrections": 0, "pass_rate": 92.3, "problem_density": 0.68,
        "recurrence_rate": None,
    }
    return ({"district": district} if district else {}) | row


def _visit(n: int) -> dict[str, Any]:
    return {
        "no": n, "date": "2026-11-17", "district": DISTRICTS[n % 6],
        "site": {"id": f"s{n}", "code": f"S{n}", "name": f"示例小区{n}"},
        "inspector": "王督导", "visit": "unannounced", "checklist": KINDS[n % 5], "pass_rate": None if n % 5 == 0 else 92.3,
        "problems": n % 4, "standing": "approved", "received_on": "2026-11-17", "late": n % 9 == 0, "corrected": False,
        "number": f"R-{n:04d}",
    }


def full(issues: int = 12, *, photos: bool = True) -> dict[str, Any]:
    """A week in which every table, figure and word is there."""
    register = [issue(n, photos=photos) for n in range(1, issues + 1)]
    pressing = [
        {**row, "escalation": how, "letter": letter}
        for row, how, letter in zip(
            register[:4], ("none", "late_1", "late_7", "none"),
            (None, None, "并老改督〔2026〕12号", "并老改督〔2026〕13号"), strict=False,
        )
    ]
    figures = empty_figures() | {
        "totals": {**_T1_TOTAL, **_worked(40, None), "start_rate_change": 2.2, "carried_out": 90,
                   "households_benefiting": 20_000, "in_progress": 326},
        "tables": {
            "T1": {"rows": [_ranked(n, one) for n, one in enumerate(DISTRICTS, 1)], "total": _T1_TOTAL},
            "T2": {"rows": [_worked(n, one) for n, one in enumerate(DISTRICTS)], "total": _worked(40, None)},
            "T3": {
                "rows": [{"category": kind, "count": 41 - 8 * n, "share": 30.1, "before": 30, "change": None if n else 36.7}
                         for n, kind in enumerate(KINDS)],
                "total": {"count": 125, "share": 100, "before": 150, "change": -16.7},
            },
            "T4": {"rows": [
                {"district": DISTRICTS[4], "site": {"id": "s", "code": "S", "name": "山大宿舍"}, "planned": 80.5,
                 "physical": 55.0, "deviation": -25.5, "days_late": 31,
                 "contractor": "示例施工乙公司"},
                {"district": DISTRICTS[5], "site": {"id": "t", "code": "T", "name": "化二建小区"}, "planned": 60,
                 "physical": 48, "deviation": -12, "days_late": None, "contractor": None},
            ]},
            "T5": {"rows": pressing}, "T7": {"rows": register}, "T8": {"rows": [_visit(n) for n in range(1, 15)]},
        },
        "cases": [_case(row) for row in register[:8]],
        "series": {
            "F2": [{"iso_year": 2026, "iso_week": week, "invest_done": 3_000.25 * week,
                    "invest_plan": None if week < 8 else 3_300 * week} for week in range(1, 48)],
            "F5": [
                {"iso_year": 2026, "iso_week": week, "new": 100 + 5 * (week % 4), "closed": 90 + week, "open_end": 60 + week}
                for week in range(40, 48)
            ],
        },
        "ranking": {"fast": DISTRICTS[:2], "slow": DISTRICTS[:3:-1]},
        "residents": {"asked": 40, "yes": 36, "no": 2},
        "sites_seen": [
            {"district": DISTRICTS[n % 6], "lat": 37.80 + n % 7 / 50, "lon": 112.45 + n % 11 / 60, "visits": 1 + n % 3}
            for n in range(120)
        ],
    }
    return bulletin(figures) | {
        "words": {
            "key_points": {
                "zh": ["截至11月22日，六城区年度计划600个小区，已开工581个，开工率96.8%。",
                       "本周督导检查140次，新发现问题136个。", "超期未整改13个，须于11月30日前销号。"],
                "en": ["Of 600 communities planned 581 have started (96.8 %).", "140 visits, 136 new issues.",
                       "13 are overdue."],
            },
            "red_list": [{"subject": "迎泽区示例片区项目部", "reason": "按期整改率100%", "basis": "得分86.0"}],
            "black_list": [{"subject": "示例施工乙公司", "reason": "同类重大问题2次", "basis": None}],
            "residents": {"hotline_received": 46, "hotline_done": 41, "hotline_in_time": 5, "replies_valid": 312,
                          "replies_satisfied": 286, "text": "主要反映停水通知不及时。"},
            "behind": [{"site": "s", "reason": "管线迁改未完成", "measure": "增加一个班组，夜间施工",
                        "expected_on": "2026-12-20"}],
            "next_week": [{"text": "对超期13个问题逐一督办", "due_on": "2026-11-27", "responsible": "各区专班"},
                          {"text": "开展脚手架、吊篮专项检查", "due_on": None, "responsible": None}],
            "distribution": {"report_to": "市委、市政府分管领导", "send_to": "市直有关单位", "issue_to": "六城区政府、各街道办",
                             "copies": 30},
            "office": "太原市老旧小区改造工作专班办公室", "cases": None,
        },
        "number": {"year": 2026, "serial": 12, "total": 47}, "frozen_at": "2026-11-23T09:00:00+08:00",
    }


def _case(row: dict[str, Any]) -> dict[str, Any]:
    n = row["no"]
    kept = ("issue_id", "number", "district", "site", "severity", "item", "description", "contractor", "found_on", "due_on",
            "state", "measure")
    pairs = [{"before": row["before"], "after": row["after"]}, {"before": photo(n, "more-before"), "after": None}]
    return {**{key: row[key] for key in kept}, "notice": None, "days_late": 1, "pairs": pairs}


def bulletin(figures: dict[str, Any]) -> dict[str, Any]:
    """Figures with a masthead and no words."""
    return {
        "shape": 1, "figures": figures,
        "words": {
            "key_points": {"zh": [], "en": []}, "red_list": [], "black_list": [],
            "residents": {"hotline_received": None, "hotline_done": None, "hotline_in_time": None, "replies_valid": None,
                          "replies_satisfied": None, "text": None},
            "behind": [], "next_week": [],
            "distribution": {"report_to": None, "send_to": None, "issue_to": None, "copies": None},
            "office": None, "cases": None,
        },
        "number": {"year": 2026, "serial": None, "total": None}, "day": "2026-11-23", "frozen_at": None,
        "figures_digest": "0" * 64, "software": "dudao 1",
    }


def empty() -> dict[str, Any]:
    """A week in which nothing happened in a city without a plan."""
    return bulletin(empty_figures())


def empty_figures() -> dict[str, Any]:
    """Every figure nought or unknown."""
    plan = dict.fromkeys(_T1_TOTAL, 0) | dict.fromkeys(("start_rate", "completion_rate", "invest_rate"))
    rates = ("coverage", "on_time_rate", "first_pass_rate", "closure_rate", "pass_rate", "problem_density", "recurrence_rate")
    work = dict.fromkeys(_worked(0, None), 0) | dict.fromkeys(rates)
    ends_on = MONDAY + timedelta(days=6)
    return {
        "shape": 3,
        "week": {
            "iso_year": 2026, "iso_week": 47, "starts_on": MONDAY.isoformat(), "ends_on": ends_on.isoformat(),
            "start_at": "2026-11-15T16:00:00+00:00", "end_at": "2026-11-22T16:00:00+00:00",
            "cutoff_at": "2026-11-22T16:00:00+00:00", "is_over": True, "time_zone": "Asia/Shanghai",
        },
        "scope": {"district": None},
        "totals": {**plan, **work, "start_rate_change": None, "carried_out": 0, "households_benefiting": 0},
        "changes": {}, "stock": {},
        "tables": {
            "T1": {"rows": [], "total": plan}, "T2": {"rows": [], "total": work},
            "T3": {"rows": [], "total": {"count": 0, "share": None, "before": 0, "change": None}},
            "T4": {"rows": []}, "T5": {"rows": []}, "T7": {"rows": []}, "T8": {"rows": []},
        },
        "lists": {}, "definitions": definitions(WEIGHTS, 90), "cases": [], "series": {"F2": [], "F5": []},
        "ranking": {"fast": [], "slow": []}, "residents": {"asked": 0, "yes": 0, "no": 0}, "sites_seen": [],
    }
