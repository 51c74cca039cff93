"""What was done about the issues of the register: the newest reply and verdict, and the pictures before and after."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
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


Key = Any  # an id as the driver gives it
Shot = tuple[Key, str, datetime | None]  # a photo: its id, the sum of its bytes, when it was taken
Shots = dict[Key, tuple[str, Shot]]
Couple = tuple[Key | None, Key]


def rectified(db: Session, span: Span, issue_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Rectified]:
    """Of each of these issues. Rows of some ten thousand photos go by their ids as the driver gives them: on SQLite
    making UUIDs of all takes longer than reading them."""
    text = db.get_bind().dialect.name == "sqlite"
    found = {issue_id.hex if text else issue_id: Rectified() for issue_id in issue_ids}
    for ids in at_once(issue_ids):
        _entries(db, span, ids, found)
        pictures = _pictures(db, ids, found)
        pairs = _pairs(db, ids, found)
        for issue_id in ids:
            key = issue_id.hex if text else issue_id
            one = found[key]
            one.pairs = _side_by_side(pictures.get(key, {}), pairs.get(key, []), replied=one.round > 0)
    return dict(zip(issue_ids, found.values(), strict=True))


def _raw(column: Any) -> sa.ColumnElement[Any]:
    return sa.type_coerce(column, sa.types.NullType())


def _entries(db: Session, span: Span, ids: Sequence[uuid.UUID], found: dict[Key, Rectified]) -> None:
    """The newest reply and verification that took effect: they come in order, and the last one stays."""
    query = (
        sa.select(
            _raw(IssueEntry.issue_id).label("issue"), IssueEntry.kind, IssueEntry.round, IssueEntry.receipt_at,
            IssueEntry.result, IssueEntry.measure, IssueEntry.responsible_person, IssueEntry.done_at, Person.name,
        )
        .join(Person, Person.id == IssueEntry.by)
        .where(
            IssueEntry.issue_id.in_(ids), IssueEntry.state == EntryState.COMPLETE, IssueEntry.receipt_at < span.cutoff,
            IssueEntry.kind.in_([EntryKind.REPLY, EntryKind.VERIFICATION]),
        )
        .order_by(IssueEntry.receipt_at)
    )
    for row in db.execute(query):
        one = found[row.issue]
        if row.kind is EntryKind.REPLY:
            one.measure, one.responsible_person, one.round = row.measure, row.responsible_person, row.round
            one.done_on = clock.day_of(row.done_at).isoformat()
        else:
            one.verifier, one.verdict = row.name, row.result.value
            one.verified_on = clock.day_of(row.receipt_at).isoformat()


def _pictures(db: Session, ids: Sequence[uuid.UUID], found: dict[Key, Rectified]) -> dict[Key, Shots]:
    """{issue: {photo: (before | after, shot)}} in the office's order; one whose bytes are not here is only counted."""
    query = (
        sa.select(
            _raw(IssuePhoto.issue_id), _raw(IssuePhoto.photo_id), IssuePhoto.kind, IssuePhoto.captured_at, Photo.sha256
        )
        .outerjoin(Photo, Photo.id == IssuePhoto.photo_id)
        .where(IssuePhoto.issue_id.in_(ids)).order_by(IssuePhoto.issue_id, IssuePhoto.position)
    )
    shown: dict[Key, Shots] = {}
    for issue, photo, kind, captured_at, sha256 in db.execute(query):
        found[issue].photos[kind] += 1
        if sha256 is not None:
            shown.setdefault(issue, {})[photo] = (kind, (photo, sha256, captured_at))
    return shown


def _pairs(db: Session, ids: Sequence[uuid.UUID], found: dict[Key, Rectified]) -> dict[Key, list[Couple]]:
    """Those of the newest round that has any, no later than that of the newest reply."""
    query = (
        sa.select(
            _raw(IssuePair.issue_id), IssuePair.round, _raw(IssuePair.before_photo_id), _raw(IssuePair.after_photo_id)
        )
        .where(IssuePair.issue_id.in_(ids)).order_by(IssuePair.round.desc(), IssuePair.position)
    )
    kept: dict[Key, list[Couple]] = {}
    rounds: dict[Key, int] = {}
    for issue, round_, before, after in db.execute(query):
        if round_ <= found[issue].round and rounds.setdefault(issue, round_) == round_:
            kept.setdefault(issue, []).append((before, after))
    return kept


def _side_by_side(pictures: Shots, pairs: list[Couple], *, replied: bool) -> list[Pair]:
    """The pairs, the first one completed by the first before-picture where it names none; without pairs, the first of
    each kind. Where nobody has replied nothing is put right yet."""

    def shown(photo: Key | None) -> Picture | None:
        return _picture(pictures[photo][1]) if photo in pictures else None

    def first(wanted: str) -> Picture | None:
        return next((_picture(shot) for kind, shot in pictures.values() if kind == wanted), None)

    made = [Pair(shown(before), shown(after)) for before, after in pairs] or [
        Pair(None, first("after") if replied else None)
    ]
    made[0] = made[0]._replace(before=made[0].before or first("before"))
    return [pair for pair in made if pair.before or pair.after]


def _picture(shot: Shot) -> Picture:
    photo, sha256, captured_at = shot
    return {
        "photo_id": str(photo if isinstance(photo, uuid.UUID) else uuid.UUID(photo)), "sha256": sha256,
        "captured_at": captured_at.isoformat() if captured_at else None,
    }
