"""The document of a report over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response

from server.documents.drawing import MEDIA_TYPES, Format
from server.kit.here import staging, store
from server.kit.http import Call, Routes, edge
from server.kit.i18n import Language, language
from server.kit.serving import named, stored_file
from server.reports import queries, schemas
from server.reports.paper import files
from server.reports.paper.facts import facts

routes = Routes("report_papers", __name__)
FILE: dict[str, Any] = {
    "of": queries.find_report, "query": schemas.PaperQuery, "stream": True, "linkable": True,
}


@routes.endpoint("GET", "/reports/<uuid:report_id>.pdf", produces=MEDIA_TYPES["pdf"], **FILE)
def report_pdf(call: Call, report_id: uuid.UUID) -> Response:
    """The whole report on paper: answers, photos and what proves them, issues, review, receipt."""
    return _file(call, report_id, "pdf")


@routes.endpoint("GET", "/reports/<uuid:report_id>.docx", produces=MEDIA_TYPES["docx"], **FILE)
def report_docx(call: Call, report_id: uuid.UUID) -> Response:
    """The same as a Word file."""
    return _file(call, report_id, "docx")


def _file(call: Call, report_id: uuid.UUID, form: Format) -> Response:
    asked: Language | None = call.query["lang"]
    spoken = asked or language(call.request.accept_languages)
    with edge().database.read() as db:
        report = queries.find_report(db, call.actor, report_id)
        paper = facts(db, call.actor, report, spoken)
        site = queries.site_refs(db, {report.site_id})[report.site_id]["name"]
    made = files.drawn(edge().database, store(), staging(), report.id, paper, form)
    title = files.name(report.number, site, form, spoken)
    if made.data is None:
        etag = made.key.partition("/")[2].replace("/", "-")
        response = stored_file(
            store(), made.key, call.request, media_type=MEDIA_TYPES[form], etag=etag, name=title, seconds=0
        )
        response.headers["Cache-Control"] = "private, no-cache"  # a decision or a new revision says more
    else:
        response = Response(made.data, content_type=MEDIA_TYPES[form])
        response.headers["Cache-Control"] = "private, no-store"  # a photo was away; the next time it may be here
    # a browser shows a PDF, which is what somebody on a phone wants; a Word file is to be kept
    kind = "inline" if form == "pdf" else "attachment"
    response.headers["Content-Disposition"] = named(title, f"report-{report.number}.{form}", kind=kind)
    response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
    response.vary.add("Accept-Language")
    return response
