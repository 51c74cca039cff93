"""What an issue is: its states, the one table of moves, when it is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.kit.actor import Role

INSPECTOR, SUPERVISOR, CONTRACTOR = Role.INSPECTOR, Role.SUPERVISOR, Role.CONTRACTOR


class IssueState(StrEnum):
    """The loop from finding to close-out (销号)."""

    DRAFT = "draft"
    PENDING_ISSUE = "pending_issue"
    ISSUED = "issued"
    RECTIFYING = "rectifying"
    PENDING_VERIFICATION = "pending_verification"
    REJECTED = "rejected"
    CLOSED = "closed"
    REOPENED = "reopened"
    VOID = "void"


class Source(StrEnum):
    """Where an issue came from."""

    INSPECTION = "inspection"
    PATROL = "patrol"
    SUPERVISION_FIRM = "supervision_firm"
    HOTLINE = "hotline"  # 12345
    HANDOVER = "handover"
    OTHER = "other"


class Move(StrEnum):
    """What somebody may do with an issue."""

    SUBMIT = "submit"
    DISCARD = "discard"
    EDIT = "edit"
    CORRECT = "correct"
    NOTICE = "notice"
    FIX_ON_SPOT = "fix_on_spot"
    ACKNOWLEDGE = "acknowledge"
    REPLY = "reply"
    PASS = "pass"  # noqa: S105 - a verdict, no secret
    FAIL = "fail"
    OBJECT = "object"
    KEEP = "keep"  # an objection is settled: it stays as it is …
    SEND_BACK = "send_back"  # … it is corrected and noticed anew …
    WITHDRAW = "withdraw"  # … it is withdrawn
    ASK_EXTENSION = "ask_extension"
    SETTLE_EXTENSION = "settle_extension"
    REOPEN = "reopen"
    RESIDENTS_NO = "residents_no"
    HOLDS = "holds"  # a follow-up (回头看) found it still in order …
    FALSE_CLOSURE = "false_closure"  # … or not
    AFFIRM = "affirm"
    VOID = "void"


S = IssueState
ENDED = frozenset({S.CLOSED, S.VOID})
NOT_OVERDUE = ENDED | {S.PENDING_VERIFICATION}
WITH_CONTRACTOR = frozenset({S.ISSUED, S.RECTIFYING, S.REJECTED})
UNSETTLED = frozenset(S) - ENDED


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states, to which one (None: it stays where it is), by whom; nobody named: the product itself does it.

    `other` says that it must be another person than the one who replied (separation of duties), `outside` that it must
    be nobody of the responsible firm.
    """

    states: frozenset[IssueState]
    to: IssueState | None
    roles: frozenset[Role]
    other: bool = False
    outside: bool = False


def _rule(
    states: frozenset[IssueState] | set[IssueState], to: IssueState | None, *roles: Role, other: bool = False,
    outside: bool = False,
) -> Rule:
    return Rule(frozenset(states), to, frozenset(roles), other, outside)


