"""Papers of issues over HTTP: their files, their list, and the register of issues."""

from __future__ import annotations

import re
import tempfile
import uuid
from pathlib import Path
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from server.documents import files
from server.documents import queries as documents
from server.documents.drawing import MEDIA_TYPES, Format
from server.documents.models import Document
from server.documents.rules import Kind, TemplateKind
from server.errors import Refusal
from server.issues import handover, paper_queries, paper_schemas, register, views
from server.issues.queries import find_issue
from server.kit import clock
from server.kit.fields import listing
from server.kit.here import conf, staging, store
from server.kit.http import Call, Reply, Routes, edge
from server.kit.i18n import Language, language
from server.kit.paging import Page
from server.kit.serving import named, passing_file, stored_file
from server.photos import covers
from server.reports import queries as reports

routes = Routes("papers", __name__)
DOCX, PDF = MEDIA_TYPES["docx"], MEDIA_TYPES["pdf"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,200}(/[\w./-]*)?")
FILE: dict[str, Any] = {"query": paper_schemas.SpokenFileQuery, "stream": True, "linkable": True}


@routes.endpoint(
    "GET", "/documents", query=paper_schemas.DocumentQuery, answer=listing(paper_schemas.DocumentOut, "Documents")
)
def list_documents(call: Call) -> Any:
    """The papers you may see, the newest first."""
    found = paper_queries.list_documents(call.db, call.actor, call.query)
    return Page(_shapes(call, list(found.items)), found.next_cursor)


@routes.endpoint("POST", "/documents", body=paper_schemas.DistrictListIn, answer=paper_schemas.DocumentOut, status=201)
def make_list(call: Call) -> Any:
    """Issue a hand-over list (交办单) or an escalation letter (督办函) over issues of one district."""
    made, new = handover.give(call.db, call.actor, call.body)
    return Reply(_shapes(call, [made])[0], status=201 if new else 200)


@routes.endpoint("GET", "/documents/<uuid:document_id>.docx", of=paper_queries.find_document, produces=DOCX, **FILE)
def document_docx(call: Call, document_id: uuid.UUID) -> Response:
    """A paper as a Word file, drawn with the office's template."""
    return _document(call, document_id, "docx")


@routes.endpoint("GET", "/documents/<uuid:document_id>.pdf", of=paper_queries.find_document, produces=PDF, **FILE)
def document_pdf(call: Call, document_id: uuid.UUID) -> Response:
    """A paper as PDF."""
    return _document(call, document_id, "pdf")


@routes.endpoint("GET", "/issues/<uuid:issue_id>/notice.docx", of=find_issue, produces=DOCX, **FILE)
def notice_docx(call: Call, issue_id: uuid.UUID) -> Response:
    """The newest rectification notice that holds this issue (整改通知单)."""
    return _newest(call, issue_id, Kind.RECTIFICATION_NOTICE, "docx")


@routes.endpoint("GET", "/issues/<uuid:issue_id>/notice.pdf", of=find_issue, produces=PDF, **FILE)
def notice_pdf(call: Call, issue_id: uuid.UUID) -> Response:
    """The newest rectification notice that holds this issue (整改通知单)."""
    return _newest(call, issue_id, Kind.RECTIFICATION_NOTICE, "pdf")


@routes.endpoint("GET", "/issues/<uuid:issue_id>/reply.docx", of=find_issue, produces=DOCX, **FILE)
def reply_docx(call: Call, issue_id: uuid.UUID) -> Response:
    """The contractor's newest reply (整改回复单)."""
    return _newest(call, issue_id, Kind.RECTIFICATION_REPLY, "docx")


@routes.endpoint("GET", "/issues/<uuid:issue_id>/reply.pdf", of=find_issue, produces=PDF, **FILE)
def reply_pdf(call: Call, issue_id: uuid.UUID) -> Response:
    """The contractor's newest reply (整改回复单)."""
    return _newest(call, issue_id, Kind.RECTIFICATION_REPLY, "pdf")


@routes.endpoint("GET", "/issues/<uuid:issue_id>/verification.docx", of=find_issue, produces=DOCX, **FILE)
def verification_docx(call: Call, issue_id: uuid.UUID) -> Response:
    """The newest verification record (复查记录)."""
    return _newest(call, issue_id, Kind.VERIFICATION_RECORD, "docx")


