"""A report and an issue with photos, opened and packed, and what the trail then says."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.audit.models import AuditEvent
from server.evidence.custody import service
from server.evidence.custody.spool import Spool
from server.kit import clock
from tests.factories import SiteOffice, Someone, photo_entry, report_body
from tests.photos import jpeg

GAP = timedelta(seconds=120)


class Clock:
    """Time that goes on when told to."""

    def __init__(self) -> None:
        self.now = clock.now()
        clock.set_source(lambda: self.now)

    def later(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


def spool_of(office: SiteOffice) -> Spool:
    found: Spool = office.app.extensions["dudao-custody"]
    return found


def trail(office: SiteOffice) -> list[AuditEvent]:
    """Everything settled and written; the lines about originals that went out, oldest first."""
    spool_of(office).settle()
    service.write_trail(office.database, GAP)
    query = sa.select(AuditEvent).where(AuditEvent.verb.in_(["originals_opened", "originals_exported"]))
    return office.read(query.order_by(AuditEvent.id))


def names(event: AuditEvent) -> list[str]:
    return [one["id"] for one in event.facts["photos"]]


def sent(who: Someone, site: Any, *, photos: int = 1, first: int = 0) -> tuple[str, list[dict[str, Any]], list[bytes]]:
    """A report with some photos: its id, their entries and bytes."""
    pictures = [jpeg(64, 48, seed=first + number) for number in range(photos)]
    entries = [photo_entry(data, item="ELEV-A01") for data in pictures]
    body = report_body(site, photos=entries)
    report = who.send(body, {entry["id"]: data for entry, data in zip(entries, pictures, strict=True)})
    return report["id"], entries, pictures


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
