"""What goes into the evidence package of a report or issue: its photos, all that is known of it, its lines of the trail."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts import queries as people
from server.audit import chain as audit_chain
from server.evidence.custody import chain, extract
from server.evidence.custody.queries import some_of
from server.issues import views as issue_views
from server.issues.models import EntryPhoto, Issue, IssueEntry, IssueFinding, IssuePhoto
from server.issues.rules import EntryState
from server.kit import clock
from server.kit.actor import Actor
from server.kit.i18n import Language
from server.photos import covers
from server.photos import queries as photos
from server.photos import views as photo_views
from server.photos.models import Original, Photo
from server.photos.rules import EXTENSION
from server.reports import hooks as report_hooks
from server.reports import queries as reports
from server.reports import views as report_views
from server.reports.models import Report, ReportPhoto, Revision

FORMAT = 1
_PLAIN = re.compile(r"[^A-Za-z0-9-]+")
_NOT_PACKED = {"links", "moves", "residents"}  # addresses, buttons, and what residents said, which is forgotten in time


class Shot(NamedTuple):
    """An original, and where it lies in the package."""

    photo_id: uuid.UUID
    sha256: str
    size: int
    path: str
    removed: bool  # by the rule of retention: named and not packed


@dataclass(frozen=True, slots=True)
class Contents:
    """All of it but the bytes of the originals. `facts` has a list `photos`, to which packing adds what became of each."""

    subject: dict[str, str]
    shots: list[Shot]
    facts: dict[str, Any]
    trail: list[dict[str, Any]]
    head: str


class Named(NamedTuple):
    """A photo under the word that its file name begins with, and what a phone said of it."""

    photo_id: uuid.UUID
    word: str
    captured_at: datetime | None


def of_report(db: Session, actor: Actor, report: Report, language: Language) -> Contents:
    """Every revision to the letter, and every photo that any of them names."""
    revisions = reports.revisions_of(db, report.id)
    decisions = [line for hook in report_hooks.DECISIONS for line in hook(db, report)]
    facts = {
        "report": reports.rows(db, [report])[0], "decisions": decisions,
        "contents": [_content(report, revision) for revision in revisions],
        "flags": photo_views.shape_flags(
            db, [flag for flag in photos.flags_of_report(db, report.id) if flag.object_kind == "report"], language
        ),
    }
    subject = {"kind": "report", "id": str(report.id), "number": report.number}
    return _contents(db, actor, subject, facts, photos_of_report(db, report), language)


def photos_of_report(db: Session, report: Report) -> list[Named]:
    """Those of the newest revision first, each under the item that it was taken for."""
    said: dict[uuid.UUID, dict[str, Any]] = {}
    for revision in reports.revisions_of(db, report.id):
        said |= {uuid.UUID(entry["id"]): entry for entry in reports.body_of(revision)["photos"]}
    query = sa.select(ReportPhoto.photo_id).where(ReportPhoto.report_id == report.id)
    order = query.order_by(ReportPhoto.revision.desc(), ReportPhoto.position)
    return [
        Named(photo_id, said.get(photo_id, {}).get("item") or "site", _moment(said.get(photo_id, {}).get("captured_at")))
        for photo_id in dict.fromkeys(db.scalars(order))
    ]


def photos_of_issue(db: Session, issue: Issue) -> list[Named]:
    """Before and after, then what else verifications and replies showed."""
    shown = sa.select(IssuePhoto).where(IssuePhoto.issue_id == issue.id).order_by(IssuePhoto.position)
    named = [Named(one.photo_id, one.kind, one.captured_at) for one in db.scalars(shown)]
    more = (
        sa.select(EntryPhoto.photo_id, IssueEntry.kind).join(IssueEntry, IssueEntry.id == EntryPhoto.entry_id)
        .where(IssueEntry.issue_id == issue.id, IssueEntry.state != EntryState.INCOMPLETE)
        .order_by(IssueEntry.received_at, EntryPhoto.position)
    )
    known = {one.photo_id for one in named}
    return named + [Named(photo_id, kind.value, None) for photo_id, kind in db.execute(more) if photo_id not in known]


def measure(db: Session, actor: Actor, named: list[Named]) -> tuple[int, int, int]:
    """How many of these are here, how many bytes they have, and how many were removed by the rule of retention."""
    found = {photo.id: (photo, original) for photo, original in _here(db, actor, {one.photo_id for one in named})}
    sizes = [original.size for photo, original in found.values() if photo.removed_at is None]
    return len(sizes), sum(sizes), len(found) - len(sizes)


def of_issue(db: Session, actor: Actor, issue: Issue, language: Language) -> Contents:
    """The issue as it stands, what phones sent of it and the reports that found it to the letter, photos before and
    after, and those of verifications."""
    entries = list(db.scalars(
        sa.select(IssueEntry).where(IssueEntry.issue_id == issue.id, IssueEntry.state != EntryState.INCOMPLETE)
        .order_by(IssueEntry.received_at, IssueEntry.id)
    ))
    found_by = db.scalars(
        sa.select(Report).join(IssueFinding, IssueFinding.report_id == Report.id)
        .where(IssueFinding.issue_id == issue.id, reports.visible_to(actor)).order_by(IssueFinding.found_at)
    ).all()
    facts = {
        "issue": issue_views.shape(db, actor, issue),
        "contents": [
            *(_content(report, revision) for report in found_by for revision in reports.revisions_of(db, report.id)),
            *(
                {
                    "id": f"{entry.kind.value} {entry.id}", "content": entry.content, "digest": entry.digest,
                    "by": entry.by, "received_at": entry.received_at, "receipt": {"received_at": entry.receipt_at},
                }
                for entry in entries
            ),
        ],
    }
    subject = {"kind": "issue", "id": str(issue.id), "number": issue.number}
    return _contents(db, actor, subject, facts, photos_of_issue(db, issue), language)


def _contents(  # noqa: PLR0917 - a package is all of these
    db: Session, actor: Actor, subject: dict[str, str], facts: dict[str, Any], named: list[Named], language: Language
) -> Contents:
    here = {photo.id: (photo, original) for photo, original in _here(db, actor, [one.photo_id for one in named])}
    shots: list[Shot] = []
    shown: list[dict[str, Any]] = []
    for one in named:
        if one.photo_id in here and all(shot.photo_id != one.photo_id for shot in shots):
            photo, original = here[one.photo_id]
            path, removed = _path(len(shots) + 1, one, original), photo.removed_at is not None
            shot = Shot(photo.id, photo.sha256, original.size, path, removed)
            shots.append(shot)
            shown.append(_photo(db, actor, photo, original, language))
    known = {shot.photo_id for shot in shots}
    trail = extract.lines(db, actor, [uuid.UUID(subject["id"])], known)
    about = {
        "format": FORMAT, "subject": subject, "made_at": clock.now(), "made_by": {"id": actor.id, "name": actor.name},
        "photos_not_here": [one for one in dict.fromkeys(one.photo_id for one in named) if one not in known],
    }
    acted = {
        *(one["by"] for one in facts["contents"]), *(one["owner_id"] for one in shown),
        *(one["by_id"] for one in facts.get("decisions", [])),
        *(uuid.UUID(by) for by in (orjson.loads(line["event"])["actor_id"] for line in trail) if by),
    }
    whole = _stripped({**about, **facts, "photos": shown, "people": people.names_of(db, acted)})
    return Contents(subject, shots, whole, trail, str(audit_chain.head(db)))


def _here(db: Session, actor: Actor, ids: Iterable[uuid.UUID]) -> Iterator[tuple[Photo, Original]]:
    """Those that are stored, and whose very bytes the actor may have: who sees a photo because of having taken it alone
    does not get round its cover here."""
    query = sa.select(Photo, Original).join(Original, Original.sha256 == Photo.sha256).where(photos.visible_to(actor))
    for some in some_of(ids):
        covered = covers.on_photos(db, some)
        for photo, original in db.execute(query.where(Photo.id.in_(some))):
            if not covers.is_withheld(db, actor, photo, covered.get(photo.id)):
                yield photo, original


def _photo(db: Session, actor: Actor, photo: Photo, original: Original, language: Language) -> dict[str, Any]:
    return {
        "id": photo.id, "sha256": photo.sha256, "size": original.size, "media_type": original.media_type,
        "width": original.width, "height": original.height, "filename": photo.filename, "owner_id": photo.owner_id,
        "received_at": photo.received_at, "stored_at": original.stored_at, "facts": original.facts,
        "flags": photo_views.shape_flags(db, photos.flags_of_photo(db, actor, photo.id), language),
        "custody": chain.steps(db, actor, photo, original),
        "removed": photo_views.removal(photo.removed_at, photo.removed_days),
    }


def _content(report: Report, revision: Revision) -> dict[str, Any]:
    return {
        "id": f"{report.number} r{revision.revision}", "content": revision.content, "digest": revision.digest,
        "by": report.inspector_id, "sent_at": revision.sent_at, "received_at": revision.received_at,
        "receipt": report_views.receipt(revision), "correction_reason": revision.correction_reason,
        "verdicts": revision.verdicts,
    }


def _path(serial: int, named: Named, original: Original) -> str:
    """originals/003_ELEV-A05_20261120-091500_1a2b3c4d.jpg: plain letters, that unpack alike everywhere."""
    at = named.captured_at.astimezone(clock.SHANGHAI) if named.captured_at else original.stored_at.astimezone(clock.SHANGHAI)
    word = _PLAIN.sub("-", named.word)[:40].strip("-") or "photo"
    ending = EXTENSION.get(original.media_type, "bin")
    return f"originals/{serial:03d}_{word}_{at:%Y%m%d-%H%M%S}_{original.sha256[:8]}.{ending}"


def _moment(said: str | None) -> datetime | None:
    """What a phone said, where a calendar has it also in Shanghai."""
    try:
        return clock.read(said).astimezone(clock.SHANGHAI) if said else None
    except (ValueError, OverflowError):
        return None


def _stripped(value: Any) -> Any:
    """As JSON, without what is good for this sign-in or this moment alone."""
    return _without(orjson.loads(orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)))


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without(one) for key, one in value.items() if key not in _NOT_PACKED}
    return [_without(one) for one in value] if isinstance(value, list) else value
