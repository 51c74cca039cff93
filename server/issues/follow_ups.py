"""The weekly sample of closed issues that are looked at again (回头看): drawn the same way however often it is drawn."""

from __future__ import annotations

import hashlib
import math
import re
import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.errors import invalid
from server.issues import queries, telling
from server.issues.firm import is_strangers
from server.issues.models import FollowUp, Issue, IssueEvent, Serial
from server.issues.rules import IssueState
from server.kit import changes, clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.ids import new_id
from server.kit.paging import Page, page
from server.programme.policy import policy_of

_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def week_of(day: date) -> str:
    """`2026-W47`, the ISO week in Asia/Shanghai of a day."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def days_of(week: str) -> tuple[date, date]:
    """Monday and Sunday of `2026-W47`; 422 for anything else."""
    found = _WEEK.fullmatch(week)
    try:
        if found:
            year, week_of_year = int(found[1]), int(found[2])
            return date.fromisocalendar(year, week_of_year, 1), date.fromisocalendar(year, week_of_year, 7)
    except ValueError:
        pass
    raise invalid("week", "须形如 2026-W47", "must look like 2026-W47")


def sample(week: str, issue_ids: Sequence[uuid.UUID], percent: int) -> list[uuid.UUID]:
    """`percent` of the issues, rounded up, in an order that nobody chooses: that of the SHA-256 of week and id. Whoever
    has the same issues draws the same ones."""
    wanted = math.ceil(len(issue_ids) * percent / 100)
    order = sorted(set(issue_ids), key=lambda one: hashlib.sha256(f"{week}:{one}".encode()).digest())
    return order[:wanted]


def closed_in(db: Session, week: str) -> list[uuid.UUID]:
    """The issues that were closed in a week, by their history: a later reopening does not take one out of it."""
    monday, sunday = days_of(week)
    query = (
        sa.select(IssueEvent.issue_id).where(
            IssueEvent.at >= clock.start_of(monday), IssueEvent.at < clock.start_of(sunday + timedelta(days=1)),
            IssueEvent.to_state == IssueState.CLOSED.value, IssueEvent.from_state != IssueState.CLOSED.value,
        ).distinct()
    )
    return list(db.scalars(query))


def draw(db: Session, conf: Config, week: str) -> list[uuid.UUID]:
    """Draw a week that is over; what is still closed of the sample becomes a task. Returns the new ones; drawn again,
    none."""
    _, sunday = days_of(week)
    if clock.today() <= sunday:
        raise invalid("week", "该周尚未结束", "the week is not over yet")
    hold(db, f"follow-ups:{week}")
    if is_drawn(db, week):
        return []
    db.add(Serial(series=_series(week), last=1))
    policy = policy_of(db, conf)
    chosen = sample(week, closed_in(db, week), policy.follow_up_percent)
    due_on = clock.today() + timedelta(days=policy.follow_up_days)
    new = []
    for issue in db.scalars(sa.select(Issue).where(Issue.id.in_(chosen), Issue.state == IssueState.CLOSED)):
        if _write(db, issue, week, due_on):
            new.append(issue.id)
            changes.note(db, "issue", issue.id)
            telling.tell(
                db, "follow-up-drawn", f"follow-up:{week}:{issue.id}", issue,
                # not whom the look is to surprise
                {*telling.inspectors(db, issue), *telling.supervisors(db, issue)} - set(telling.contractor(db, issue)),
                due_on=due_on.isoformat(), week=week,
            )
    audit.record(
        db, None, "follow_ups_drawn", "follow_up", week, chosen=[str(one) for one in sorted(chosen)],
        percent=policy.follow_up_percent,
    )
    return new


def is_drawn(db: Session, week: str) -> bool:
    """Whether a week's sample was drawn, be it that nothing was in it."""
    return db.get(Serial, _series(week)) is not None


def _series(week: str) -> str:
    return f"follow-ups:{week}"


def _write(db: Session, issue: Issue, week: str, due_on: date) -> bool:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = db.execute(
        insert(FollowUp).values(id=new_id(), issue_id=issue.id, week=week, drawn_at=clock.now(), due_on=due_on)
        .on_conflict_do_nothing(index_elements=["issue_id", "week"]).returning(FollowUp.id)
    )
    return written.first() is not None


def is_waiting() -> sa.ColumnElement[bool]:
    """Drawn and not looked at, of an issue that is still closed: reopened, there is nothing to look at."""
    return sa.and_(FollowUp.result.is_(None), Issue.state == IssueState.CLOSED)


def waiting_for(actor: Actor) -> sa.Select[uuid.UUID]:
    """The issues that this actor may be sent to look at again."""
    return sa.select(FollowUp.issue_id).join(Issue, Issue.id == FollowUp.issue_id).where(is_waiting(), is_strangers(actor))


def list_follow_ups(db: Session, actor: Actor, query: dict[str, Any]) -> Page[Any]:
    """The drawn ones whose issue one may see, but for those of one's own firm, the newest week first; with `open` only
    those that wait."""
    columns = ("id", "issue_id", "week", "due_on", "result", "drawn_at")
    select = (
        sa.select(*(FollowUp.__table__.c[name] for name in columns))
        .join(Issue, Issue.id == FollowUp.issue_id).where(queries.visible_to(actor), is_strangers(actor))
    )
    if query["week"]:
        days_of(query["week"])
        select = select.where(FollowUp.week == query["week"])
    if query["open"] is not None:
        waits = is_waiting()
        select = select.where(waits if query["open"] else sa.not_(waits))
    return page(
        db, select, [(FollowUp.week, str, True), (FollowUp.id, uuid.UUID, False)], cursor=query["cursor"],
        limit=query["limit"],
    )
