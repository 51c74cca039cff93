"""What a phone keeps of its receipts, on disk before anything else happens, and the audit of a server against it."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.photos.models import Original, Photo
from server.reports.models import Report, ReportPhoto, Revision
from server.reports.rules import PhotoState, State
from tests.city import City
from tests.phone import Phone, Sending


class Ledger:
    """One line for each receipt, appended and synced as it was read. The phones of `people` share it."""

    def __init__(self, path: Path, people: Collection[uuid.UUID]) -> None:
        self.path, self.people = path, list(people)
        self._turn = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def enter(self, sending: Sending, receipt: dict[str, Any]) -> None:
        """Keep a receipt with what it was given for."""
        line = {
            "report": sending.id, "content": sending.content.decode(), "digest": sending.digest, "receipt": receipt,
            "photos": {name: [hashlib.sha256(data).hexdigest(), len(data)] for name, data in sending.photos.items()},
        }
        with self._turn:
            os.write(self._file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
            os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]


@dataclass(frozen=True, slots=True)
class Audited:
    """How much was looked at."""

    reports: int
    photos: int
    files: int


def audit(city: City, ledger: Ledger) -> Audited:
    """Hold the server's database and store against the ledger, both ways; the first thing that is wrong fails.

    Every receipt's report is there, once, byte for byte, with every photo; nothing else of these people is there; no
    file is other than its name says; no report waits for a photo.
    """
    lines = {line["report"]: line for line in ledger.lines()}
    assert len(lines) == len(ledger.lines()), "two receipts for one report"
    with city.office.database.read() as db:
        _audit_reports(db, ledger.people, lines)
        photos = _audit_photos(db, ledger.people, lines)
        files = _audit_store(db, city.uploads / "originals")
        if city.kind == "sqlite":
            assert db.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    return Audited(len(lines), photos, files)


def _audit_reports(db: Session, people: list[uuid.UUID], lines: dict[str, dict[str, Any]]) -> None:
    mine = Report.inspector_id.in_(people)
    there = {str(report.id): report for report in db.scalars(sa.select(Report).where(mine))}
    assert set(there) == set(lines), f"{len(there)} reports for {len(lines)} receipts"
    revisions = list(db.scalars(sa.select(Revision).join(Report, Report.id == Revision.report_id).where(mine)))
    assert len(revisions) == len(lines)
    for revision in revisions:
        line, report = lines[str(revision.report_id)], there[str(revision.report_id)]
        assert revision.content == line["content"]
        assert revision.digest == line["digest"] == hashlib.sha256(revision.content.encode()).hexdigest()
        assert line["receipt"]["digest"] == line["digest"]
        assert revision.receipt_number == line["receipt"]["number"]
        assert revision.receipt_at is not None
        assert (report.state, report.revision) == (State.SUBMITTED, revision.revision)
        assert report.photos_received == report.photos_expected == len(line["photos"])


def _audit_photos(db: Session, people: list[uuid.UUID], lines: dict[str, dict[str, Any]]) -> int:
    sent = {name: tuple(facts) for line in lines.values() for name, facts in line["photos"].items()}
    theirs = sa.select(ReportPhoto).join(Report, Report.id == ReportPhoto.report_id).where(Report.inspector_id.in_(people))
    named = {str(row.photo_id): row for row in db.scalars(theirs)}
    assert set(named) == set(sent)
    assert {row.state for row in named.values()} <= {PhotoState.STORED}
    query = sa.select(Photo.id, Photo.sha256, Original.size).join(Original, Original.sha256 == Photo.sha256)
    query = query.where(Photo.owner_id.in_(people))
    stored = {str(photo_id): (sha256, size) for photo_id, sha256, size in db.execute(query)}
    assert stored == sent
    return len(sent)


def _audit_store(db: Session, folder: Path) -> int:
    """Every file is what its name says; every original's row has its file, of its size."""
    files = {path.name: path for path in folder.glob("*/*")}
    for name, path in files.items():
        with path.open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == name, f"{name} is not what its name says"
        assert path.parent.name == name[:2]
    for original in db.scalars(sa.select(Original)):
        assert original.sha256 in files, f"no file for {original.sha256}"
        assert files[original.sha256].stat().st_size == original.size
    return len(files)


def fetch_back(city: City, token: str, ledger: Ledger, photo_ids: list[str]) -> None:
    """These photos' originals over HTTP, as whoever holds `token` sees them."""
    phone = Phone(city.server.port, token)
    facts = {name: given for line in ledger.lines() for name, given in line["photos"].items()}
    for photo_id in photo_ids:
        answer = phone.get(f"/photos/{uuid.UUID(photo_id)}/original")
        assert answer.status == 200, answer.body[:300]
        assert [hashlib.sha256(answer.body).hexdigest(), len(answer.body)] == facts[photo_id]
    phone.hang_up()
