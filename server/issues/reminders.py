"""Reminders and escalation: due tomorrow, and some days late. Each step of each due date once, however often and by
however many workers it is looked for, and whenever the clock jumps.

The row in `issue_reminded` and the messages are of one transaction: a worker that is killed has told nobody or everybody.
A jump of the clock, or a worker that slept for days, tells the last step that is due and writes the earlier ones down
as passed: nobody is told on the seventh day that it was late by one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import Config
from server.issues import telling
from server.issues.models import Issue, Reminded
from server.issues.moving import locked
from server.issues.rules import WITH_CONTRACTOR
from server.kit import clock
from server.programme.policy import Policy, policy_of

TOMORROW = -1
KINDS = ("issue-late-1", "issue-late-3", "issue-late-7")  # the first, second and third step, whatever the days are


def steps_due(due_on: date, today: date, policy: Policy) -> list[int]:
    """The steps that a due date has reached by `today`, in order: -1 the day before, else days late."""
    late = (today - due_on).days
    if late < 0:
        return [TOMORROW] if late == -1 and policy.remind_due_tomorrow else []
    return [step for step in policy.escalation_days if step <= late]


def due_ids(db: Session, today: date, policy: Policy) -> list[uuid.UUID]:
    """Those with the contractor that have a step to come or just reached, not told yet."""
    reached = sa.select(sa.func.max(Reminded.step)).where(
        Reminded.issue_id == Issue.id, Reminded.due_on == Issue.due_on
    ).correlate(Issue).scalar_subquery()
    soonest = today + timedelta(days=1)
    last = max(policy.escalation_days, default=TOMORROW)
    query = (
        sa.select(Issue.id, Issue.due_on, reached)
        .where(Issue.due_on <= soonest, Issue.state.in_(sorted(WITH_CONTRACTOR)))
        .where(sa.or_(reached.is_(None), reached < last))
    )
    found = []
    for issue_id, due_on, told in db.execute(query):
        steps = steps_due(due_on, today, policy)
        if steps and (told is None or told < steps[-1]):
            found.append(issue_id)
    return found


def remind(db: Session, conf: Config, issue_id: uuid.UUID) -> int | None:
    """Tell the last step that this issue has reached, if nobody was told yet; returns it."""
    policy, today = policy_of(db, conf), clock.today()
    issue = locked(db, issue_id)
    if issue.state not in WITH_CONTRACTOR:
        return None
    steps = steps_due(issue.due_on, today, policy)
    if not steps or not _write(db, issue, steps):
        return None
    step = steps[-1]
    late = (today - issue.due_on).days
    key = f"due:{issue.id}:{issue.due_on.isoformat()}:{step}"
    if step == TOMORROW:
        telling.tell(db, "issue-due-tomorrow", key, issue, telling.contractor(db, issue), telling.PHONE)
        return step
    rank = min(policy.escalation_days.index(step), len(KINDS) - 1)
    telling.tell(db, KINDS[rank], key, issue, telling.contractor(db, issue), telling.PHONE, days=late)
    above = {*telling.supervisors(db, issue), *(telling.office(db) if rank else [])}
    telling.tell(db, KINDS[rank], key, issue, above, telling.DESK, days=late)
    return step


def _write(db: Session, issue: Issue, steps: Iterable[int]) -> bool:
    """Write the steps down; whether the last one is new."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{"issue_id": issue.id, "due_on": issue.due_on, "step": step, "at": clock.now()} for step in steps]
    written = db.execute(
        insert(Reminded).values(rows).on_conflict_do_nothing(index_elements=["issue_id", "due_on", "step"])
        .returning(Reminded.step)
    )
    return max(written.scalars(), default=None) == rows[-1]["step"]


