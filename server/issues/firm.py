"""The responsible firm and its own issue: who is of it, what it sees, and what it has no part in.

`own_entry`, `own_pair` and `own_photo` say in SQL what is of the firm that is responsible now and not of one before it;
whatever gives a firm replies, verdicts or photos narrows by them, a list and an export as well as a photo itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from server.issues.models import EntryPhoto, Issue, IssueEntry, IssueEvent, IssuePair, IssuePhoto
from server.issues.rules import EntryState, Move
from server.kit.actor import Actor, Role

CORRECTED = frozenset({Move.CORRECT, Move.EDIT})
# What a step of the history tells the firm, by its verb; of a verb that is not here it sees nothing. `reason` of a
# verdict is why it was passed in spite of a doubt: that is between those who judge.
TOLD: dict[str, frozenset[str]] = {
    verb: frozenset(facts) for verb, facts in {
        "opened": {"item", "severity", "due_on"}, "submit": set[str](), "found_again": set[str](),
        "fix_on_spot": set[str](), "correct": {"changed"}, "notice": set[str](), "acknowledge": set[str](),
        "reply": set[str](), "pass": {"comment"}, "fail": {"comment", "due_on"}, "object": {"reason"},
        "keep": {"comment"}, "send_back": {"comment"}, "withdraw": {"comment"}, "ask_extension": {"reason", "due_on"},
        "settle_extension": {"result", "comment", "due_on"}, "reopen": {"reason"}, "residents_no": set[str](),
        "holds": {"comment"}, "false_closure": {"comment"}, "affirm": {"reason"}, "void": {"reason"},
    }.items()
}
BEGINNING = frozenset({"opened", "submit"})  # also what happened before the issue was this firm's


def is_of_firm(actor: Actor, issue: Any) -> bool:
    """Whether the actor works for the responsible firm, whatever else one is."""
    firm = issue.contractor_id
    return firm is not None and Role.CONTRACTOR in actor.roles and actor.organisation_id == firm


def is_strangers(actor: Actor) -> sa.ColumnElement[bool]:
    """The same turned round, as a condition: issues of which the actor is not of the responsible firm."""
    if Role.CONTRACTOR not in actor.roles or actor.organisation_id is None:
        return sa.true()
    return sa.or_(Issue.contractor_id.is_(None), Issue.contractor_id != actor.organisation_id)


def seen(actor: Actor, own: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Of rows that hang on issues, and are joined with them, those that the actor may see: where one is of the responsible
    firm, what is its `own`; elsewhere all."""
    return sa.or_(is_strangers(actor), own)


def own_entry() -> sa.ColumnElement[bool]:
    """Replies and verdicts since the present firm is responsible."""
    return _not_of_another(IssueEntry.issue_id, lambda step: step.at > IssueEntry.received_at)


def own_pair() -> sa.ColumnElement[bool]:
    """Pairs since the present firm is responsible."""
    return _not_of_another(IssuePair.issue_id, lambda step: step.round > IssuePair.round)


def own_photo() -> sa.ColumnElement[bool]:
    """All that show the failure, and of what was done those that came since the present firm is responsible."""
    paired = sa.select(IssuePair.issue_id).where(
        IssuePair.issue_id == IssuePhoto.issue_id, IssuePair.after_photo_id == IssuePhoto.photo_id, own_pair()
    ).correlate(IssuePhoto)
    sent = (
        sa.select(EntryPhoto.photo_id).join(IssueEntry, IssueEntry.id == EntryPhoto.entry_id)
        .where(IssueEntry.issue_id == IssuePhoto.issue_id, EntryPhoto.photo_id == IssuePhoto.photo_id, own_entry())
    ).correlate(IssuePhoto)
    return sa.or_(
        IssuePhoto.kind == "before", _not_of_another(IssuePhoto.issue_id, lambda _step: sa.true()),
        paired.exists(), sent.exists(),
    )


def _not_of_another(issue_id: Any, later: Callable[[Any], sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    """Whether no such later step took the issue from another firm; `_became_its_own` asks a read history the same."""
    step = aliased(IssueEvent)
    # from somebody: the list begins with a string and not with null. In what people write, quotes are escaped
    other = sa.cast(step.facts, sa.Text).like('%"contractor_id":["%')
    corrected = sa.or_(*(step.verb == verb for verb in sorted(CORRECTED)))  # no IN: prepared statements take none
    taken = sa.select(step.id).where(step.issue_id == issue_id, corrected, other, later(step))
    return sa.not_(taken.correlate_except(step).exists())


def as_seen(shown: dict[str, Any]) -> dict[str, Any]:
    """An issue as its firm sees it, of the whole shape: each field is here that is less than for others.

    The report and an earlier issue of the same item are not the firm's to open. What residents were asked and said, that
    a later look is to come, who sends which photos when: that is the office's. What an earlier responsible firm did and
    was told is that firm's; its photos were not read at all, see `own_photo`.
    """
    at, round_ = _became_its_own(shown["history"])
    return {
        **shown, "report_id": None, "recurrence_of": None, "residents": None, "follow_up": None, "photos_awaited": 0,
        "pairs": [pair for pair in shown["pairs"] if pair["round"] >= round_],
        "replies": [one for one in shown["replies"] if at is None or one["received_at"] >= at],
        "verifications": [
            {**one, "reason": None, "doubts": []} for one in shown["verifications"]
            if one["state"] is EntryState.COMPLETE and (at is None or one["received_at"] >= at)
        ],
        "extensions": [one for one in shown["extensions"] if at is None or one["at"] >= at],
        "history": [
            _step(step) for step in shown["history"]
            if step["verb"] in TOLD and (at is None or step["at"] >= at or step["verb"] in BEGINNING)
        ],
    }


def _became_its_own(history: list[dict[str, Any]]) -> tuple[Any, int]:
    """The moment and the round in which another firm's issue became this one's; (None, 0) where there was no other."""
    for step in reversed(history):
        before, _ = (step["facts"].get("changed") or {}).get("contractor_id") or (None, None)
        if step["verb"] in CORRECTED and before is not None:
            return step["at"], step["round"]
    return None, 0


def _step(step: dict[str, Any]) -> dict[str, Any]:
    facts = {name: value for name, value in step["facts"].items() if name in TOLD[step["verb"]]}
    if "changed" in facts:
        facts["changed"] = {name: values for name, values in facts["changed"].items() if name != "contractor_id"}
    verb = "reopen" if step["verb"] == Move.RESIDENTS_NO else step["verb"]
    return {**step, "verb": verb, "facts": facts}
