"""The chain over the trail: forged in batches behind the verbs, so that no verb waits for another's link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import rules
from server.audit.models import AuditEvent, AuditLink
from server.kit import clock
from server.kit.db import Database, hold

BATCH = 500
LOOK_BACK = 20_000  # links; an event that became visible later than so many others is found by the whole search
PAGE = 1000
STALE = timedelta(minutes=10)

_EVENT = (
    AuditEvent.id, AuditEvent.at, AuditEvent.actor_id, AuditEvent.verb, AuditEvent.object_kind,
    AuditEvent.object_id, AuditEvent.district_code, AuditEvent.facts,
)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: written down elsewhere, it proves later that nothing before it was touched."""

    position: int
    digest: str

    def __str__(self) -> str:
        return f"{self.position}:{self.digest}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the whole chain found. `broken` names the first bad link; `unchained` counts old loose events."""

    head: Head
    broken: str | None
    unchained: int


def head(db: Session) -> Head:
    """The newest link; position 0 where there is none yet."""
    row = db.execute(
        sa.select(AuditLink.position, AuditLink.digest).order_by(AuditLink.position.desc()).limit(1)
    ).first()
    return Head(row.position, row.digest) if row else Head(0, rules.FIRST)


def has_new(db: Session) -> bool:
    """Whether the newest event has no link yet: a cheap look before work."""
    newest = db.scalar(sa.select(sa.func.max(AuditEvent.id)))
    return newest is not None and not db.scalar(sa.select(sa.exists().where(AuditLink.event_id == newest)))


def forge(db: Session, *, limit: int = BATCH, whole: bool = False) -> int:
    """Link up to `limit` events that have no link yet, lowest id first; returns how many.

    On PostgreSQL an event may become visible after later ones were linked: it is then linked later, since the
    chain's order is that of its positions and not of ids. `whole` searches the entire trail for such events and not
    only behind the last LOOK_BACK links.
    """
    hold(db, "audit-chain")
    last = head(db)
    query = sa.select(*_EVENT).where(_loose()).order_by(AuditEvent.id).limit(limit)
    if not whole and last.position > LOOK_BACK:
        floor = sa.select(AuditLink.event_id).where(AuditLink.position == last.position - LOOK_BACK)
        query = query.where(AuditEvent.id > floor.scalar_subquery())
    links, position, digest = [], last.position, last.digest
    for row in db.execute(query):
        position += 1
        digest = rules.link(digest, rules.canonical(**row._asdict()))
        links.append({"position": position, "event_id": row.id, "digest": digest})
    if links:
        db.execute(sa.insert(AuditLink), links)
    return len(links)


def forge_all(database: Database, *, whole: bool = False) -> int:
    """Link everything that is loose, in short transactions; returns how many events were linked."""
    total = 0
    while linked := database.write(lambda db: forge(db, whole=whole)):
        total += linked
    return total


def verify(db: Session, expected: Head | None = None) -> Verdict:
    """Walk the chain from its first link, in constant memory. `db` should be one snapshot.

    `expected` is a head written down earlier: links cut off the end, or a chain forged anew, do not match it.
    """
    broken, last = None, Head(0, rules.FIRST)
    met = expected is None or expected.position == 0
    for position, digest, event_id, event in _links(db):
        broken = _fault(last, position, digest, event_id, event)
        if broken:
            break
        last = Head(position, digest)
        if expected and position == expected.position:
            met = digest == expected.digest
            if not met:
                broken = f"link {position}: is not the one that was written down; the chain was forged anew"
                break
    if not broken and not met and expected:
        broken = f"link {last.position + 1}: is missing; the chain once reached {expected.position}"
    old = sa.select(sa.func.count()).select_from(AuditEvent).where(_loose(), AuditEvent.at < clock.now() - STALE)
    return Verdict(last, broken, db.scalar(old) or 0)


def _fault(last: Head, position: int, digest: str, event_id: int, event: str | None) -> str | None:
    """What is wrong with one link after `last`, in words, or None."""
    if position != last.position + 1:
        return f"link {last.position + 1}: is missing; the next one is {position} (event {event_id})"
    if event is None:
        return f"link {position}: its event {event_id} was removed"
    if digest != rules.link(last.digest, event):
        return f"link {position}: event {event_id} was altered, or links were removed, inserted or reordered here"
    return None


def _links(db: Session) -> Iterator[tuple[int, str, int, str | None]]:
    """(position, digest, event id, canonical event or None where it is gone) in order, a page at a time."""
    links = sa.select(AuditLink.position, AuditLink.digest, AuditLink.event_id).order_by(AuditLink.position)
    at = -(2**62)
    while page := db.execute(links.where(AuditLink.position > at).limit(PAGE)).all():
        at = page[-1].position
        try:
            events = _events(db, [link.event_id for link in page])
        except (ValueError, TypeError):  # somebody wrote what is no moment or no JSON: find out which one
            events = {link.event_id: _unreadable(db, link.event_id) for link in page}
        for position, digest, event_id in page:
            yield position, digest, event_id, events.get(event_id)


def _events(db: Session, ids: Sequence[int]) -> dict[int, str | None]:
    rows = db.execute(sa.select(*_EVENT).where(AuditEvent.id.in_(ids)))
    return {row.id: rules.canonical(**row._asdict()) for row in rows}


def _unreadable(db: Session, event_id: int) -> str | None:
    try:
        return _events(db, [event_id]).get(event_id)
    except (ValueError, TypeError):
        return "unreadable"


def _loose() -> sa.ColumnElement[bool]:
    return ~sa.exists().where(AuditLink.event_id == AuditEvent.id)
