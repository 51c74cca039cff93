"""What the printed report says in sentences, in Chinese; everything is taken from the figures and the office's words."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from server.kit import clock
from server.weekly.paper.cells import ENOUGH, Place, count, pct, ratio, share, word
from server.weekly.paper.labels import DASH

Figures = dict[str, Any]
PLACE = Place("zh", 0)
_WAN_IN_YI = 10_000


def issue_number(number: dict[str, Any]) -> str:
    if number["serial"] is None:
        return "（未编期）"
    total = f"（总第{number['total']}期）" if number["total"] is not None else ""
    return f"第{number['serial']}期{total}"


def title(week: dict[str, Any], scope: str) -> str:
    return f"{week['iso_year']}年第{week['iso_week']}周{scope}老旧小区改造督导情况"


def span(week: dict[str, Any]) -> str:
    first, last = (date.fromisoformat(week[name]) for name in ("starts_on", "ends_on"))
    end = f"{last.month}月{last.day}日" if first.year == last.year else f"{last.year}年{last.month}月{last.day}日"
    return f"（{first.year}年{first.month}月{first.day}日—{end}）"


def key_points(figures: Figures) -> list[str]:
    """From the figures, where the office has written none."""
    totals = figures["totals"]
    notices = f"，下发整改通知单{totals['notices']}份" if totals["notices"] is not None else ""
    points = [
        progress(figures),
        f"本周督导检查{totals['visits']}次，覆盖在建项目{totals['inspected_projects']}个（覆盖率{pct(totals['coverage'])}），"
        f"新发现问题{totals['new_issues']}个（{_grades(totals)}）{notices}。",
        f"本周到期问题{totals['due']}个，按期整改率{pct(totals['on_time_rate'])}；一次复查通过率{pct(totals['first_pass_rate'])}；"
        f"销号{totals['closed']}个，累计销号率{pct(totals['closure_rate'])}；周末未销号{totals['open_end']}个，"
        f"超期未整改{totals['overdue']}个。",
    ]
    return [*points, *([speed(figures)] if speed(figures) else [])]


def progress(figures: Figures) -> str:
    totals, week = figures["totals"], figures["week"]
    until = date.fromisoformat(week["ends_on"]) if week["is_over"] else clock.day_of(clock.read(week["cutoff_at"]))
    still = "" if week["is_over"] else "（本周未结束）"
    change = _points(totals["start_rate_change"])
    return (
        f"截至{until.month}月{until.day}日{still}，{_where(figures)}年度计划改造小区{totals['plan_count']}个，"
        f"已开工{totals['started']}个，开工率{pct(totals['start_rate'])}{change}；"
        f"完工{totals['completed']}个，完工率{pct(totals['completion_rate'])}；"
        f"完成投资{_money(totals['invest_done'])}，投资完成率{pct(totals['invest_rate'])}。"
    )


def progress_more(figures: Figures) -> str:
    totals = figures["totals"]
    return (
        f"本周新开工小区{totals['wk_started']}个，完工{totals['wk_completed']}个。已验收{totals['accepted']}个；"
        f"涉及居民{totals['households']}户，其中受益{totals['households_benefiting']}户；"
        f"计划投资{_money(totals['invest_plan'])}。各区进展及排名见表1。"
    )


def speed(figures: Figures) -> str:
    """The fast and the slow places, named."""
    ranking = figures["ranking"]
    said = [f"进展{how}：{'、'.join(one['zh'] for one in ranking[key])}"
            for key, how in (("fast", "较快"), ("slow", "较慢")) if ranking[key]]
    return "；".join(said) + "。" if said else ""


def coverage(figures: Figures) -> str:
    totals = figures["totals"]
    return (
        f"本周检查{totals['visits']}次（已审核{totals['approved']}次、待审核{totals['unreviewed']}次、退回修改"
        f"{totals['in_revision']}次；其中补报{totals['late']}次），覆盖在建项目{totals['inspected_projects']}个，"
        f"覆盖率{pct(totals['coverage'])}；检查项合格率{pct(totals['pass_rate'])}。新发现问题{totals['new_issues']}个"
        f"（{_grades(totals)}），平均每次检查{ratio(totals['problem_density'])}个，"
        f"重复发生率{pct(totals['recurrence_rate'])}。各区情况见表2，类别分布见表3。"
    )


def stock(figures: Figures) -> list[str]:
    """The stock with its identity, worked out before the reader's eyes."""
    one, totals = figures["stock"], figures["totals"]
    days = totals["mean_days_to_close"]
    took = f"本周销号问题自下发至销号平均用时{days:.1f}天。" if days is not None else ""
    return [
        f"上周末存量{one['open_start']}个，本周新增{one['new']}个、反弹{one['reopened']}个、销号{one['closed']}个、"
        f"作废{one['void']}个，周末存量{one['open_end']}个（{one['open_start']}+{one['new']}+{one['reopened']}"
        f"−{one['closed']}−{one['void']}={one['open_end']}）。其中超期未整改{totals['overdue']}个，见表5和附件1。",
        f"本周到期问题{totals['due']}个，按期回复{count(totals['on_time'])}个，按期整改率{pct(totals['on_time_rate'])}；"
        f"首次复查{count(totals['first_verifications'])}个，一次通过{count(totals['first_passes'])}个，"
        f"一次通过率{pct(totals['first_pass_rate'])}。{took}",
    ]


