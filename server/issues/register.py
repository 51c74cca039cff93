"""Rows of the register of issues (销号台账), read some hundred at a time so that no transaction lasts while it is written."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.checklists import queries as checklists
from server.documents import register, words
from server.documents.files import StoredPhotos
from server.documents.register import RegisterRow
from server.issues import firm, queries
from server.issues.models import Issue, IssueEntry, IssuePair, IssuePhoto
from server.issues.rules import EntryKind, EntryState, IssueState, Order, Source
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import Database
from server.kit.i18n import Language
from server.photos.models import Photo
from server.programme.models import District, Site
from server.reports import queries as reports
from server.reports.models import Report

MOST = 20_000  # rows
_AT_ONCE = 200
_SOURCE: dict[str, words.Pair] = {
    Source.INSPECTION: ("督导", "Inspection"), Source.PATROL: ("巡查", "Patrol"),
    Source.SUPERVISION_FIRM: ("监理", "Supervision firm"), Source.HOTLINE: ("12345热线", "Hotline 12345"),
    Source.HANDOVER: ("交办", "Handed over"), Source.OTHER: ("其他", "Other"),
}
_STATE: dict[str, words.Pair] = {IssueState.VOID: ("已作废", "Void"), IssueState.DRAFT: ("草稿", "Draft")}
_ON_SPOT: words.Pair = ("立行立改", "Fixed on the spot")
_STOPPED: words.Pair = ("停工", "Work stopped")
_EXTENDED: words.Pair = ("原定期限", "First due ")
_FALSE: words.Pair = ("虚假销号", "False closure")
_RECURRING: words.Pair = ("反复出现", "Recurring")


def count(db: Session, actor: Actor, query: dict[str, Any]) -> int:
    """How many rows there will be. `query` is a loaded IssueFilter."""
    where = (queries.visible_to(actor), *queries.conditions(actor, query))
    return db.scalar(sa.select(sa.func.count()).select_from(Issue).where(*where)) or 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A register as somebody asked for it: the loaded IssueFilter, the language, and where the desk shows an issue."""

    actor: Actor
    query: dict[str, Any]
    language: Language
    address: str


def write(database: Database, asked: Asked, path: Path, photos: StoredPhotos) -> None:
    """The register of the issues that a list with this filter shows."""
    register.write(path, _rows(database, asked, photos), asked.language, folder=path.parent)


def _rows(database: Database, asked: Asked, photos: StoredPhotos) -> Iterator[RegisterRow]:
    cursor: str | None = None
    for _ in range(MOST // _AT_ONCE + 1):
        query = asked.query | {"order": Order.NEWEST, "cursor": cursor, "limit": _AT_ONCE}
        with database.read() as db:
            page = queries.list_issues(db, asked.actor, query)
            lines = Lines(db, asked.actor, list(page.items), asked.language)
            some = [(lines.row(issue, asked.address), *lines.photos(issue)) for issue in page.items]
        for row, before, after in some:
            row.before, row.after = photos.find(before, "thumb"), photos.find(after, "thumb")
            yield row
        cursor = page.next_cursor
        if cursor is None:
            return


class Lines:
    """What a page of issues names, each looked up once; to a firm nothing of the firm before it."""

    def __init__(self, db: Session, actor: Actor, issues: list[Any], language: Language) -> None:
        self.language = language
        ids = [issue.id for issue in issues]
        self.sites = {
            row.id: row for row in db.execute(
                sa.select(Site.id, Site.name, District.zh, District.en).join(District, District.code == Site.district_code)
                .where(Site.id.in_({issue.site_id for issue in issues}))
            )
        }
        firms = {issue.contractor_id for issue in issues if issue.contractor_id}
        self.firms = {
            row.id: row.name
            for row in db.execute(sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(firms)))
        }
        self.reports = {
            row.id: row for row in db.execute(
                sa.select(Report.id, Report.inspector_id, Report.finished_at)
                .where(Report.id.in_({issue.report_id for issue in issues if issue.report_id}))
            )
        }
        self.entries = _entries(db, actor, ids)
        self.pictures = _pictures(db, actor, ids)
        people = {row.inspector_id for row in self.reports.values()} | {issue.opened_by for issue in issues}
        self.people = reports.person_refs(db, people | {entry.by for some in self.entries.values() for entry in some})
        self.checklist = lru_cache(maxsize=None)(lambda code, version: _names(db, code, version))

    def row(self, issue: Any, address: str) -> RegisterRow:
        site, found = self.sites[issue.site_id], self.reports.get(issue.report_id)
        category, items = self._checklist(issue)
        entries = self.entries.get(issue.id, [])
        reply = next((one for one in entries if one.kind is EntryKind.REPLY), None)
        verdict = next((one for one in entries if one.kind is EntryKind.VERIFICATION), None)
        return RegisterRow(
            number=issue.number, district=site.zh if self.language == "zh" else site.en, site=site.name,
            category=category, part=items.get(issue.item), description=issue.description, severity=issue.severity.value,
            source=words.pick(_SOURCE[issue.source], self.language),
            found_on=clock.day_of(found.finished_at if found else issue.created_at),
            found_by=self._name(found.inspector_id if found else issue.opened_by),
            contractor=self.firms.get(issue.contractor_id), due_on=issue.due_on, closed=issue.state is IssueState.CLOSED,
            url=f"{address}/{issue.id}" if address else None,
            responsible_person=reply.responsible_person if reply else None, measure=reply.measure if reply else None,
            done_on=_day(reply.done_at) if reply else None, verified_by=self._name(verdict.by) if verdict else None,
            verified_on=_day(verdict.received_at) if verdict else None,
            result=verdict.result.value if verdict and verdict.result else None, remarks=self._remarks(issue),
        )

    def photos(self, issue: Any) -> tuple[str, str]:
        """The SHA-256 of the photos before and after, of the newest pair where there is one."""
        return self.pictures.get(issue.id, ("", ""))

    def _checklist(self, issue: Any) -> tuple[str | None, dict[str, str]]:
        if issue.checklist_code is None:
            return None, {}
        names = self.checklist(issue.checklist_code, issue.checklist_version)
        return names[0 if self.language == "zh" else 1]

    def _name(self, person: uuid.UUID) -> str | None:
        return self.people.get(person, {}).get("name")

    def _remarks(self, issue: Any) -> str | None:
        extended = f"{words.pick(_EXTENDED, self.language)}{issue.first_due_on.isoformat()}"
        said = [
            words.code(_STATE, issue.state, self.language) if issue.state in _STATE else "",
            words.pick(_ON_SPOT, self.language) if issue.fixed_on_spot else "",
            words.pick(_STOPPED, self.language) if issue.stop_work else "",
            extended if issue.first_due_on != issue.due_on else "",
            words.pick(_RECURRING, self.language) if issue.recurrence_of else "",
            words.pick(_FALSE, self.language) if issue.false_closures else "",
        ]
        return ("；" if self.language == "zh" else "; ").join(one for one in said if one) or None


