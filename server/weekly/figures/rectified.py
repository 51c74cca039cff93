"""What was done about the issues of the register: the newest reply and verdict, and the pictures before and after."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.issues.models import IssueEntry, IssuePair, IssuePhoto
from server.issues.rules import EntryKind, EntryState
from server.kit import clock
from server.photos.models import Photo
from server.weekly.figures.counting import Span, at_once

Picture = dict[str, str | None]


class Pair(NamedTuple):
    """A picture of what was wrong, and one of the same spot put right."""

    before: Picture | None
    after: Picture | None


@dataclass(slots=True)
class Rectified:
    """Of one issue, as far as it was known at the cut-off."""

    measure: str | None = None
    responsible_person: str | None = None
    done_on: str | None = None
    round: int = 0  # of the newest reply
    verifier: str | None = None
    verified_on: str | None = None
    verdict: str | None = None
    photos: dict[str, int] = field(default_factory=lambda: {"before": 0, "after": 0})
    pairs: list[Pair] = field(default_factory=list)  # of the newest round that has any

    def said(self) -> dict[str, Any]:
        """The columns of the register."""
        newest = self.pairs[0] if self.pairs else Pair(None, None)
        return {
            "measure": self.measure, "responsible_person": self.responsible_person, "done_on": self.done_on,
            "verifier": self.verifier, "verified_on": self.verified_on, "verdict": self.verdict,
            "photos_before": self.photos["before"], "photos_after": self.photos["after"], **newest._asdict(),
        }


def rectified(db: Session, span: Span, issue_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Rectified]:
    """Of each of these issues."""
    found = {issue_id: Rectified() for issue_id in issue_ids}
    for ids in at_once(issue_ids):
        _entries(db, span, ids, found)
        pictures = _pictures(db, ids, found)
        pairs = _pairs(db, ids, found)
        for issue_id in ids:
            one = found[issue_id]
            one.pairs = _side_by_side(pictures.get(issue_id, {}), pairs.get(issue_id, []), replied=one.round > 0)
    return found


def _entries(db: Session, span: Span, ids: Sequence[uuid.UUID], found: dict[uuid.UUID, Rectified]) -> None:
    """The newest reply and verification that took effect: they come in order, and the last one stays."""
    query = (
        sa.select(
            IssueEntry.issue_id, IssueEntry.kind, IssueEntry.round, IssueEntry.receipt_at, IssueEntry.result,
            IssueEntry.measure, IssueEntry.responsible_person, IssueEntry.done_at, Person.name,
        )
        .join(Person, Person.id == IssueEntry.by)
        .where(
            IssueEntry.issue_id.in_(ids), IssueEntry.state == EntryState.COMPLETE, IssueEntry.receipt_at < span.cutoff,
            IssueEntry.kind != EntryKind.FOLLOW_UP,
        )
        .order_by(IssueEntry.receipt_at)
    )
    for row in db.execute(query):
        one = found[row.issue_id]
        if row.kind is EntryKind.REPLY:
            one.measure, one.responsible_person, one.round = row.measure, row.responsible_person, row.round
            one.done_on = clock.day_of(row.done_at).isoformat()
        else:
            one.verifier, one.verdict = row.name, row.result.value
            one.verified_on = clock.day_of(row.receipt_at).isoformat()


def _pictures(
    db: Session, ids: Sequence[uuid.UUID], found: dict[uuid.UUID, Rectified]
) -> dict[uuid.UUID, dict[uuid.UUID, tuple[str, Picture]]]:
    """{issue: {photo: (before | after, picture)}} in the office's order; one whose bytes are not here is only counted."""
    query = (
        sa.select(IssuePhoto.issue_id, IssuePhoto.photo_id, IssuePhoto.kind, IssuePhoto.captured_at, Photo.sha256)
        .outerjoin(Photo, Photo.id == IssuePhoto.photo_id)
        .where(IssuePhoto.issue_id.in_(ids)).order_by(IssuePhoto.issue_id, IssuePhoto.position)
    )
    shown: dict[uuid.UUID, dict[uuid.UUID, tuple[str, Picture]]] = {}
    for issue_id, photo_id, kind, captured_at, sha256 in db.execute(query):
        found[issue_id].photos[kind] += 1
        if sha256 is not None:
            shown.setdefault(issue_id, {})[photo_id] = (kind, {
                "photo_id": str(photo_id), "sha256": sha256,
                "captured_at": captured_at.isoformat() if captured_at else None,
            })
    return shown


def _pairs(
    db: Session, ids: Sequence[uuid.UUID], found: dict[uuid.UUID, Rectified]
) -> dict[uuid.UUID, list[tuple[uuid.UUID | None, uuid.UUID]]]:
    """Those of the newest round that has any, no later than that of the newest reply."""
    query = (
        sa.select(IssuePair.issue_id, IssuePair.round, IssuePair.before_photo_id, IssuePair.after_photo_id)
        .where(IssuePair.issue_id.in_(ids)).order_by(IssuePair.round.desc(), IssuePair.position)
    )
    kept: dict[uuid.UUID, list[tuple[uuid.UUID | None, uuid.UUID]]] = {}
    rounds: dict[uuid.UUID, int] = {}
    for issue_id, round_, before, after in db.execute(query):
        if round_ <= found[issue_id].round and rounds.setdefault(issue_id, round_) == round_:
            kept.setdefault(issue_id, []).append((before, after))
    return kept


def _side_by_side(
    pictures: dict[uuid.UUID, tuple[str, Picture]], pairs: list[tuple[uuid.UUID | None, uuid.UUID]], *, replied: bool
) -> list[Pair]:
    """The pairs, the first one completed by the first before-picture where it names none; without pairs, the first of
    each kind. Where nobody has replied nothing is put right yet."""

    def shown(photo_id: uuid.UUID | None) -> Picture | None:
        return pictures[photo_id][1] if photo_id in pictures else None

    def first(wanted: str) -> Picture | None:
        return next((picture for kind, picture in pictures.values() if kind == wanted), None)

    made = [Pair(shown(before), shown(after)) for before, after in pairs] or [
        Pair(None, first("after") if replied else None)
    ]
    made[0] = made[0]._replace(before=made[0].before or first("before"))
    return [pair for pair in made if pair.before or pair.after]
