"""What a phone sends about an issue: replies, verifications, follow-ups. Received to the letter, in effect once whole.

As with reports: the same id and content again is the same answer; a photo may come before or after; what came whole
when the issue had moved on is kept, with its receipt, and changes nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import Refusal, not_found
from server.issues import effects, hooks
from server.issues.models import EntryPhoto, Issue, IssueEntry
from server.issues.moving import all_locked, demand, locked
from server.issues.rules import MOVES, VERDICTS, EntryKind, EntryState, Move
from server.kit import changes, clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.ids import new_id
from server.kit.prepared import Asker, Prepared, among, insert
from server.photos import queries as photo_queries
from server.photos import service as photo_service
from server.photos.hooks import StoredPhoto
from server.reports.rules import PhotoState

_INSERT_PHOTO = insert(EntryPhoto, [column.name for column in EntryPhoto.__table__.columns])
_UUID = sa.Uuid()


@dataclass(slots=True)
class Received:
    """What `receive` did: the entry as it stands, its issue, its photos, whether it is new."""

    entry: IssueEntry
    issue: Issue
    photos: list[EntryPhoto]
    new: bool


def receive(db: Session, actor: Actor, issue: Issue, kind: EntryKind, body: dict[str, Any]) -> Received:
    """Take an entry as the phone has it; `body` is a loaded ReplyIn, VerificationIn or FollowUpIn."""
    hold(db, f"person:{actor.id}")  # photos take the same lock: the last one may come at the same moment
    issue = locked(db, issue.id)
    known = _known(db, actor, issue, kind, body)
    if known is not None:
        if known.digest != body["digest"]:
            raise Refusal("reply-conflict", extra={"id": str(known.id), "state": known.state.value})
        return Received(known, issue, photos_of(db, known.id), new=False)
    demand(db, actor, issue, _move(kind, body), round_=body.get("round"))
    effects.demand_newest(db, issue, kind, body)
    doubts = effects.demand_evidence(db, issue, kind, body)
    now = clock.now()
    entry = IssueEntry(
        id=body["id"] or new_id(), kind=kind, issue_id=issue.id, round=issue.round, state=EntryState.INCOMPLETE,
        by=actor.id, content=body["canonical"], digest=body["digest"], received_at=now, doubts=doubts,
        result=body.get("result"), replied_by=None if kind is EntryKind.REPLY else issue.replied_by,
        **{name: body.get(name) for name in (
            "comment", "reason", "due_on", "cause", "measure", "prevention", "responsible_person", "done_at",
        )},
    )
    db.add(entry)
    db.flush()
    photos = _expect(db, actor, entry, body["photos"])
    if kind is EntryKind.REPLY:
        effects.acknowledge(db, actor, issue)
    if all(photo.state is PhotoState.STORED for photo in photos):
        _complete(db, actor, issue, entry, photos)
    changes.note(db, "issue", issue.id)
    return Received(entry, issue, photos, new=True)


def opened(db: Session, actor: Actor, issue: Issue, body: dict[str, Any]) -> Received:
    """Keep what an issue was entered with; its photos are shown as they come. `body` is a loaded EnterIn."""
    entry = IssueEntry(
        id=issue.id, kind=EntryKind.OPENING, issue_id=issue.id, round=issue.round, state=EntryState.INCOMPLETE,
        by=actor.id, content=body["canonical"], digest=body["digest"], received_at=clock.now(), doubts=[],
    )
    db.add(entry)
    db.flush()
    photos = _expect(db, actor, entry, body["photos"])
    effects.show_before(db, issue, entry, {photo.photo_id for photo in photos if photo.state is PhotoState.STORED})
    if all(photo.state is PhotoState.STORED for photo in photos):
        _complete(db, actor, issue, entry, photos)
    return Received(entry, issue, photos, new=True)


def _move(kind: EntryKind, body: dict[str, Any]) -> Move:
    return Move.REPLY if kind is EntryKind.REPLY else VERDICTS[body["result"]]


def _known(db: Session, actor: Actor, issue: Issue, kind: EntryKind, body: dict[str, Any]) -> IssueEntry | None:
    """The entry under this id; one without an id is known by its content within the round, also the round that it
    ended itself. Where the move fits again it is a new one: the same words in the next round are another verdict."""
    if body["id"] is None:
        fits = issue.state in MOVES[_move(kind, body)].states
        rounds = [issue.round] if fits else [issue.round, issue.round - 1]
        return db.scalar(sa.select(IssueEntry).where(
            IssueEntry.issue_id == issue.id, IssueEntry.kind == kind, IssueEntry.by == actor.id,
            IssueEntry.digest == body["digest"], IssueEntry.round.in_(rounds),
        ).order_by(IssueEntry.received_at.desc()).limit(1))
    known = db.get(IssueEntry, body["id"])
    if known is not None and (known.by != actor.id or known.issue_id != issue.id or known.kind is not kind):
        raise not_found()
    return known


def _expect(db: Session, actor: Actor, entry: IssueEntry, named: list[dict[str, Any]]) -> list[EntryPhoto]:
    """The photos that the entry names, each stored already, still to come, or refused."""
    ids = [photo["id"] for photo in named]
    here = photo_queries.stored_of_own(db, actor, ids)
    rows = []
    for position, photo in enumerate(named):
        state, refusal = PhotoState.EXPECTED, None
        if photo["id"] in here:
            same = here[photo["id"]] == photo["sha256"].lower()
            state, refusal = (PhotoState.STORED, None) if same else (PhotoState.REFUSED, "photo-conflict")
        rows.append({
            "entry_id": entry.id, "photo_id": photo["id"], "position": position, "sha256": photo["sha256"].lower(),
            "size": int(photo["size"]), "state": state, "refusal": refusal, "pair_of": photo.get("pair_of"),
        })
    if rows:
        _INSERT_PHOTO.write_all(db, rows)
        photo_service.hold_photos(db, ids, "entry", entry.id)
    return [EntryPhoto(**row) for row in rows]


def _complete(db: Session, actor: Actor, issue: Issue, entry: IssueEntry, photos: list[EntryPhoto]) -> None:
    """The last photo is here: the receipt, and the move where the issue still waits for it."""
    fits = effects.still_fits(db, issue, entry)  # asked first: a question writes down what is half said
    entry.receipt_at = clock.now()
    entry.state = EntryState.COMPLETE if fits else EntryState.SUPERSEDED
    db.flush()
    if entry.state is EntryState.COMPLETE:
        effects.take_effect(db, actor, issue, entry, photos)
        for hook in hooks.TAKEN:
            hook(db, entry)


def photos_of(db: Session, entry_id: uuid.UUID) -> list[EntryPhoto]:
    """The photos that an entry names, in its order."""
    query = sa.select(EntryPhoto).where(EntryPhoto.entry_id == entry_id).order_by(EntryPhoto.position)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def awaited(db: Session, issue_ids: list[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many photos are still to come of each of these issues, where they were entered by hand and any are."""
    return {row[0]: row[1] for row in _AWAITED.all(db, ids=issue_ids)} if issue_ids else {}


