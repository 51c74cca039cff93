"""Selects over weekly reports. The figures themselves are counted in `figures`."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer

from server.errors import not_found
from server.kit.actor import Actor
from server.kit.jobs import Job, JobState
from server.kit.paging import Page, page
from server.permissions import Reach, reaches
from server.programme.models import District
from server.weekly.models import WeeklyReport

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
    query = sa.select(WeeklyReport).where(WeeklyReport.id == weekly_id, visible_to(actor))
    weekly = db.scalar(query.options(defer(WeeklyReport.figures)))
    if weekly is None:
        raise not_found()
    return weekly


def of_week(db: Session, iso_year: int, iso_week: int, scope: str) -> WeeklyReport | None:
    query = sa.select(WeeklyReport).where(
        WeeklyReport.iso_year == iso_year, WeeklyReport.iso_week == iso_week, WeeklyReport.scope == scope
    )
    return db.scalar(query.options(defer(WeeklyReport.figures)))


def last_made(db: Session, weekly_id: uuid.UUID) -> tuple[str, dict[str, Any]] | None:
    """The digest and figures of the last making that succeeded, read together so that they belong to each other."""
    query = sa.select(WeeklyReport.figures_digest, WeeklyReport.figures).where(WeeklyReport.id == weekly_id)
    digest, figures = db.execute(query).one()
    return (digest, figures) if digest is not None and figures is not None else None


def list_weekly(db: Session, actor: Actor, query: dict[str, Any]) -> Page[WeeklyReport]:
    """One page of the visible reports, the newest week first."""
    select = sa.select(WeeklyReport).where(visible_to(actor)).options(defer(WeeklyReport.figures))
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
