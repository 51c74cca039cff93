"""Selects of retention: what stands under a hold, in what a photo is used, holds and runs as lists show them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import not_found
from server.evidence.custody.queries import some_of
from server.evidence.sampling.models import SecondLook
from server.issues import queries as issues
from server.issues.models import EntryPhoto, FollowUp, Issue, IssueEntry, IssueFinding
from server.issues.rules import ENDED
from server.kit import paging
from server.kit.actor import Actor
from server.permissions import Reach, reaches
from server.photos import queries as photos
from server.photos.models import Photo, PhotoHolder
from server.programme import queries as programme
from server.programme.models import Site
from server.reports import queries as reports
from server.reports.models import Report
from server.reports.rules import State
from server.retention.models import LegalHold, Removal, RetentionRun
from server.retention.rules import HoldKind

DECIDED = (State.APPROVED, State.VOID)


@dataclass(frozen=True, slots=True)
class Holds:
    """Every hold that stands: by itself, and for issues by the report that found them. A site covers all that is there."""

    sites: frozenset[uuid.UUID]
    reports: frozenset[uuid.UUID]
    issues: frozenset[uuid.UUID]
    photos: frozenset[uuid.UUID]

    def __bool__(self) -> bool:
        return bool(self.sites or self.reports or self.issues or self.photos)

    def keep(self, kind: str, object_id: uuid.UUID, site_id: uuid.UUID) -> bool:
        """Whether a report or issue is under one."""
        return site_id in self.sites or object_id in (self.reports if kind == "report" else self.issues)


def holds(db: Session) -> Holds:
    """Those that stand now. Whoever removes asks inside the transaction that does, under the lock that `service` takes."""
    found: dict[HoldKind, set[uuid.UUID]] = {kind: set() for kind in HoldKind}
    for kind, object_id in db.execute(sa.select(LegalHold.kind, LegalHold.object_id).where(LegalHold.lifted_at.is_(None))):
        found[kind].add(object_id)
    below = set(found[HoldKind.ISSUE])
    for some in some_of(found[HoldKind.REPORT]):
        below.update(db.scalars(sa.select(IssueFinding.issue_id).where(IssueFinding.report_id.in_(some))))
        below.update(db.scalars(sa.select(Issue.id).where(Issue.report_id.in_(some))))
    return Holds(
        frozenset(found[HoldKind.SITE]), frozenset(found[HoldKind.REPORT]), frozenset(below), frozenset(found[HoldKind.PHOTO])
    )


def held_issues(db: Session) -> set[uuid.UUID]:
    """Every issue that is under a hold."""
    standing = holds(db)
    below = set(standing.issues)
    for some in some_of(standing.sites):
        below.update(db.scalars(sa.select(Issue.id).where(Issue.site_id.in_(some))))
    return below


def held_among(db: Session, standing: Holds, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of ids of whatever kind those of things that are under a hold."""
    if not standing:
        return set()
    found = set(ids) & (standing.sites | standing.reports | standing.issues | standing.photos)
    if standing.sites:
        for some in some_of(ids):
            there = sa.union_all(
                sa.select(Report.id, Report.site_id).where(Report.id.in_(some)),
                sa.select(Issue.id, Issue.site_id).where(Issue.id.in_(some)),
            )
            found.update(row.id for row in db.execute(there) if row.site_id in standing.sites)
    return found


class Use(NamedTuple):
    """A report or issue in which a photo stands; `ended_at` once nothing more is to be decided there."""

    photo_id: uuid.UUID
    kind: str
    id: uuid.UUID
    site_id: uuid.UUID
    ended_at: datetime | None


def uses_of(db: Session, photo_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Use]]:
    """By photo, all reports and issues that hold it, be it by a reply or verification."""
    found: dict[uuid.UUID, list[Use]] = defaultdict(list)
    for some in some_of(photo_ids):
        for use in [*_in_reports(db, some), *_in_issues(db, some)]:
            found[use.photo_id].append(use)
    return found


def _in_reports(db: Session, photo_ids: list[uuid.UUID]) -> list[Use]:
    query = (
        sa.select(PhotoHolder.photo_id, Report.id, Report.site_id, Report.state, Report.decided_at)
        .join(Report, Report.id == PhotoHolder.holder_id)
        .where(PhotoHolder.kind == "report", PhotoHolder.photo_id.in_(photo_ids))
    )
    rows = db.execute(query).all()
    waiting = set(db.scalars(  # somebody has still to look at it once more
        sa.select(SecondLook.report_id).where(
            SecondLook.report_id.in_({row.id for row in rows}), SecondLook.verdict.is_(None)
        )
    ))
    return [
        Use(
            row.photo_id, "report", row.id, row.site_id,
            row.decided_at if row.state in DECIDED and row.id not in waiting else None,
        )
        for row in rows
    ]


def _in_issues(db: Session, photo_ids: list[uuid.UUID]) -> list[Use]:
    about = (Issue.id, Issue.site_id, Issue.state, Issue.closed_at, Issue.changed_at)
    shown = (
        sa.select(PhotoHolder.photo_id, *about).join(Issue, Issue.id == PhotoHolder.holder_id)
        .where(PhotoHolder.kind == "issue", PhotoHolder.photo_id.in_(photo_ids))
    )
    sent = (
        sa.select(EntryPhoto.photo_id, *about).select_from(EntryPhoto)
        .join(IssueEntry, IssueEntry.id == EntryPhoto.entry_id).join(Issue, Issue.id == IssueEntry.issue_id)
        .where(EntryPhoto.photo_id.in_(photo_ids))
    )
    rows = [*db.execute(shown), *db.execute(sent)]
    waiting = set(db.scalars(
        sa.select(FollowUp.issue_id).where(FollowUp.issue_id.in_({row.id for row in rows}), FollowUp.result.is_(None))
    ))
    return [
        Use(
            row.photo_id, "issue", row.id, row.site_id,
            (row.closed_at or row.changed_at) if row.state in ENDED and row.id not in waiting else None,
        )
        for row in rows
    ]


