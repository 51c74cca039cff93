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
    """What changed since the cursor, with `full: false`: the phone puts it over what it has and drops what is `gone`.

    Everything a phone needs, with `full: true`, where there is no cursor, where it is of another life of the database,
    and where the person's roles, districts or firm changed: the phone keeps nothing of what it had but its own reports
    that are not sent yet.
    """
    cursor = queries.read_cursor(call.query["cursor"])
    told = None
    if cursor is not None and not queries.is_of_another_life(call.db, cursor):
        told = queries.since(call.db, call.actor, cursor)
    if told is None or queries.starts_afresh(told.changes):
        after = queries.newest(call.db)  # taken first: what comes meanwhile is told next time, never missed
        answer, full, more = queries.everything(call.db, call.actor), True, False
    else:
        answer, full, more, after = queries.delta(call.db, call.actor, told.changes), False, told.more, told.cursor
    spoken = language(call.request.accept_languages)
    answer["reports"] = [
        views.whole(call.db, call.actor, one, spoken, history(call.db, one)) for one in answer["reports"]
    ]
    return {"cursor": after.text(), "full": full, "more": more, **answer}
