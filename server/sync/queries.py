"""What changed for one person since a cursor, in the order in which it became visible."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists import queries as checklists
from server.checklists.rules import Limit
from server.errors import Refusal
from server.issues import follow_ups
from server.issues import queries as issues
from server.issues import views as issue_views
from server.issues.models import Issue
from server.issues.rules import ENDED
from server.kit import clock
from server.kit.actor import Actor, Role
from server.kit.changes import ACCESS, ASSIGNED, Change, horizon, life
from server.kit.paging import decode, encode
from server.programme import queries as programme
from server.programme.models import Assignment, Site
from server.reports import queries as reports
from server.reports.models import Report
from server.reports.rules import State

BATCH = 2000
KEEP_DAYS = 60  # approved and void reports older than this are not sent to a phone that starts afresh


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last change that was told: transaction (0 on SQLite), number, and the life of the database that counts so."""

    xid: int
    seq: int
    life: str = ""

    def text(self) -> str:
        return encode([self.xid, self.seq, self.life])


class Pulled(NamedTuple):
    """A site as the phone keeps it: with the limits that it has set for itself, by item code."""

    site: Site
    limits: dict[str, Limit]


class Told(NamedTuple):
    """The next changes for one person, the cursor after them, and whether there are more."""

    changes: list[Change]
    cursor: Cursor
    more: bool


def read_cursor(given: str | None) -> Cursor | None:
    if not given:
        return None
    try:
        return Cursor(*decode(given, [int, int, str]))
    except Refusal:
        return Cursor(*decode(given, [int, int]))  # of a phone that last heard from a version without lives


def newest(db: Session) -> Cursor:
    """Where a phone that starts afresh stands: everything that has become visible by now."""
    query = sa.select(Change.xid, Change.seq).order_by(Change.xid.desc(), Change.seq.desc()).limit(1)
    below = horizon(db)
    if below is not None:
        query = query.where(Change.xid < below)
    row = db.execute(query).first()
    return Cursor(row.xid, row.seq, life(db)) if row else Cursor(0, 0, life(db))


def is_of_another_life(db: Session, cursor: Cursor) -> bool:
    """Whether a backup was restored since: the phone must start afresh. Who puts one back without our command is found out
    only where the cursor is ahead of all that was told."""
    latest = newest(db)
    return cursor.life != latest.life or (cursor.xid, cursor.seq) > (latest.xid, latest.seq)


def since(db: Session, actor: Actor, cursor: Cursor) -> Told:
    """What changed for this person since the cursor, at most a batch."""
    query = (
        sa.select(Change)
        .where(
            sa.or_(Change.xid > cursor.xid, sa.and_(Change.xid == cursor.xid, Change.seq > cursor.seq)),
            sa.or_(Change.person_id.is_(None), Change.person_id == actor.id),
        )
        .order_by(Change.xid, Change.seq)
        .limit(BATCH + 1)
    )
    below = horizon(db)
    if below is not None:
        query = query.where(Change.xid < below)
    found = list(db.scalars(query))
    more, found = len(found) > BATCH, found[:BATCH]
    return Told(found, replace(cursor, xid=found[-1].xid, seq=found[-1].seq) if found else cursor, more)


def starts_afresh(changes: list[Change]) -> bool:
    """Whether what the person may see became another set: then only everything is a right answer."""
    return any(change.kind == ACCESS for change in changes)


def everything(db: Session, actor: Actor) -> dict[str, Any]:
    """The whole state that a phone needs to work without a network."""
    recent = clock.now() - timedelta(days=KEEP_DAYS)
    ended = sa.and_(Report.state.in_([State.APPROVED, State.VOID]), Report.received_at < recent)
    own_reports = sa.select(Report.id).where(reports.visible_to(actor), Report.inspector_id == actor.id, sa.not_(ended))
    open_issues = _open_issues(actor)
    return {
        "sites": _with_limits(db, _sites(actor)),
        "checklists": [dict(published.checklist.content) for published in checklists.all_newest(db)],
        "reports": _reports(db, actor, db.scalars(own_reports)),
        "issues": _issues(db, actor, db.scalars(open_issues)),
        "gone": [],
    }


