"""Verbs of the residents' word: ask on closing, give a new link, take the answer, erase what was said in time."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.errors import Refusal, not_found
from server.issues import queries as issues
from server.issues import telling
from server.issues.models import Issue
from server.issues.moving import Standing, as_it_is, locked, make, note
from server.issues.rules import IssueState, Move, ResidentsAnswer
from server.kit import changes, clock
from server.kit.actor import Actor, Role
from server.kit.here import conf as settings
from server.kit.ids import new_id
from server.residents import queries
from server.residents.models import Picture, Question
from server.residents.rules import Said, code_of, hash_of


def asked_on_closing(db: Session, actor: Actor | None, issue: Issue, move: Move) -> None:
    """The hook of issues. A closure that a supervisor affirms is one of which the residents had their say; if they are to
    be asked again, the supervisor makes a new link."""
    if move is not Move.AFFIRM and queries.terms(db, settings()).asked:
        _ask(db, settings(), actor, issue)


def ask_again(db: Session, conf: Config, actor: Actor, issue: Issue) -> tuple[Question, bool]:
    """A supervisor's new link where none is valid; the valid one, and False, where there is one."""
    issue = locked(db, issue.id)
    if Role.SUPERVISOR not in Standing(db, actor).roles(issue):
        raise Refusal("not-allowed")
    if not queries.terms(db, conf).asked:
        raise Refusal("residents-off")
    newest = next(iter(queries.of_issue(db, issue.id)), None)
    if newest is not None and link_code(db, conf, newest) is not None:
        return newest, False
    if issue.state is not IssueState.CLOSED:
        raise Refusal("issue-state", extra=as_it_is(db, issue))
    return _ask(db, conf, actor, issue), True


def _ask(db: Session, conf: Config, actor: Actor | None, issue: Issue) -> Question:
    now = clock.now()
    db.execute(  # of several closings the last is asked about: an older paper at the notice board leads nowhere
        sa.update(Question)
        .where(Question.issue_id == issue.id, Question.answer.is_(None), Question.expires_at > now)
        .values(expires_at=now)
    )
    question = Question(
        id=new_id(), issue_id=issue.id, round=issue.round, nonce=secrets.token_hex(16), created_at=now,
        created_by=actor.id if actor else None, expires_at=now + timedelta(days=queries.terms(db, conf).link_days),
    )
    question.code_hash = hash_of(code_of(conf.secret_key, question.id, question.nonce or ""))
    db.add(question)
    db.flush()
    audit.record(
        db, actor, "residents_asked", "issue", issue.id, district=issue.district_code, question=str(question.id),
        expires_at=question.expires_at.isoformat(),
    )
    changes.note(db, "issue", issue.id)
    return question


def link_code(db: Session, conf: Config, question: Question) -> str | None:
    """The code of a link that may be given out, or None: answered, expired, switched off, or of a secret that is no
    more."""
    if question.answer is not None or question.nonce is None or not queries.is_open(db, conf, question):
        return None
    code = code_of(conf.secret_key, question.id, question.nonce)
    return code if hash_of(code) == question.code_hash else None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an answer. Not `counted`: it is the same form once more."""

    answer: ResidentsAnswer
    counted: bool


def expect_picture(db: Session, question_id: uuid.UUID) -> uuid.UUID:
    """Write down that a picture is about to be stored, so that it is found whatever happens then; its id."""
    picture = Picture(id=new_id(), question_id=question_id, made_at=clock.now())
    db.add(picture)
    return picture.id


def take(
    db: Session, conf: Config, question_id: uuid.UUID, said: Said, picture_id: uuid.UUID | None = None
) -> Taken:
    """The first answer counts; the same form again is harmless, another one is refused. "No" reopens a closed issue for
    a supervisor's look; one that has moved on keeps the word and is not moved."""
    question = db.get(Question, question_id)
    if question is None:
        raise not_found()
    issue = locked(db, question.issue_id)  # the issue first, as everybody does
    question = db.scalars(
        sa.select(Question).where(Question.id == question_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if not queries.is_open(db, conf, question):
        raise Refusal("residents-link-none")
    digest = said.digest()
    if question.answer is not None:
        if question.digest == digest:
            return Taken(question.answer, counted=False)
        raise Refusal("residents-answered")
    question.answer, question.answered_at, question.digest = said.answer, clock.now(), digest
    question.comment, question.photo_id = said.comment, picture_id
    _tell(db, issue, question)
    return Taken(said.answer, counted=True)


def _tell(db: Session, issue: Issue, question: Question) -> None:
    """History, trail and messages name the question only: they stay, and the resident's words must not."""
    facts: dict[str, Any] = {"question": str(question.id)}
    if question.answer is ResidentsAnswer.YES:
        note(db, None, issue, "residents_yes", issue.state, issue.state, **facts)
        return
    again = issues.open_issue(db, issue.site_id, issue.item) if issue.item else None
    if issue.state is IssueState.CLOSED and again is None:
        make(db, None, issue, Move.RESIDENTS_NO, **facts)
    else:  # it has moved on, or the failure was found again meanwhile and that issue goes on
        note(db, None, issue, "residents_said_no", issue.state, issue.state, **facts)
    telling.tell(db, "residents-no", f"residents-no:{question.id}", issue, telling.supervisors(db, issue))


def erase(db: Session, question_id: uuid.UUID) -> None:
    """Forget what a resident wrote and photographed; that and how they answered stays. Its bytes are gone already."""
    question = db.get(Question, question_id, with_for_update=True)
    if question is None or question.erased_at is not None:
        return
    issue = db.get_one(Issue, question.issue_id)
    had = {"comment": question.comment is not None, "photo": question.photo_id is not None}
    question.comment = question.photo_id = question.digest = None
    question.erased_at = clock.now()
    db.flush()
    db.execute(sa.delete(Picture).where(Picture.question_id == question.id))
    audit.record(
        db, None, "residents_word_erased", "issue", issue.id, district=issue.district_code, question=str(question.id),
        **had,
    )
    changes.note(db, "issue", issue.id)


def end_codes(db: Session) -> None:
    """A link that has expired leads nowhere, so nothing need be known of its code any more."""
    db.execute(
        sa.update(Question).where(Question.expires_at <= clock.now(), Question.code_hash.is_not(None))
        .values(code_hash=None, nonce=None)
    )


def forget_picture(db: Session, picture_id: uuid.UUID) -> None:
    """A picture that no answer took; its bytes are gone already."""
    db.execute(sa.delete(Picture).where(Picture.id == picture_id))