# Who may move what. The database holds from → to by a trigger, closure by CHECK constraints; a test walks all of it.
MOVES: dict[Move, Rule] = {
    Move.SUBMIT: _rule({S.DRAFT}, S.PENDING_ISSUE, INSPECTOR),
    Move.DISCARD: _rule({S.DRAFT}, S.VOID, INSPECTOR),
    Move.EDIT: _rule({S.DRAFT}, None, INSPECTOR),
    Move.CORRECT: _rule({S.PENDING_ISSUE, S.REOPENED}, None, SUPERVISOR),
    Move.NOTICE: _rule({S.PENDING_ISSUE, S.REOPENED}, S.ISSUED, SUPERVISOR),
    Move.FIX_ON_SPOT: _rule({S.PENDING_ISSUE}, S.PENDING_VERIFICATION),
    Move.ACKNOWLEDGE: _rule({S.ISSUED, S.REJECTED}, S.RECTIFYING, CONTRACTOR),
    Move.REPLY: _rule(WITH_CONTRACTOR, S.PENDING_VERIFICATION, CONTRACTOR),
    Move.PASS: _rule({S.PENDING_VERIFICATION}, S.CLOSED, INSPECTOR, SUPERVISOR, other=True, outside=True),
    Move.FAIL: _rule({S.PENDING_VERIFICATION}, S.REJECTED, INSPECTOR, SUPERVISOR, other=True, outside=True),
    Move.OBJECT: _rule({S.ISSUED, S.RECTIFYING}, None, CONTRACTOR),
    Move.KEEP: _rule({S.ISSUED, S.RECTIFYING}, None, SUPERVISOR, outside=True),
    Move.SEND_BACK: _rule({S.ISSUED, S.RECTIFYING}, S.PENDING_ISSUE, SUPERVISOR, outside=True),
    Move.WITHDRAW: _rule({S.ISSUED, S.RECTIFYING}, S.VOID, SUPERVISOR, outside=True),
    Move.ASK_EXTENSION: _rule(WITH_CONTRACTOR, None, CONTRACTOR),
    Move.SETTLE_EXTENSION: _rule(WITH_CONTRACTOR, None, SUPERVISOR, outside=True),
    Move.REOPEN: _rule({S.CLOSED}, S.REOPENED, SUPERVISOR, outside=True),
    Move.RESIDENTS_NO: _rule({S.CLOSED}, S.REOPENED),
    Move.HOLDS: _rule({S.CLOSED}, None, INSPECTOR, SUPERVISOR, other=True, outside=True),
    Move.FALSE_CLOSURE: _rule({S.CLOSED}, S.REOPENED, INSPECTOR, SUPERVISOR, other=True, outside=True),
    Move.AFFIRM: _rule({S.REOPENED}, S.CLOSED, SUPERVISOR, other=True, outside=True),
    Move.VOID: _rule(UNSETTLED - {S.DRAFT}, S.VOID, SUPERVISOR, outside=True),
}
# A draft is its author's until it is submitted.
OWN_DRAFT = frozenset({Move.SUBMIT, Move.DISCARD, Move.EDIT})


def edges() -> frozenset[tuple[IssueState, IssueState]]:
    """Every change of state that some move makes."""
    return frozenset((state, rule.to) for rule in MOVES.values() if rule.to is not None for state in rule.states)


def fits(move: Move, state: IssueState, roles: frozenset[Role]) -> bool:
    """Whether one who has `roles` towards an issue in `state` may make this move, preconditions aside."""
    rule = MOVES[move]
    return state in rule.states and not rule.roles.isdisjoint(roles)


class Order(StrEnum):
    """How a list of issues is sorted."""

    NEWEST = "newest"
    DUE = "due"


class EntryKind(StrEnum):
    """What a phone sends about an issue, with photos."""

    OPENING = "opening"  # the issue itself, entered by hand
    REPLY = "reply"
    VERIFICATION = "verification"
    FOLLOW_UP = "follow_up"


class EntryState(StrEnum):
    """incomplete (photos still missing) → complete; superseded: it came whole when the issue had moved on."""

    INCOMPLETE = "incomplete"
    COMPLETE = "complete"
    SUPERSEDED = "superseded"


class Result(StrEnum):
    """What a verification or a follow-up found."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    HOLDS = "holds"
    FALSE_CLOSURE = "false_closure"


class ResidentsAnswer(StrEnum):
    """修好了吗 / is it fixed? What residents say of a closed issue."""

    YES = "yes"
    NO = "no"


class Objected(StrEnum):
    """How an objection (异议) is settled."""

    KEPT = "kept"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class Extended(StrEnum):
    """How a request for more time is settled."""

    GRANTED = "granted"
    REFUSED = "refused"


VERDICTS: dict[Result, Move] = {
    Result.PASS: Move.PASS, Result.FAIL: Move.FAIL, Result.HOLDS: Move.HOLDS,
    Result.FALSE_CLOSURE: Move.FALSE_CLOSURE,
}
SETTLES: dict[Objected, Move] = {
    Objected.KEPT: Move.KEEP, Objected.CORRECTED: Move.SEND_BACK, Objected.WITHDRAWN: Move.WITHDRAW,
}


def is_overdue(state: IssueState, due_on: date, today: date) -> bool:
    """Derived, never stored: past due and neither ended nor waiting for verification."""
    return today > due_on and state not in NOT_OVERDUE
