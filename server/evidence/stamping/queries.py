"""What is known of a photo for whoever asks: from the newest report that shows it, else from an issue."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.accounts.models import Organisation
from server.checklists import queries as checklists
from server.evidence.stamping.words import Place, Stamp
from server.issues import queries as issues
from server.issues.models import EntryPhoto, Issue, IssueEntry, IssuePhoto
from server.kit import clock
from server.kit.actor import Actor
from server.kit.geo import Crs, coarse, to_wgs84
from server.permissions import sees_exact_places
from server.photos.models import Photo
from server.programme.models import District, Site
from server.reports import queries as reports
from server.reports.models import Report, ReportPhoto, Revision


def stamp_of(db: Session, actor: Actor, photo: Photo) -> Stamp:
    """Of a photo that the actor sees. A report or issue that the actor does not see is not named."""
    said = _said(db, photo.id)
    report = _report(db, actor, photo.id)
    issue = None if report else _issue(db, actor, photo.id)
    taken = _moment(said.get("captured_at")) or (issue.captured_at if issue else None)
    known: dict[str, Any] = {
        "sha256": photo.sha256, "received_at": photo.received_at, "captured_at": taken,
        "place": _place(actor, said.get("location")),
        "taken_by": people.names_of(db, {photo.owner_id}).get(photo.owner_id),
    }
    if report is not None:
        return Stamp(
            **known, **_site(db, report.site_id), report=report.number,
            **_item(db, report.checklist_code, report.checklist_version, said.get("item")),
        )
    if issue is not None:
        return Stamp(
            **known, **_site(db, issue.site_id), issue=issue.number, kind=issue.kind,
            contractor=db.scalar(sa.select(Organisation.name).where(Organisation.id == issue.contractor_id)),
            **_item(db, issue.checklist_code, issue.checklist_version, issue.item),
        )
    return Stamp(**known)


def _report(db: Session, actor: Actor, photo_id: uuid.UUID) -> Any:
    query = (
        sa.select(Report.number, Report.site_id, Report.checklist_code, Report.checklist_version)
        .join(ReportPhoto, ReportPhoto.report_id == Report.id)
        .where(ReportPhoto.photo_id == photo_id, reports.visible_to(actor))
        .order_by(Report.received_at.desc(), Report.id).limit(1)
    )
    return db.execute(query).first()


def _issue(db: Session, actor: Actor, photo_id: uuid.UUID) -> Any:
    query = (
        sa.select(
            Issue.number, Issue.site_id, Issue.item, Issue.checklist_code, Issue.checklist_version, Issue.contractor_id,
            IssuePhoto.kind, IssuePhoto.captured_at,
        )
        .join(IssuePhoto, IssuePhoto.issue_id == Issue.id)
        .where(IssuePhoto.photo_id == photo_id, issues.visible_to(actor))
        .order_by(Issue.created_at.desc(), Issue.id).limit(1)
    )
    return db.execute(query).first()


def _said(db: Session, photo_id: uuid.UUID) -> dict[str, Any]:
    """What the phone said of it, in the newest report or reply that names it."""
    of_report = (
        sa.select(Revision.content)
        .join(ReportPhoto, sa.and_(
            ReportPhoto.report_id == Revision.report_id, ReportPhoto.revision == Revision.revision
        ))
        .where(ReportPhoto.photo_id == photo_id).order_by(Revision.received_at.desc(), Revision.revision.desc()).limit(1)
    )
    of_entry = (
        sa.select(IssueEntry.content).join(EntryPhoto, EntryPhoto.entry_id == IssueEntry.id)
        .where(EntryPhoto.photo_id == photo_id).order_by(IssueEntry.received_at.desc()).limit(1)
    )
    content = db.scalar(of_report) or db.scalar(of_entry)
    if content is None:
        return {}
    found = (one for one in orjson.loads(content).get("photos") or [] if uuid.UUID(one["id"]) == photo_id)
    entry: dict[str, Any] = next(found, {})
    return entry


def _place(actor: Actor, said: dict[str, Any] | None) -> Place | None:
    if not said:
        return None
    try:
        lat, lng = to_wgs84(said["lat"], said["lng"], Crs(said.get("crs") or Crs.WGS84))
    except ValueError:  # outside what a datum is defined for
        return None
    exact = sees_exact_places(actor)
    shown = {"lat": lat, "lng": lng, "accuracy_m": said.get("accuracy_m")}
    return Place(**(shown if exact else coarse(shown)), exact=exact)


def _moment(said: str | None) -> datetime | None:
    try:
        return clock.read(said) if said else None
    except ValueError:
        return None


def _site(db: Session, site_id: uuid.UUID) -> dict[str, Any]:
    query = (
        sa.select(Site.name, District.zh, District.en).join(District, District.code == Site.district_code)
        .where(Site.id == site_id)
    )
    row = db.execute(query).one()
    return {"site": row.name, "district": (row.zh, row.en)}


def _item(db: Session, code: str | None, version: int | None, item: str | None) -> dict[str, Any]:
    found = checklists.get_version(db, code, version) if code and version and item else None
    one = found.index.get(item) if found and item else None
    return {"item": item, "item_name": (one.zh, one.en) if one else None}