def residents(words: dict[str, Any], asked: dict[str, Any]) -> list[str]:
    said = []
    if words["hotline_received"] is not None:
        done = f"，办结{words['hotline_done']}件" if words["hotline_done"] is not None else ""
        in_time = f"，其中按期办结{words['hotline_in_time']}件" if words["hotline_in_time"] is not None else ""
        said.append(f"本周12345热线转办{words['hotline_received']}件{done}{in_time}。")
    if words["replies_valid"] is not None:
        said.append(f"满意度问卷有效{words['replies_valid']}份，满意度{_satisfied(words)}。")
    if asked["asked"]:
        said.append(f"本周就已销号问题回访居民{asked['asked']}次，居民答复已解决{asked['yes']}个、未解决{asked['no']}个。")
    if words["text"]:
        said += words["text"].splitlines()
    return said or ["本周无群众诉求与满意度数据。"]


def _satisfied(words: dict[str, Any]) -> str:
    valid, satisfied = words["replies_valid"], words["replies_satisfied"]
    if valid < ENOUGH or satisfied is None:
        return f"{DASH}（n={valid}，不足{ENOUGH}份不计算）" if valid < ENOUGH else DASH
    return pct(share(satisfied, valid))


def case_head(no: int, case: dict[str, Any]) -> str:
    grade = word("severity", case["severity"], PLACE)
    return f"{no}. 【{grade}】{case['district']['zh']}{case['site']['name']}：{case['description']}"


def case_facts(case: dict[str, Any]) -> str:
    item = f"，检查项{case['item']}" if case["item"] else ""
    notice = f"以{case['notice']}下发整改" if case["notice"] else ""
    parts = [
        f"编号{case['number']}{item}",
        f"{_month_day(case['found_on'])}发现",
        notice,
        f"期限{_month_day(case['due_on'])}" if case["due_on"] else "",
        f"责任单位：{case['contractor']}" if case["contractor"] else "",
        f"措施：{case['measure']}" if case["measure"] else "",
        f"现状：{word('state', case['state'], PLACE)}" + (f"，超期{case['days_late']}天" if case["days_late"] else ""),
    ]
    return "处置：" + "；".join(part for part in parts if part) + "。"


def task(no: int, one: dict[str, Any]) -> str:
    by = f"{_month_day(one['due_on'])}前" if one["due_on"] else ""
    more = [by, f"责任单位：{one['responsible']}" if one["responsible"] else ""]
    told = "，".join(part for part in more if part)
    return f"{no}. {one['text']}{f'（{told}）' if told else ''}"


def _points(change: float | None) -> str:
    if change is None:
        return ""
    if change == 0:
        return "（与上周持平）"
    return f"（较上周{'提高' if change > 0 else '降低'}{abs(change):.1f}个百分点）"


def _money(wan: float | None) -> str:
    """`14.48亿元`, or `8320.50万元` where it is less than a hundred million."""
    if wan is None:
        return DASH
    if wan >= _WAN_IN_YI:
        return f"{(Decimal(str(wan)) / _WAN_IN_YI).quantize(Decimal('0.01'), ROUND_HALF_UP)}亿元"
    return f"{wan:.2f}万元"


def _grades(totals: Figures) -> str:
    return f"一般{totals['minor']}个、较大{totals['major']}个、重大{totals['critical']}个"


def _where(figures: Figures) -> str:
    district = figures["scope"]["district"]
    return district["zh"] if district else "全市"


def _month_day(value: str) -> str:
    day = date.fromisoformat(value)
    return f"{day.month}月{day.day}日"