def delta(db: Session, actor: Actor, changes: list[Change]) -> dict[str, Any]:
    """The present state of what changed, and what is gone for this person."""
    ids: dict[str, set[uuid.UUID]] = {kind: set() for kind in ("site", "report", "issue", ASSIGNED)}
    codes: set[str] = set()
    left: set[uuid.UUID] = set()  # sites
    lost: set[uuid.UUID] = set()  # issues that are another firm's now
    for change in changes:
        if change.kind == "checklist":
            codes.add(change.object_id)
        elif change.person_id is None or change.kind == ASSIGNED:
            ids[change.kind].add(uuid.UUID(change.object_id))
        else:
            (lost if change.kind == "issue" else left).add(uuid.UUID(change.object_id))
    sites = ids["site"] | ids[ASSIGNED] | _visited(db, ids["report"])
    # Taken away and given back again: what is visible now is not gone.
    left -= set(db.scalars(_sites(actor).where(Site.id.in_(left)))) if left else set()
    lost -= set(db.scalars(issues.visible_ids(actor).where(Issue.id.in_(lost)))) if lost else set()
    came = _open_issues(actor).where(Issue.site_id.in_(ids[ASSIGNED]))
    return {
        "sites": _with_limits(db, _sites(actor).where(Site.id.in_(sites))) if sites else [],
        "checklists": [
            dict(published.checklist.content)
            for published in (checklists.newest(db, code) for code in sorted(codes))
            if published
        ],
        "reports": _reports(db, actor, ids["report"]),
        "issues": _issues(db, actor, ids["issue"] | (set(db.scalars(came)) if ids[ASSIGNED] else set())),
        "gone": [
            *({"kind": "issue", "id": str(issue_id)} for issue_id in sorted(lost.union(_issues_left(db, actor, left)))),
            *({"kind": "site", "id": str(site_id)} for site_id in sorted(left)),
        ],
    }


def _visited(db: Session, reports_changed: set[uuid.UUID]) -> set[uuid.UUID]:
    """The sites whose last visit one of these reports is: intake writes no change of its own for it."""
    if not reports_changed:
        return set()
    query = sa.select(Site.id).join(Report, Report.site_id == Site.id).where(
        Report.id.in_(reports_changed), Report.finished_at >= Site.last_visit_at
    )
    return set(db.scalars(query))


def _open_issues(actor: Actor) -> sa.Select[uuid.UUID]:
    """Those that are not ended, and closed ones that wait to be looked at again."""
    kept: list[sa.ColumnElement[bool]] = [Issue.state.not_in(sorted(ENDED))]
    if actor.has(Role.INSPECTOR):
        kept.append(Issue.id.in_(follow_ups.waiting_for(actor)))
    return sa.select(Issue.id).where(issues.visible_to(actor), sa.or_(*kept))


def _issues_left(db: Session, actor: Actor, sites: set[uuid.UUID]) -> list[uuid.UUID]:
    """The issues that went with these sites; those of own reports stay. What was opened later is not even named."""
    if not sites:
        return []
    query = (
        sa.select(Issue.id)
        .join(Assignment, sa.and_(Assignment.site_id == Issue.site_id, Assignment.person_id == actor.id))
        .where(Issue.site_id.in_(sites), Issue.created_at <= Assignment.ended_at,
               Issue.id.not_in(issues.visible_ids(actor)))
        .order_by(Issue.id)
    )
    return list(db.scalars(query))


def _sites(actor: Actor) -> sa.Select[uuid.UUID]:
    return sa.select(Site.id).where(programme.visible_to(actor))


def _with_limits(db: Session, ids: sa.Select[uuid.UUID]) -> list[Pulled]:
    limits = checklists.limits_by_site(db, ids)
    sites = db.scalars(sa.select(Site).where(Site.id.in_(ids)).order_by(Site.code)).unique()
    return [Pulled(site, limits.get(site.id, {})) for site in sites]


def _reports(db: Session, actor: Actor, ids: Iterable[uuid.UUID]) -> list[Any]:
    wanted = list(ids)
    query = sa.select(Report).where(
        reports.visible_to(actor), Report.inspector_id == actor.id, Report.id.in_(wanted)
    ).order_by(Report.received_at)
    return list(db.scalars(query)) if wanted else []


def _issues(db: Session, actor: Actor, ids: Iterable[uuid.UUID]) -> list[Any]:
    wanted = list(ids)
    query = sa.select(Issue).where(issues.visible_to(actor), Issue.id.in_(wanted)).order_by(Issue.number)
    return issue_views.shapes(db, actor, list(db.scalars(query))) if wanted else []
