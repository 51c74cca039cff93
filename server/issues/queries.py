"""Selects over issues. Every read starts from `visible_to`."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.errors import not_found
from server.issues.firm import is_strangers, own_photo, seen
from server.issues.models import Extension, Issue, IssueEvent, IssueFinding, IssuePhoto, Objection
from server.issues.rules import ENDED, MOVES, NOT_OVERDUE, OWN_DRAFT, SETTLES, IssueState, Move, Order
from server.kit import clock, text
from server.kit.actor import Actor, Role
from server.kit.paging import Page, page
from server.permissions import Reach, reaches
from server.photos.models import PhotoHolder
from server.programme.models import Assignment, Site
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
        ways += inspectors_ways(actor)
    if not ways:
        return sa.false()
    # a draft, also one thrown away, is nobody's business but its author's and the district's
    drafts = [Issue.opened_by == actor.id]
    if Reach.DISTRICTS in reach and actor.districts:
        drafts.append(Issue.district_code.in_(sorted(actor.districts)))
    submitted = sa.exists().where(IssueEvent.issue_id == Issue.id, IssueEvent.to_state.is_not(None)).correlate(Issue)
    begun = [Issue.state.not_in([IssueState.DRAFT, IssueState.VOID]), sa.and_(Issue.state == IssueState.VOID, submitted)]
    return sa.and_(sa.or_(*ways), sa.or_(*begun, *drafts))


def inspectors_ways(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """An inspector's issues: at assigned sites, of own reports, entered by oneself."""
    assigned = sa.select(Assignment.site_id).where(
        Assignment.person_id == actor.id, Assignment.ended_at.is_(None)
    )
    own = sa.select(Report.id).where(Report.inspector_id == actor.id)
    return [Issue.site_id.in_(assigned), Issue.report_id.in_(own), Issue.opened_by == actor.id]


def site_of(db: Session, site_id: uuid.UUID | None) -> dict[str, Any] | None:
    """A site as answers name it."""
    return reports.site_refs(db, {site_id}).get(site_id) if site_id else None


def visible_ids(actor: Actor) -> sa.Select[uuid.UUID]:
    """The same as a subquery of ids: whoever sees an issue sees its photos, but for those that `shown_to` leaves out."""
    return sa.select(Issue.id).where(visible_to(actor))


def shown_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Which photos a visible issue shows: to its firm none of the firm before it."""
    if Role.CONTRACTOR not in actor.roles:  # nobody else's photos cost a look into the issue
        return sa.true()
    return (
        sa.select(IssuePhoto.photo_id).join(Issue, Issue.id == IssuePhoto.issue_id)
        .where(IssuePhoto.issue_id == PhotoHolder.holder_id, IssuePhoto.photo_id == PhotoHolder.photo_id)
        .where(seen(actor, own_photo())).correlate(PhotoHolder).exists()
    )


def places() -> sa.Select[uuid.UUID, str]:
    """Of which district each is."""
    return sa.select(Issue.id, Issue.district_code)


def find_issue(db: Session, actor: Actor, issue_id: uuid.UUID, **_path: Any) -> Issue:
    """The issue, or 404 where this actor may not see it."""
    issue = db.scalar(sa.select(Issue).where(Issue.id == issue_id, visible_to(actor)))
    if issue is None:
        raise not_found()
    return issue


def opened_by(db: Session, actor: Actor, report: Report) -> list[dict[str, Any]]:
    """The issues that a report opened and the actor may see, as the report's document shows them."""
    query = (
        sa.select(
            Issue.number, Issue.item, Issue.description, Issue.severity, Issue.due_on, Issue.state,
            Organisation.name.label("contractor"),
        )
        .outerjoin(Organisation, Organisation.id == Issue.contractor_id)
        .where(Issue.report_id == report.id, visible_to(actor)).order_by(Issue.number)
    )
    return [dict(row._mapping) for row in db.execute(query)]


