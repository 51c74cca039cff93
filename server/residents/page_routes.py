"""The residents' page over HTTP. Whoever holds the code may answer: there is no cookie and no sign-in that another site's
form could ride on, so there is nothing for a CSRF token to protect."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Response

from server.errors import Refusal
from server.issues.rules import ResidentsAnswer
from server.kit import text
from server.kit.covering import kind_of
from server.kit.forms import Form, received_form
from server.kit.here import conf, staging, store
from server.kit.http import Call, Routes, database_refusal, edge
from server.kit.i18n import Language, language
from server.kit.serving import stored_file
from server.kit.storage import free_bytes, rendition_key
from server.photos import covers
from server.residents import pages, pictures, queries, service, tries
from server.residents.models import Question, picture_key
from server.residents.pages import Entered
from server.residents.rules import MAX_COMMENT, MAX_FORM_BYTES, MAX_FORM_S, Said
from server.residents.words import words

routes = Routes("residents_page", __name__, at="")
HTML = "text/html"
TROUBLE = {  # code of a refusal → the words for it on the form, which is shown again
    "body-too-large": "photo-large", "image-too-large": "photo-large", "bomb-refused": "photo-bad",
    "polyglot-refused": "photo-bad", "residents-photo-unreadable": "photo-bad", "body-cut-short": "cut",
    "bad-request": "form", "busy": "away", "disk-full": "away", "storage-away": "away",
}


class _MistakeError(Exception):
    """What was entered cannot be taken; `word` says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@routes.endpoint("GET", "/r/<code>", public=True, stream=True, produces=HTML)
def show_question(call: Call, code: str) -> Response:
    """Is it fixed? One page for a resident, without a sign-in. Looking answers nothing: chat programs look at links."""
    return _guarded(call, lambda: _shown(call, _open(call, code, answered=False), code))


@routes.endpoint("POST", "/r/<code>", public=True, stream=True, produces=HTML)
def answer_question(call: Call, code: str) -> Response:
    """A resident's answer, with a comment and a photo if there are any. The first one counts."""
    return _guarded(call, lambda: _received(call, _open(call, code, answered=True), code))


@routes.endpoint("GET", "/r/<code>/before.jpg", public=True, stream=True, produces="image/jpeg")
def show_before(call: Call, code: str) -> Response:
    """The small picture of what was wrong."""
    return _picture(call, code, "before")


@routes.endpoint("GET", "/r/<code>/after.jpg", public=True, stream=True, produces="image/jpeg")
def show_after(call: Call, code: str) -> Response:
    """The small picture of what was done."""
    return _picture(call, code, "after")


# -- the question ------------------------------------------------------------------------------------------------------

def _open(call: Call, code: str, *, answered: bool) -> Question:
    """The question of a code whose link holds, also an answered one where `answered`. Refuses with not-found a code that
    was never given out, with residents-link-none one that leads nowhere any more."""
    with edge().database.read() as db:
        question = queries.by_code(db, code)
        if question is not None and queries.is_open(db, conf(), question) and (answered or question.answer is None):
            return question
    if question is None:
        address = call.request.remote_addr or ""
        edge().database.write(lambda db: tries.missed(db, conf(), address))
        raise Refusal("not-found")
    raise Refusal("residents-link-none")


def _shown(
    call: Call, question: Question, code: str, *, entered: Entered | None = None, problem: str | None = None,
    status: int = 200,
) -> Response:
    with edge().database.read() as db:
        matter, terms = queries.matter(db, question), queries.terms(db, conf())
    said = pages.ask(_spoken(call), code.lower(), matter, terms.keep_days, entered=entered, problem=problem)
    return _page(said, status)


def _picture(call: Call, code: str, kind: str) -> Response:
    with edge().database.read() as db:
        question = queries.by_code(db, code)
        known = question is not None and question.answer is None and queries.is_open(db, conf(), question)
        sha256 = queries.matter(db, question).pictures.get(kind) if question is not None and known else None
        cover = covers.cover_of(db, sha256) if sha256 is not None else None
    if sha256 is None:
        raise Refusal("residents-link-none")
    try:
        return stored_file(
            store(), rendition_key(sha256, kind_of(cover, "thumb")), call.request, media_type="image/jpeg",
            etag=f"{sha256}-{kind_of(cover, 'thumb')}", name=f"{kind}.jpg",
        )
    except FileNotFoundError:
        raise Refusal("storage-away") from None


