"""Retention over HTTP: the rules with what they would remove, and holds. Nothing is removed by a route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.kit.fields import listing
from server.kit.here import conf
from server.kit.http import Call, Reply, Routes, edge
from server.kit.paging import Page
from server.residents import queries as residents
from server.retention import applying, queries, schemas, service
from server.retention.models import LegalHold
from server.retention.rules import CLASSES, ELSEWHERE, DataClass, Elsewhere

routes = Routes("retention", __name__)
MOST = 20_000  # of a class are looked at for this page; the command looks at all
RUNS = 50


@routes.endpoint("GET", "/retention", answer=schemas.RetentionOut, stream=True)
def show(_call: Call) -> Any:
    """How long each class of data is kept, what its rule would remove now, what a hold keeps, and the last removals."""
    database = edge().database
    classes = [_class(one) for one in CLASSES]
    with database.read() as db:
        for one in classes:
            one["applies_from"] = applying.applies_from(db, conf(), one["name"])
        own = {"residents": residents.terms(db, conf()).keep_days, "exports": conf().exports_days}
        return {
            "classes": classes + [_elsewhere(one, own[one.name]) for one in ELSEWHERE],
            "runs": queries.last_runs(db, RUNS),
        }


def _class(one: DataClass) -> dict[str, Any]:
    found = applying.plan(edge().database, conf(), one.name, most=MOST)
    figures = found.figures
    return {
        **_told(one), "setting_zh": one.variable, "setting_en": one.variable, "elsewhere": False,
        "days": found.days or None,
        "plan": {
            "cutoff": found.cutoff, "rows": figures.rows, "files": figures.files, "bytes": figures.bytes,
            "held": figures.held, "oldest": figures.oldest, "newest": figures.newest, "whole": found.whole,
        } if found.days else None,
    }


def _elsewhere(one: Elsewhere, days: int) -> dict[str, Any]:
    return {
        **_told(one), "setting_zh": one.where[0], "setting_en": one.where[1], "elsewhere": True, "days": days,
        "applies_from": None, "plan": None,
    }


def _told(one: DataClass | Elsewhere) -> dict[str, Any]:
    return {
        "name": one.name, "zh": one.what[0], "en": one.what[1], "counted_zh": one.counted[0], "counted_en": one.counted[1],
    }


@routes.endpoint("GET", "/holds", query=schemas.HoldsQuery, answer=listing(schemas.HoldOut, "HoldsOut"))
def list_holds(call: Call) -> Any:
    """Legal holds, newest first; with `kind` and `id` those that keep this thing."""
    page = queries.list_holds(call.db, call.actor, **call.query)
    return Page(_shapes(call.db, page.items), page.next_cursor)


@routes.endpoint("POST", "/holds", body=schemas.HoldIn, answer=schemas.HoldOut, status=201)
def lay_hold(call: Call) -> Any:
    """Keep a report, issue, site or photo with all that is below it, whatever the rules of retention say. The same person's
    same reason again is answered 200 with the hold that stands."""
    hold, new = service.lay(call.db, call.actor, call.body["kind"], call.body["id"], call.body["reason"])
    return Reply(_shapes(call.db, [hold])[0], status=201 if new else 200)


@routes.endpoint(
    "POST", "/holds/<uuid:hold_id>/lifting", of=queries.find_hold, body=schemas.HoldLiftingIn, answer=schemas.HoldOut
)
def lift_hold(call: Call, hold: LegalHold) -> Any:
    """End a hold, with a reason. The same reason again changes nothing; another one is 409 `hold-lifted`."""
    return _shapes(call.db, [service.lift(call.db, call.actor, hold, call.body["reason"])])[0]


def _shapes(db: Session, shown: Sequence[LegalHold]) -> list[dict[str, Any]]:
    called = queries.names_of(db, shown)
    names = people.names_of(db, {one for hold in shown for one in (hold.by, hold.lifted_by) if one}) if shown else {}
    return [
        {
            "id": hold.id, "reason": hold.reason, "at": hold.at, "lifted_at": hold.lifted_at,
            "lifted_reason": hold.lifted_reason,
            "of": {"kind": hold.kind, "id": hold.object_id, "name": called.get(hold.object_id)},
            "by": {"id": hold.by, "name": names.get(hold.by)},
            "lifted_by": {"id": hold.lifted_by, "name": names.get(hold.lifted_by)} if hold.lifted_by else None,
        }
        for hold in shown
    ]