def by_ids(db: Session, actor: Actor, ids: list[uuid.UUID]) -> list[Issue]:
    """Those of these issues that one may see, by number."""
    query = sa.select(Issue).where(Issue.id.in_(ids), visible_to(actor)).order_by(Issue.number)
    return list(db.scalars(query)) if ids else []


def overdue_on(today: date) -> sa.ColumnElement[bool]:
    """Past due and neither ended nor waiting for verification, as rules.is_overdue says."""
    return sa.and_(Issue.due_on < today, Issue.state.not_in(sorted(NOT_OVERDUE)))


def list_issues(db: Session, actor: Actor, query: dict[str, Any]) -> Page[Any]:
    """One page of the visible issues as rows of all their columns, the newest or the first due first. `query` is a
    loaded IssueQuery."""
    # rows, not objects: half the work of a list
    select = sa.select(*Issue.__table__.c).where(visible_to(actor), *conditions(actor, query))
    if query["order"] is Order.DUE:
        keys: list[Any] = [(Issue.due_on, date, False), (Issue.id, uuid.UUID, False)]
        return page(db, select, keys, cursor=query["cursor"], limit=query["limit"])
    return page(
        db, select, [(Issue.created_at, datetime, True), (Issue.id, uuid.UUID, True)],
        cursor=query["cursor"], limit=query["limit"], among=_ways(actor, query),
    )


