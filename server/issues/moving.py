"""The one way in which an issue moves: who may, from where, what is written down of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Refusal
from server.issues import hooks
from server.issues.firm import is_of_firm
from server.issues.models import Issue, IssueEvent
from server.issues.rules import ENDED, MOVES, OWN_DRAFT, IssueState, Move, fits
from server.kit import changes, clock
from server.kit.actor import Actor, Role
from server.programme.models import Assignment
from server.reports import queries as reports
from server.reports.models import Report


def locked(db: Session, issue_id: uuid.UUID) -> Issue:
    """The issue as it is now, held until the transaction ends: of two who decide at once the second sees the first.

    Held against changes, not against rows that name it (key_share): an approval that holds the site, and a notice whose
    paper names the site, would wait for each other.
    """
    return db.scalars(
        sa.select(Issue).where(Issue.id == issue_id).with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def all_locked(db: Session, issue_ids: list[uuid.UUID]) -> list[Issue]:
    """Several, in one order for all, so that two who hold some of the same never wait for each other."""
    return list(db.scalars(
        sa.select(Issue).where(Issue.id.in_(issue_ids)).order_by(Issue.id).with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ))


class Standing:
    """What one actor is to any issue. An inspector's sites are looked up once, and once for all `issues` that will be
    asked about by their moves, who was there as they were put right on the spot."""

    def __init__(self, db: Session, actor: Actor, issues: Sequence[Any] = ()) -> None:
        self.actor = actor
        self._issues = issues
        self._inspected: set[uuid.UUID] | None = None
        self._sites: set[uuid.UUID] = set()
        self._reports: set[uuid.UUID] = set()
        self._db = db
        self._known = False

    def roles(self, issue: Any) -> frozenset[Role]:
        """The actor's roles towards this issue."""
        actor, found = self.actor, set()
        if Role.SUPERVISOR in actor.roles and issue.district_code in actor.districts:
            found.add(Role.SUPERVISOR)
        if Role.CONTRACTOR in actor.roles and issue.contractor_id and issue.contractor_id == actor.organisation_id:
            found.add(Role.CONTRACTOR)
        if Role.INSPECTOR in actor.roles:
            self._learn()
            if issue.site_id in self._sites or issue.report_id in self._reports or issue.opened_by == actor.id:
                found.add(Role.INSPECTOR)
        return frozenset(found)

    def moves(self, issue: Any) -> list[Move]:
        """What the actor may do with this issue as it stands, but for what depends on its papers."""
        roles = self.roles(issue)
        return [move for move in Move if fits(move, issue.state, roles) and self.hindrance(move, issue, roles) is None]

    def hindrance(self, move: Move, issue: Any, roles: frozenset[Role]) -> str | None:
        """Why this person, who has `roles` towards the issue, never makes the move as things are, in whatever state; None
        where they may. What is offered and what is refused both ask here; queries._may says the same in SQL."""
        rule = MOVES[move]
        if rule.roles.isdisjoint(roles) or (move in OWN_DRAFT and issue.opened_by != self.actor.id):
            return "not-allowed"
        if rule.other and (issue.replied_by == self.actor.id or self._saw_it_fixed(issue)):
            return "own-reply"
        return "not-allowed" if rule.outside and is_of_firm(self.actor, issue) else None

    def _saw_it_fixed(self, issue: Any) -> bool:
        """Whether the actor was at the visit at which it was put right on the spot, and which stands as the first reply."""
        if not _stands_as_fixed(issue):
            return False
        if self._inspected is None:
            visits = {one.report_id for one in self._issues if _stands_as_fixed(one)}
            self._inspected = reports.inspected(self._db, self.actor.id, visits)
        return issue.report_id in self._inspected

    def _learn(self) -> None:
        if self._known:
            return
        self._known = True
        self._sites = set(self._db.scalars(
            sa.select(Assignment.site_id)
            .where(Assignment.person_id == self.actor.id, Assignment.ended_at.is_(None))
        ))
        self._reports = set(self._db.scalars(
            sa.select(Issue.report_id).join(Report, Report.id == Issue.report_id)
            .where(Report.inspector_id == self.actor.id)
        ))


def demand(db: Session, actor: Actor, issue: Issue, move: Move, *, round_: int | None = None) -> None:
    """Refuse unless the actor may make this move now: 403 whoever may never, 409 with what changed where the issue
    has moved on."""
    standing = Standing(db, actor, [issue])
    if hinders := standing.hindrance(move, issue, standing.roles(issue)):
        raise Refusal(hinders)
    if round_ is not None and round_ != issue.round:
        raise Refusal("issue-changed", extra=as_it_is(db, issue))
    if issue.state not in MOVES[move].states:
        raise Refusal("issue-state", extra=as_it_is(db, issue))