_AWAITED = Prepared(
    lambda dialect: sa.select(EntryPhoto.entry_id, sa.func.count())  # an opening has the issue's own id
    .where(among(EntryPhoto.entry_id, "ids", dialect), EntryPhoto.state == PhotoState.EXPECTED)
    .group_by(EntryPhoto.entry_id)
)


def answer(db: Session, received: Received) -> dict[str, Any]:
    """What the phone reads: what is missing, and the receipt."""
    entry, photos = received.entry, received.photos
    missing = [photo for photo in photos if photo.state is PhotoState.EXPECTED]
    uploads = photo_queries.open_upload(db, entry.by, [photo.photo_id for photo in missing])
    return {
        "id": entry.id, "issue_id": entry.issue_id, "kind": entry.kind, "round": entry.round, "state": entry.state,
        "photos": {
            "expected": len(photos), "received": sum(photo.state is PhotoState.STORED for photo in photos),
            "missing": [
                {"id": photo.photo_id, "sha256": photo.sha256,
                 **({"upload": uploads[photo.photo_id]} if photo.photo_id in uploads else {})}
                for photo in missing
            ],
            "refused": [
                {"id": photo.photo_id, "code": photo.refusal} for photo in photos if photo.state is PhotoState.REFUSED
            ],
        },
        "receipt": None if entry.receipt_at is None else {
            "number": receipt_number(entry, received.issue), "received_at": entry.receipt_at, "digest": entry.digest,
        },
        "doubts": entry.doubts,
    }


