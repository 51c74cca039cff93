"""Alive, ready, measured, documented, and the first page."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from functools import partial
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Request, Response, current_app

from server.accounts.queries import by_username
from server.errors import Refusal, not_found
from server.kit.here import conf
from server.kit.http import Call, Routes, edge
from server.kit.i18n import Language, language
from server.kit.serving import unless_known
from server.operation import client, health, measure, openapi, pages, schemas

routes = Routes("operation", __name__, at="")
HTML = "text/html"
# These must answer without the database too, so they open no transaction at the edge.
open_to_all = partial(routes.endpoint, "GET", public=True, stream=True)


@open_to_all("/healthz", answer=schemas.AliveOut)
def alive(_call: Call) -> Any:
    """Whether this process answers at all; it asks nobody else."""
    return {"status": "ok"}


@open_to_all("/readyz", answer=schemas.ReadyOut)
def ready(_call: Call) -> Any:
    """Whether the database, its migration, the store of files and the jobs are there; 503 names what is away."""
    checks = health.examine(edge().database, current_app.extensions["dudao-store"])
    away = {check.part: check.away for check in checks if check.away is not None}
    if away:
        raise Refusal(
            "service-not-ready",
            (";".join(zh for zh, _ in away.values()), "; ".join(en for _, en in away.values())),
            extra={"away": list(away)},
        )
    return {"status": "ready", "checks": {check.part: "ok" for check in checks}}


@open_to_all("/metrics", produces="text/plain")
def metrics(call: Call) -> Response:
    """Counters and gauges in Prometheus' text format; for the holder of the metrics token, or this machine alone."""
    _refuse_strangers(call.request, current_app.config["DUDAO"].metrics_token)
    gauges = current_app.extensions.get("dudao-gauges")
    if gauges is None:
        folder = current_app.config["DUDAO"].uploads_dir
        gauges = current_app.extensions.setdefault("dudao-gauges", measure.Gauges(edge().database, folder))
    return Response(measure.text(gauges), content_type="text/plain; version=0.0.4; charset=utf-8")


def _refuse_strangers(request: Request, token: str) -> None:
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise Refusal("token-invalid" if given else "not-signed-in")
        return
    # A proxy on this machine speaks from loopback for the whole world; it names whom it speaks for.
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "X-Real-Ip", "Forwarded"))
    trusted = current_app.config["DUDAO"].trusted_proxies > 0
    try:
        here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        here = False
    if not here or (forwarded and not trusted):
        raise not_found()


@open_to_all("/", query=schemas.PageQuery, produces=HTML)
def front_page(call: Call) -> Response:
    """The phone's page."""
    if client.is_built(conf().web_dir):
        return client.page(conf().web_dir, "index.html", call.request, tiles=conf().tiles)
    return _page(pages.front(_spoken(call), _base(call.request), sample=_has_sample(pages.FRONT_SAMPLE)))


@open_to_all("/desk", query=schemas.PageQuery, produces=HTML)
def desk_page(call: Call) -> Response:
    """The supervisor's desk."""
    if client.is_built(conf().web_dir):
        return client.page(conf().web_dir, "desk.html", call.request, tiles=conf().tiles)
    return _page(pages.desk(_spoken(call), _base(call.request), sample=_has_sample(pages.DESK_SAMPLE)))


@open_to_all("/assets/<name>", produces="*/*")
def client_asset(call: Call, name: str) -> Response:
    """A script, style, font or icon of the web client."""
    return client.asset(conf().web_dir, name, call.request)


@open_to_all("/sw.js", produces="text/javascript")
def client_worker(call: Call) -> Response:
    """What lets the phone's page work without a signal."""
    return client.beside(conf().web_dir, "sw.js", call.request)


@open_to_all("/manifest.webmanifest", produces="application/manifest+json")
def client_manifest(call: Call) -> Response:
    """What lets the phone's page be installed."""
    return client.beside(conf().web_dir, "manifest.webmanifest", call.request)


@open_to_all("/api/v1/openapi.json")
def openapi_document(call: Call) -> Response:
    """This interface as OpenAPI 3.1."""
    body, tag = _described()
    response = Response(body, content_type="application/json")
    response.set_etag(tag)
    response.headers["Cache-Control"] = "no-cache"
    return unless_known(response, call.request)


@open_to_all("/api/v1/docs", query=schemas.PageQuery, produces=HTML)
def docs_page(call: Call) -> Response:
    """This interface for people, with every error code under its anchor."""
    printed: dict[Language, str] = current_app.extensions.setdefault("dudao-docs", {})
    spoken = _spoken(call)
    if spoken not in printed:  # takes a tenth of a second, and anybody may ask
        printed[spoken] = pages.docs(spoken, orjson.loads(_described()[0]))
    return _page(printed[spoken])


def _described() -> tuple[bytes, str]:
    """The OpenAPI document and its tag; the routes never change while the process lives."""
    found: tuple[bytes, str] | None = current_app.extensions.get("dudao-openapi")
    if found is None:
        body = orjson.dumps(openapi.describe(edge()), default=str)
        found = current_app.extensions["dudao-openapi"] = (body, hashlib.sha256(body).hexdigest()[:16])
    return found


def _spoken(call: Call) -> Language:
    asked: Language | None = call.query["lang"]
    return asked or language(call.request.accept_languages)


def _has_sample(username: str) -> bool:
    """Whether this sample person may sign in here. A page does without the answer where the database is away."""
    try:
        with edge().database.read() as db:
            person = by_username(db, username)
            return person is not None and person.active and person.has_password
    except sa.exc.SQLAlchemyError:
        return False


def _base(request: Request) -> str:
    return current_app.config["DUDAO"].public_url.rstrip("/") or request.host_url.rstrip("/")


def _page(text: str) -> Response:
    response = Response(text, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept-Language"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return response