# -- the answer --------------------------------------------------------------------------------------------------------

def _received(call: Call, question: Question, code: str) -> Response:
    address = call.request.remote_addr or ""
    edge().database.write(lambda db: tries.posted(db, conf(), question.id, address))
    entered = Entered()
    try:
        _demand_room()
        with received_form(call.request, staging(), limit=MAX_FORM_BYTES, seconds=MAX_FORM_S) as form:
            entered = Entered(form.fields.get("answer", ""), _comment(form) or "")
            said = _said(form, entered)
            taken = _take(question, said, form)
        return _page(pages.thanks(_spoken(call), taken.answer), 200)
    except _MistakeError as mistake:
        word, status, retry = mistake.word, 422, None
    except Refusal as refusal:
        if refusal.code not in TROUBLE and refusal.code != "unsupported-media-type":
            raise
        word = TROUBLE.get(refusal.code, "photo-bad" if entered.answer else "form")
        status, retry = refusal.status, refusal.retry_after
    if question.answer is not None:
        raise Refusal("residents-answered")
    w = words(_spoken(call))
    problem = w[word] if word in {"form", "away"} else f"{w[word]} {w['again']}" if word == "cut" else w[word]
    response = _shown(call, question, code, entered=entered, problem=problem, status=status)
    if retry is not None:
        response.headers["Retry-After"] = str(retry)
    return response


def _demand_room() -> None:
    staging().mkdir(parents=True, exist_ok=True)
    if free_bytes(staging()) < conf().min_free_bytes + MAX_FORM_BYTES:
        raise Refusal("disk-full")


def _comment(form: Form) -> str | None:
    return text.clean(form.fields.get("comment", "")).strip() or None


def _said(form: Form, entered: Entered) -> Said:
    if entered.answer not in set(ResidentsAnswer):
        raise _MistakeError("answer-missing")
    if len(entered.comment) > MAX_COMMENT:
        raise _MistakeError("comment-long")
    photos = form.files.get("photo", [])
    if len(photos) > 1:
        raise _MistakeError("photos-many")
    return Said(ResidentsAnswer(entered.answer), entered.comment or None, photos[0].sha256() if photos else None)


def _take(question: Question, said: Said, form: Form) -> service.Taken:
    """Count the answer; its picture is durable before, and gone again where the answer was not the first."""
    database = edge().database
    photos = form.files.get("photo", [])
    if not photos or question.answer is not None:
        return database.write(lambda db: service.take(db, conf(), question.id, said))
    copy = pictures.copy_of(photos[0].path, conf())
    picture_id = database.write(lambda db: service.expect_picture(db, question.id))
    counted = False
    try:
        store().adopt(copy, picture_key(picture_id))
        taken = database.write(lambda db: service.take(db, conf(), question.id, said, picture_id))
        counted = taken.counted
    finally:
        if not counted:
            store().delete(picture_key(picture_id))
            database.write(lambda db: service.forget_picture(db, picture_id))
    return taken


# -- pages -------------------------------------------------------------------------------------------------------------

def _guarded(call: Call, make: Callable[[], Response]) -> Response:
    """The page, or a page that says in plain words why not: the reader is a resident, not a program."""
    try:
        return make()
    except sa.exc.DBAPIError as error:
        refusal = database_refusal(error)
    except Refusal as caught:
        refusal = caught
    spoken = _spoken(call)
    if refusal.code == "not-found":
        response = _page(pages.closed(spoken), 404)
    elif refusal.code == "residents-link-none":
        response = _page(pages.closed(spoken), 410)
    elif refusal.code == "residents-answered":
        response = _page(pages.answered(spoken), 409)
    elif refusal.code == "too-many-guesses":
        response = _page(pages.slow_down(spoken, refusal.retry_after or 60), 429)
    else:
        response = _page(pages.away(spoken), refusal.status)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def _spoken(call: Call) -> Language:
    """By ?lang=, else by Accept-Language. Other parameters are passed by: chat programs add theirs to links."""
    asked = call.request.args.get("lang")
    if asked == "zh":
        return "zh"
    return "en" if asked == "en" else language(call.request.accept_languages)


def _page(said: str, status: int) -> Response:
    response = Response(said, status=status, content_type="text/html; charset=utf-8")
    response.headers.update({
        "Cache-Control": "no-store", "Content-Security-Policy": pages.POLICY, "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex, nofollow", "Vary": "Accept-Language",
    })
    return response
