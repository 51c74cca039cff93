"""What the printed report says in sentences, in English; everything is taken from the figures and the office's words."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from server.documents.words import MONTHS
from server.kit import clock
from server.weekly.paper.cells import ENOUGH, Place, count, pct, ratio, share, word
from server.weekly.paper.labels import DASH

Figures = dict[str, Any]
PLACE = Place("en", 0)
_WAN_IN_MILLION, _WAN_IN_BILLION = 100, 100_000


def issue_number(number: dict[str, Any]) -> str:
    if number["serial"] is None:
        return "(not numbered yet)"
    total = f" (no. {number['total']} in all)" if number["total"] is not None else ""
    return f"No. {number['serial']} of {number['year']}{total}"


def title(week: dict[str, Any], scope: str) -> str:
    return f"Week {week['iso_week']} of {week['iso_year']}{f', {scope}' if scope else ''}"


def span(week: dict[str, Any]) -> str:
    first, last = (date.fromisoformat(week[name]) for name in ("starts_on", "ends_on"))
    year = "" if first.year == last.year else f" {first.year}"
    month = "" if first.month == last.month else f" {MONTHS[first.month - 1]}"
    return f"{first.day}{month}{year} – {last.day} {MONTHS[last.month - 1]} {last.year}"


def key_points(figures: Figures) -> list[str]:
    """From the figures, where the office has written none."""
    totals = figures["totals"]
    notices = f"; {_n(totals['notices'], 'rectification notice')} issued" if totals["notices"] is not None else ""
    points = [
        progress(figures),
        f"{_n(totals['visits'], 'visit')} to {_n(totals['inspected_projects'], 'project')} in progress (coverage "
        f"{pct(totals['coverage'])}); {_n(totals['new_issues'], 'new issue')} ({_grades(totals)}){notices}.",
        f"{_n(totals['due'], 'issue')} fell due, on-time rectification {pct(totals['on_time_rate'])}; first-time verification "
        f"pass rate {pct(totals['first_pass_rate'])}; {totals['closed']} closed, closure rate {pct(totals['closure_rate'])} "
        f"this year; {totals['open_end']} open at the week's end, {totals['overdue']} overdue.",
    ]
    return [*points, *([speed(figures)] if speed(figures) else [])]


def progress(figures: Figures) -> str:
    totals, week = figures["totals"], figures["week"]
    until = date.fromisoformat(week["ends_on"]) if week["is_over"] else clock.day_of(clock.read(week["cutoff_at"]))
    still = "" if week["is_over"] else " (the week still runs)"
    return (
        f"As of {_month_day(until.isoformat())}{still}, {_n(totals['plan_count'], 'community', 'communities')} planned in "
        f"{_where(figures)}, {totals['started']} started ({pct(totals['start_rate'])}{_points(totals['start_rate_change'])}), "
        f"{totals['completed']} completed ({pct(totals['completion_rate'])}); {_money(totals['invest_done'])} invested "
        f"({pct(totals['invest_rate'])})."
    )


def progress_more(figures: Figures) -> str:
    totals = figures["totals"]
    return (
        f"In the week {totals['wk_started']} communities started and {totals['wk_completed']} were completed. "
        f"{totals['accepted']} are accepted; {_n(totals['households'], 'household')} concerned, "
        f"{totals['households_benefiting']} of them benefiting; investment planned {_money(totals['invest_plan'])}. "
        "Table 1 has the districts with their ranks."
    )


def speed(figures: Figures) -> str:
    """The fast and the slow places, named."""
    ranking = figures["ranking"]
    return " ".join(
        f"{how}: {', '.join(one['en'] for one in ranking[key])}."
        for key, how in (("fast", "Fast"), ("slow", "Slow")) if ranking[key]
    )


def coverage(figures: Figures) -> str:
    totals = figures["totals"]
    return (
        f"{_n(totals['visits'], 'visit')} in the week ({totals['approved']} approved, {totals['unreviewed']} not reviewed yet, "
        f"{totals['in_revision']} in revision; {totals['late']} sent in late) to {_n(totals['inspected_projects'], 'project')} "
        f"in progress, coverage {pct(totals['coverage'])}; pass rate of items {pct(totals['pass_rate'])}. "
        f"{_n(totals['new_issues'], 'new issue')} ({_grades(totals)}), {ratio(totals['problem_density'])} a visit, "
        f"recurrence rate {pct(totals['recurrence_rate'])}. Table 2 has the districts, Table 3 the categories."
    )


def stock(figures: Figures) -> list[str]:
    """The stock with its identity, worked out before the reader's eyes."""
    one, totals = figures["stock"], figures["totals"]
    days = totals["mean_days_to_close"]
    took = f" Those closed took {days:.1f} days on average from issue to closure." if days is not None else ""
    return [
        f"{one['open_start']} open at the end of last week; {one['new']} new, {one['reopened']} reopened, {one['closed']} "
        f"closed and {one['void']} voided in the week; {one['open_end']} open at its end ({one['open_start']} + {one['new']} "
        f"+ {one['reopened']} − {one['closed']} − {one['void']} = {one['open_end']}). Of these {totals['overdue']} are "
        "overdue: see Table 5 and Annex 1.",
        f"{_n(totals['due'], 'issue')} fell due, {count(totals['on_time'])} answered on time ({pct(totals['on_time_rate'])}); "
        f"{count(totals['first_verifications'])} verified for the first time, {count(totals['first_passes'])} passed "
        f"({pct(totals['first_pass_rate'])}).{took}",
    ]


