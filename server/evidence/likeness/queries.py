"""Selects of likeness: prints that came since, what is like a photo, and where photos are shown."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.evidence.likeness.index import Seqs
from server.evidence.likeness.models import Match, Print
from server.evidence.likeness.prints import WORDS, Bits
from server.evidence.likeness.rules import FLAG, Shown
from server.issues.models import Issue, IssuePhoto
from server.kit import clock
from server.kit.actor import Actor
from server.kit.prepared import Prepared
from server.photos import queries as photos
from server.photos.models import Flag, Original, Photo, PhotoHolder, Renditions
from server.reports.models import Report, Revision
from server.reports.rules import State

AT_ONCE = 50_000  # prints read in one statement
MOST = 200  # photos that one is held against
FEW, VISITS, VIEWS = 3, 10, 20  # photos of one original, reports of a site, photos of an item


class Similar(NamedTuple):
    """A photo that is like the one asked about; without a match it has the same bytes."""

    photo_id: uuid.UUID
    match: Match | None


def prints_after(db: Session, seq: int) -> tuple[Seqs, Bits, int]:
    """(numbers, bits, the newest number read) of the next prints; the last is `seq` where there is none."""
    rows = db.execute(
        sa.select(Print.seq, Print.bits).where(Print.seq > seq).order_by(Print.seq).limit(AT_ONCE)
    ).all()
    here = [(number, bits) for number, bits in rows if bits is not None]
    seqs = np.array([number for number, _ in here], np.int64)
    bits = np.frombuffer(b"".join(bits for _, bits in here), np.uint64).reshape(-1, WORDS)
    return seqs, bits, rows[-1].seq if rows else seq


def sums_of(db: Session, seqs: Iterable[int]) -> dict[int, str]:
    """The originals' SHA-256 by the numbers of their prints."""
    query = sa.select(Print.seq, Print.sha256).where(Print.seq.in_(list(seqs)))
    return {row.seq: row.sha256 for row in db.execute(query)}


def without_print(db: Session, after: str, limit: int) -> Sequence[str]:
    """Originals in the order of their sums that have previews and no print yet."""
    query = (
        sa.select(Original.sha256).outerjoin(Print, Print.sha256 == Original.sha256)
        .where(Original.sha256 > after, Original.renditions == Renditions.MADE, Print.seq.is_(None))
        .order_by(Original.sha256).limit(limit)
    )
    return db.scalars(query).all()


def photos_of(db: Session, sha256: str) -> Sequence[uuid.UUID]:
    return db.scalars(sa.select(Photo.id).where(Photo.sha256 == sha256).order_by(Photo.received_at).limit(MOST)).all()


def similar_to(db: Session, photo_id: uuid.UUID, sha256: str) -> list[Similar]:
    """Photos of the same bytes and of originals that were found to be like this one."""
    found = [
        Similar(one, None) for one in db.scalars(
            sa.select(Photo.id).where(Photo.sha256 == sha256, Photo.id != photo_id)
            .order_by(Photo.received_at).limit(MOST)
        )
    ]
    matches = {
        match.other_sha256 if match.sha256 == sha256 else match.sha256: match
        for match in db.scalars(
            sa.select(Match).where(sa.or_(Match.sha256 == sha256, Match.other_sha256 == sha256))
            .order_by(Match.copy.desc(), Match.drift).limit(MOST)
        )
    }
    rows = db.execute(
        sa.select(Photo.id, Photo.sha256).where(Photo.sha256.in_(matches)).order_by(Photo.received_at).limit(MOST)
    )
    return found + [Similar(one, matches[of]) for one, of in rows]


def of_same_item(db: Session, sha256: str, before: int) -> list[tuple[int, Bits]]:
    """(number, bits) of the prints of earlier photos of the same item at the same site: however the light has changed,
    whoever looks at progress wants to see them."""
    named: set[uuid.UUID] = set()
    for one in shown(db, photos_of(db, sha256)[:FEW]).values():
        rows = db.execute(
            sa.select(Revision.content).join(
                Report, sa.and_(Report.id == Revision.report_id, Report.revision == Revision.revision)
            )
            .where(Report.site_id.in_(one.sites), Report.id.not_in(one.reports))
            .order_by(Report.received_at.desc()).limit(VISITS)
        ).scalars() if one.items else ()
        for content in rows:
            named.update(photo_id for photo_id, items in _items(orjson.loads(content)).items() if items & one.items)
    found = db.execute(
        sa.select(Print.seq, Print.bits).join(Photo, Photo.sha256 == Print.sha256)
        .where(Photo.id.in_(named), Print.seq < before, Print.bits.is_not(None))
        .order_by(Print.seq.desc()).distinct().limit(VIEWS)
    )
    return [(row.seq, np.frombuffer(row.bits, np.uint64)) for row in found]


