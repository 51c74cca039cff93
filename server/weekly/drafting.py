"""The key points of the week (本周要情), drafted from its figures for the office to edit."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from server.kit import clock
from server.kit.i18n import Language

DASH = "—"
_HUNDRED_MILLION_YUAN = Decimal(10_000)  # in 万元, as the figures have money


def key_points(figures: dict[str, Any]) -> dict[Language, list[str]]:
    """Three to five sentences in each language, every number of them a figure of `figures`."""
    return {"zh": _chinese(figures), "en": _english(figures)}


def _chinese(figures: dict[str, Any]) -> list[str]:
    told, totals = figures["week"], figures["totals"]
    district, last = figures["scope"]["district"], _last_day(told)
    lines = [
        f"截至{last.month}月{last.day}日，{district['zh'] if district else '六城区'}年度计划{totals['plan_count']}个小区，"
        f"已开工{totals['started']}个，开工率{_rate(totals['start_rate'])}{_moved(totals.get('start_rate_change'))}；"
        f"完工{totals['completed']}个，完工率{_rate(totals['completion_rate'])}；"
        f"完成投资{_money(totals['invest_done'])}亿元，投资完成率{_rate(totals['invest_rate'])}。",
        f"本周督导检查{totals['visits']}次，覆盖在建项目{totals['inspected_projects']}个（覆盖率{_rate(totals['coverage'])}），"
        f"新发现问题{totals['new_issues']}个（一般{totals['minor']}、较大{totals['major']}、重大{totals['critical']}），"
        f"下发整改通知单{_count(totals['notices'])}份。",
        f"本周到期{totals['due']}个，按期整改率{_rate(totals['on_time_rate'])}；首次复查{_count(totals['first_verifications'])}个，"
        f"一次通过率{_rate(totals['first_pass_rate'])}；销号{totals['closed']}个，累计销号率{_rate(totals['closure_rate'])}，"
        f"超期未整改{totals['overdue']}个。",
    ]
    pace = figures.get("ranking") or {}
    parts = [
        f"{words}：{'、'.join(one['zh'] for one in pace[key])}" for key, words in (("fast", "进展较快"), ("slow", "进展较慢"))
        if pace.get(key)
    ]
    if parts and not district:
        lines.append("；".join(parts) + "。")
    return lines


def _english(figures: dict[str, Any]) -> list[str]:
    told, totals = figures["week"], figures["totals"]
    district, last = figures["scope"]["district"], _last_day(told)
    where = f" in {district['en']}" if district else ""
    lines = [
        f"By {last.day} {last:%B} {last.year}, {totals['started']} of {totals['plan_count']} planned communities{where} "
        f"had started ({_rate(totals['start_rate'])}), "
        f"{totals['completed']} were completed ({_rate(totals['completion_rate'])}), and "
        f"{_money(totals['invest_done'])} hundred million yuan had been invested ({_rate(totals['invest_rate'])}).",
        f"{totals['visits']} visits reached {totals['inspected_projects']} projects in progress "
        f"(coverage {_rate(totals['coverage'])}); {totals['new_issues']} new issues were found ({totals['minor']} minor, "
        f"{totals['major']} major, {totals['critical']} critical), and {_count(totals['notices'])} notices issued.",
        f"{totals['due']} issues fell due, {_rate(totals['on_time_rate'])} were answered on time; "
        f"{_rate(totals['first_pass_rate'])} of {_count(totals['first_verifications'])} first verifications passed; "
        f"{totals['closed']} were closed ({_rate(totals['closure_rate'])} of all this year), {totals['overdue']} are overdue.",
    ]
    pace = figures.get("ranking") or {}
    parts = [
        f"{words}: {', '.join(one['en'] for one in pace[key])}" for key, words in (("fast", "Ahead"), ("slow", "Behind"))
        if pace.get(key)
    ]
    if parts and not district:
        lines.append("; ".join(parts) + ".")
    return lines


def _last_day(week: dict[str, Any]) -> date:
    """The last day that is counted: of a week that still runs, or was frozen early, the day of its cut-off."""
    return clock.day_of(datetime.fromisoformat(week["cutoff_at"]) - timedelta(microseconds=1))


def _rate(value: float | None) -> str:
    return DASH if value is None else f"{value}%"


def _count(value: int | None) -> str:
    return DASH if value is None else str(value)


def _money(wan: float) -> str:
    """亿元 with two decimals, halves up."""
    exact = Decimal(str(wan)) / _HUNDRED_MILLION_YUAN
    return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _moved(points: float | None) -> str:
    if not points:
        return ""
    return f"（较上周{'提高' if points > 0 else '下降'}{abs(points)}个百分点）"
