"""Issues over HTTP."""

from __future__ import annotations

from typing import Any

from server.issues import queries, schemas
from server.issues.models import Issue
from server.kit.fields import listing
from server.kit.http import Call, Reply, Routes

routes = Routes("issues", __name__)


@routes.endpoint("GET", "/issues", query=schemas.IssueQuery, answer=listing(schemas.IssueOut, "Issues"))
def list_issues(call: Call) -> Any:
    """The issues you may see, the newest first."""
    return Reply(queries.list_issues(call.db, call.actor, call.query), plain=True)


@routes.endpoint("GET", "/issues/<uuid:issue_id>", of=queries.find_issue, answer=schemas.IssueOut)
def get_issue(call: Call, issue: Issue) -> Any:
    """One issue with its photos and history."""
    return queries.shapes(call.db, call.actor, [issue])[0]
