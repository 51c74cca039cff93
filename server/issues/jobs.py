"""Duties of the loop: reminders as they fall due, the weekly sample for follow-up."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.issues import follow_ups, reminders
from server.issues.models import IssueEvent
from server.issues.rules import IssueState
from server.kit import clock
from server.kit.jobs import Work, every, handles
from server.programme.policy import policy_of

REMIND, DRAW = "issue-reminders", "follow-up-sample"


@handles(REMIND)
def remind(work: Work) -> None:
    """One transaction for each issue, so that a worker that is killed has told some wholly and the others not at all."""
    settings: Config = work.app.config["DUDAO"]
    with work.database.read() as db:
        due = reminders.due_ids(db, clock.today(), policy_of(db, settings))
    for issue_id in due:
        work.database.write(partial(reminders.remind, conf=settings, issue_id=issue_id))


@handles(DRAW)
def draw(work: Work) -> None:
    """The week before this one."""
    settings: Config = work.app.config["DUDAO"]
    week = follow_ups.week_of(clock.today() - timedelta(days=7))
    work.database.write(lambda db: follow_ups.draw(db, settings, week))


def _something_closed(db: Session) -> bool:
    """Whether last week closed issues and was not drawn yet."""
    week = follow_ups.week_of(clock.today() - timedelta(days=7))
    if follow_ups.is_drawn(db, week):
        return False
    monday, sunday = follow_ups.days_of(week)
    return db.scalar(sa.select(IssueEvent.id).where(
        IssueEvent.at >= clock.start_of(monday), IssueEvent.at < clock.start_of(sunday + timedelta(days=1)),
        IssueEvent.to_state == IssueState.CLOSED.value,
    ).limit(1)) is not None


every(300, REMIND)
every(600, DRAW, when=_something_closed)
