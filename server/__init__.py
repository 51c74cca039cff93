"""The Flask application: configuration, extensions, errors, and the list of features. One page."""

from __future__ import annotations

import logging

import sqlalchemy as sa
import structlog
from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

import config as settings
from server import cli, permissions, wiring
from server.errors import Refusal
from server.kit import bodies, http, logs
from server.kit.db import Database

log = structlog.get_logger()


def create_app(config: settings.Config | None = None) -> Flask:
    """Build the application from the environment, or from `config`."""
    conf = config or cli.load_settings()
    logs.set_up(conf.log_json, conf.log_level)
    app = Flask("server", static_folder=None)
    app.config["DUDAO"] = conf
    app.config["MAX_CONTENT_LENGTH"] = None  # each route has its own limit and its own words for it
    app.url_map.strict_slashes = False
    if conf.trusted_proxies:
        proxies = conf.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    database = Database(conf.database, pool=conf.database_pool)
    edge = http.Edge(
        database=database,
        authenticate=wiring.authenticate,
        allowed=permissions.may,
        known=permissions.MAY,
        max_json_bytes=conf.max_json_bytes,
    )
    app.extensions["dudao"] = edge
    wiring.extensions(app, conf)
    _hearing(app)
    for feature in wiring.features():
        http.mount(app, feature, edge)
    wiring.hooks()
    wiring.jobs()
    wiring.commands(app)
    _errors(app)
    _headers(app)
    return app


def _hearing(app: Flask) -> None:
    @app.after_request
    def hear_out(response):  # type: ignore[no-untyped-def]
        if response.status_code >= 400:
            bodies.hear_out(request)
        return response


def _errors(app: Flask) -> None:
    @app.errorhandler(Refusal)
    def refused(refusal: Refusal):  # type: ignore[no-untyped-def]
        return http.problem_response(refusal)

    @app.errorhandler(sa.exc.DBAPIError)
    def database_trouble(error: sa.exc.DBAPIError):  # type: ignore[no-untyped-def]
        log.warning("database-error", error=str(error.orig)[:500], statement=(error.statement or "")[:200])
        return http.problem_response(http.database_refusal(error))

    @app.errorhandler(sa.exc.TimeoutError)
    def pool_empty(_error: sa.exc.TimeoutError):  # type: ignore[no-untyped-def]
        return http.problem_response(Refusal("database-away"))

    @app.errorhandler(OSError)
    def disk_trouble(error: OSError):  # type: ignore[no-untyped-def]
        log.error("os-error", error=str(error))
        return http.problem_response(Refusal("disk-full" if error.errno in {28, 122} else "storage-away"))

    @app.errorhandler(HTTPException)
    def other(error: HTTPException):  # type: ignore[no-untyped-def]
        codes = {404: "not-found", 405: "method-not-allowed", 406: "not-acceptable", 413: "body-too-large"}
        refusal = Refusal(codes.get(error.code or 400, "bad-request"))
        response = http.problem_response(refusal)
        if error.code == 405:
            response.headers["Allow"] = ", ".join(sorted(getattr(error, "valid_methods", None) or []))
        return response

    @app.errorhandler(Exception)
    def bug(error: Exception):  # type: ignore[no-untyped-def]
        logging.getLogger("dudao").exception("unexpected error", exc_info=error)
        return http.problem_response(Refusal("internal"))


def _headers(app: Flask) -> None:
    @app.after_request
    def secure(response):  # type: ignore[no-untyped-def]
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        return response
