"""The residents' word for those who work with it: the link, its QR code, what was answered."""

from __future__ import annotations

import io
from typing import Any

import segno
from flask import Response

from server.errors import Refusal
from server.issues.models import Issue
from server.kit import tokens
from server.kit.here import conf, store
from server.kit.http import Call, Reply, Routes
from server.kit.serving import stored_file
from server.residents import queries, schemas, service
from server.residents.models import Question, picture_key

routes = Routes("residents", __name__)


@routes.endpoint("GET", "/issues/<uuid:issue_id>/residents", of=queries.find_issue, answer=schemas.ResidentsOut)
def show_residents(call: Call, issue: Issue) -> Any:
    """What residents said of an issue, and the link to hand out. Never shown to the responsible firm."""
    return _shape(call, issue)


@routes.endpoint("POST", "/issues/<uuid:issue_id>/residents", of=queries.find_issue,
                 answer=schemas.ResidentsOut, status=201)
def ask_residents(call: Call, issue: Issue) -> Any:
    """Make a new link for a closed issue where none is valid."""
    _, new = service.ask_again(call.db, conf(), call.actor, issue)
    return Reply(_shape(call, issue), status=201 if new else 200)


@routes.endpoint("GET", "/issues/<uuid:issue_id>/residents.svg", of=queries.find_issue, linkable=True,
                 produces="image/svg+xml")
def show_code(call: Call, issue: Issue) -> Response:
    """The link as a QR code, for the notice board."""
    link = _link(call, queries.of_issue(call.db, issue.id))
    if link is None:
        raise Refusal("residents-link-none")
    drawn = io.BytesIO()
    # M: readable with a seventh of it soiled; 4 modules of quiet, as the standard asks
    segno.make(link, error="m", micro=False).save(drawn, kind="svg", scale=8, border=4, light="#fff", title=link)
    response = Response(drawn.getvalue(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@routes.endpoint("GET", "/issues/<uuid:issue_id>/residents/<uuid:question_id>/photo", of=queries.find_answer,
                 linkable=True, produces="image/jpeg")
def show_photo(call: Call, question: Question) -> Response:
    """The resident's photo: at most 1600 pixels long, without metadata."""
    if question.photo_id is None:
        raise Refusal("residents-photo-none")
    try:
        # kept by no browser for longer than it takes to look: it is deleted on a day that browsers do not know of
        return stored_file(
            store(), picture_key(question.photo_id), call.request, media_type="image/jpeg",
            etag=question.photo_id.hex, name=f"{question.id}.jpg", seconds=300,
        )
    except FileNotFoundError:
        raise Refusal("storage-away") from None


def _shape(call: Call, issue: Issue) -> dict[str, Any]:
    asked = queries.of_issue(call.db, issue.id)
    link = _link(call, asked)
    base = f"/api/v1/issues/{issue.id}/residents"
    return {
        "asked": queries.terms(call.db, conf()).asked,
        "link": link,
        "qr": _signed(call, f"{base}.svg") if link else None,
        "expires_at": asked[0].expires_at if link else None,
        "words": [
            {
                "id": one.id, "round": one.round, "asked_at": one.created_at, "expires_at": one.expires_at,
                "answer": one.answer, "answered_at": one.answered_at, "comment": one.comment,
                "photo": _signed(call, f"{base}/{one.id}/photo") if one.photo_id else None,
                "erased_at": one.erased_at,
            }
            for one in asked
        ],
    }


def _signed(call: Call, path: str) -> str:
    return tokens.sign_link(path, call.actor.session_id, conf().link_minutes)


def _link(call: Call, asked: list[Question]) -> str | None:
    code = service.link_code(call.db, conf(), asked[0]) if asked else None
    base = conf().public_url.rstrip("/") or call.request.host_url.rstrip("/")
    return f"{base}/r/{code}" if code else None