@routes.endpoint("GET", "/issues/<uuid:issue_id>/verification.pdf", of=find_issue, produces=PDF, **FILE)
def verification_pdf(call: Call, issue_id: uuid.UUID) -> Response:
    """The newest verification record (复查记录)."""
    return _newest(call, issue_id, Kind.VERIFICATION_RECORD, "pdf")


@routes.endpoint("GET", "/issues.xlsx", query=paper_schemas.RegisterQuery, stream=True, linkable=True, produces=XLSX)
def issue_register(call: Call) -> Response:
    """The register of issues (销号台账) with thumbs of photos, of what a list with the same filter shows."""
    spoken = _spoken(call)
    with edge().database.read() as db:
        if register.count(db, call.actor, call.query) > register.MOST:
            raise Refusal("table-too-large", (
                f"最多{register.MOST}行，请缩小范围", f"at most {register.MOST} rows: narrow it down"
            ))
        covered = covers.standing(db)
    folder = staging()
    folder.mkdir(parents=True, exist_ok=True)
    base = (conf().public_url or call.request.host_url).rstrip("/")
    address = f"{base}/desk#/issues" if _ADDRESS.fullmatch(base) else ""  # what a Host header says may be anything
    with (
        tempfile.TemporaryDirectory(prefix="register-", dir=folder) as home,
        files.stored_photos(store(), folder, covered) as photos,
    ):
        path = Path(home) / "register.xlsx"
        register.write(edge().database, register.Asked(call.actor, call.query, spoken, address), path, photos)
        response = passing_file(path, XLSX)
    day = clock.today().isoformat()
    title = f"销号台账_{day}.xlsx" if spoken == "zh" else f"Issue register {day}.xlsx"
    response.headers["Content-Disposition"] = named(title, f"issues-{day}.xlsx")
    return _said_in(response, spoken, "private, no-store")


def _newest(call: Call, issue_id: uuid.UUID, kind: Kind, form: Format) -> Response:
    with edge().database.read() as db:
        found = paper_queries.newest_of_issue(db, call.actor, issue_id, kind)
    return _file(call, found, form)


def _document(call: Call, document_id: uuid.UUID, form: Format) -> Response:
    with edge().database.read() as db:
        found = paper_queries.find_document(db, call.actor, document_id)
    return _file(call, found, form)


def _file(call: Call, document: Document, form: Format) -> Response:
    spoken = _spoken(call)
    with edge().database.read() as db:
        template = documents.template_in_use(db, TemplateKind(document.kind.value), spoken)
        covered = covers.mapping(db, list(files.shown(document.content)))
    made = files.drawn(store(), staging(), document, form, spoken, template, covered)
    title = files.name(document, form, spoken)
    if made.data is None:
        response = stored_file(
            store(), made.key, call.request, media_type=MEDIA_TYPES[form], etag=made.key.partition("/")[2].replace("/", "-"),
            name=title, seconds=0,
        )
        keep = "private, no-cache"  # a new template draws it otherwise
    else:
        response = Response(made.data, content_type=MEDIA_TYPES[form])
        keep = "private, no-store"  # a photo was away; the next time it may be here
    # a browser shows a PDF, which is what somebody on a phone wants; a Word file is to be kept
    kind = "inline" if form == "pdf" else "attachment"
    response.headers["Content-Disposition"] = named(title, files.plain_name(document, form), kind=kind)
    return _said_in(response, spoken, keep)


def _spoken(call: Call) -> Language:
    asked: Language | None = call.query["lang"]
    return asked or language(call.request.accept_languages)


def _said_in(response: Response, spoken: Language, keep: str) -> Response:
    response.headers["Cache-Control"] = keep
    response.headers["Content-Language"] = "zh-CN" if spoken == "zh" else "en"
    response.vary.add("Accept-Language")
    return response


def _shapes(call: Call, found: list[Document]) -> list[dict[str, Any]]:
    db: Session = call.db
    sites = reports.site_refs(db, {one.site_id for one in found if one.site_id})
    people = reports.person_refs(db, {one.issued_by for one in found if one.issued_by})
    held = paper_queries.issue_ids(db, call.actor, found)
    return [
        {
            "id": one.id, "kind": one.kind, "number": one.number, "year": one.year, "serial": one.serial,
            "site": sites.get(one.site_id) if one.site_id else None, "district": one.district_code,
            "to": one.content.get("to"), "issue_ids": held[one.id],
            "issued_by": people.get(one.issued_by) if one.issued_by else None, "issued_at": one.issued_at,
            "links": views.paper_links(one.id, call.actor),
        }
        for one in found
    ]