def held_photos(db: Session, standing: Holds, photo_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Of these photos those that are under a hold, by themselves or by where they stand."""
    if not standing:
        return set()
    return {
        photo_id for photo_id, uses in uses_of(db, photo_ids).items()
        if any(standing.keep(use.kind, use.id, use.site_id) for use in uses)
    } | (set(photo_ids) & standing.photos)


# -- holds and runs as they are shown ------------------------------------------------------------------------------


def see_holds(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.true() if Reach.ALL in reaches(actor, "hold") else sa.false()


def find_hold(db: Session, actor: Actor, hold_id: uuid.UUID) -> LegalHold:
    """The hold; 404 for whoever does not see holds."""
    hold = db.scalar(sa.select(LegalHold).where(LegalHold.id == hold_id, see_holds(actor)))
    if hold is None:
        raise not_found()
    return hold


def district_of(db: Session, actor: Actor, kind: HoldKind, object_id: uuid.UUID) -> str | None:
    """The district of what a hold is laid on; 404 where it is not there."""
    if kind is HoldKind.REPORT:
        return reports.find_report(db, actor, object_id).district_code
    if kind is HoldKind.ISSUE:
        return issues.find_issue(db, actor, object_id).district_code
    if kind is HoldKind.SITE:
        return programme.find_site(db, actor, object_id).district_code
    photos.find_photo(db, actor, object_id)
    return None


def list_holds(
    db: Session, actor: Actor, *, kind: HoldKind | None, id: uuid.UUID | None, standing: bool | None,
    cursor: str | None, limit: int,
) -> paging.Page[LegalHold]:
    """Holds, newest first; of one thing those on it and on what it is below."""
    query = sa.select(LegalHold).where(see_holds(actor))
    if standing is not None:
        query = query.where(LegalHold.lifted_at.is_(None) if standing else LegalHold.lifted_at.is_not(None))
    if kind is not None and id is not None:
        over = [
            sa.and_(LegalHold.kind == one, LegalHold.object_id.in_(ids)) for one, ids in _above(db, kind, id).items() if ids
        ]
        query = query.where(sa.or_(*over))
    elif kind is not None:
        query = query.where(LegalHold.kind == kind)
    keys = [(LegalHold.at, datetime, True), (LegalHold.id, uuid.UUID, True)]
    return paging.page(db, query, keys, cursor=cursor, limit=limit)


def _above(db: Session, kind: HoldKind, object_id: uuid.UUID) -> dict[HoldKind, set[uuid.UUID]]:
    """The thing itself and all that a hold could stand on to cover it."""
    found: dict[HoldKind, set[uuid.UUID]] = {one: set() for one in HoldKind}
    found[kind].add(object_id)
    if kind is HoldKind.PHOTO:
        for use in uses_of(db, [object_id]).get(object_id, []):
            found[HoldKind(use.kind)].add(use.id)
            found[HoldKind.SITE].add(use.site_id)
    held = found[HoldKind.ISSUE]
    if held:
        found[HoldKind.REPORT].update(db.scalars(sa.select(IssueFinding.report_id).where(IssueFinding.issue_id.in_(held))))
        for row in db.execute(sa.select(Issue.report_id, Issue.site_id).where(Issue.id.in_(held))):
            found[HoldKind.SITE].add(row.site_id)
            if row.report_id:
                found[HoldKind.REPORT].add(row.report_id)
    if kind is HoldKind.REPORT:
        found[HoldKind.SITE].update(db.scalars(sa.select(Report.site_id).where(Report.id == object_id)))
    return found


def names_of(db: Session, shown: Iterable[LegalHold]) -> dict[uuid.UUID, str]:
    """What the things under holds are called: number of a report or issue, name of a site, file name of a photo."""
    ids: dict[HoldKind, set[uuid.UUID]] = {kind: set() for kind in HoldKind}
    for hold in shown:
        ids[hold.kind].add(hold.object_id)
    columns: dict[HoldKind, tuple[Any, Any]] = {
        HoldKind.REPORT: (Report.id, Report.number), HoldKind.ISSUE: (Issue.id, Issue.number),
        HoldKind.SITE: (Site.id, Site.name), HoldKind.PHOTO: (Photo.id, Photo.filename),
    }
    return {
        key: name for kind, (key_of, name_of) in columns.items() if ids[kind]
        for key, name in db.execute(sa.select(key_of, name_of).where(key_of.in_(ids[kind]))) if name
    }


def last_runs(db: Session, limit: int) -> list[RetentionRun]:
    return list(db.scalars(sa.select(RetentionRun).order_by(RetentionRun.started_at.desc()).limit(limit)))


_STEPS = {"photo_originals": "removed", "openings": "openings_removed"}


def steps_of(db: Session, photo_id: uuid.UUID) -> list[dict[str, Any]]:
    """What was removed of a photo, as steps of its chain of custody."""
    query = sa.select(Removal).where(Removal.object_id == str(photo_id), Removal.object_kind == "photo")
    return [
        {"kind": _STEPS[one.name], "at": one.removed_at, "sha256": one.sha256, "size": one.size, "of": str(one.days)}
        for one in db.scalars(query.order_by(Removal.removed_at)) if one.name in _STEPS
    ]
