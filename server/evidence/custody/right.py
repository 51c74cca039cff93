"""Who is given custody and evidence: whoever sees the thing by a role that carries the right, and is not of the firm whose
work it shows.

Each of these is asked of somebody who sees the thing, and answers with the actor as whom it is then shown.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal
from server.issues import queries as issues
from server.issues.models import EntryPhoto, Issue, IssueEntry, IssueFinding
from server.issues.rules import EntryKind
from server.kit.actor import Actor, Role
from server.permissions import within
from server.photos import queries as photos
from server.photos.models import Photo, PhotoHolder
from server.programme.models import Site
from server.reports import queries as reports
from server.reports.models import Report

CHAIN = "GET /api/v1/photos/{photo_id}/custody"
OF_REPORT = "GET /api/v1/reports/{report_id}/evidence"
OF_ISSUE = "GET /api/v1/issues/{issue_id}/evidence"


def of_photo(db: Session, actor: Actor, photo: Photo) -> Actor:
    """403 also for whoever sent the photo as a reply, whatever they are now."""
    held = sa.select(PhotoHolder.holder_id).where(PhotoHolder.photo_id == photo.id)
    replied = (
        sa.select(EntryPhoto.photo_id).join(IssueEntry, IssueEntry.id == EntryPhoto.entry_id)
        .where(EntryPhoto.photo_id == photo.id, IssueEntry.kind == EntryKind.REPLY, IssueEntry.by == actor.id)
    )
    own_work = [
        _firms_issues(actor).where(Issue.id.in_(held.where(PhotoHolder.kind == "issue"))),
        _firms_reports(actor).where(Report.id.in_(held.where(PhotoHolder.kind == "report"))),
    ]
    right = within(actor, CHAIN)
    seen = sa.select(Photo.id).where(Photo.id == photo.id, photos.visible_to(right))
    return _demand(db, right, seen, [replied, *own_work])


def of_report(db: Session, actor: Actor, report: Report) -> Actor:
    """Of a report's firms are that of the site and those of the issues that it found."""
    found = sa.select(IssueFinding.issue_id).where(IssueFinding.report_id == report.id)
    own_work = [_firms_reports(actor).where(Report.id == report.id), _firms_issues(actor).where(Issue.id.in_(found))]
    right = within(actor, OF_REPORT)
    return _demand(db, right, sa.select(Report.id).where(Report.id == report.id, reports.visible_to(right)), own_work)


def of_issue(db: Session, actor: Actor, issue: Issue) -> Actor:
    right = within(actor, OF_ISSUE)
    seen = sa.select(Issue.id).where(Issue.id == issue.id, issues.visible_to(right))
    return _demand(db, right, seen, [_firms_issues(actor).where(Issue.id == issue.id)])


def _demand(db: Session, right: Actor, seen: sa.Select[Any], never: list[sa.Select[Any]]) -> Actor:
    if db.execute(seen).first() is None or any(db.execute(one.limit(1)).first() is not None for one in never):
        raise Refusal("not-allowed")
    return right


def _firms_issues(actor: Actor) -> sa.Select[Any]:
    """Issues for which the actor's firm is responsible, or will be once they are noticed."""
    responsible = sa.func.coalesce(Issue.contractor_id, Site.contractor_id)
    return sa.select(Issue.id).join(Site, Site.id == Issue.site_id).where(_is_firm(actor, responsible))


def _firms_reports(actor: Actor) -> sa.Select[Any]:
    return sa.select(Report.id).join(Site, Site.id == Report.site_id).where(_is_firm(actor, Site.contractor_id))


def _is_firm(actor: Actor, column: sa.ColumnElement[Any] | Any) -> sa.ColumnElement[bool]:
    return column == actor.organisation_id if Role.CONTRACTOR in actor.roles and actor.organisation_id else sa.false()
