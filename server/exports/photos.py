"""Which photos an archive holds, site by site: those of issues first, under the issue's number, then the rest of reports."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists import queries as checklists
from server.issues import firm
from server.issues import queries as issues
from server.issues.models import EntryPhoto, Issue, IssueEntry, IssuePhoto
from server.kit import clock
from server.kit.actor import Actor
from server.kit.i18n import Language
from server.photos import queries as photos
from server.photos.models import Original, Photo, Redaction
from server.programme.models import District, Site
from server.reports import queries as reports
from server.reports.models import Report, ReportPhoto, Revision
from server.reports.rules import PhotoState

AT_ONCE = 200
_PHOTO: tuple[Any, ...] = (
    Photo.id, Photo.sha256, Photo.owner_id, Photo.received_at, Photo.removed_at, Original.size,
    Original.media_type,
)
_OF_ISSUE: tuple[Any, ...] = (
    *_PHOTO, Issue.number, Issue.item, Issue.checklist_code, Issue.checklist_version, IssuePhoto.kind, IssuePhoto.position,
    IssuePhoto.captured_at, IssuePhoto.caption,
)
_OF_REPORT: tuple[Any, ...] = (
    *_PHOTO, Report.id.label("report_id"), Report.number, Report.revision.label("newest"), Report.checklist_code,
    Report.checklist_version, ReportPhoto.revision, ReportPhoto.position,
)


@dataclass(slots=True)
class Shot:
    """One photo at one place: of an issue, before or after, or of a report."""

    photo: Any  # a row of _PHOTO
    kind: str  # before | after | report
    number: str  # the issue's or the report's
    place: int  # among those of the issue, or of the report's revision
    revision: int | None
    item: str | None
    item_name: str | None
    checklist: str | None
    captured_at: datetime | None
    caption: str | None
    location: dict[str, Any] | None = None

    @property
    def day_of(self) -> datetime:
        """When it was taken as the phone says, where that can be; else when it came."""
        said, came = self.captured_at, self.photo.received_at
        return said if said and 2000 <= said.year <= came.year + 1 else came


def total(db: Session, actor: Actor, query: dict[str, Any]) -> tuple[int, int]:
    """How many photos, and how many bytes they have."""
    held = sa.union(
        _of_issues(actor, query).with_only_columns(Photo.id), _of_reports(actor, query).with_only_columns(Photo.id)
    ).subquery()
    here = sa.case((Photo.removed_at.is_(None), Original.size), else_=0)
    found = db.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(here), 0)).select_from(held)
        .join(Photo, Photo.id == held.c.id).join(Original, Original.sha256 == Photo.sha256)
    ).one()
    return int(found[0]), int(found[1])


def covered_since(db: Session, actor: Actor, query: dict[str, Any], moment: datetime) -> bool:
    """Whether one of these photos was covered after that moment, and is so still."""
    covered = sa.select(Redaction.sha256).where(Redaction.at >= moment, Redaction.lifted_at.is_(None))
    return any(
        db.execute(held(actor, query).where(Photo.sha256.in_(covered)).limit(1)).first() is not None
        for held in (_of_issues, _of_reports)
    )


def sites(db: Session, actor: Actor, query: dict[str, Any]) -> list[Any]:
    """The sites that have some, by district and code; to ask each of a city's thousands would take minutes."""
    there = sa.union(
        _of_issues(actor, query).with_only_columns(Issue.site_id),
        _of_reports(actor, query).with_only_columns(Report.site_id),
    ).subquery()
    select = (
        sa.select(Site.id, Site.code, Site.name, District.zh, District.en)
        .join(District, District.code == Site.district_code).where(Site.id.in_(sa.select(there.c.site_id)))
        .order_by(District.position, District.code, Site.code)
    )
    return list(db.execute(select))


def of_site(db: Session, actor: Actor, query: dict[str, Any], site_id: uuid.UUID, language: Language) -> Iterator[Shot]:
    """The photos of a site, some more than once: an issue shows those of the report that found it."""
    after: tuple[str, int] | None = None
    while True:
        select = _of_issues(actor, query).where(Issue.site_id == site_id)
        if after is not None:
            select = select.where(sa.tuple_(Issue.number, IssuePhoto.position) > after)
        found = db.execute(select.order_by(Issue.number, IssuePhoto.position).limit(AT_ONCE)).all()
        places = _places(db, [row.id for row in found])
        for row in found:
            name = _item(db, row.checklist_code, row.checklist_version, row.item, language)
            yield Shot(
                row, row.kind, row.number, row.position + 1, None, row.item, *name, row.captured_at, row.caption,
                places.get(row.id),
            )
        if len(found) < AT_ONCE:
            break
        after = (found[-1].number, found[-1].position)
    yield from _reports_of_site(db, actor, query, site_id, language)


