"""A photo's chain of custody, step by step: named by the phone, received, stored, opened, handed on, hashed again."""

from __future__ import annotations

import uuid
from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.audit.models import AuditEvent
from server.evidence.custody import hooks
from server.evidence.custody.models import OriginalCheck, OriginalDifference, OriginalOpening
from server.evidence.custody.rules import How
from server.issues import queries as issues
from server.issues.models import EntryPhoto, Issue, IssueEntry
from server.kit import clock
from server.kit.actor import Actor
from server.photos import covers
from server.photos.models import Original, Photo
from server.reports import queries as reports
from server.reports.models import Report, ReportPhoto, Revision

Step = dict[str, Any]
_EMPTY: Step = {
    "at": None, "phone_at": None, "by": None, "sha256": None, "size": None, "same": None, "of": None, "number": None,
    "revision": None, "last_at": None, "event": None,
}


def steps(db: Session, actor: Actor, photo: Photo, original: Original) -> list[Step]:
    """The steps in order of the server's clock, as this actor may see them.

    Whoever does not see the photo at the desk learns that others looked at it and when, but not who: an inspector can
    show that nothing was changed, and nobody is to be asked why they looked.
    """
    found = [
        *_named(db, actor, photo), *_received(db, photo, original), *_refused(db, photo), *_openings(db, photo),
        *_checked(db, original, photo.removed_at), *(_step(**one) for hook in hooks.STEPS for one in hook(db, photo.id)),
    ]
    ids = {step["by"] for step in found if step["by"]}
    names = people.names_of(db, ids) if ids else {}
    shown = covers.is_seen_at_desk(db, actor, photo.id)
    for step in found:
        by = step["by"]
        seen = by is not None and (shown or by == actor.id)
        step["by"] = {"id": by, "name": names.get(by)} if seen else None
        step["by_other"] = by is not None and not seen
    return sorted(found, key=lambda step: (step["at"], _ORDER.index(step["kind"])))


_ORDER = [
    "named", "refused", "received", "stored", "opened", "weekly", "export", "package", "checked", "openings_removed", "removed",
]


def _step(kind: str, at: datetime, **more: Any) -> Step:
    return {**_EMPTY, "kind": kind, "at": at, **more}


def _named(db: Session, actor: Actor, photo: Photo) -> list[Step]:
    """Where a phone has said, before the bytes came or with them, what they hash to."""
    by_reports = (
        sa.select(
            Report.number, Report.inspector_id, Revision.revision, Revision.sent_at, Revision.received_at,
            ReportPhoto.sha256, ReportPhoto.size,
        )
        .select_from(ReportPhoto).join(Report, Report.id == ReportPhoto.report_id)
        .join(Revision, sa.and_(
            Revision.report_id == ReportPhoto.report_id, Revision.revision == ReportPhoto.revision
        ))
        .where(ReportPhoto.photo_id == photo.id, reports.visible_to(actor))
    )
    found = [
        _step(
            "named", row.received_at, phone_at=row.sent_at, by=row.inspector_id, sha256=row.sha256, size=row.size,
            same=row.sha256 == photo.sha256, number=row.number, revision=row.revision,
        )
        for row in db.execute(by_reports)
    ]
    by_entries = (
        sa.select(Issue.number, IssueEntry.by, IssueEntry.received_at, EntryPhoto.sha256, EntryPhoto.size)
        .select_from(EntryPhoto).join(IssueEntry, IssueEntry.id == EntryPhoto.entry_id)
        .join(Issue, Issue.id == IssueEntry.issue_id)
        .where(EntryPhoto.photo_id == photo.id, issues.visible_to(actor))
    )
    return found + [
        _step(
            "named", row.received_at, by=row.by, sha256=row.sha256, size=row.size, same=row.sha256 == photo.sha256,
            number=row.number,
        )
        for row in db.execute(by_entries)
    ]


def _received(db: Session, photo: Photo, original: Original) -> list[Step]:
    """When the phone began to send; when all was here, verified and durable.

    The same bytes may have come before with another photo: they are kept once.
    """
    event = db.scalar(
        sa.select(AuditEvent).where(
            AuditEvent.object_id == str(photo.id), AuditEvent.object_kind == "photo", AuditEvent.verb == "photo_stored"
        ).order_by(AuditEvent.id).limit(1)
    )
    began = event.facts.get("began_at") if event else None  # photos of older versions do not say
    return [
        _step("received", clock.read(began) if began else photo.received_at, by=photo.owner_id),
        _step(
            "stored", photo.received_at, sha256=original.sha256, size=original.size, event=event.id if event else None,
            same=original.sha256 == photo.sha256,
        ),
    ]


def _refused(db: Session, photo: Photo) -> list[Step]:
    query = sa.select(AuditEvent).where(
        AuditEvent.object_id == str(photo.id), AuditEvent.object_kind == "photo", AuditEvent.verb == "photo_refused"
    )
    return [
        _step("refused", event.at, by=event.actor_id, sha256=event.facts.get("sha256"), of=event.facts.get("code"),
              event=event.id, same=event.facts.get("sha256") == photo.sha256)
        for event in db.scalars(query)
    ]


def _openings(db: Session, photo: Photo) -> list[Step]:
    """Openings by the line of the trail that tells them; of those that wait for it, each person's as one."""
    query = sa.select(OriginalOpening).where(OriginalOpening.photo_id == photo.id).order_by(OriginalOpening.at)
    gathered: dict[tuple[uuid.UUID, How, str | None, int | None], list[OriginalOpening]] = defaultdict(list)
    for row in db.scalars(query):
        gathered[row.actor_id, row.how, row.of, row.event_id].append(row)
    return [
        _step(how.value, rows[0].at, by=by, sha256=rows[0].sha256, of=of, event=event, same=rows[0].sha256 == photo.sha256,
              last_at=rows[-1].at if len(rows) > 1 else None)
        for (by, how, of, event), rows in gathered.items()
    ]


def _checked(db: Session, original: Original, removed_at: datetime | None) -> list[Step]:
    """The last check of the whole store that had this original in it, and every one that found it changed."""
    before = sa.true() if removed_at is None else OriginalCheck.finished_at < removed_at  # later ones looked for no file
    last = db.scalar(
        sa.select(OriginalCheck).where(
            OriginalCheck.finished_at.is_not(None), OriginalCheck.sample.is_(None),
            OriginalCheck.started_at > original.stored_at, before,
            sa.or_(OriginalCheck.since.is_(None), OriginalCheck.since <= original.stored_at),
        ).order_by(OriginalCheck.started_at.desc()).limit(1)
    )
    wrong = db.execute(
        sa.select(OriginalCheck, OriginalDifference)
        .join(OriginalDifference, OriginalDifference.check_id == OriginalCheck.id)
        .where(OriginalDifference.sha256 == original.sha256)
    ).all()
    found = [
        _step("checked", check.started_at, same=False, sha256=difference.found_sha256, size=difference.found_size,
              of=difference.wrong.value)
        for check, difference in wrong
    ]
    if last is not None and last.finished_at is not None and all(check.id != last.id for check, _ in wrong):
        found.append(_step("checked", last.finished_at, same=True, sha256=original.sha256, size=original.size))
    return found
