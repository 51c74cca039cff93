"""What every request leaves behind: one log line and its share of the counters; never a secret, never a position."""

from __future__ import annotations

import re
import secrets
from functools import cache
from time import perf_counter

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "dudao_requests", "Requests answered since the web server was started", ("route", "status"), registry=REGISTRY
)
SECONDS = Histogram(
    "dudao_request_seconds", "Seconds from the head of a request to its answer", ("route",), registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = {"GET /healthz", "GET /readyz", "GET /metrics"}
log = structlog.get_logger()


def route_of() -> str:
    """`GET /api/v1/reports/{report_id}`: the rule, not the address, which may hold ids and signatures."""
    if request.url_rule is None:
        return f"{request.method if request.method in KNOWN else 'OTHER'} (no such route)"
    return f"{request.method} {_shown(request.url_rule.rule)}"


@cache
def _shown(rule: str) -> str:
    return re.sub(r"<(?:[^:<>]*:)?([^<>]+)>", r"{\1}", rule)


KNOWN = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def set_up(app: Flask) -> None:
    """Count, time and log every request; give it an id that its answer carries as X-Request-Id."""

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        route = route_of()
        took = perf_counter() - g.get("began", perf_counter())
        answered, seconds = _counters(route, response.status_code)
        answered.inc()
        seconds.observe(took)
        response.headers["X-Request-Id"] = g.get("request_id", "")
        tell = log.debug if route in QUIET else log.info
        tell(
            "request", route=route, status=response.status_code, ms=round(took * 1000, 1),
            bytes_in=request.content_length, bytes_out=response.content_length,
        )
        return response


@cache
def _counters(route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, status), SECONDS.labels(route)
