"""A bulletin as it might be, all invented: what templates are tried with and previewed by, and tests compare with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

_WEEK = {
    "iso_year": 2026, "iso_week": 47, "starts_on": "2026-11-16", "ends_on": "2026-11-22",
    "start_at": "2026-11-16T00:00:00+08:00", "end_at": "2026-11-23T00:00:00+08:00",
    "cutoff_at": "2026-11-23T00:00:00+08:00", "is_over": True, "time_zone": "Asia/Shanghai",
}
_DISTRICTS = {
    code: {"code": code, "zh": zh, "en": en} for code, zh, en in (
        ("140106", "迎泽区", "Yingze"), ("140107", "杏花岭区", "Xinghualing"), ("140109", "万柏林区", "Wanbailin"),
        ("140108", "尖草坪区", "Jiancaoping"), ("140105", "小店区", "Xiaodian"), ("140110", "晋源区", "Jinyuan"),
    )
}
_CITY = list(_DISTRICTS)
_KINDS = [
    {"code": code, "zh": zh, "en": en} for code, zh, en in (
        ("SAFE", "施工安全与绿色施工", "Site safety and environment"),
        ("FACADE", "外立面整治与外墙保温", "Facades and insulation"),
        ("ROAD", "道路与雨污分流", "Roads and drainage"), ("CABLE", "线缆入地", "Cables underground"),
        ("LIFT", "加装电梯", "Lifts added"), ("PARK", "停车与充电", "Parking and charging"),
        ("GREEN", "绿化与公共空间", "Green and public space"), ("DEMO", "拆除违建", "Illegal structures removed"),
        ("AGE", "适老化", "Fit for old people"),
    )
]
# plan, started, completed, accepted, households, planned and invested (万元), started and completed in the week, score, move
_PLAN = (
    (118, 117, 66, 45, 22_100, 42_000, 33_180, 1, 7, 86, 0), (124, 124, 61, 40, 23_800, 45_000, 33_750, 2, 6, 82.4, 0),
    (112, 109, 44, 28, 23_000, 41_000, 26_650, 3, 5, 74.7, 1), (82, 79, 31, 19, 15_200, 28_500, 17_955.5, 2, 3, 73.9, -1),
    (108, 101, 38, 22, 21_200, 39_500, 22_910.25, 4, 4, 69.5, 0), (56, 51, 15, 8, 9_700, 20_000, 10_400, 1, 1, 64.3, None),
)
_PLAN_KEYS = ("plan_count", "started", "completed", "accepted", "households", "invest_plan", "invest_done",
    "wk_started", "wk_completed")
# in progress, inspected, visits, minor, major, critical, notices, due, on time, verified first, passed first, closed,
# found and closed this year, overdue
_WORK = (
    (51, 21, 28, 15, 4, 0, 7, 19, 19, 19, 18, 18, 288, 279, 0), (63, 24, 31, 18, 6, 1, 9, 22, 21, 20, 18, 19, 312, 297, 1),
    (65, 22, 27, 21, 8, 1, 11, 24, 21, 20, 16, 17, 341, 312, 3), (48, 15, 18, 11, 5, 1, 6, 14, 12, 12, 10, 10, 198, 181, 2),
    (63, 20, 24, 19, 9, 2, 10, 21, 17, 16, 12, 13, 305, 268, 4), (36, 11, 12, 10, 4, 1, 5, 11, 8, 8, 6, 6, 121, 104, 3),
)
_WORK_KEYS = ("in_progress", "inspected_projects", "visits", "minor", "major", "critical", "notices", "due", "on_time",
              "first_verifications", "first_passes", "closed", "found_cum", "closed_cum", "overdue")
_PROBLEMS = (
    ("外墙外保温板锚栓数量不足，实测每平方米4个，设计不少于6个", "3号楼东山墙", "补打锚栓并重做抹面", "major", 1),
    ("外墙吊篮内3人作业，安全绳未独立固定", "5号楼北侧", "立即停止该处作业，安全绳独立固定后复验", "critical", 0),
    ("污水管未做闭水试验即回填", "小区南路", "开挖检查井间管段，补做闭水试验", "major", 2),
    ("井框与路面高差11毫米（限值5毫米）", "中心道路", "调整井框并修补路面", "minor", 2),
    ("二单元三层应急照明灯不亮", "7号楼二单元", "更换灯具并测试", "minor", 0),
    ("弱电线缆入地后井盖未标识权属", "2号楼西侧", "补装权属标识", "minor", 3),
    ("充电桩接地电阻实测12欧，超过限值", "地面停车场", "增设接地极并复测", "major", 5),
    ("坡道扶手末端未延伸，边缘锐利", "1号楼一单元入口", "按图延伸并打磨", "minor", 8),
)
_SITES = ("老军营南二条小区", "府城文道小区", "鸿峰小区", "柴村小区", "山大宿舍", "化二建小区")
_CONTRACTORS = ("山西汾河建筑工程有限公司", "太原城建工程有限公司", "晋阳市政工程有限公司")
_STATES = ("closed", "rectifying", "pending_verification", "issued", "rejected")
_FOUND_ON = date(2026, 11, 16)


def sample() -> dict[str, Any]:
    """The bulletin of a full week, with every key that the contract has."""
    return {
        "shape": 1, "figures": figures(), "words": words(), "number": {"year": 2026, "serial": 12, "total": 37},
        "day": "2026-11-23", "frozen_at": "2026-11-23T08:30:00+08:00", "figures_digest": "0" * 64, "software": "dudao",
    }


def words() -> dict[str, Any]:
    """What the office wrote."""
    return {
        "key_points": {"zh": [], "en": []},
        "red_list": [{"subject": "迎泽区老军营片区项目部", "reason": "本周到期问题全部按期整改，一次复查通过率94.7%",
            "basis": "按期整改率100%"}],
        "black_list": [
            {"subject": "小店区山大宿舍项目施工单位", "reason": "同类重大问题两次发生",
                "basis": "140105-20261118-0002、140105-20261120-0005"},
            {"subject": "晋阳市政工程有限公司", "reason": "闭水试验未做即回填，超期未回复", "basis": None},
        ],
        "residents": {"hotline_received": 46, "hotline_done": 41, "hotline_in_time": 41, "replies_valid": 312,
                      "replies_satisfied": 286, "text": "群众反映集中在夜间施工噪声和停车位减少，已转各区办理。"},
        "behind": [
            {"site": "site-4", "reason": "管线迁改未完成", "measure": "增加两个班组，夜间不扰民工序延时",
             "expected_on": "2026-12-20"},
        ],
        "next_week": [
            {"text": "对超期问题逐一督办", "due_on": None, "responsible": "督导组"},
            {"text": "开展脚手架、吊篮专项检查", "due_on": "2026-11-27", "responsible": "市质安站"},
            {"text": "晋源区、小店区报送赶工计划", "due_on": "2026-11-25", "responsible": "晋源区、小店区住建局"},
            {"text": "对已销号问题抽查10%“回头看”", "due_on": "2026-11-29", "responsible": None},
        ],
        "distribution": {"report_to": "市委、市政府分管领导", "send_to": "市直有关单位",
            "issue_to": "六城区政府、各街道办", "copies": 30},
        "office": "太原市老旧小区改造工作专班办公室", "cases": None,
    }


def figures(issues: int = 24, visits: int = 24) -> dict[str, Any]:
    """The figures object, SHAPE 3, with so many rows in tables 7 and 8."""
    plan, work, register = _plan_table(), _work_table(), [_issue(no) for no in range(1, issues + 1)]
    return {
        "shape": 3, "week": dict(_WEEK), "scope": {"district": None}, "totals": {**plan["total"], **work["total"]},
        "changes": {},
        "stock": {"open_start": 71, "new": 136, "reopened": 0, "closed": 83, "void": 0, "open_end": 124},
        "tables": {
            "T1": plan, "T2": work, "T3": _kinds_table(), "T4": {"rows": _behind()},
            "T5": {"rows": [_pressing(no, row) for no,
                row in enumerate([row for row in register if row["overdue_days"]][:7], 1)]},
            "T7": {"rows": register}, "T8": {"rows": [_visit(no) for no in range(1, visits + 1)]},
        },
        "ranking": {"fast": [_DISTRICTS[code] for code in _CITY[:2]], "slow": [_DISTRICTS[code] for code in _CITY[:3:-1]]},
        "cases": [_case(no) for no in range(1, 25)],
        "series": {
            "F2": [
                {"iso_year": 2026, "iso_week": week, "invest_done": 3_080 * week,
                    "invest_plan": 3_300 * week + 40 * (47 - week)}
                for week in range(5, 48)
            ],
            "F5": [
                {"iso_year": 2026, "iso_week": 40 + n, "new": new, "closed": closed, "open_end": held}
                for n, (new, closed, held) in enumerate(
                    ((88, 80, 60), (95, 90, 65), (102, 99, 68), (97, 101, 64), (110, 105, 69), (121, 118, 72),
                        (99, 100, 71), (136, 83, 124))
                )
            ],
        },
        "residents": {"asked": 60, "yes": 38, "no": 3},
        "sites_seen": [
            {"district": code, "lat": round(37.78 + 0.022 * n + 0.005 * (at % 5), 6),
                "lon": round(112.44 + 0.021 * ((at * 7 + n * 4) % 11), 6),
             "visits": 1 + at % 3}
            for n, code in enumerate(_CITY) for at in range(12)
        ],
        "lists": {}, "definitions": _definitions(),
    }


def _per_cent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _plan_row(values: tuple[float, ...]) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(_PLAN_KEYS, values, strict=True))
    return row | {
        "start_rate": _per_cent(row["started"], row["plan_count"]),
        "completion_rate": _per_cent(row["completed"], row["plan_count"]),
        "invest_rate": _per_cent(row["invest_done"], row["invest_plan"]), "households_benefiting": row["households"] // 2,
        "carried_out": row["completed"], "start_rate_change": 2.2, "completion_rate_change": 1.1, "invest_rate_change": None,
    }


def _plan_table() -> dict[str, Any]:
    rows = [
        {"rank": rank, "district": _DISTRICTS[code], **_plan_row(values[:9]), "score": values[9], "rank_change": values[10]}
        for rank, (code, values) in enumerate(zip(_CITY, _PLAN, strict=True), 1)
    ]
    return {"rows": rows, "total": _plan_row(tuple(sum(row[key] for row in rows) for key in _PLAN_KEYS))}


def _work_row(values: tuple[int, ...]) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(_WORK_KEYS, values, strict=True))
    found = row["minor"] + row["major"] + row["critical"]
    return row | {
        "new_issues": found, "coverage": _per_cent(row["inspected_projects"], row["in_progress"]),
        "on_time_rate": _per_cent(row["on_time"], row["due"]), "inspected_sites": row["inspected_projects"],
        "first_pass_rate": _per_cent(row["first_passes"], row["first_verifications"]), "approved": row["visits"] - 2,
        "unreviewed": 1,
        "in_revision": 1, "late": 1, "corrections": 0, "closure_rate": _per_cent(row["closed_cum"], row["found_cum"]),
        "void_cum": 0,
        "pass_rate": 93.4, "problem_density": round(found / row["visits"], 2) if row["visits"] else None, "recurring": 3,
        "recurrence_rate": 2.2, "mean_days_to_close": 5.4, "reopened": 0, "void": 0, "open_start": 71, "open_end": 124,
    }


def _work_table() -> dict[str, Any]:
    rows = [{"district": _DISTRICTS[code], **_work_row(values)} for code, values in zip(_CITY, _WORK, strict=True)]
    return {"rows": rows, "total": _work_row(tuple(sum(row[key] for row in rows) for key in _WORK_KEYS))}


def _kinds_table() -> dict[str, Any]:
    counts = (41, 26, 22, 16, 13, 9, 5, 3, 1)
    rows = [
        {"category": kind, "count": count, "share": _per_cent(count, 136), "before": before,
         "change": round(100 * (count - before) / before, 1) if before else None}
        for kind, count, before in zip(_KINDS, counts, (35, 28, 20, 12, 13, 8, 0, 2, 1), strict=True)
    ]
    return {"rows": rows, "total": {"count": 136, "share": 100, "before": 119, "change": 14.3}}


def _behind() -> list[dict[str, Any]]:
    return [
        {"district": _DISTRICTS["140105"], "site": _site(4), "planned": 82, "physical": 61.5, "deviation": -20.5,
            "days_late": 34, "contractor": _CONTRACTORS[1]},
        {"district": _DISTRICTS["140110"], "site": _site(5), "planned": 70, "physical": 58, "deviation": -12, "days_late": 19,
         "contractor": _CONTRACTORS[2]},
    ]


def _site(n: int) -> dict[str, str]:
    return {"id": f"site-{n}", "code": f"TY-2026-{n:04d}", "name": _SITES[n % len(_SITES)]}


def _photo(number: int, day: date) -> dict[str, str]:
    return {"photo_id": f"photo-{number}", "sha256": f"{number:064x}", "captured_at": f"{day.isoformat()}T09:31:00+08:00"}


def _issue(no: int) -> dict[str, Any]:
    what, part, measure, severity, kind = _PROBLEMS[no % len(_PROBLEMS)]
    code, state = _CITY[no % 6], _STATES[no % 5]
    found, closed = _FOUND_ON + timedelta(days=no % 7 - 5), state == "closed"
    due = found + timedelta(days=7 if severity == "minor" else 3)
    return {
        "no": no, "number": f"{code}-{found:%Y%m%d}-{no:04d}", "district": _DISTRICTS[code], "site": _site(no),
        "category": _KINDS[kind], "item": f"{_KINDS[kind]['code']}-{no % 20 + 1:02d}", "part": part, "description": what,
        "severity": severity, "source": ("unannounced", "routine", "hotline")[no % 3], "found_on": found.isoformat(),
        "issued_on": (found + timedelta(days=1)).isoformat(), "contractor": _CONTRACTORS[no % 3],
        "measure": measure if state != "issued" else None, "due_on": due.isoformat(), "first_due_on": due.isoformat(),
        "overdue_days": 3 if state in {"rejected", "rectifying"} else None, "photos_before": 2, "photos_after": int(closed) * 2,
        "done_on": (due - timedelta(days=1)).isoformat() if closed else None, "verifier": "李晓梅" if closed else None,
        "verified_on": due.isoformat() if closed else None,
        "verdict": "pass" if closed else "fail" if state == "rejected" else None, "found_by": "王建国",
        "responsible_person": "赵强",
        "before": _photo(2 * no, found), "after": _photo(2 * no + 1, due) if closed else None, "closed": closed, "state": state,
        "escalation": None, "is_recurring": no % 9 == 0, "is_new": True, "is_open_end": not closed, "issue_id": f"issue-{no}",
    }


def _pressing(no: int, row: dict[str, Any]) -> dict[str, Any]:
    steps = ("late_1", "late_3", "late_7", "none", "due_tomorrow")
    kept = ("number", "district", "site", "description", "severity", "issued_on", "due_on", "overdue_days",
        "contractor", "state", "issue_id")
    return {"no": no, **{key: row[key] for key in kept}, "escalation": steps[no % 5],
            "letter": "并老改督〔2026〕21号" if no % 5 == 2 else None}


def _case(no: int) -> dict[str, Any]:
    row = _issue(no)
    due = date.fromisoformat(row["due_on"])
    after = None if no % 4 == 0 else _photo(2 * no + 1, due)
    return {
        **{key: row[key] for key in ("issue_id", "number", "district", "site", "severity", "item", "description", "contractor",
                                     "found_on", "due_on", "state", "measure")},
        "notice": f"并老改督〔2026〕{no}号" if no % 3 else None, "days_late": row["overdue_days"] or 0,
        "pairs": [{"before": _photo(2 * no, date.fromisoformat(row["found_on"])), "after": after}],
    }


def _visit(no: int) -> dict[str, Any]:
    code, failed = _CITY[no % 6], no % 5
    return {
        "no": no, "date": (_FOUND_ON + timedelta(days=no % 7)).isoformat(), "district": _DISTRICTS[code], "site": _site(no),
        "inspector": ("王建国", "李晓梅", "张立新")[no % 3], "visit": ("unannounced", "routine", "themed", "follow_up")[no % 4],
        "checklist": _KINDS[no % len(_KINDS)], "passed": 18, "failed": failed, "pass_rate": _per_cent(18, 18 + failed),
        "problems": failed, "issues": failed, "standing": ("approved", "approved", "unreviewed", "in_revision")[no % 4],
        "received_on": _WEEK["ends_on"], "late": no % 11 == 0, "corrected": False, "in_progress": True,
        "report_id": f"report-{no}",
        "number": f"{code}-R{no:05d}",
    }


_DEFINED = (
    ("start_rate", "开工率", "Start rate", "已开工小区数÷计划小区数，可超过100%", "started ÷ planned; may exceed 100 %"),
    ("completion_rate", "完工率", "Completion rate", "完工（含已验收）÷计划", "completed, accepted included ÷ planned"),
    ("invest_rate", "投资完成率", "Investment rate", "完成投资合计÷计划投资合计", "Σ invested ÷ Σ planned investment"),
    ("coverage", "覆盖率", "Coverage", "检查到的在建项目数÷周末在建项目数",
        "projects in progress inspected ÷ projects in progress"),
    ("on_time_rate", "按期整改率", "On-time rate", "按期回复÷本周到期（最初期限）",
        "replied on time ÷ due, by the first due date"),
    ("first_pass_rate", "一次复查通过率", "First pass rate", "首次复查通过÷首次复查", "passed at first ÷ first verifications"),
    ("closure_rate", "销号率", "Closure rate", "累计销号÷（累计发现−作废）", "closed ÷ (found − void), this year"),
    ("stock", "存量", "Stock", "周末存量=周初存量+新增+反弹−销号−作废",
        "open at end = open at start + new + reopened − closed − void"),
    ("score", "综合得分", "Score", "开工率25、完工率20、投资完成率20、按期整改率20、一次通过率15加权，缺项权重分摊，同分同名次",
     "start 25, completion 20, investment 20, on time 20, first pass 15; missing parts shared out; ties share a rank"),
)


def _definitions() -> dict[str, Any]:
    return {
        "figures": {
            key: {"name": {"zh": zh, "en": en}, "formula": {"zh": how_zh, "en": how_en}}
            for key, zh, en, how_zh, how_en in _DEFINED
        },
        "weights": {}, "recurrence_days": 90,
    }
