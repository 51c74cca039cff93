"""Exports over HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import Response

from server.errors import Refusal
from server.exports import making, queries, rules, schemas, service
from server.exports.models import Export
from server.exports.rules import ExportState
from server.kit import clock, tokens
from server.kit.changes import losses
from server.kit.fields import Listing, listing
from server.kit.here import conf, store
from server.kit.http import Call, Routes, edge
from server.kit.i18n import language
from server.kit.paging import Page
from server.kit.serving import named, stored_file

routes = Routes("exports", __name__)
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,200}(/[\w./-]*)?")
_FROM_THE_START = re.compile(r"\s*bytes\s*=\s*0\s*-", re.IGNORECASE)


@routes.endpoint("POST", "/exports", body=schemas.ExportIn, answer=schemas.ExportOut, status=202)
def ask(call: Call) -> Any:
    """Have a list or its photos made into a file, of what you may see at that moment; an equal one that is under way
    is the answer."""
    spoken = call.body["lang"] or language(call.request.accept_languages)
    base = (conf().public_url or call.request.host_url).rstrip("/")
    address = f"{base}/desk#/issues" if _ADDRESS.fullmatch(base) else ""  # what a Host header says may be anything
    return _shapes(call, [service.ask(call.db, call.actor, conf(), call.body, spoken, address)])[0]


@routes.endpoint("GET", "/exports", query=Listing, answer=listing(schemas.ExportOut, "Exports"))
def list_exports(call: Call) -> Any:
    """Your own exports, the newest first, until they expire."""
    found = queries.list_exports(call.db, call.actor, call.query)
    return Page(_shapes(call, found.items), found.next_cursor)


@routes.endpoint("GET", "/exports/<uuid:export_id>", of=queries.find_export, answer=schemas.ExportOut)
def get_export(call: Call, export: Export) -> Any:
    """How far one of your exports is, and its file once it is ready."""
    return _shapes(call, [export])[0]


@routes.endpoint(
    "GET", "/exports/<uuid:export_id>/file", of=queries.find_export, stream=True, linkable=True,
    produces=rules.Format.XLSX.media_type,
)
def file(call: Call, export_id: uuid.UUID) -> Response:
    """The file, whole or from where it broke off (Range, If-Range); 404 `not-ready` until it is made, `export-lost`
    once a photo in it was covered since; 410 `export-withdrawn` once you may not see all of it any more: your roles,
    districts or firm are others now, or a site or issue was taken from you."""
    with edge().database.read() as db:
        export = queries.find_export(db, call.actor, export_id)
        name, plain = _names(db, export)
        withdrawn = rules.is_withdrawn(export.state, export.losses, losses(db, call.actor.id))
        outdated = making.shows_what_was_covered(db, call.actor, export)
    if withdrawn:
        raise Refusal("export-withdrawn")
    if export.state is not ExportState.READY or export.key is None or export.sha256 is None:
        raise Refusal("not-ready", extra={"state": export.state.value, "progress": export.progress})
    if store().size(export.key) is None:
        raise Refusal("export-lost")
    if outdated:
        raise Refusal("export-lost", ("导出后有照片被遮盖", "photos were covered after it was asked for"))
    response = stored_file(
        store(), export.key, call.request, media_type=export.format.media_type, etag=export.sha256, name=name, seconds=0,
    )
    response.headers["Content-Disposition"] = named(name, plain)
    response.headers["Cache-Control"] = "private, no-cache"
    asked = call.request.headers.get("Range")
    if call.request.method == "GET" and response.status_code in {200, 206} and (
        response.status_code == 200 or _FROM_THE_START.match(asked or "")
    ):
        edge().database.write(partial(service.fetched, actor=call.actor, export_id=export_id))
    return response


@routes.endpoint("DELETE", "/exports/<uuid:export_id>", of=queries.find_export, stream=True, status=204)
def remove(call: Call, export_id: uuid.UUID) -> None:
    """Take an export away, also one that is still being made."""
    with edge().database.read() as db:
        export = queries.find_export(db, call.actor, export_id)
    if export.key is not None:
        store().delete(export.key)
    edge().database.write(partial(service.remove, actor=call.actor, export_id=export_id))


def _names(db: Any, export: Export) -> tuple[str, str]:
    """What the file is called, in its language and in ASCII."""
    day = clock.day_of(export.ready_at or export.created_at)
    scope = queries.district_name(db, str(export.filters.get("district") or ""), export.language)
    stem = rules.stem(export.kind, export.rows_of, export.language, day, scope)
    return f"{stem}.{export.format.value}", f"{rules.plain_stem(export.kind, export.rows_of, day)}.{export.format.value}"


def _shapes(call: Call, exports: Sequence[Export]) -> list[dict[str, Any]]:
    lost = losses(call.db, call.actor.id)
    return [_shape(call, one, withdrawn=rules.is_withdrawn(one.state, one.losses, lost)) for one in exports]


def _shape(call: Call, export: Export, *, withdrawn: bool) -> dict[str, Any]:
    """One that is given out no more is shown as the sweep will soon leave it."""
    ready = export.state is ExportState.READY and not withdrawn
    link = tokens.sign_link(f"/api/v1/exports/{export.id}/file", call.actor.session_id, conf().link_minutes)
    columns = (
        "id", "kind", "format", "rows_of", "language", "filters", "state", "progress", "rows", "why", "created_at",
        "ready_at", "expires_at",
    )
    shown = {name: getattr(export, name) for name in columns}
    if export.state is ExportState.READY and withdrawn:
        shown |= {"state": ExportState.FAILED, "why": rules.WITHDRAWN}
    return shown | {
        "size": export.size if ready else None, "sha256": export.sha256 if ready else None,
        "name": _names(call.db, export)[0] if ready else None, "links": {"file": link} if ready else {},
    }