def conditions(actor: Actor, query: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    """What a list or the register is narrowed to. `query` is a loaded IssueFilter."""
    same = {
        Issue.district_code: query["district"], Issue.site_id: query["site"],
        Issue.severity: query["severity"], Issue.contractor_id: query["contractor"],
    }
    found = [column == value for column, value in same.items() if value is not None]
    if query["state"]:
        found.append(Issue.state == query["state"][0] if len(query["state"]) == 1 else Issue.state.in_(query["state"]))
    if query["overdue"] is not None:
        late = overdue_on(clock.today())
        found.append(late if query["overdue"] else sa.not_(late))
    if query["due_to"] is not None:
        found.append(Issue.due_on <= query["due_to"])
    if query["q"]:
        found.append(_search(text.fold(query["q"])))
    if query["move"] is not None:
        found.append(_may(actor, query["move"]))
    return found


def _search(term: str) -> sa.ColumnElement[bool]:
    """By a part of the number, the description or the site."""
    pattern = text.like(term)
    sites = sa.select(Site.id).where(Site.search.like(pattern, escape="\\"))
    return sa.or_(
        Issue.number.like(pattern, escape="\\"), sa.func.lower(Issue.description).like(pattern, escape="\\"),
        Issue.site_id.in_(sites),
    )


def _may(actor: Actor, move: Move) -> sa.ColumnElement[bool]:
    """The issues with which the actor may make this move, as moving.Standing says, of those that are visible."""
    rule = MOVES[move]
    ways: list[sa.ColumnElement[bool]] = []
    if Role.SUPERVISOR in rule.roles & actor.roles:
        ways.append(Issue.district_code.in_(sorted(actor.districts)))
    if Role.CONTRACTOR in rule.roles & actor.roles and actor.organisation_id:
        ways.append(Issue.contractor_id == actor.organisation_id)
    if Role.INSPECTOR in rule.roles & actor.roles:
        ways.append(sa.or_(*inspectors_ways(actor)))
    fits = [Issue.state.in_(sorted(rule.states)), sa.or_(*ways) if ways else sa.false()]
    if rule.other:
        fits += [sa.or_(Issue.replied_by.is_(None), Issue.replied_by != actor.id), sa.not_(_saw_it_fixed(actor))]
    if rule.outside:
        fits.append(is_strangers(actor))
    if move in OWN_DRAFT:
        fits.append(Issue.opened_by == actor.id)
    return sa.and_(*fits, *_papers_fit(move))


def _saw_it_fixed(actor: Actor) -> sa.ColumnElement[bool]:
    # the round is asked inside, so that no plan begins by reading what every report says
    visit = sa.select(Report.id).where(
        Issue.round == 1, Report.id == Issue.report_id, reports.carried_out_by(actor.id)
    )
    return sa.and_(Issue.fixed_on_spot, visit.correlate(Issue).exists())


def _papers_fit(move: Move) -> list[sa.ColumnElement[bool]]:
    """What a move asks of objections and requests for more time, as views.shapes says."""
    # of the firm that is responsible now
    objected = sa.exists().where(Objection.issue_id == Issue.id, Objection.contractor_id == Issue.contractor_id)
    waiting = sa.select(Extension.issue_id).where(Extension.result.is_(None))
    if move in SETTLES.values():
        return [objected.where(Objection.result.is_(None)).correlate(Issue)]
    if move is Move.OBJECT:
        return [sa.not_(objected.correlate(Issue))]
    if move is Move.SETTLE_EXTENSION:
        return [Issue.id.in_(waiting)]
    return [Issue.id.not_in(waiting)] if move is Move.ASK_EXTENSION else []


def counts(db: Session, actor: Actor) -> dict[str, Any]:
    """How many visible issues there are in each state, how many of them are late, and with how many open ones the actor
    may make each move: the desk's queues. Moves of closed ones wait for nobody, and closed ones are nearly all."""
    late = sa.func.count().filter(overdue_on(clock.today()))
    rows = db.execute(sa.select(Issue.state, sa.func.count(), late).where(visible_to(actor)).group_by(Issue.state)).all()
    found = {state: number for state, number, _ in rows}
    moves = [move for move, rule in MOVES.items() if rule.roles & actor.roles and not rule.states <= ENDED]
    able: list[int] = []
    if moves:
        may = [sa.func.count().filter(_may(actor, move)) for move in moves]
        able = list(db.execute(sa.select(*may).where(visible_to(actor), Issue.state.not_in(sorted(ENDED)))).one())
    return {
        "states": {state: found.get(state, 0) for state in IssueState}, "overdue": sum(number for _, _, number in rows),
        "moves": dict(zip(moves, able, strict=True)),
    }


def _ways(actor: Actor, query: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    """The districts of somebody who sees issues by them alone, one by one: see `paging.page`."""
    if reaches(actor, "issue") != {Reach.DISTRICTS} or query["district"] or query["site"]:
        return []
    return [Issue.district_code == code for code in sorted(actor.districts)]


def open_issue(db: Session, site_id: uuid.UUID, item: str) -> Issue | None:
    """The one open issue of an item at a site."""
    query = sa.select(Issue).where(Issue.site_id == site_id, Issue.item == item, Issue.state.not_in(sorted(ENDED)))
    return db.scalar(query)


def open_issues(db: Session, site_id: uuid.UUID, items: list[str]) -> list[uuid.UUID]:
    """The open issues of these items at a site."""
    query = sa.select(Issue.id).where(
        Issue.site_id == site_id, Issue.item.in_(items), Issue.state.not_in(sorted(ENDED))
    )
    return list(db.scalars(query)) if items else []


def closed_items(db: Session, report_id: uuid.UUID) -> set[str]:
    """The items whose failure in this very report has an issue that is closed."""
    query = sa.select(Issue.item).join(IssueFinding, IssueFinding.issue_id == Issue.id).where(
        IssueFinding.report_id == report_id, Issue.state == IssueState.CLOSED
    )
    return {item for item in db.scalars(query) if item is not None}


def recent_closed(db: Session, site_id: uuid.UUID, item: str, days: int) -> Issue | None:
    """The last closed issue of the same item at the same site within `days`: the failure has come back."""
    since = clock.now() - timedelta(days=days)
    return db.scalar(
        sa.select(Issue)
        .where(Issue.site_id == site_id, Issue.item == item, Issue.closed_at >= since)
        .order_by(Issue.closed_at.desc()).limit(1)
    )
