"""Other content under an id and revision already taken: kept aside for the supervisor, as much as there is room for."""

from __future__ import annotations

import uuid
from typing import Any, NoReturn

from sqlalchemy.orm import Session

from server.audit import queries as trail
from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock
from server.kit.actor import Actor
from server.kit.prepared import insert
from server.reports import queries
from server.reports.models import Report, ReportConflict
from server.reports.rules import MOST_ASIDE, has_room_aside

_INSERT = insert(ReportConflict, [column.name for column in ReportConflict.__table__.columns], unless_there=True)


def keep_aside(db: Session, actor: Actor, report: Report, body: dict[str, Any]) -> NoReturn:
    """Refuse the body, and say truly whether it is kept. What is kept is never dropped for what comes later.

    To be called under the lock of the person whose report it is, as `receive` holds it: nobody else sends it, so that
    what is counted here is still so when the body is written.
    """
    revision, digest = int(body["revision"]), body["digest"]
    told = {"revision": report.revision, "state": report.state.value}
    if queries.is_aside(db, report.id, revision, digest):
        raise Refusal("report-conflict", extra=told)
    count = queries.count_aside(db, report.id)
    if not has_room_aside(count, queries.bytes_aside(db, report.id) if count < MOST_ASIDE else 0):
        _note_first_refused(db, actor, report, revision=revision, digest=digest, count=count)
        raise Refusal("report-conflicts-full", keep=True, extra=told)
    _INSERT.write(db, {
        "id": uuid.uuid4(), "report_id": report.id, "revision": revision, "content": body["canonical"],
        "digest": digest, "received_at": clock.now(),
    })
    audit.record(
        db, actor, "report_kept_aside", "report", report.id, district=report.district_code, revision=revision,
        digest=digest,
    )
    raise Refusal("report-conflict", keep=True, extra=told)


def _note_first_refused(db: Session, actor: Actor, report: Report, **facts: Any) -> None:
    """That bodies of this report are no longer kept is told in the trail once: a line for each would fill it instead."""
    if not trail.has(db, "report_not_kept_aside", "report", report.id):
        audit.record(db, actor, "report_not_kept_aside", "report", report.id, district=report.district_code, **facts)