def _stands_as_fixed(issue: Any) -> bool:
    return bool(issue.fixed_on_spot and issue.round == 1 and issue.report_id is not None)


def is_alone(db: Session, issue: Issue) -> bool:
    """Whether no other issue of the same item at the site is open: where the failure was found again, that one goes on."""
    return _other_open(db, issue) is None


def demand_alone(db: Session, issue: Issue) -> None:
    """Refuse to reopen beside another open issue of the same item and site, with that one's number."""
    other = _other_open(db, issue)
    if other is not None:
        raise Refusal("issue-open-elsewhere", extra={"number": other})


def _other_open(db: Session, issue: Issue) -> str | None:
    if issue.item is None:
        return None
    return db.scalar(sa.select(Issue.number).where(
        Issue.site_id == issue.site_id, Issue.item == issue.item, Issue.id != issue.id,
        Issue.state.not_in(sorted(ENDED)),
    ))


def as_it_is(db: Session, issue: Issue) -> dict[str, Any]:
    """What a stale screen needs to know."""
    last = db.scalar(
        sa.select(IssueEvent.verb).where(IssueEvent.issue_id == issue.id).order_by(IssueEvent.id.desc()).limit(1)
    )
    return {
        "state": issue.state.value, "round": issue.round, "changed_by": str(issue.changed_by or "") or None,
        "changed_at": issue.changed_at.isoformat(), "last": last,
    }


def is_repeat(db: Session, actor: Actor, issue: Issue, move: Move, *, round_: int | None = None) -> bool:
    """Whether this is the same person's move over again, which must do no harm: a phone that never read our answer.

    Only where the issue has moved on; from a state in which the move fits it is a new one.
    """
    if issue.state in MOVES[move].states and MOVES[move].to is not None:
        return False
    rounds = {issue.round} if round_ is None else {round_, round_ + 1}
    return db.scalar(
        sa.select(IssueEvent.id).where(
            IssueEvent.issue_id == issue.id, IssueEvent.verb == move.value, IssueEvent.by == actor.id,
            IssueEvent.round.in_(rounds),
        ).limit(1)
    ) is not None


def make(db: Session, actor: Actor | None, issue: Issue, move: Move, **facts: Any) -> None:
    """Make the move: state, history, the trail, the phones. Whoever calls has demanded it; `actor` None is the product."""
    rule, before, now = MOVES[move], issue.state, clock.now()
    by = actor.id if actor else None
    if rule.to is not None and rule.to is not before:
        if rule.to in {IssueState.REJECTED, IssueState.REOPENED}:
            issue.round += 1
        issue.state = rule.to
        issue.closed_at = now if rule.to is IssueState.CLOSED else None
        issue.closed_by = by if rule.to is IssueState.CLOSED else None
        if rule.to in ENDED:
            issue.stop_work = False
        issue.changed_by, issue.changed_at = by, now
    if move is Move.DISCARD:  # no figure ever knew it
        note(db, actor, issue, move.value, None, None, at=now, **facts)
    else:
        note(db, actor, issue, move.value, before, issue.state, at=now, **facts)
    if issue.state is IssueState.CLOSED and before is not IssueState.CLOSED:
        for hook in hooks.CLOSED:
            hook(db, actor, issue, move)


def note(  # noqa: PLR0917 - in the order of the story
    db: Session, actor: Actor | None, issue: Issue, verb: str, before: IssueState | None, after: IssueState | None,
    at: datetime | None = None, **facts: Any,
) -> None:
    """Write a step of an issue's history, with its line in the trail and the word to the phones.

    `at` is the moment that the issue itself names: were they two, a week's end could fall between them, and the week's
    stock would not add up.
    """
    said = {name: value for name, value in facts.items() if value is not None}
    db.flush()
    db.add(IssueEvent(
        issue_id=issue.id, at=at or clock.now(), by=actor.id if actor else None, round=issue.round, verb=verb,
        from_state=before.value if before else None, to_state=after.value if after else None, facts=said,
    ))
    audit.record(
        db, actor, f"issue_{verb}", "issue", issue.id, district=issue.district_code, round=issue.round,
        state=after.value if after else None, **said,
    )
    changes.note(db, "issue", issue.id)
