"""The phone's sync over HTTP."""

from __future__ import annotations

from typing import Any

from server.kit.http import Call, Routes
from server.kit.i18n import language
from server.reports import views
from server.reviews.queries import history
from server.sync import queries, schemas

routes = Routes("sync", __name__)


@routes.endpoint("GET", "/sync", query=schemas.SyncQuery, answer=schemas.SyncOut)
def sync(call: Call) -> Any:
    """What changed since the cursor; everything a phone needs where there is none."""
    cursor = queries.read_cursor(call.query["cursor"])
    if cursor is None or queries.is_ahead(call.db, cursor):
        start = queries.newest(call.db)  # taken first: what comes meanwhile is told next time, never missed
        answer = queries.everything(call.db, call.actor)
        full, more, after = True, False, start
    else:
        changes, after, more = queries.since(call.db, call.actor, cursor)
        answer, full = queries.delta(call.db, call.actor, changes), False
    spoken = language(call.request.accept_languages)
    answer["reports"] = [
        views.whole(call.db, call.actor, one, spoken, history(call.db, one)) for one in answer["reports"]
    ]
    return {"cursor": after.text(), "full": full, "more": more, **answer}
