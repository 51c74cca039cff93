"""Issues over HTTP."""

from __future__ import annotations

from typing import Any

from server.issues import follow_ups, queries, schemas, views
from server.issues.models import Issue
from server.kit.fields import listing
from server.kit.http import Call, Reply, Routes
from server.kit.i18n import language
from server.kit.paging import Page

routes = Routes("issues", __name__)


@routes.endpoint("GET", "/issues", query=schemas.IssueQuery, answer=listing(schemas.IssueOut, "Issues"))
def list_issues(call: Call) -> Any:
    """The issues you may see, the newest first."""
    found = queries.list_issues(call.db, call.actor, call.query)
    return Reply(Page(views.shapes(call.db, call.actor, found.items), found.next_cursor), plain=True)


@routes.endpoint("GET", "/issues/counts", answer=schemas.IssueCountsOut)
def count_issues(call: Call) -> Any:
    """How many issues you see in each state, how many are late, what you may do with how many."""
    return queries.counts(call.db, call.actor)


@routes.endpoint("GET", "/issues/<uuid:issue_id>", of=queries.find_issue, answer=schemas.WholeIssueOut)
def get_issue(call: Call, issue: Issue) -> Any:
    """One issue with its photos and history, and the flags on its after-photos."""
    return views.whole(call.db, call.actor, issue, language(call.request.accept_languages))


@routes.endpoint("GET", "/follow-ups", query=schemas.FollowUpQuery, answer=listing(schemas.FollowUpOut, "FollowUps"))
def list_follow_ups(call: Call) -> Any:
    """The weekly samples of closed issues to look at again (回头看)."""
    found = follow_ups.list_follow_ups(call.db, call.actor, call.query)
    issues = queries.by_ids(call.db, call.actor, [row.issue_id for row in found.items])
    shown = {one["id"]: one for one in views.shapes(call.db, call.actor, issues)}
    return Page([
        {"id": row.id, "week": row.week, "due_on": row.due_on, "result": row.result, "drawn_at": row.drawn_at,
         "issue": shown[row.issue_id]}
        for row in found.items
    ], found.next_cursor)
