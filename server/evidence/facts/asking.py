"""Having a report judged a little later: when it got its receipt, when the facts of a photo were read, and when a
position came before one of its own on the phone's way."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy.orm import Session

from server.evidence.facts import queries
from server.kit import clock
from server.kit.jobs import enqueue
from server.reports.models import Report

KIND = "evidence-facts"
SLOT_S = 5  # photos of a report are read in a burst: all that come in one slot are judged by one job, after it
MARGIN_S = 1.0


def ask(db: Session, report_id: uuid.UUID) -> None:
    """A job is never missed: whatever this transaction writes, the job that it asks for is done after it."""
    seconds = clock.now().timestamp()
    slot = int(seconds // SLOT_S)
    delay = timedelta(seconds=(slot + 1) * SLOT_S + MARGIN_S - seconds)
    enqueue(db, KIND, {"report": str(report_id)}, key=f"{report_id}:{slot}", delay=delay)


def ask_all(db: Session, report_ids: Iterable[uuid.UUID]) -> None:
    for report_id in sorted(report_ids):
        ask(db, report_id)


def completed(db: Session, report: Report) -> None:
    """A revision got its receipt."""
    ask(db, report.id)


def photo_read(db: Session, sha256: str) -> None:
    """The facts of an original are known: the reports that show it can be judged by them."""
    ask_all(db, queries.reports_showing(db, sha256))
