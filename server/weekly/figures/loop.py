"""Replies and verifications as the week judges firms by them: on time by the first due date, right at the first look.

Both are read from the history: a step there is the moment at which a reply or a verdict took effect, which is not
before its last photo came. What came whole when the issue had moved on is no step, and so is not counted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from server.issues.models import Issue, IssueEvent
from server.issues.rules import IssueState, Move
from server.kit import clock
from server.weekly.figures.counting import Span, Sums, by_district, count_if, worked_out_once
from server.weekly.figures.stock import was_opened

REPLIES = (Move.REPLY.value, Move.FIX_ON_SPOT.value)  # put right before the inspector's eyes, it was answered
VERDICTS = (Move.PASS.value, Move.FAIL.value)


def replied_in_time(span: Span, issue_id: Any, first_due_on: Any) -> sa.ColumnElement[bool]:
    """Whether an issue that is first due in the week had its first reply by the end of that day; an extension granted
    later moves nothing."""
    first = sa.select(sa.func.min(IssueEvent.at)).where(
        IssueEvent.issue_id == issue_id, IssueEvent.verb.in_(REPLIES)
    ).scalar_subquery()
    last = {day: clock.start_of(day + timedelta(days=1)) for day in span.due_days}
    if not last:
        return sa.false()
    moment = IssueEvent.at.type
    return first < sa.case(*((first_due_on == day, sa.literal(end, moment)) for day, end in last.items()))


def first_verdicts(span: Span) -> sa.CTE:
    """{issue: whether it passed} of the issues of which the first verification falls in the week."""
    earlier = aliased(IssueEvent)
    judged_before = sa.exists().where(
        earlier.issue_id == IssueEvent.issue_id, earlier.verb.in_(VERDICTS), earlier.id < IssueEvent.id
    ).correlate(IssueEvent)
    query = sa.select(IssueEvent.issue_id, (IssueEvent.verb == Move.PASS.value).label("passed")).where(
        span.holds(IssueEvent.at), IssueEvent.verb.in_(VERDICTS), sa.not_(judged_before)
    )
    return worked_out_once(query, "first_verdicts")


def _is_void(span: Span) -> sa.ColumnElement[bool]:
    """By the cut-off; what is void stays so."""
    step = sa.exists().where(
        IssueEvent.issue_id == Issue.id, IssueEvent.to_state == IssueState.VOID.value, IssueEvent.at < span.cutoff
    ).correlate(Issue)
    return sa.and_(Issue.state == IssueState.VOID, step)


def loop_counts(db: Session, span: Span) -> dict[str, Sums]:
    """{district: due, on_time, first_verifications, first_passes} of the whole city: places are given among all."""
    in_time = replied_in_time(span, Issue.id, Issue.first_due_on)
    due = worked_out_once(
        sa.select(Issue.district_code, in_time.label("on_time")).where(
            span.falls_due(Issue.first_due_on), Issue.created_at < span.cutoff,
            was_opened(), sa.not_(_is_void(span)),
        ), "due",
    )
    found = by_district(db, sa.select(
        due.c.district_code, sa.func.count().label("due"), count_if(due.c.on_time).label("on_time")
    ).group_by(due.c.district_code))
    first = first_verdicts(span)
    verified = by_district(db, sa.select(
        Issue.district_code, sa.func.count().label("first_verifications"),
        count_if(first.c.passed).label("first_passes"),
    ).join(first, first.c.issue_id == Issue.id).where(sa.not_(_is_void(span))).group_by(Issue.district_code))
    return {code: {**found.get(code, {}), **verified.get(code, {})} for code in found.keys() | verified.keys()}