def _day(moment: Any) -> date | None:
    return clock.day_of(moment) if moment else None


def _names(db: Session, code: str, version: int) -> tuple[tuple[str | None, dict[str, str]], tuple[str | None, dict[str, str]]]:
    """The names of a checklist and of its items, in both languages."""
    found = checklists.get_version(db, code, version)
    if found is None:
        return (None, {}), (None, {})
    items = [item for section in found.content["sections"] for item in section["items"]]
    return (
        (found.content["zh"], {item["code"]: item["zh"] for item in items}),
        (found.content["en"], {item["code"]: item["en"] for item in items}),
    )


def _entries(db: Session, actor: Actor, ids: list[uuid.UUID]) -> dict[uuid.UUID, list[Any]]:
    """The replies and verifications that count, the newest first."""
    columns = (
        IssueEntry.issue_id, IssueEntry.kind, IssueEntry.by, IssueEntry.received_at, IssueEntry.result, IssueEntry.measure,
        IssueEntry.responsible_person, IssueEntry.done_at,
    )
    query = (
        sa.select(*columns).join(Issue, Issue.id == IssueEntry.issue_id)
        .where(IssueEntry.issue_id.in_(ids), IssueEntry.state == EntryState.COMPLETE, firm.seen(actor, firm.own_entry()))
        .order_by(IssueEntry.round.desc(), IssueEntry.received_at.desc())
    )
    found: dict[uuid.UUID, list[Any]] = {}
    for row in db.execute(query):
        found.setdefault(row.issue_id, []).append(row)
    return found


def _pictures(db: Session, actor: Actor, ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """One photo before and one after for each issue: the newest pair's, or else the first of each kind."""
    shown: dict[uuid.UUID, dict[uuid.UUID, tuple[str, str]]] = {}
    held = (
        sa.select(IssuePhoto.issue_id, IssuePhoto.photo_id, IssuePhoto.kind, Photo.sha256)
        .join(Photo, Photo.id == IssuePhoto.photo_id).join(Issue, Issue.id == IssuePhoto.issue_id)
        .where(IssuePhoto.issue_id.in_(ids), firm.seen(actor, firm.own_photo())).order_by(IssuePhoto.position)
    )
    for issue_id, photo_id, kind, sha256 in db.execute(held):
        shown.setdefault(issue_id, {})[photo_id] = (kind, sha256)
    pairs: dict[uuid.UUID, Any] = {}
    newest = (
        sa.select(IssuePair.issue_id, IssuePair.before_photo_id, IssuePair.after_photo_id)
        .join(Issue, Issue.id == IssuePair.issue_id)
        .where(IssuePair.issue_id.in_(ids), firm.seen(actor, firm.own_pair()))
        .order_by(IssuePair.round.desc(), IssuePair.position)
    )
    for row in db.execute(newest):
        pairs.setdefault(row.issue_id, row)
    return {issue_id: _two(photos, pairs.get(issue_id)) for issue_id, photos in shown.items()}


def _two(photos: dict[uuid.UUID, tuple[str, str]], pair: Any) -> tuple[str, str]:
    def first(kind: str) -> str:
        return next((sha256 for of, sha256 in photos.values() if of == kind), "")

    before = photos.get(pair.before_photo_id, ("", ""))[1] if pair else ""
    after = photos.get(pair.after_photo_id, ("", ""))[1] if pair else ""
    return before or first("before"), after or first("after")
