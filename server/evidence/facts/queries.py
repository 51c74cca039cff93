"""What is read to judge a report, and of the ways and clocks of phones."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.evidence.facts.models import DeviceFix
from server.evidence.facts.rules import Fix
from server.issues.models import EntryPhoto, IssueEntry
from server.issues.rules import EntryKind, EntryState
from server.kit.geo import Point
from server.kit.jobs import Job, JobState
from server.photos.models import Original, Photo, PhotoHolder
from server.reports.models import Report, ReportPhoto
from server.reports.rules import State

UNJUDGED = frozenset({State.INCOMPLETE, State.VOID})


def reports_showing(db: Session, sha256: str) -> list[uuid.UUID]:
    """The reports that name a photo of these bytes, always in the same order."""
    query = (
        sa.select(PhotoHolder.holder_id).join(Photo, Photo.id == PhotoHolder.photo_id)
        .where(Photo.sha256 == sha256, PhotoHolder.kind == "report").distinct()
    )
    return sorted(db.scalars(query))


def reports_sharing(db: Session, report_id: uuid.UUID) -> list[uuid.UUID]:
    """The other reports that name a photo of this one's."""
    its = sa.select(PhotoHolder.photo_id).where(PhotoHolder.holder_id == report_id, PhotoHolder.kind == "report")
    query = sa.select(PhotoHolder.holder_id).where(
        PhotoHolder.photo_id.in_(its), PhotoHolder.kind == "report", PhotoHolder.holder_id != report_id
    )
    return list(db.scalars(query.distinct()))


def replies_showing(db: Session, sha256: str) -> list[uuid.UUID]:
    """The replies that have taken effect and name a photo of these bytes, always in the same order."""
    query = (
        sa.select(EntryPhoto.entry_id).join(IssueEntry, IssueEntry.id == EntryPhoto.entry_id)
        .join(Photo, Photo.id == EntryPhoto.photo_id)
        .where(Photo.sha256 == sha256, IssueEntry.kind == EntryKind.REPLY, IssueEntry.state == EntryState.COMPLETE).distinct()
    )
    return sorted(db.scalars(query))


def of_no_report(db: Session, photo_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these photos that no report shows: what is found of the others stands with their report."""
    shown = sa.select(PhotoHolder.photo_id).where(PhotoHolder.kind == "report", PhotoHolder.photo_id.in_(photo_ids))
    return set(photo_ids).difference(db.scalars(shown)) if photo_ids else set()


def originals_of(db: Session, photo_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Original]:
    """What is known of the bytes of photos that are here."""
    query = (
        sa.select(Photo.id, Original).join(Original, Original.sha256 == Photo.sha256).where(Photo.id.in_(photo_ids))
    )
    return {row.id: row.Original for row in db.execute(query)} if photo_ids else {}


def still_waits(db: Session, kind: str, key: str) -> bool:
    """Whether a job has not begun, and so will not before this transaction has ended."""
    state = db.scalar(sa.select(Job.state).where(Job.kind == kind, Job.key == key).with_for_update(read=True))
    return state is JobState.QUEUED


def first_reports(db: Session, photo_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """By photo the report whose photo it is judged as: where several show it, the first of those that are judged."""
    if not photo_ids:
        return {}
    rows = db.execute(
        sa.select(ReportPhoto.photo_id, ReportPhoto.report_id).join(
            Report, sa.and_(Report.id == ReportPhoto.report_id, Report.revision == ReportPhoto.revision)
        ).where(ReportPhoto.photo_id.in_(photo_ids), Report.state.not_in(sorted(UNJUDGED)))
    )
    first: dict[uuid.UUID, uuid.UUID] = {}
    for photo_id, report_id in rows:
        first[photo_id] = min(report_id, first.get(photo_id, report_id))
    return first


MOST = 1000  # positions of others during one visit: more are not one phone's


class Stop(NamedTuple):
    """One position on a phone's way, and what it stands on."""

    report_id: uuid.UUID
    object_id: uuid.UUID
    fix: Fix


def stops_around(db: Session, device_id: str, start: datetime, end: datetime, *, besides: uuid.UUID) -> list[Stop]:
    """The phone's positions of other reports from the last one before `start` to the first one after `end`."""
    others = sa.select(DeviceFix).where(DeviceFix.device_id == device_id, DeviceFix.report_id != besides)
    up, down = (DeviceFix.at, DeviceFix.object_id), (DeviceFix.at.desc(), DeviceFix.object_id.desc())
    found = [
        *db.scalars(others.where(DeviceFix.at < start).order_by(*down).limit(1)),
        *db.scalars(others.where(DeviceFix.at >= start, DeviceFix.at <= end).order_by(*up).limit(MOST)),
        *db.scalars(others.where(DeviceFix.at > end).order_by(*up).limit(1)),
    ]
    return [stop_of(row) for row in found]


def stop_of(row: DeviceFix) -> Stop:
    return Stop(row.report_id, row.object_id, Fix(Point(row.lat, row.lng), row.accuracy_m, row.at))


def fixes_of(db: Session, report_id: uuid.UUID) -> list[DeviceFix]:
    return list(db.scalars(sa.select(DeviceFix).where(DeviceFix.report_id == report_id)))
