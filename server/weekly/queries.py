"""Selects over weekly reports. The figures themselves are counted in `figures`."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.errors import not_found
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.jobs import Job, JobState
from server.kit.paging import Page, page
from server.permissions import Reach, reaches
from server.programme.models import District
from server.weekly.models import WeeklyRecipient, WeeklyReport

CITY = ""  # the scope of the whole city


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """All, or those of own districts; the city's is not a district's."""
    reach = reaches(actor, "weekly_report")
    if Reach.ALL in reach:
        return sa.true()
    if Reach.DISTRICTS in reach and actor.districts:
        return WeeklyReport.scope.in_(sorted(actor.districts))
    return sa.false()


def find_weekly(db: Session, actor: Actor, weekly_id: uuid.UUID, **_path: Any) -> WeeklyReport:
    """The report without its figures, or 404 where this actor may not see it."""
    weekly = db.scalar(sa.select(WeeklyReport).where(WeeklyReport.id == weekly_id, visible_to(actor)))
    if weekly is None:
        raise not_found()
    return weekly


def of_week(db: Session, iso_year: int, iso_week: int, scope: str) -> WeeklyReport | None:
    return db.scalar(sa.select(WeeklyReport).where(
        WeeklyReport.iso_year == iso_year, WeeklyReport.iso_week == iso_week, WeeklyReport.scope == scope
    ))


def locked(db: Session, weekly: WeeklyReport) -> WeeklyReport:
    """The report as it is now, ours until the transaction ends; its figures are not read unless asked for."""
    hold(db, f"weekly:{weekly.iso_year}:{weekly.iso_week}:{weekly.scope}")
    db.refresh(weekly, attribute_names=[
        "state", "job_id", "figures_digest", "counted_to", "held_at", "words", "words_version", "frozen_at", "serial",
    ])
    return weekly


def frozen_to(db: Session, iso_year: int, iso_week: int, scope: str) -> datetime | None:
    """Up to when the frozen report of that week counts; None where none is frozen."""
    return db.scalar(sa.select(WeeklyReport.counted_to).where(
        WeeklyReport.iso_year == iso_year, WeeklyReport.iso_week == iso_week, WeeklyReport.scope == scope,
        WeeklyReport.frozen_at.is_not(None),
    ))


def last_frozen_words(db: Session, scope: str) -> dict[str, Any] | None:
    """The words of the bulletin with the highest number."""
    return db.scalar(
        sa.select(WeeklyReport.words).where(WeeklyReport.scope == scope, WeeklyReport.frozen_at.is_not(None))
        .order_by(WeeklyReport.total.desc()).limit(1)
    )


def recipients(db: Session, scope: str) -> list[WeeklyRecipient]:
    """Whom the reports of a scope are mailed to, in the order they were entered."""
    query = sa.select(WeeklyRecipient).where(WeeklyRecipient.scope == scope)
    return list(db.scalars(query.order_by(WeeklyRecipient.added_at, WeeklyRecipient.id)))


def name_of(db: Session, person_id: uuid.UUID | None) -> str | None:
    """The name of whoever that is."""
    return None if person_id is None else db.scalar(sa.select(Person.name).where(Person.id == person_id))


def scopes(db: Session) -> list[str]:
    """The city and every district."""
    return [CITY, *db.scalars(sa.select(District.code).order_by(District.code))]


def last_made(db: Session, weekly_id: uuid.UUID) -> tuple[str, bytes] | None:
    """The digest and the packed figures of the last making that succeeded, read together so that they belong to each
    other."""
    query = sa.select(WeeklyReport.figures_digest, WeeklyReport.figures).where(WeeklyReport.id == weekly_id)
    digest, figures = db.execute(query).one()
    return (digest, figures) if digest is not None and figures is not None else None


def list_weekly(db: Session, actor: Actor, query: dict[str, Any]) -> Page[WeeklyReport]:
    """One page of the visible reports, the newest week first."""
    select = sa.select(WeeklyReport).where(visible_to(actor))
    same = {
        WeeklyReport.iso_year: query["iso_year"], WeeklyReport.iso_week: query["iso_week"],
        WeeklyReport.scope: query["district"], WeeklyReport.state: query["state"],
    }
    for column, value in same.items():
        if value is not None:
            select = select.where(column == value)
    keys = [(WeeklyReport.iso_year, int, True), (WeeklyReport.iso_week, int, True), (WeeklyReport.id, uuid.UUID, True)]
    return page(db, select, keys, cursor=query["cursor"], limit=query["limit"])


def district_names(db: Session) -> dict[str, dict[str, str]]:
    """{code: {code, name}}."""
    found = db.execute(sa.select(District.code, District.zh))
    return {code: {"code": code, "name": name} for code, name in found}


def job_runs(db: Session, job_id: uuid.UUID | None) -> bool:
    """Whether the job is still to be done; one that was given up, or is gone, is not."""
    if job_id is None:
        return False
    state = db.scalar(sa.select(Job.state).where(Job.id == job_id))
    return state in {JobState.QUEUED, JobState.RUNNING}