_PHOTO = PhotoHolder.photo_id
_OTHER = sa.orm.aliased(PhotoHolder)
_REPORT = sa.bindparam("report", type_=sa.Uuid())
_AGAIN = Prepared(
    sa.select(_PHOTO).where(
        PhotoHolder.holder_id == _REPORT, PhotoHolder.kind == "report",
        sa.or_(
            sa.exists().where(_OTHER.photo_id == _PHOTO, _OTHER.kind == "report", _OTHER.holder_id != _REPORT),
            sa.exists().where(
                Flag.object_kind == "photo", Flag.object_id == _PHOTO, Flag.code == FLAG, Flag.settled_at.is_(None),
                Flag.withdrawn_at.is_(None),
            ),
        ),
    )
)


def to_judge_again(db: Session, report_id: uuid.UUID) -> list[uuid.UUID]:
    """Photos of a report that another one shows too, or on which a flag of likeness stands."""
    return [row[0] for row in _AGAIN.all(db, report=report_id)]


def visible(db: Session, actor: Actor, ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these photos the actor may see."""
    return set(db.scalars(sa.select(Photo.id).where(Photo.id.in_(list(ids)), photos.visible_to(actor))))


def shown(db: Session, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Shown]:
    """Where each of these photos is shown, by whom, of what, and when it was taken as the phone says."""
    wanted = list(ids)
    found = {
        one: Shown(one, owner, received) for one, owner, received in db.execute(
            sa.select(Photo.id, Photo.owner_id, Photo.received_at).where(Photo.id.in_(wanted))
        )
    }
    _by_reports(db, found)
    _by_issues(db, found)
    for one in found.values():
        if one.captured_at is not None:
            one.day = clock.day_of(one.captured_at)
    return found


def _by_reports(db: Session, found: dict[uuid.UUID, Shown]) -> None:
    rows = db.execute(
        sa.select(
            PhotoHolder.photo_id, Report.id, Report.site_id, Report.started_at, Report.state, Report.district_code,
            Revision.content,
        )
        .join(Report, Report.id == PhotoHolder.holder_id)
        .join(Revision, sa.and_(Revision.report_id == Report.id, Revision.revision == Report.revision))
        .where(PhotoHolder.kind == "report", PhotoHolder.photo_id.in_(found)).order_by(Report.received_at)
    )
    for photo_id, report_id, site_id, started_at, state, district, content in rows:
        one = found[photo_id]
        one.reports.add(report_id)
        one.sites.add(site_id)
        one.day = one.day or clock.day_of(started_at)
        one.newest = (report_id, district)
        if state is not State.VOID:  # whoever declares one void may send its photos again
            one.visits.add((site_id, clock.day_of(started_at)))
        said = orjson.loads(content)
        one.items |= _items(said).get(photo_id, set())
        for photo in said.get("photos") or []:
            if one.captured_at is None and photo.get("captured_at") and uuid.UUID(photo["id"]) == photo_id:
                one.captured_at = clock.read(photo["captured_at"])


def _items(content: dict[str, Any]) -> dict[uuid.UUID, set[str]]:
    """Of which items a report's photos are, as the photos and the answers say."""
    found: dict[uuid.UUID, set[str]] = {}
    for photo in content.get("photos") or []:
        if photo.get("item"):
            found.setdefault(uuid.UUID(photo["id"]), set()).add(photo["item"])
    for answer in content.get("answers") or []:
        for named in answer.get("photos") or []:
            found.setdefault(uuid.UUID(named), set()).add(answer["item"])
    return found


def _by_issues(db: Session, found: dict[uuid.UUID, Shown]) -> None:
    rows = db.execute(
        sa.select(PhotoHolder.photo_id, Issue.id, Issue.site_id, Issue.item, IssuePhoto.captured_at)
        .join(Issue, Issue.id == PhotoHolder.holder_id)
        .outerjoin(IssuePhoto, sa.and_(IssuePhoto.issue_id == Issue.id, IssuePhoto.photo_id == PhotoHolder.photo_id))
        .where(PhotoHolder.kind == "issue", PhotoHolder.photo_id.in_(found)).order_by(Issue.created_at)
    )
    for photo_id, issue_id, site_id, item, captured_at in rows:
        one = found[photo_id]
        one.issues.add(issue_id)
        one.sites.add(site_id)
        if item:
            one.items.add(item)
        one.captured_at = one.captured_at or captured_at
