"""Who is told of what happens to an issue: each thing once, in the transaction that makes it happen."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.issues.models import Issue
from server.kit.actor import Role
from server.messages import service as messages
from server.programme.models import Assignment, Site
from server.reports.models import Report

DESK, PHONE = "/desk#/issues/{}", "/#/issues/{}"


def contractor(db: Session, issue: Issue) -> list[uuid.UUID]:
    """The people of the responsible firm."""
    if issue.contractor_id is None:
        return []
    return people.people_of_organisation(db, Role.CONTRACTOR, issue.contractor_id)


def supervisors(db: Session, issue: Issue) -> list[uuid.UUID]:
    return people.people_of_district(db, Role.SUPERVISOR, issue.district_code)


def inspectors(db: Session, issue: Issue) -> list[uuid.UUID]:
    """Those assigned to the site, and the author of the report that found it."""
    query = sa.select(Assignment.person_id).where(Assignment.site_id == issue.site_id, Assignment.ended_at.is_(None))
    found = set(db.scalars(query))
    if issue.report_id:
        found.update(db.scalars(sa.select(Report.inspector_id).where(Report.id == issue.report_id)))
    return sorted(found)


def office(db: Session) -> list[uuid.UUID]:
    return people.active_with(db, Role.OFFICE)


def tell(  # noqa: PLR0917 - what, under which key, of which issue, whom, by which door
    db: Session, kind: str, key: str, issue: Issue, who: Iterable[uuid.UUID], link: str = DESK, **facts: Any
) -> None:
    """One event about one issue to these people, by inbox, e-mail and webhook; equal keys are told once."""
    site = db.scalar(sa.select(Site.name).where(Site.id == issue.site_id))
    said = {
        "issue": str(issue.id), "number": issue.number, "site": site, "item": issue.description[:120],
        "due_on": issue.due_on.isoformat(), "round": issue.round, "link": link.format(issue.id), **facts,
    }
    messages.notify(
        db, kind, key, {name: value for name, value in said.items() if value is not None}, people=who,
        district=issue.district_code,
    )
