"""The photos of a firm's reply: held against the site's fence and the phone's own times as those of a report are.

A reply is not a visit: it has no beginning and no way that is followed from place to place, and the phone's clock is known
from this one sending alone. Whether a photo is later than the notice is asked when the reply is verified.
"""

from __future__ import annotations

import uuid
from functools import partial
from typing import NamedTuple

import orjson
from sqlalchemy.orm import Session

from config import Config
from server.evidence.facts import queries
from server.evidence.facts.judging import judge
from server.evidence.facts.reading import fence_of, fix_of, limits_of, moment, shot_of
from server.evidence.facts.rules import CODES, Found, Visit
from server.evidence.facts.service import were_read
from server.issues.models import Issue, IssueEntry
from server.issues.rules import EntryKind, EntryState
from server.kit.db import Database, hold
from server.photos import flagging
from server.programme.models import Site


class Case(NamedTuple):
    """What was found of each photo, of which issue it is, and which of the photos had been read by then."""

    issue_id: uuid.UUID
    district: str
    ids: list[uuid.UUID]
    found: dict[uuid.UUID, Found]
    read: frozenset[uuid.UUID]


def work_out(database: Database, conf: Config, reply_id: uuid.UUID) -> None:
    """Judge the photos of a reply. Done twice it does no harm."""
    while True:
        with database.read() as db:
            case = _case(db, conf, reply_id)
        if case is None or database.write(partial(_write, reply_id=reply_id, case=case)):
            return


def _case(db: Session, conf: Config, reply_id: uuid.UUID) -> Case | None:
    reply = db.get(IssueEntry, reply_id)
    if reply is None or reply.kind is not EntryKind.REPLY or reply.state is not EntryState.COMPLETE:
        return None
    issue = db.get_one(Issue, reply.issue_id)
    content = orjson.loads(reply.content)
    entries = content.get("photos") or []
    ids = [uuid.UUID(entry["id"]) for entry in entries]
    originals = queries.originals_of(db, ids)
    sent_at = moment((content.get("device") or {}).get("sent_at"))
    visit = Visit(
        id=reply_id, started_at=None, finished_at=None, received_at=reply.received_at, sent_at=sent_at,
        fix=fix_of(content.get("location")), fence=fence_of(db.get_one(Site, issue.site_id), conf),
        skew_s=(sent_at - reply.received_at).total_seconds() if sent_at else None, sendings=int(sent_at is not None),
        shots=tuple(shot_of(entry, originals.get(photo_id)) for entry, photo_id in zip(entries, ids, strict=True)),
    )
    own = queries.of_no_report(db, ids)
    found = {photo_id: said for photo_id, said in judge(visit, limits_of(conf)).photos.items() if photo_id in own}
    return Case(issue.id, issue.district_code, ids, found, were_read(originals))


def _write(db: Session, *, reply_id: uuid.UUID, case: Case) -> bool:
    """False where a photo was read since, as with reports."""
    hold(db, f"facts:{reply_id}")
    if were_read(queries.originals_of(db, case.ids)) != case.read:
        return False
    found = {("photo", photo_id): said for photo_id, said in case.found.items()}
    flagging.keep_to(db, ("issue", case.issue_id), found, CODES, district=case.district)
    return True
