"""Selects over the residents' word. The firm whose work is judged sees nothing of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.errors import Refusal, not_found
from server.issues import queries as issues
from server.issues.models import Issue, IssuePair, IssuePhoto
from server.kit import clock
from server.kit.actor import Actor, Role
from server.kit.prepared import Prepared, among
from server.photos.models import Original, Photo, Renditions
from server.programme.models import Site
from server.programme.policy import policy_of
from server.residents.models import Question
from server.residents.rules import CODE, Terms, hash_of

PICTURES = ("before", "after")


def terms(db: Session, conf: Config) -> Terms:
    """What this programme has set. The one place that asks."""
    policy = policy_of(db, conf)
    return Terms(policy.residents_asked, policy.residents_link_days, policy.residents_keep_days)


def by_code(db: Session, code: str) -> Question | None:
    """The question that this code was given out for, whatever became of it."""
    code = code.lower()
    if not CODE.fullmatch(code):
        return None
    return db.scalar(sa.select(Question).where(Question.code_hash == hash_of(code)))


def is_open(db: Session, conf: Config, question: Question) -> bool:
    """Whether its link still leads anywhere. An answered one is open for the same form sent twice."""
    return question.expires_at > clock.now() and terms(db, conf).asked


def of_issue(db: Session, issue_id: uuid.UUID) -> list[Question]:
    """What was asked about an issue, the newest first."""
    query = sa.select(Question).where(Question.issue_id == issue_id)
    return list(db.scalars(query.order_by(Question.created_at.desc(), Question.id.desc())))


def find_issue(db: Session, actor: Actor, issue_id: uuid.UUID, **_path: Any) -> Issue:
    """The issue for those who may read the residents' words: not the firm whose work is judged, whatever else one is."""
    issue = issues.find_issue(db, actor, issue_id)
    own_firm = Role.CONTRACTOR in actor.roles and issue.contractor_id == actor.organisation_id
    staff = actor.roles - {Role.CONTRACTOR}
    if own_firm or not staff:
        raise Refusal("not-allowed")
    return issue


def find_answer(
    db: Session, actor: Actor, issue_id: uuid.UUID, question_id: uuid.UUID, **_path: Any
) -> Question:
    """One question of that issue, for the same people."""
    issue = find_issue(db, actor, issue_id)
    question = db.get(Question, question_id)
    if question is None or question.issue_id != issue.id:
        raise not_found()
    return question


_NEWEST = Prepared(
    lambda dialect: sa.select(Question.issue_id, Question.created_at, Question.answer, Question.answered_at)
    .where(among(Question.issue_id, "ids", dialect)).order_by(Question.created_at, Question.id)
)


def shown_with_issues(db: Session, issue_ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """What every answer about an issue tells: asked, and answered how. Words and photo stay out of what phones keep."""
    return {
        issue_id: {"asked_at": asked_at, "answer": answer, "answered_at": answered_at}
        for issue_id, asked_at, answer, answered_at in _NEWEST.all(db, ids=issue_ids)
    }


@dataclass(frozen=True, slots=True)
class Matter:
    """What the public page tells of an issue."""

    site: str
    description: str
    pictures: dict[str, str]  # before | after → SHA-256 of the original whose thumb is shown


def matter(db: Session, question: Question) -> Matter:
    """The site, what was wrong, and the newest pair of photos of which there are small pictures."""
    issue = db.get_one(Issue, question.issue_id)
    site = db.get_one(Site, issue.site_id)
    return Matter(site.name, issue.description, _pictures(db, issue.id))


def _pictures(db: Session, issue_id: uuid.UUID) -> dict[str, str]:
    pair = db.execute(
        sa.select(IssuePair.before_photo_id, IssuePair.after_photo_id).where(IssuePair.issue_id == issue_id)
        .order_by(IssuePair.round.desc(), IssuePair.position).limit(1)
    ).first()
    chosen = dict(zip(PICTURES, pair or (None, None), strict=True))
    for kind, newest in (("before", False), ("after", True)):
        if chosen[kind] is None:
            order = IssuePhoto.position.desc() if newest else IssuePhoto.position
            chosen[kind] = db.scalar(
                sa.select(IssuePhoto.photo_id).where(IssuePhoto.issue_id == issue_id, IssuePhoto.kind == kind)
                .order_by(order).limit(1)
            )
    wanted = {photo_id: kind for kind, photo_id in chosen.items() if photo_id is not None}
    query = (
        sa.select(Photo.id, Photo.sha256).join(Original, Original.sha256 == Photo.sha256)
        .where(Photo.id.in_(wanted), Original.renditions == Renditions.MADE)
    )
    return {wanted[photo_id]: sha256 for photo_id, sha256 in db.execute(query).all()}