def _reports_of_site(
    db: Session, actor: Actor, query: dict[str, Any], site_id: uuid.UUID, language: Language
) -> Iterator[Shot]:
    after: tuple[Any, ...] | None = None
    while True:
        select = _of_reports(actor, query).where(Report.site_id == site_id)
        keys = (Report.number, ReportPhoto.revision, ReportPhoto.position)
        if after is not None:
            select = select.where(sa.tuple_(*keys) > after)
        found = db.execute(select.order_by(*keys).limit(AT_ONCE)).all()
        entries = _entries(db, {(row.report_id, row.revision) for row in found})
        for row in found:
            said = entries[row.report_id, row.revision].get(str(row.id), {})
            name = _item(db, row.checklist_code, row.checklist_version, said.get("item"), language)
            yield Shot(
                row, "report", row.number, row.position + 1, None if row.revision == row.newest else row.revision,
                said.get("item"), *name, clock.read(said["captured_at"]) if said.get("captured_at") else None,
                said.get("caption"), said.get("location"),
            )
        if len(found) < AT_ONCE:
            return
        after = (found[-1].number, found[-1].revision, found[-1].position)


def _of_issues(actor: Actor, query: dict[str, Any]) -> sa.Select[Any]:
    select = (
        sa.select(*_OF_ISSUE)
        .select_from(IssuePhoto).join(Issue, Issue.id == IssuePhoto.issue_id)
        .join(Photo, Photo.id == IssuePhoto.photo_id).join(Original, Original.sha256 == Photo.sha256)
        .where(issues.visible_to(actor), firm.seen(actor, firm.own_photo()), photos.visible_to(actor))
    )
    if query["report"] is not None:
        return select.where(sa.false())
    if query["issue"] is not None:
        select = select.where(Issue.id == query["issue"])
    return _narrowed(select, Issue.site_id, Issue.district_code, query)


def _of_reports(actor: Actor, query: dict[str, Any]) -> sa.Select[Any]:
    """Photos that are here, each under the newest revision of a report that names it."""
    newer = sa.orm.aliased(ReportPhoto)
    select = (
        sa.select(*_OF_REPORT)
        .select_from(ReportPhoto).join(Report, Report.id == ReportPhoto.report_id)
        .join(Photo, Photo.id == ReportPhoto.photo_id).join(Original, Original.sha256 == Photo.sha256)
        .where(
            ReportPhoto.state == PhotoState.STORED, reports.visible_to(actor), photos.visible_to(actor),
            sa.not_(sa.exists().where(
                newer.report_id == ReportPhoto.report_id, newer.photo_id == ReportPhoto.photo_id,
                newer.revision > ReportPhoto.revision,
            ).correlate(ReportPhoto)),
        )
    )
    if query["issue"] is not None:
        return select.where(sa.false())
    if query["report"] is not None:
        select = select.where(Report.id == query["report"])
    return _narrowed(select, Report.site_id, Report.district_code, query)


def _narrowed(select: sa.Select[Any], site: Any, district: Any, query: dict[str, Any]) -> sa.Select[Any]:
    same = {district: query["district"], site: query["site"], Photo.owner_id: query["inspector"]}
    select = select.where(*(column == value for column, value in same.items() if value is not None))
    if query["received_from"]:
        select = select.where(Photo.received_at >= query["received_from"])
    return select.where(Photo.received_at < query["received_to"]) if query["received_to"] else select


def _entries(db: Session, wanted: set[tuple[uuid.UUID, int]]) -> dict[tuple[uuid.UUID, int], dict[str, Any]]:
    """What revisions say of their photos: {photo id: entry}."""
    query = sa.select(Revision.report_id, Revision.revision, Revision.content).where(
        sa.tuple_(Revision.report_id, Revision.revision).in_(list(wanted))
    )
    return {
        (row.report_id, row.revision): {
            str(uuid.UUID(one["id"])): one for one in orjson.loads(row.content)["photos"]
        }
        for row in db.execute(query)
    }


def _places(db: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """Where the photos of replies and verifications were taken, as the phone said."""
    query = (
        sa.select(IssueEntry.content).join(EntryPhoto, EntryPhoto.entry_id == IssueEntry.id)
        .where(EntryPhoto.photo_id.in_(ids)).distinct()
    )
    said = (one for content in db.scalars(query) for one in orjson.loads(content).get("photos", []))
    return {uuid.UUID(one["id"]): one["location"] for one in said if one.get("location")}


def _item(
    db: Session, code: str | None, version: int | None, item: str | None, language: Language
) -> tuple[str | None, str | None]:
    """The names of an item and of its checklist."""
    found = checklists.get_version(db, code, version) if code and version else None
    if found is None:
        return None, None
    one = found.index.get(item) if item else None
    return ((one.zh if language == "zh" else one.en) if one else None), found.content[language]
