"""Selects over issues. Every read starts from `visible_to`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.errors import not_found
from server.issues.models import Issue, IssueEvent, IssuePhoto
from server.issues.rules import ENDED, NOT_OVERDUE, is_overdue
from server.kit import clock
from server.kit.actor import Actor
from server.kit.here import conf
from server.kit.paging import Page, page
from server.kit.prepared import Prepared, among
from server.permissions import Reach, reaches
from server.photos import views as photos
from server.programme.models import Assignment
from server.reports import queries as reports
from server.reports.models import Report


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Which issues this actor may see: own firm's, own districts', assigned sites' or own reports', or all."""
    reach = reaches(actor, "issue")
    if Reach.ALL in reach:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = []
    if Reach.ORGANISATION in reach and actor.organisation_id:
        ways.append(Issue.contractor_id == actor.organisation_id)
    if Reach.DISTRICTS in reach and actor.districts:
        ways.append(Issue.district_code.in_(sorted(actor.districts)))
    if Reach.ASSIGNED in reach:
        assigned = sa.select(Assignment.site_id).where(
            Assignment.person_id == actor.id, Assignment.ended_at.is_(None)
        )
        ways.append(Issue.site_id.in_(assigned))
        ways.append(Issue.report_id.in_(sa.select(Report.id).where(Report.inspector_id == actor.id)))
    return sa.or_(*ways) if ways else sa.false()


def visible_ids(actor: Actor) -> sa.Select[uuid.UUID]:
    """The same as a subquery of ids: whoever sees an issue sees its photos."""
    return sa.select(Issue.id).where(visible_to(actor))


def find_issue(db: Session, actor: Actor, issue_id: uuid.UUID, **_path: Any) -> Issue:
    """The issue, or 404 where this actor may not see it."""
    issue = db.scalar(sa.select(Issue).where(Issue.id == issue_id, visible_to(actor)))
    if issue is None:
        raise not_found()
    return issue


def overdue_on(today: date) -> sa.ColumnElement[bool]:
    """Past due and neither ended nor waiting for verification, as rules.is_overdue says."""
    return sa.and_(Issue.due_on < today, Issue.state.not_in(sorted(NOT_OVERDUE)))


def list_issues(db: Session, actor: Actor, query: dict[str, Any]) -> Page[dict[str, Any]]:
    """One page of the visible issues, the newest first. `query` is a loaded IssueQuery."""
    select = sa.select(*Issue.__table__.c).where(visible_to(actor))  # rows, not objects: half the work of a list
    same = {
        Issue.state: query["state"], Issue.district_code: query["district"], Issue.site_id: query["site"],
        Issue.severity: query["severity"], Issue.contractor_id: query["contractor"],
    }
    for column, value in same.items():
        if value is not None:
            select = select.where(column == value)
    if query["overdue"] is not None:
        late = overdue_on(clock.today())
        select = select.where(late if query["overdue"] else sa.not_(late))
    found: Page[Any] = page(
        db, select, [(Issue.created_at, datetime, True), (Issue.id, uuid.UUID, True)],
        cursor=query["cursor"], limit=query["limit"], among=_ways(actor, query),
    )
    return Page(shapes(db, actor, found.items), found.next_cursor)


def _ways(actor: Actor, query: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    """The districts of somebody who sees issues by them alone, one by one: see `paging.page`."""
    if reaches(actor, "issue") != {Reach.DISTRICTS} or query["district"] or query["site"]:
        return []
    return [Issue.district_code == code for code in sorted(actor.districts)]


def shapes(db: Session, actor: Actor, issues: Sequence[Any]) -> list[dict[str, Any]]:
    """Issues, as objects or as rows of all their columns, as they go over the wire; what they name is looked up once."""
    ids = [issue.id for issue in issues]
    sites = reports.site_refs(db, {issue.site_id for issue in issues})
    firms = _firms(db, {issue.contractor_id for issue in issues if issue.contractor_id})
    pictures = _pictures(db, actor, ids)
    history = _history(db, ids)
    today = clock.today()
    return [
        {
            "id": issue.id, "number": issue.number, "state": issue.state, "site": sites.get(issue.site_id),
            "report_id": issue.report_id, "item": issue.item,
            "checklist": {"code": issue.checklist_code, "version": issue.checklist_version},
            "severity": issue.severity, "description": issue.description, "due_on": issue.due_on,
            "first_due_on": issue.first_due_on, "overdue": is_overdue(issue.state, issue.due_on, today),
            "contractor": firms.get(issue.contractor_id), "recurrence_of": issue.recurrence_of,
            "created_at": issue.created_at, "photos": pictures[issue.id], "history": history[issue.id],
        }
        for issue in issues
    ]


def _firms(db: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID | None, dict[str, Any]]:
    return {firm_id: {"id": firm_id, "name": name} for firm_id, name in (_FIRMS.all(db, ids=ids) if ids else ())}


def _pictures(db: Session, actor: Actor, ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, list[Any]]]:
    pictures: dict[uuid.UUID, dict[str, list[Any]]] = {issue_id: {"before": [], "after": []} for issue_id in ids}
    minutes = conf().link_minutes
    for issue_id, photo_id, kind in _PICTURES.all(db, ids=ids) if ids else ():
        pictures[issue_id][kind].append({"id": photo_id, "links": photos.links(photo_id, actor, minutes)})
    return pictures


def _history(db: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    history: dict[uuid.UUID, list[dict[str, Any]]] = {issue_id: [] for issue_id in ids}
    steps = _STEPS.all(db, ids=ids) if ids else []
    people = reports.person_refs(db, {by for _, _, by, *_ in steps if by})
    for issue_id, at, by, verb, from_state, to_state, facts in steps:
        history[issue_id].append({
            "at": at, "verb": verb, "by": people.get(by) if by else None,
            "from_state": from_state, "to_state": to_state, "facts": facts,
        })
    return history


# A page asks for fifty of each: one parameter for all ids spares SQLAlchemy the writing of an IN with fifty.
_FIRMS = Prepared(
    lambda dialect: sa.select(Organisation.id, Organisation.name).where(among(Organisation.id, "ids", dialect))
)
_PICTURES = Prepared(
    lambda dialect: sa.select(IssuePhoto.issue_id, IssuePhoto.photo_id, IssuePhoto.kind)
    .where(among(IssuePhoto.issue_id, "ids", dialect)).order_by(IssuePhoto.position)
)
_STEPS = Prepared(
    lambda dialect: sa.select(
        IssueEvent.issue_id, IssueEvent.at, IssueEvent.by, IssueEvent.verb, IssueEvent.from_state, IssueEvent.to_state,
        IssueEvent.facts,
    ).where(among(IssueEvent.issue_id, "ids", dialect)).order_by(IssueEvent.id)
)


def open_issue(db: Session, site_id: uuid.UUID, item: str) -> Issue | None:
    """The one open issue of an item at a site."""
    query = sa.select(Issue).where(Issue.site_id == site_id, Issue.item == item, Issue.state.not_in(sorted(ENDED)))
    return db.scalar(query)


def recent_closed(db: Session, site_id: uuid.UUID, item: str, days: int) -> uuid.UUID | None:
    """The last closed issue of the same item at the same site within `days`: the failure has come back."""
    since = clock.now() - timedelta(days=days)
    return db.scalar(
        sa.select(Issue.id)
        .where(Issue.site_id == site_id, Issue.item == item, Issue.closed_at >= since)
        .order_by(Issue.closed_at.desc()).limit(1)
    )
