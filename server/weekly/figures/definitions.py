"""What each figure counts (附件 3 指标口径说明), why some cannot be filled yet, and which rows stand behind each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# figure → the rows of the same figures object that it counts. `where` are values of a row (of its own district, where
# the figure is a district's), `distinct` counts different values, `sum` adds a column up. So a click can list what is
# behind a figure: rows of T8 carry `report_id`, rows of T7 `issue_id` and `report_id`.
_NEW = {"is_new": True}
LISTS: dict[str, dict[str, Any]] = {
    "visits": {"table": "T8", "where": {}},
    **{name: {"table": "T8", "where": {"standing": name}} for name in ("approved", "unreviewed", "in_revision")},
    "late": {"table": "T8", "where": {"late": True}},
    "inspected_sites": {"table": "T8", "where": {}, "distinct": "site"},
    "inspected_projects": {"table": "T8", "where": {"in_progress": True}, "distinct": "site"},
    "new_issues": {"table": "T7", "where": _NEW},
    **{kind: {"table": "T7", "where": {**_NEW, "severity": kind}} for kind in ("minor", "major", "critical")},
    **{
        name: {"table": "T7", "where": {f"is_{name}": True}}
        for name in ("due", "overdue", "recurring", "open_start", "open_end")
    },
    **{name: {"table": "T7", "where": {}, "sum": f"times_{name}"} for name in ("closed", "reopened", "void")},
    # what the lists of the programme show now; the same as the figure while the week runs
    "plan_count": {"sites_now": {}},
    **{name: {"sites_now": {"stage": [name]}} for name in ("in_progress", "suspended", "accepted")},
    "completed": {"sites_now": {"stage": ["completed", "accepted"]}},
    "started": {"sites_now": {"stage": ["in_progress", "suspended", "completed", "accepted"]}},
}

# what the loop of rectification, residents and planned progress will fill
_LOOP = ("整改回复与复查功能尚未启用", "replies and verifications are not kept yet")
_NOTICE = ("整改通知单功能尚未启用", "notices are not kept yet")
_SCHEDULE = ("尚无计划进度数据", "no planned progress is kept yet")
_WORDS = ("由办公室填写，尚未启用", "the office's own words are not kept yet")
_RESIDENTS = ("尚无群众满意度数据", "residents' replies are not kept yet")
_UNFILLED: dict[str, tuple[str, str]] = {
    "notices": _NOTICE,
    "on_time": _LOOP,
    "on_time_rate": _LOOP,
    "first_verifications": _LOOP,
    "first_passes": _LOOP,
    "first_pass_rate": _LOOP,
    "T4": _SCHEDULE,
    "T6": _WORDS,
    "T5.escalation": _WORDS,
    "T7.part": _LOOP,
    "T7.measure": _LOOP,
    "T7.done_on": _LOOP,
    "T7.verifier": _LOOP,
    "T7.verdict": _LOOP,
    "satisfaction": _RESIDENTS,
}

_FORMULAS: dict[str, tuple[str, str, str, str]] = {  # figure → zh name, en name, zh formula, en formula
    "plan_count": ("年度计划", "Plan", "周末在册的小区数", "communities in the register at the week's end"),
    "started": (
        "已开工",
        "Started",
        "在建、停工、完工、已验收的小区数",
        "in progress, suspended, completed or accepted",
    ),
    "start_rate": ("开工率", "Start rate", "已开工小区数÷计划小区数，可超过100%", "started ÷ planned; may exceed 100 %"),
    "start_rate_households": (
        "开工率(按户)",
        "Start rate by households",
        "已开工户数÷计划户数",
        "households of started communities ÷ households planned",
    ),
    "completion_rate": ("完工率", "Completion rate", "完工(含已验收)÷计划", "completed, accepted included ÷ planned"),
    "invest_rate": ("投资完成率", "Investment rate", "完成投资合计÷计划投资合计", "Σ invested ÷ Σ planned investment"),
    "households_benefiting": (
        "受益户数",
        "Households benefiting",
        "已实施小区的户数",
        "households of the communities carried out",
    ),
    "wk_started": (
        "本周新开工",
        "Started this week",
        "周初未开工、周末已开工；本周新录入的按实际开工日期计",
        "not started at the week's start, started at its end; newly registered ones by their own day",
    ),
    "wk_completed": ("本周完工", "Completed this week", "口径同本周新开工", "as for started this week"),
    "rank_change": ("较上周", "Against last week", "上周末名次减本周末名次", "place a week ago less place now"),
    "visits": (
        "检查次数",
        "Visits",
        "首次回执在本周的报告数(作废除外);更正不改变所属周",
        "reports whose first receipt was given in the week, void ones left out; corrections do not move them",
    ),
    "approved": ("已审核", "Approved", "其中已批准", "of these, approved"),
    "unreviewed": ("待审核", "Unreviewed", "其中尚未审核", "of these, not reviewed yet"),
    "in_revision": ("退回修改", "In revision", "其中已退回或新版本未传完", "of these, returned or being sent again"),
    "late": ("补报", "Late", "本周收到、检查在以前各周完成的报告", "received in the week, finished in an earlier one"),
    "corrections": (
        "更正",
        "Corrections",
        "本周收到的对已批准报告的更正(可属以前各周)",
        "corrections received in the week of approved reports of any week",
    ),
    "coverage": (
        "覆盖率",
        "Coverage",
        "检查到的在建项目数÷周末在建项目数",
        "distinct projects in progress inspected ÷ projects in progress at the week's end",
    ),
    "pass_rate": (
        "检查项合格率",
        "Pass rate",
        "合格÷(合格+不合格),不适用不计",
        "pass ÷ (pass + fail), not applicable left out",
    ),
    "problem_density": ("问题密度", "Problem density", "新发现问题÷检查次数", "new issues ÷ visits"),
    "new_issues": (
        "新发现问题",
        "New issues",
        "本周立项的问题(报告批准时立项)",
        "issues opened in the week, which an approval does",
    ),
    "due": (
        "本周到期",
        "Due this week",
        "最初期限在本周内的问题，作废除外",
        "issues first due in the week, void ones left out",
    ),
    "overdue": (
        "超期未整改",
        "Overdue",
        "截止时未销号、非待复查且已过期限",
        "at the cut-off open, not awaiting verification and past due",
    ),
    "closed": ("本周销号", "Closed", "本周销号次数", "times that an issue was closed in the week"),
    "found_cum": ("累计发现", "Found this year", "本年1月1日以来立项的问题", "issues opened since 1 January"),
    "closed_cum": ("累计销号", "Closed this year", "其中截止时已销号", "of these, closed at the cut-off"),
    "closure_rate": ("销号率", "Closure rate", "累计销号÷(累计发现-作废)", "closed ÷ (found - void), this year"),
    "mean_days_to_close": (
        "平均整改时长",
        "Mean days to close",
        "本周销号问题自下发至销号的平均天数",
        "mean days from notice to close of those closed in the week",
    ),
    "recurrence_rate": (
        "重复发生率",
        "Recurrence rate",
        "{days}天内同一小区同一检查项再次发生÷新发现问题",
        "same place and item within {days} days ÷ new issues",
    ),
    "stock": (
        "存量",
        "Stock",
        "周末存量=周初存量+新增+反弹-销号-作废",
        "open at end = open at start + new + reopened - closed - void",
    ),
    "on_time_rate": (
        "按期整改率",
        "On-time rate",
        "按期回复÷本周到期(最初期限)",
        "replied on time ÷ due, by the first due date",
    ),
    "first_pass_rate": (
        "一次复查通过率",
        "First pass rate",
        "首次复查通过÷首次复查",
        "passed at first ÷ first verifications",
    ),
    "notices": ("整改通知单", "Notices", "本周下发的整改通知单份数", "notices issued in the week"),
    "satisfaction": (
        "满意度",
        "Satisfaction",
        "满意及以上÷有效问卷，满30份才显示",
        "satisfied ÷ valid replies, from 30 on",
    ),
    "category": (
        "工程类别",
        "Category",
        "按检查表名称归类，一个问题只计一次",
        "by the checklist's title, so that none counts twice",
    ),
    "score": (
        "综合得分",
        "Score",
        "开工率{0}、完工率{1}、投资完成率{2}、按期整改率{3}、一次通过率{4}加权，缺项权重分摊，同分同名次",
        "start {0}, completion {1}, investment {2}, on time {3}, first pass {4}; "
        "missing parts shared out; ties share a rank",
    ),
}


def definitions(weights: Mapping[str, int], recurrence_days: int) -> dict[str, Any]:
    """{"figures": {name: names, formula, filled, why}, "unfilled": {table or column: why}, "weights": …}."""
    explained = {
        name: {
            "name": {"zh": zh, "en": en},
            "formula": {
                key: text.format(*weights.values(), days=recurrence_days)
                for key, text in (("zh", how_zh), ("en", how_en))
            },
            "filled": name not in _UNFILLED,
            "why": _why(name),
        }
        for name, (zh, en, how_zh, how_en) in _FORMULAS.items()
    }
    return {
        "figures": explained,
        "unfilled": {name: _why(name) for name in _UNFILLED},
        "weights": dict(weights),
        "recurrence_days": recurrence_days,
    }


def _why(name: str) -> dict[str, str] | None:
    return dict(zip(("zh", "en"), _UNFILLED[name], strict=True)) if name in _UNFILLED else None