def residents(words: dict[str, Any], asked: dict[str, Any]) -> list[str]:
    said = []
    if words["hotline_received"] is not None:
        done = f", {words['hotline_done']} settled" if words["hotline_done"] is not None else ""
        in_time = f", {words['hotline_in_time']} of them in time" if words["hotline_in_time"] is not None else ""
        said.append(f"{_n(words['hotline_received'], 'complaint')} passed on by the 12345 hotline{done}{in_time}.")
    if words["replies_valid"] is not None:
        replies = _n(words["replies_valid"], "valid reply", "valid replies")
        said.append(f"Questionnaire: {replies}, satisfaction {_satisfied(words)}.")
    if asked["asked"]:
        said.append(
            f"Residents were asked {_n(asked['asked'], 'time')} about closed issues: {asked['yes']} answered solved, "
            f"{asked['no']} not solved."
        )
    if words["text"]:
        said += words["text"].splitlines()
    return said or ["None this week: no complaints or replies are on record."]


def _satisfied(words: dict[str, Any]) -> str:
    valid, satisfied = words["replies_valid"], words["replies_satisfied"]
    if valid < ENOUGH or satisfied is None:
        return f"{DASH} (n = {valid}, fewer than {ENOUGH})" if valid < ENOUGH else DASH
    return pct(share(satisfied, valid))


def case_head(no: int, case: dict[str, Any]) -> str:
    grade = word("severity", case["severity"], PLACE)
    return f"{no}. [{grade}] {case['district']['en']}, {case['site']['name']}: {case['description']}"


def case_facts(case: dict[str, Any]) -> str:
    item = f", item {case['item']}" if case["item"] else ""
    late = f", {_n(case['days_late'], 'day')} overdue" if case["days_late"] else ""
    parts = [
        f"Issue {case['number']}{item}",
        f"found on {_month_day(case['found_on'])}",
        f"notice {case['notice']}" if case["notice"] else "",
        f"due on {_month_day(case['due_on'])}" if case["due_on"] else "",
        f"responsible: {case['contractor']}" if case["contractor"] else "",
        f"measure: {case['measure']}" if case["measure"] else "",
        f"state: {word('state', case['state'], PLACE)}{late}",
    ]
    return "; ".join(part for part in parts if part) + "."


def task(no: int, one: dict[str, Any]) -> str:
    by = f"by {_month_day(one['due_on'])}" if one["due_on"] else ""
    more = [by, f"responsible: {one['responsible']}" if one["responsible"] else ""]
    told = "; ".join(part for part in more if part)
    return f"{no}. {one['text']}{f' ({told})' if told else ''}"


def _n(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def _points(change: float | None) -> str:
    return "" if change is None else f", {change:+.1f} points".replace("-", "−")


def _money(wan: float | None) -> str:
    """`1.448 billion yuan`; millions where it is less."""
    if wan is None:
        return DASH
    exact = Decimal(str(wan))
    if wan >= _WAN_IN_BILLION:
        return f"{(exact / _WAN_IN_BILLION).quantize(Decimal('0.001'), ROUND_HALF_UP)} billion yuan"
    return f"{(exact / _WAN_IN_MILLION).quantize(Decimal('0.01'), ROUND_HALF_UP)} million yuan"


def _grades(totals: Figures) -> str:
    return f"{totals['minor']} minor, {totals['major']} major, {totals['critical']} critical"


def _where(figures: Figures) -> str:
    district = figures["scope"]["district"]
    return district["en"] if district else "the city"


def _month_day(value: str) -> str:
    day = date.fromisoformat(value)
    return f"{day.day} {MONTHS[day.month - 1]}"
