"""Every move of an issue over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from server.issues import entering, entries, move_schemas, notices, service, settling, views
from server.issues.models import Issue
from server.issues.queries import find_issue
from server.issues.rules import EntryKind, Move
from server.issues.schemas import IssueOut
from server.kit.here import conf
from server.kit.http import Call, Reply, Routes

routes = Routes("issue_moves", __name__)


def _issue(call: Call, done: tuple[Issue, bool]) -> Reply:
    issue, new = done
    call.db.flush()
    return Reply(views.shape(call.db, call.actor, issue), status=201 if new else 200)


@routes.endpoint("POST", "/issues", body=move_schemas.EnterIn, answer=move_schemas.EnteredOut, status=201)
def enter_issue(call: Call) -> Any:
    """Enter an issue that no report opened, with its photos; an inspector's is a draft."""
    received = entering.enter(call.db, call.actor, conf(), call.body)
    call.db.flush()
    shown = {
        **views.shape(call.db, call.actor, received.issue), "entry": entries.answer(call.db, received),
    }
    return Reply(shown, status=201 if received.new else 200)


@routes.endpoint("PATCH", "/issues/<uuid:issue_id>", of=find_issue, body=move_schemas.CorrectIn, answer=IssueOut)
def correct_issue(call: Call, issue: Issue) -> Any:
    """Correct severity, due date, text or responsible firm before the notice."""
    return Reply(views.shape(call.db, call.actor, service.correct(call.db, call.actor, issue, call.body)))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/submission", of=find_issue, body=move_schemas.MoveIn, answer=IssueOut)
def submit_issue(call: Call, issue: Issue) -> Any:
    """Submit one's own draft."""
    return Reply(views.shape(call.db, call.actor, service.submit(call.db, call.actor, issue, call.body)))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/discard", of=find_issue, body=move_schemas.MoveIn, answer=IssueOut)
def discard_issue(call: Call, issue: Issue) -> Any:
    """Throw one's own draft away; it stays readable."""
    return Reply(views.shape(call.db, call.actor, service.discard(call.db, call.actor, issue, call.body)))


@routes.endpoint("POST", "/notices", body=move_schemas.NoticeIn, answer=move_schemas.NoticeOut, status=201)
def give_notice(call: Call) -> Any:
    """One rectification notice for several issues of a site."""
    made, new = notices.give_notice(
        call.db, call.actor, call.body["issue_ids"], without_photos=call.body["without_photos"]
    )
    return Reply(notices.shape(call.db, made), status=201 if new else 200)


@routes.endpoint("POST", "/issues/<uuid:issue_id>/notice", of=find_issue, body=move_schemas.NoticeOfOneIn,
                 answer=move_schemas.NoticeOut, status=201)
def give_notice_of_one(call: Call, issue: Issue) -> Any:
    """A rectification notice for one issue."""
    made, new = notices.give_notice(
        call.db, call.actor, [issue.id], round_=call.body["round"], without_photos=call.body["without_photos"]
    )
    return Reply(notices.shape(call.db, made), status=201 if new else 200)


@routes.endpoint("POST", "/issues/<uuid:issue_id>/acknowledgement", of=find_issue, body=move_schemas.MoveIn,
                 answer=IssueOut, status=201)
def acknowledge(call: Call, issue: Issue) -> Any:
    """The contractor has received the notice (签收)."""
    return _issue(call, settling.simply(call.db, call.actor, issue, Move.ACKNOWLEDGE, call.body))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/objection", of=find_issue, body=move_schemas.ObjectionIn,
                 answer=IssueOut, status=201)
def object_to(call: Call, issue: Issue) -> Any:
    """The responsible firm's one objection (异议)."""
    return _issue(call, settling.object_to(call.db, call.actor, issue, call.body))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/objection/settlement", of=find_issue,
                 body=move_schemas.ObjectionSettledIn, answer=IssueOut, status=201)
def settle_objection(call: Call, issue: Issue) -> Any:
    """Keep the issue as it is, take it back to be corrected, or withdraw it."""
    return _issue(call, settling.settle_objection(call.db, call.actor, issue, call.body))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/extensions", of=find_issue, body=move_schemas.ExtensionIn,
                 answer=IssueOut, status=201)
def ask_extension(call: Call, issue: Issue) -> Any:
    """Ask for more time (延期申请)."""
    return _issue(call, settling.ask_extension(call.db, call.actor, issue, call.body))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/extensions/<uuid:extension_id>/settlement", of=find_issue,
                 body=move_schemas.ExtensionSettledIn, answer=IssueOut, status=201)
def settle_extension(call: Call, issue: Issue) -> Any:
    """Grant or refuse more time; the first due date stays."""
    extension_id: uuid.UUID = (call.request.view_args or {})["extension_id"]
    return _issue(call, settling.settle_extension(call.db, call.actor, issue, extension_id, call.body))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/replies", of=find_issue, body=move_schemas.ReplyIn,
                 answer=move_schemas.EntryOut, status=201)
def reply(call: Call, issue: Issue) -> Any:
    """Reply with measures and after-photos; it takes effect once the photos are here."""
    return _entry(call, issue, EntryKind.REPLY)


@routes.endpoint("POST", "/issues/<uuid:issue_id>/verifications", of=find_issue, body=move_schemas.VerificationIn,
                 answer=move_schemas.EntryOut, status=201)
def verify(call: Call, issue: Issue) -> Any:
    """Verify what was rectified: pass closes, fail sends back. Never by whoever replied."""
    return _entry(call, issue, EntryKind.VERIFICATION)


@routes.endpoint("POST", "/issues/<uuid:issue_id>/follow-ups", of=find_issue, body=move_schemas.FollowUpIn,
                 answer=move_schemas.EntryOut, status=201)
def follow_up(call: Call, issue: Issue) -> Any:
    """A later look (回头看) at a closed issue; a false closure reopens it."""
    return _entry(call, issue, EntryKind.FOLLOW_UP)


def _entry(call: Call, issue: Issue, kind: EntryKind) -> Reply:
    received = entries.receive(call.db, call.actor, issue, kind, call.body)
    call.db.flush()
    shown = {
        **entries.answer(call.db, received),
        "issue": views.shape(call.db, call.actor, received.issue),
    }
    return Reply(shown, status=201 if received.new else 200)


@routes.endpoint("POST", "/issues/<uuid:issue_id>/reopening", of=find_issue, body=move_schemas.ReasonIn,
                 answer=IssueOut, status=201)
def reopen(call: Call, issue: Issue) -> Any:
    """Reopen a closed issue."""
    return _issue(call, settling.simply(call.db, call.actor, issue, Move.REOPEN, call.body))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/affirmation", of=find_issue, body=move_schemas.ReasonIn,
                 answer=IssueOut, status=201)
def affirm(call: Call, issue: Issue) -> Any:
    """Close a reopened issue again: the closure was right."""
    return _issue(call, settling.simply(call.db, call.actor, issue, Move.AFFIRM, call.body))


@routes.endpoint("POST", "/issues/<uuid:issue_id>/void", of=find_issue, body=move_schemas.ReasonIn,
                 answer=IssueOut, status=201)
def make_void(call: Call, issue: Issue) -> Any:
    """Strike an issue out, with a reason."""
    return _issue(call, settling.simply(call.db, call.actor, issue, Move.VOID, call.body))

