"""Decisions over HTTP."""

from __future__ import annotations

from typing import Any

from flask import current_app

from server.kit.http import Call, Reply, Routes
from server.reports.models import Report
from server.reports.queries import find_report
from server.reviews import schemas, service

routes = Routes("reviews", __name__)


@routes.endpoint("POST", "/reports/<uuid:report_id>/reviews", of=find_report, body=schemas.ReviewIn,
                 answer=schemas.ReviewOut)
def review(call: Call, report: Report) -> Any:
    """Approve, return with comments, or void a report."""
    made, opened, new = service.decide(call.db, call.actor, current_app.config["DUDAO"], report, call.body)
    shown = {
        "id": made.id, "report_id": made.report_id, "revision": made.revision, "decision": made.decision,
        "comment": made.comment, "items": made.items, "reviewer_id": made.reviewer_id, "at": made.at,
        "state": report.state, "issues": opened,
    }
    return Reply(shown, status=201 if new else 200)