def receipt_number(entry: IssueEntry, issue: Issue) -> str:
    """The issue's number, what it is, its round, and a piece of its own id: told apart without a counter."""
    return f"{issue.number}-{entry.kind.value[0].upper()}{entry.round}-{entry.id.hex[-6:].upper()}"


# -- what photos asks and tells, by wiring.hooks -----------------------------------------------------------------------

_OWNER = Prepared(sa.select(IssueEntry.by).where(IssueEntry.id == sa.bindparam("entry", type_=_UUID)))
_NAMING = Prepared(
    sa.select(EntryPhoto.entry_id, EntryPhoto.sha256).join(IssueEntry, IssueEntry.id == EntryPhoto.entry_id)
    .where(
        EntryPhoto.photo_id == sa.bindparam("photo", type_=_UUID), EntryPhoto.state != PhotoState.STORED,
        IssueEntry.by == sa.bindparam("owner", type_=_UUID),
    )
)


def places() -> sa.Select[uuid.UUID, str]:
    """Of which district each entry is: that of its issue."""
    return sa.select(IssueEntry.id, Issue.district_code).join(Issue, Issue.id == IssueEntry.issue_id)


def holder_of(db: Asker, actor: Actor, holder_id: uuid.UUID) -> bool | None:
    """For uploads: True where the id is an entry of this actor, False of somebody else's, None if unknown."""
    row = _OWNER.first(db, entry=holder_id)
    return None if row is None else row[0] == actor.id


def expected_bytes(db: Asker, owner_id: uuid.UUID, photo_id: uuid.UUID) -> set[str]:
    """The SHA-256 sums under which this person's entries still wait for the photo."""
    return {sha256 for _, sha256 in _NAMING.all(db, photo=photo_id, owner=owner_id)}


def photo_stored(db: Session, photo: StoredPhoto) -> None:
    """A photo has come: every entry of its owner that waited for it counts it, and may be whole now."""
    waiting = _NAMING.all(db, photo=photo.id, owner=photo.owner_id)
    if not waiting:
        return
    # One photo may stand in several replies: their issues are held first, as a notice over them holds them, and before
    # any row of a series of numbers.
    named = sa.select(IssueEntry.issue_id).where(IssueEntry.id.in_([entry_id for entry_id, _ in waiting]))
    all_locked(db, list(db.scalars(named)))
    for entry_id, sha256 in waiting:
        same = sha256 == photo.sha256
        _mark(db, entry_id, photo.id, PhotoState.STORED if same else PhotoState.REFUSED, None if same else "photo-conflict")
        entry = db.get_one(IssueEntry, entry_id)
        issue = locked(db, entry.issue_id)
        db.refresh(entry)
        if same and entry.kind is EntryKind.OPENING:
            effects.show_before(db, issue, entry, {photo.id})
        photos = photos_of(db, entry_id)
        if entry.state is EntryState.INCOMPLETE and all(one.state is PhotoState.STORED for one in photos):
            _complete(db, effects.actor_of(db, entry.by), issue, entry, photos)
        changes.note(db, "issue", issue.id)
    db.flush()


def photo_refused(db: Session, owner_id: uuid.UUID, photo_id: uuid.UUID, sha256: str, code: str) -> None:
    """A photo's bytes were refused: the phone reads why in the entry's answer."""
    for entry_id, named in _NAMING.all(db, photo=photo_id, owner=owner_id):
        if named == sha256:
            _mark(db, entry_id, photo_id, PhotoState.REFUSED, code)


def _mark(db: Session, entry_id: uuid.UUID, photo_id: uuid.UUID, state: PhotoState, refusal: str | None) -> None:
    db.execute(
        sa.update(EntryPhoto).where(EntryPhoto.entry_id == entry_id, EntryPhoto.photo_id == photo_id)
        .values(state=state, refusal=refusal)
    )
