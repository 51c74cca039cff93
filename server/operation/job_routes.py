"""Work that is done later, as the office sees it: what waits, what runs, what was given up and why."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from marshmallow import fields
from sqlalchemy.orm import Session

from server.errors import not_found
from server.kit import fields as kit
from server.kit import paging
from server.kit.actor import Actor
from server.kit.http import Call, Routes
from server.kit.jobs import Job, JobState
from server.permissions import Reach, reaches

routes = Routes("jobs", __name__)


class JobOut(kit.Answer):
    """One job; `why` is the reason of its last failure, `progress` goes from 0 to 100."""

    id = kit.Id()
    kind = fields.String()
    key = fields.String()
    state = fields.Enum(JobState, by_value=True)
    attempts = fields.Integer()
    progress = fields.Integer()
    why = fields.String(allow_none=True)
    run_at = kit.Moment()
    created_at = kit.Moment()
    finished_at = kit.Moment(allow_none=True)


class JobsQuery(kit.Listing):
    state = fields.Enum(JobState, by_value=True, load_default=None)
    kind = kit.Code(limit=100, load_default=None)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """All of them, or none."""
    return sa.true() if Reach.ALL in reaches(actor, "job") else sa.false()


def find_job(db: Session, actor: Actor, job_id: uuid.UUID) -> Job:
    job = db.scalar(sa.select(Job).where(Job.id == job_id, visible_to(actor)))
    if job is None:
        raise not_found()
    return job


@routes.endpoint("GET", "/jobs", query=JobsQuery, answer=kit.listing(JobOut, "Jobs"))
def list_jobs(call: Call) -> Any:
    """Jobs, newest first."""
    query = sa.select(Job).where(visible_to(call.actor))
    if call.query["state"] is not None:
        query = query.where(Job.state == call.query["state"])
    if call.query["kind"] is not None:
        query = query.where(Job.kind == call.query["kind"])
    keys = [(Job.created_at, datetime, True), (Job.id, uuid.UUID, True)]
    return paging.page(call.db, query, keys, cursor=call.query["cursor"], limit=call.query["limit"])


@routes.endpoint("GET", "/jobs/<uuid:job_id>", answer=JobOut, of=find_job)
def show_job(_call: Call, job: Job) -> Job:
    """One job."""
    return job
