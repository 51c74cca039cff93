"""What becomes of flags: those that a report no longer gives are withdrawn, others are answered and settled."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Refusal, not_found
from server.kit import changes, clock
from server.kit.actor import Actor
from server.kit.ids import new_id
from server.photos.models import Flag

Object = tuple[str, uuid.UUID]  # ("photo" | "report", its id)
Whose = tuple[str, uuid.UUID]  # ("report" | "issue", its id): on whose page they stand; of a photo that none shows, itself


def keep_to(
    db: Session, whose: Whose, found: Mapping[Object, Mapping[str, Mapping[str, Any]]], codes: Collection[str], *,
    district: str | None = None,
) -> None:
    """Let the flags of a report and of its photos, or of the photos that an issue's reply brought, of these codes, be those
    that were found: code → numbers.

    What was settled stays as it was settled. An object that is not in `found` has none: its photo is no more of the report.
    """
    photos = [object_id for kind, object_id in found if kind == "photo"]
    its = sa.and_(Flag.object_kind == "photo", Flag.object_id.in_(photos))
    report_id = whose[1] if whose[0] == "report" else None
    if report_id is not None:
        its = sa.or_(Flag.report_id == report_id, its)
    wanted = {(*thing, code): dict(numbers) for thing, said in found.items() for code, numbers in said.items()}
    _let_be(db, whose, _held(db, its, Flag.code.in_(codes)), wanted, district)


def keep_one(
    db: Session, whose: Whose, photo_id: uuid.UUID, code: str, numbers: Mapping[str, Any] | None, *,
    district: str | None = None,
) -> None:
    """Let one flag of a photo stand with these numbers, or, for None, not stand; settled it stays as it was settled."""
    key = ("photo", photo_id, code)
    known = _held(db, Flag.object_kind == "photo", Flag.object_id == photo_id, Flag.code == code)
    _let_be(db, whose, known, {} if numbers is None else {key: dict(numbers)}, district)


_Key = tuple[str, uuid.UUID, str]


def _held(db: Session, *which: sa.ColumnElement[bool]) -> dict[_Key, Flag]:
    """For writing, since who settles one meanwhile settles the numbers that were read."""
    query = sa.select(Flag).where(*which).order_by(Flag.id).with_for_update().execution_options(populate_existing=True)
    return {(flag.object_kind, flag.object_id, flag.code): flag for flag in db.scalars(query)}


def _let_be(
    db: Session, whose: Whose, known: Mapping[_Key, Flag], wanted: Mapping[_Key, dict[str, Any]], district: str | None
) -> None:
    report_id = whose[1] if whose[0] == "report" else None
    gone = [
        flag for key, flag in known.items()
        if key not in wanted and flag.settled_at is None and flag.withdrawn_at is None
    ]
    changed = bool(gone)
    for flag in gone:
        flag.withdrawn_at = clock.now()
    audit.record_all(db, None, "flag_withdrawn", whose[0], [
        (whose[1], district, {"flag": flag.code, "object": f"{flag.object_kind}:{flag.object_id}", "numbers": flag.numbers})
        for flag in gone
    ])
    for key, numbers in wanted.items():
        changed |= _stand(db, known.get(key), key, report_id, numbers)
    if changed:
        db.flush()
        if report_id is not None:  # phones are told flags of reports alone
            changes.note(db, "report", report_id)


def _stand(db: Session, flag: Flag | None, key: _Key, report_id: uuid.UUID | None, numbers: dict[str, Any]) -> bool:
    """Whether anything had to be written for it to stand so."""
    if flag is None:
        kind, object_id, code = key
        db.add(Flag(
            id=new_id(), code=code, object_kind=kind, object_id=object_id, report_id=report_id, numbers=numbers,
            raised_at=clock.now(),
        ))
        return True
    if flag.settled_at is not None or (
        flag.withdrawn_at is None and flag.numbers == numbers and flag.report_id == report_id
    ):
        return False
    if flag.withdrawn_at is not None:
        flag.withdrawn_at, flag.raised_at = None, clock.now()
    flag.numbers, flag.report_id = numbers, report_id
    return True


def settle(db: Session, actor: Actor, flag_id: uuid.UUID, reason: str, *, district: str | None = None) -> Flag:
    """Looked at, and why it may stand so. The same reason again is a no-op; another one is refused."""
    flag = _taken(db, flag_id)
    if flag.settled_at is not None:
        if flag.settled_reason != reason:
            raise _settled(flag)
        return flag
    flag.settled_by, flag.settled_at, flag.settled_reason = actor.id, clock.now(), reason
    _written(db, actor, "flag_settled", flag, district, reason=reason)
    return flag


def answer(db: Session, actor: Actor, flag_id: uuid.UUID, text: str, *, district: str | None = None) -> Flag:
    """What the inspector says to it. It may be said otherwise until the flag is settled; the trail keeps each."""
    flag = _taken(db, flag_id)
    if flag.answer == text and flag.answered_by == actor.id:
        return flag
    if flag.settled_at is not None:
        raise _settled(flag)
    flag.answered_by, flag.answered_at, flag.answer = actor.id, clock.now(), text
    _written(db, actor, "flag_answered", flag, district, text=text)
    return flag


def _taken(db: Session, flag_id: uuid.UUID) -> Flag:
    """The flag for writing: of two at once the second sees what the first did."""
    flag = db.scalar(
        sa.select(Flag).where(Flag.id == flag_id, Flag.withdrawn_at.is_(None)).with_for_update()
        .execution_options(populate_existing=True)
    )
    if flag is None:
        raise not_found()
    return flag


def _settled(flag: Flag) -> Refusal:
    return Refusal("flag-settled", extra={
        "settled_by": str(flag.settled_by), "settled_at": flag.settled_at.isoformat() if flag.settled_at else None,
        "settled_reason": flag.settled_reason,
    })


def _written(db: Session, actor: Actor, verb: str, flag: Flag, district: str | None, **said: str) -> None:
    db.flush()
    kind, thing = ("report", flag.report_id) if flag.report_id else (flag.object_kind, flag.object_id)
    audit.record(
        db, actor, verb, kind, thing, district=district, flag=flag.code, object=f"{flag.object_kind}:{flag.object_id}",
        numbers=flag.numbers, **said,
    )
    if flag.report_id:
        changes.note(db, "report", flag.report_id)
