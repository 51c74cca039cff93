"""An issue that no report opened, entered by hand: a call to the hotline, a patrol, the leaders' list; with its photos."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from config import Config
from server.errors import Refusal, invalid, not_found
from server.issues import entries
from server.issues.models import Issue, IssueEntry
from server.issues.moving import note
from server.issues.rules import IssueState, Source
from server.issues.service import OPENED, number_of
from server.kit import clock
from server.kit.actor import Actor, Role
from server.kit.db import hold
from server.kit.ids import new_id
from server.programme import queries as programme
from server.programme.calendar import default_due_on
from server.programme.policy import policy_of

ENTERS = frozenset({Role.INSPECTOR, Role.SUPERVISOR})


def enter(db: Session, actor: Actor, conf: Config, body: dict[str, Any]) -> entries.Received:
    """An inspector's is a draft, a supervisor's waits for its notice. Its photos may come before or after, under its id.

    The same id and content again is the same answer; `body` is a loaded EnterIn.
    """
    hold(db, f"person:{actor.id}")  # photos take the same lock: the last one may come at the same moment
    known = db.get(Issue, body["id"]) if body["id"] else None
    if known is not None:
        return _again(db, actor, known, body)
    # Seen as one who may enter issues there, not as the office, which sees every site: a draft needs an author who may
    # submit it.
    site = programme.find_site(db, replace(actor, roles=actor.roles & ENTERS), body["site_id"])
    supervises = Role.SUPERVISOR in actor.roles and site.district_code in actor.districts
    now, today = clock.now(), clock.today()
    due_on = body["due_on"] or default_due_on(db, policy_of(db, conf), body["severity"], today)
    if due_on < today:
        raise invalid("due_on", "不能早于今天", "is in the past")
    issue = Issue(
        id=body["id"] or new_id(), number=number_of(db, site.district_code, today),
        state=IssueState.PENDING_ISSUE if supervises else IssueState.DRAFT, site_id=site.id,
        district_code=site.district_code, source=body["source"], severity=body["severity"],
        description=body["description"], due_on=due_on, first_due_on=due_on, contractor_id=site.contractor_id,
        opened_by=actor.id, created_at=now, changed_by=actor.id, changed_at=now,
    )
    db.add(issue)
    db.flush()
    if supervises:
        note(
            db, actor, issue, OPENED, None, issue.state, severity=issue.severity.value, due_on=due_on.isoformat(), at=now
        )
    else:  # a draft counts as an issue from its submission on: until then no figure knows it
        note(db, actor, issue, "drafted", None, None)
    return entries.opened(db, actor, issue, body)


def _again(db: Session, actor: Actor, known: Issue, body: dict[str, Any]) -> entries.Received:
    if known.opened_by != actor.id:
        raise not_found()
    entry = db.get(IssueEntry, known.id)
    if entry is None and known.source is not Source.INSPECTION and known.site_id == body["site_id"]:
        # entered before this was kept to the letter, and perhaps corrected since: this is what it was
        return replace(entries.opened(db, actor, known, body), new=False)
    if entry is None or entry.digest != body["digest"]:
        raise Refusal("issue-conflict", extra={"id": str(known.id), "state": known.state.value})
    return entries.Received(entry, known, entries.photos_of(db, known.id), new=False)
