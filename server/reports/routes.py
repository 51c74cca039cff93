"""Reports over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from server.errors import not_found
from server.kit.fields import listing
from server.kit.http import Call, Reply, Routes
from server.kit.i18n import language
from server.permissions import placed
from server.reports import queries, schemas, service, views
from server.reports.models import Report

routes = Routes("reports", __name__)

# Lines that higher features add to a report's history: (db, report) → [{at, kind, …}]. Filled by wiring.
history_hooks: list[Any] = []


@routes.endpoint("GET", "/reports", query=schemas.ReportQuery, answer=listing(schemas.ReportRow, "Reports"))
def list_reports(call: Call) -> Any:
    """The reports you may see, the newest received first, or the oldest with `order=oldest`."""
    return Reply(queries.list_reports(call.db, call.actor, call.query), plain=True)


@routes.endpoint("PUT", "/reports/<uuid:report_id>", body=schemas.ReportIn, answer=schemas.PutOut)
def put_report(call: Call, report_id: uuid.UUID) -> Any:
    """Send the whole report as the phone has it; safe to repeat. 201 when new, 200 when seen before."""
    got = service.receive(call.db, call.actor, report_id, call.body)
    answer = views.answer(call.db, got.report, got.revision, got.photos)
    return Reply(answer, status=201 if got.new else 200, plain=True)


@routes.endpoint("GET", "/reports/<uuid:report_id>", of=queries.find_report, answer=schemas.ReportOut)
def get_report(call: Call, report: Report) -> Any:
    """One report with its answers, photos, flags and history."""
    lines = [line for hook in history_hooks for line in hook(call.db, report)]
    return views.whole(call.db, call.actor, report, language(call.request.accept_languages), lines)


@routes.endpoint("GET", "/reports/<uuid:report_id>/conflicts", of=queries.find_report, query=schemas.ConflictsQuery,
                 answer=listing(schemas.ConflictOut, "Conflicts"))
def get_conflicts(call: Call, report: Report) -> Any:
    """Bodies that came under a revision already taken, kept aside; the first received first.

    Of one report 20 are kept, or as many as reach 16 MB. What differs from them and comes later is refused with
    `report-conflicts-full` and is not kept.
    """
    return queries.list_conflicts(call.db, report.id, cursor=call.query["cursor"], limit=call.query["limit"])


def find_revision(db: Any, actor: Any, report_id: uuid.UUID, revision: int) -> tuple[Report, Any]:
    """A visible report and one of its revisions, or 404."""
    report = queries.find_report(db, actor, report_id)
    found = queries.revision_of(db, report_id, revision) if revision < 2**31 else None
    if found is None:
        raise not_found()
    return report, found


@routes.endpoint("GET", "/reports/<uuid:report_id>/revisions/<int:revision>", of=find_revision,
                 answer=schemas.RevisionOut)
def get_revision(call: Call, found: tuple[Report, Any]) -> Any:
    """One revision to the letter."""
    report, revision = found
    return {
        "id": report.id, "revision": revision.revision, "content": placed(call.actor, queries.body_of(revision)),
        "digest": revision.digest, "verdicts": revision.verdicts, "sent_at": revision.sent_at,
        "received_at": revision.received_at, "receipt": views.receipt(revision),
        "correction_reason": revision.correction_reason,
    }
