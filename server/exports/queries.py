"""Selects over exports. An export is its maker's alone."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import not_found
from server.exports.models import Export
from server.exports.rules import UNDER_WAY, ExportState
from server.kit import clock
from server.kit.actor import Actor
from server.kit.changes import losses_of
from server.kit.jobs import Job, JobState
from server.kit.paging import Page, page
from server.permissions import Reach, reaches
from server.programme.models import District


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own, until they expire; the office's too are the office's own alone."""
    if Reach.OWN not in reaches(actor, "export"):
        return sa.false()
    alive = sa.or_(Export.expires_at.is_(None), Export.expires_at > clock.now())
    return sa.and_(Export.requested_by == actor.id, alive)


def find_export(db: Session, actor: Actor, export_id: uuid.UUID, **_path: Any) -> Export:
    """One's own export, or 404."""
    found = db.scalar(sa.select(Export).where(Export.id == export_id, visible_to(actor)))
    if found is None:
        raise not_found()
    return found


def list_exports(db: Session, actor: Actor, query: dict[str, Any]) -> Page[Export]:
    """One page of one's own exports, the newest first."""
    keys = [(Export.created_at, datetime, True), (Export.id, uuid.UUID, True)]
    return page(
        db, sa.select(Export).where(visible_to(actor)), keys, cursor=query["cursor"], limit=query["limit"]
    )


def under_way(db: Session, person_id: uuid.UUID) -> list[Export]:
    """What is being made for a person, and whose job is not gone."""
    query = (
        sa.select(Export).join(Job, Job.id == Export.job_id)
        .where(
            Export.requested_by == person_id, Export.state.in_(sorted(UNDER_WAY)),
            Job.state.in_([JobState.QUEUED, JobState.RUNNING]),
        )
        .order_by(Export.created_at)
    )
    return list(db.scalars(query))


def expired(db: Session, limit: int) -> list[tuple[uuid.UUID, str | None]]:
    """Exports whose days are over, and where their files lie."""
    query = (
        sa.select(Export.id, Export.key).where(Export.expires_at <= clock.now()).order_by(Export.expires_at).limit(limit)
    )
    return [(row.id, row.key) for row in db.execute(query)]


def withdrawn(db: Session, limit: int) -> list[tuple[uuid.UUID, str | None]]:
    """Exports whose makers have lost something since, and where their files lie."""
    query = sa.select(Export.id, Export.key).where(
        Export.state == ExportState.READY, Export.losses.is_distinct_from(losses_of(Export.requested_by))
    )
    return [(row.id, row.key) for row in db.execute(query.order_by(Export.id).limit(limit))]


def running(db: Session) -> set[uuid.UUID]:
    """Every export that is being made."""
    return set(db.scalars(sa.select(Export.id).where(Export.state.in_(sorted(UNDER_WAY)))))


def district_name(db: Session, code: str | None, language: str) -> str | None:
    """What a district is called."""
    if not code:
        return None
    found = db.get(District, code)
    return (found.zh if language == "zh" else found.en) if found else None
