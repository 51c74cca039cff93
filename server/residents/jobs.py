"""The job that forgets in time: residents' words and pictures after the days of the setting, codes, counted tries."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.here import conf, store
from server.kit.jobs import Work, every, handles
from server.residents import hooks, queries, service, tries
from server.residents.models import Picture, Question, picture_key

BATCH = 500
UNTAKEN = timedelta(hours=1)  # a picture that no answer has taken by then belongs to one that never came through

every(3600, "residents-sweep")


@handles("residents-sweep")
def sweep(work: Work) -> None:
    """Bytes go first and rows after them, so that what a crash leaves is found by the next run."""
    settings, database = conf(), work.database

    def forget(db: Session) -> None:
        service.end_codes(db)
        tries.sweep(db, settings)

    database.write(forget)
    while True:
        with database.read() as db:
            late = _late(db, clock.now() - timedelta(days=queries.terms(db, settings).keep_days))
        for question_id, pictures in late.items():
            for picture_id in pictures:
                store().delete(picture_key(picture_id))
            database.write(partial(service.erase, question_id=question_id))
        if len(late) < BATCH:
            break
    with database.read() as db:
        untaken = list(db.scalars(
            sa.select(Picture.id).join(Question, Question.id == Picture.question_id)
            .where(Picture.made_at < clock.now() - UNTAKEN,
                   sa.or_(Question.photo_id.is_(None), Question.photo_id != Picture.id))
        ))
    for picture_id in untaken:
        store().delete(picture_key(picture_id))
        database.write(partial(service.forget_picture, picture_id=picture_id))


def _late(db: Session, before: object) -> dict[uuid.UUID, list[uuid.UUID]]:
    """Answers that were given before, with every picture that came for them; none of an issue that is under a hold."""
    held = {issue_id for hook in hooks.HELD for issue_id in hook(db)}
    query = (
        sa.select(Question.id)
        .where(Question.answered_at <= before, Question.erased_at.is_(None), Question.issue_id.not_in(held))
        .order_by(Question.answered_at).limit(BATCH)
    )
    found: dict[uuid.UUID, list[uuid.UUID]] = {one: [] for one in db.scalars(query)}
    for picture_id, question_id in db.execute(
        sa.select(Picture.id, Picture.question_id).where(Picture.question_id.in_(found))
    ).all():
        found[question_id].append(picture_id)
    return found
