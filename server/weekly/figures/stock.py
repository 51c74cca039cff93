"""The issues of the week: the stock at both ends, what moved it, and what it comes to since the year began.

An issue's state at a moment is the last one that its history names; the flows are counted from the moves of that
history; what is new from the issues themselves. The identity of the stock holds these three against each other.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.issues.models import Issue, IssueEvent
from server.issues.rules import ENDED, NOT_OVERDUE, IssueState, Move
from server.kit import clock
from server.kit.severity import Severity
from server.weekly.figures.counting import Span, Sums, by_district, count_if, total, worked_out_once
from server.weekly.figures.names import NO_CHECKLIST
from server.weekly.rules import Stock, StockBrokenError, Week, check_stock

_ENDED = sorted(state.value for state in ENDED)  # as the history has them: plain text
MOVES = ("closed", "reopened", "void", "false_closures")  # a false closure (虚假销号) is a reopening too
_NOT_OVERDUE = sorted(state.value for state in NOT_OVERDUE)


def was_opened() -> sa.ColumnElement[bool]:
    """Not a draft: what somebody entered by hand counts from its submission on, and not at all where it was thrown
    away before, were it edited or not."""
    begun = sa.exists().where(IssueEvent.issue_id == Issue.id, _is_step()).correlate(Issue)
    return sa.or_(Issue.report_id.is_not(None), begun)


def _is_step() -> sa.ColumnElement[bool]:
    """A step of the history that says where the issue stands; an edited draft says no more than a new one."""
    return sa.and_(IssueEvent.to_state.is_not(None), IssueEvent.to_state != IssueState.DRAFT.value)


def is_open(state: Any) -> sa.ColumnElement[bool]:
    """Neither closed nor void; false where there is no state."""
    return sa.and_(state.is_not(None), state.not_in(_ENDED))


def _last_steps(span: Span) -> sa.Subquery:
    """{issue: the last step of its history before the week, before the cut-off, and of all}: one pass over the steps."""
    step = IssueEvent.id
    return (
        sa.select(
            IssueEvent.issue_id,
            sa.func.max(sa.case((IssueEvent.at < span.week.start, step))).label("step_0"),
            sa.func.max(sa.case((IssueEvent.at < span.cutoff, step))).label("step_1"),
            sa.func.max(step).label("step_now"),
        )
        .where(_is_step()).group_by(IssueEvent.issue_id).subquery()
    )


def positions(span: Span, *, cumulative: bool) -> sa.CTE:
    """Every issue that a figure may count, with its state at both ends of the week and now: those that are open, were
    closed no earlier than the week, or fall due in it; with `cumulative` all those of this year too."""
    week, last = span.week, _last_steps(span)
    before, after, newest = (aliased(IssueEvent) for _ in range(3))
    this_year = Issue.created_at >= min(clock.start_of(week.year_starts_on), week.start)
    in_play = [
        span.holds(Issue.created_at), Issue.state != IssueState.CLOSED, Issue.closed_at >= week.start,
        span.falls_due(Issue.first_due_on),
    ]
    query = (
        sa.select(
            Issue.id, Issue.district_code, Issue.severity, Issue.due_on, Issue.first_due_on,
            Issue.recurrence_of.is_not(None).label("recurring"),
            span.holds(Issue.created_at).label("new"), this_year.label("this_year"),
            before.to_state.label("state_0"), after.to_state.label("state_1"), newest.to_state.label("state_now"),
            Issue.state.in_(sorted(ENDED)).label("ended"),
        )
        .outerjoin(last, last.c.issue_id == Issue.id)
        .outerjoin(before, before.id == last.c.step_0).outerjoin(after, after.id == last.c.step_1)
        .outerjoin(newest, newest.id == last.c.step_now)
        .where(Issue.created_at < span.cutoff, span.covers(Issue.district_code), was_opened(),
               sa.or_(*in_play, *([this_year] if cumulative else [])))
    )
    return worked_out_once(query, "positions")


def moves(span: Span) -> sa.CTE:
    """{issue: how often it was closed, reopened, made void and found falsely closed in the week}; found again is no move."""
    kinds = move_kinds()
    query = (
        sa.select(
            IssueEvent.issue_id, *(count_if(kind).label(name) for name, kind in kinds.items()),
            count_if(IssueEvent.verb == Move.FALSE_CLOSURE.value).label("false_closures"),
        )
        .where(span.holds(IssueEvent.at), sa.or_(*kinds.values())).group_by(IssueEvent.issue_id)
    )
    return worked_out_once(query, "moves")


def move_kinds() -> dict[str, sa.ColumnElement[bool]]:
    """Which steps of a history move the stock, and how."""
    before = sa.func.coalesce(IssueEvent.from_state, "")
    was_open, was_ended = before.not_in(_ENDED), before.in_(_ENDED)
    return {
        "closed": sa.and_(was_open, IssueEvent.to_state == IssueState.CLOSED.value),
        "reopened": sa.and_(was_ended, IssueEvent.to_state.not_in(_ENDED)),
        "void": sa.and_(was_open, IssueEvent.to_state == IssueState.VOID.value),
    }


def conditions(span: Span, found: sa.CTE) -> dict[str, sa.ColumnElement[bool]]:
    """What each figure counts, as conditions on `positions`; the register shows the same ones as marks."""
    columns = found.c
    closed = columns.state_1 == IssueState.CLOSED.value
    void = columns.state_1 == IssueState.VOID.value
    past_due = sa.and_(columns.due_on < span.today, columns.state_1.not_in(_NOT_OVERDUE))
    in_week = span.falls_due(columns.first_due_on)
    return {
        "new": columns.new, "open_start": is_open(columns.state_0), "open_end": is_open(columns.state_1),
        "due": sa.and_(in_week, columns.state_1 != IssueState.VOID.value), "overdue": past_due,
        "recurring": sa.and_(columns.new, columns.recurring),
        **{kind.value: sa.and_(columns.new, columns.severity == kind) for kind in Severity},
        "found_cum": columns.this_year, "closed_cum": sa.and_(columns.this_year, closed),
        "void_cum": sa.and_(columns.this_year, void),
    }


def issue_counts(db: Session, span: Span) -> dict[str, Sums]:
    """{district: every count of issues}. Raises StockBrokenError where they do not add up."""
    found, moved = positions(span, cumulative=True), moves(span)
    query = (
        sa.select(
            found.c.district_code,
            *(count_if(condition).label(name) for name, condition in conditions(span, found).items()),
            *(sa.func.coalesce(sa.func.sum(moved.c[name]), 0).label(name) for name in MOVES),
            count_if(is_open(found.c.state_now) == found.c.ended).label("untold"),
        )
        .outerjoin(moved, moved.c.issue_id == found.c.id).group_by(found.c.district_code)
    )
    counts = by_district(db, query)
    for district, sums in counts.items():
        untold = sums.pop("untold")
        if untold:
            raise StockBrokenError(district, f"{untold} issues are in another state than their history says")
        check_stock(district, stock_of(sums))
    check_stock(span.district or "city", stock_of(total(counts.values())))
    return counts


def stock_of(sums: Sums) -> Stock:
    """The stock among the counts of a district or of the city."""
    names = ("open_start", "new", "reopened", "closed", "void", "open_end")
    return Stock(**{name: sums.get(name, 0) for name in names})


def by_checklist(db: Session, span: Span, before: Week) -> list[tuple[str, int, int]]:
    """(checklist, issues found this week, and the week before), the most found first."""
    now, then = span.holds(Issue.created_at), Issue.created_at < span.week.start
    query = (
        sa.select(Issue.checklist_code, count_if(now), count_if(then))
        .where(
            Issue.created_at >= before.start, Issue.created_at < span.cutoff, span.covers(Issue.district_code),
            was_opened(),
        )
        .group_by(Issue.checklist_code)
    )
    rows = [(code or NO_CHECKLIST, int(found), int(earlier)) for code, found, earlier in db.execute(query)]
    return sorted(rows, key=lambda row: (-row[1], -row[2], row[0]))
