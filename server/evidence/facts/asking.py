"""Having a report, or a reply to an issue, judged a little later: when it got its receipt, when the facts of a photo were
read, and when a position came before one of a report's own on the phone's way."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from server.evidence.facts import queries
from server.issues.models import IssueEntry
from server.issues.rules import EntryKind
from server.kit import clock
from server.kit.jobs import enqueue
from server.reports.models import Report

KIND = "evidence-facts"
SLOT_S = 5  # photos of a report are read in a burst: all that come in one slot are judged by one job, after it
MARGIN_S = 1.0


def ask(db: Session, one: uuid.UUID, what: str = "report") -> None:
    """A job is never missed: whatever this transaction writes, the job that it asks for is done after it, however long
    it takes. One that somebody else asked for is kept from beginning meanwhile; where it has begun, it is asked for again."""
    seconds = clock.now().timestamp()
    for slot in itertools.count(int(seconds // SLOT_S)):
        key, delay = f"{one}:{slot}", timedelta(seconds=(slot + 1) * SLOT_S + MARGIN_S - seconds)
        if enqueue(db, KIND, {what: str(one)}, key=key, delay=delay) or queries.still_waits(db, KIND, key):
            return


def ask_all(db: Session, ids: Iterable[uuid.UUID], what: str = "report") -> None:
    for one in sorted(ids):
        ask(db, one, what)


def taken(db: Session, entry: IssueEntry) -> None:
    """A reply to an issue has taken effect."""
    if entry.kind is EntryKind.REPLY:
        ask(db, entry.id, "reply")


def completed(db: Session, report: Report) -> None:
    """A revision got its receipt."""
    ask(db, report.id)


def voided(db: Session, report: Report) -> None:
    """It no longer says where its phone was, and is not the one as whose its photos are judged."""
    ask_all(db, [report.id, *queries.reports_sharing(db, report.id)])


def photo_read(db: Session, sha256: str) -> None:
    """The facts of an original are known: the reports and replies that show it can be judged by them."""
    ask_all(db, queries.reports_showing(db, sha256))
    ask_all(db, queries.replies_showing(db, sha256), "reply")
