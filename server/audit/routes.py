"""Reading the trail."""

from __future__ import annotations

from typing import Any

from server.audit import queries, schemas
from server.kit.fields import listing
from server.kit.http import Call, Routes

routes = Routes("audit", __name__)


@routes.endpoint("GET", "/audit", query=schemas.AuditQuery, answer=listing(schemas.EventOut, "EventsOut"))
def list_events(call: Call) -> Any:
    """Who did what and when, newest first; supervisors see their districts."""
    kind, colon, object_id = (call.query["object"] or "").partition(":")
    return queries.events(
        call.db, call.actor, kind=kind if colon else None, object_id=object_id if colon else kind or None,
        cursor=call.query["cursor"], limit=call.query["limit"],
    )
