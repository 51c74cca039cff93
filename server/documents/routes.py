"""Templates of papers over HTTP."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Request, Response
from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.documents import queries, schemas, templates
from server.documents.drawing import MEDIA_TYPES
from server.documents.models import DocumentTemplate
from server.documents.rules import TemplateKind
from server.errors import Refusal
from server.kit.bodies import read_body
from server.kit.here import staging, store
from server.kit.http import Call, Routes, edge
from server.kit.i18n import Language
from server.kit.serving import named

routes = Routes("documents", __name__)
DOCX = MEDIA_TYPES["docx"]


@routes.endpoint("GET", "/documents/templates", answer=schemas.TemplatesOut)
def list_templates(call: Call) -> Any:
    """The Word template of every kind of paper in both languages, and who changed it when."""
    rows = queries.templates(call.db)
    names = people.names_of(call.db, {row.changed_by for row in rows if row.changed_by})
    spoken: tuple[Language, ...] = ("zh", "en")
    return {"items": [_shape(kind, lang, rows, names) for kind in TemplateKind for lang in spoken]}


@routes.endpoint(
    "GET", "/documents/templates/<kind>", query=schemas.TemplateQuery, of=queries.find_kind, produces=DOCX
)
def get_template(call: Call, kind: TemplateKind) -> Response:
    """The template in use, or an earlier version, as a Word file."""
    lang: Language = call.query["lang"]
    version = call.query["version"]
    if version is None:
        row = queries.template_in_use(call.db, kind, lang)
    else:
        row = queries.template_version(call.db, kind, lang, version)
    return _file(templates.content(store(), kind, lang, row), kind, lang, "模板")


@routes.endpoint(
    "PUT", "/documents/templates/<kind>", query=schemas.SeenQuery, stream=True, answer=schemas.TemplateOut
)
def replace_template(call: Call, kind: str) -> Any:
    """Put in the office's own template: a .docx as the body. It is tried with a sample; 422 `template-unfit` says what
    is wrong, and `unknown` names what no paper has, as the template writes it. With `version`, 409 `template-changed`
    says what is newest where somebody else changed it meanwhile."""
    wanted, lang = _kind(call, kind), call.query["lang"]
    data = _word_file(call.request)
    templates.tried(wanted, lang, data, _folder())
    sha256 = templates.stored(store(), staging(), data)

    def verb(db: Session) -> Any:
        templates.replace(db, call.actor, wanted, lang, sha256, len(data), seen=call.query["version"])
        return _one(db, wanted, lang)

    return edge().database.write(verb)


@routes.endpoint(
    "DELETE", "/documents/templates/<kind>", query=schemas.SeenQuery, of=queries.find_kind, answer=schemas.TemplateOut
)
def give_template_up(call: Call, kind: TemplateKind) -> Any:
    """Use the default again; the office's versions stay to be had. `version` as in PUT."""
    templates.give_up(call.db, call.actor, kind, call.query["lang"], seen=call.query["version"])
    return _one(call.db, kind, call.query["lang"])


@routes.endpoint(
    "POST", "/documents/templates/<kind>/preview", query=schemas.SpokenQuery, stream=True, produces=DOCX
)
def preview_template(call: Call, kind: str) -> Response:
    """A sample drawn with the .docx of the body, or without one with the template in use; nothing is kept."""
    wanted, lang = _kind(call, kind), call.query["lang"]
    data: bytes | None
    if call.request.content_length:
        data = _word_file(call.request)
    else:
        with edge().database.read() as db:
            row = queries.template_in_use(db, wanted, lang)
        data = templates.content(store(), wanted, lang, row) if row else None
    return _file(templates.tried(wanted, lang, data, _folder()), wanted, lang, "示例")


def _kind(call: Call, kind: str) -> TemplateKind:
    with edge().database.read() as db:
        return queries.find_kind(db, call.actor, kind)


def _word_file(request: Request) -> bytes:
    if request.mimetype not in {"", DOCX, "application/octet-stream"}:
        raise Refusal("unsupported-media-type", ("须发送 .docx 文件本身", "send the .docx itself as the body"))
    if request.content_length is None:
        raise Refusal("length-required")
    return read_body(request, templates.MAX_BYTES)


def _folder() -> Any:
    folder = staging()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _file(data: bytes, kind: TemplateKind, lang: Language, what: str) -> Response:
    response = Response(data, content_type=DOCX)
    response.set_etag(hashlib.sha256(data).hexdigest())
    plain = f"{kind.value}.{lang}.docx"
    response.headers["Content-Disposition"] = named(f"{kind.zh}_{what}.docx" if lang == "zh" else plain, plain)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _one(db: Session, kind: TemplateKind, lang: Language) -> dict[str, Any]:
    rows = [row for row in queries.templates(db) if row.kind is kind and row.language == lang]
    return _shape(kind, lang, rows, people.names_of(db, {row.changed_by for row in rows if row.changed_by}))


def _shape(kind: TemplateKind, lang: Language, rows: list[DocumentTemplate], names: dict[Any, str]) -> dict[str, Any]:
    mine = [row for row in rows if row.kind is kind and row.language == lang]
    return {
        "kind": kind, "title": kind.zh if lang == "zh" else kind.en, "lang": lang,
        "version": mine[0].version if mine and mine[0].sha256 else None,
        "versions": [
            {
                "version": row.version, "changed_at": row.changed_at, "sha256": row.sha256, "size": row.size,
                "changed_by": {"id": row.changed_by, "name": names.get(row.changed_by)} if row.changed_by else None,
            }
            for row in mine
        ],
    }
