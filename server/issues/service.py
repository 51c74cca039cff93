"""How an issue comes into being: opened by an approved report or met again by one; submitted, corrected."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import Config
from server.accounts.models import Organisation
from server.accounts.queries import people_of_organisation
from server.errors import Refusal, invalid
from server.issues import queries
from server.issues.models import Issue, IssueEntry, IssueFinding, IssuePair, IssuePhoto, Serial
from server.issues.moving import all_locked, demand, is_repeat, locked, make, note
from server.issues.rules import ENDED, EntryKind, EntryState, IssueState, Move, Source
from server.kit import changes, clock
from server.kit.actor import Actor, Role
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.photos import service as photos
from server.programme.calendar import default_due_on
from server.programme.models import Site
from server.programme.policy import policy_of
from server.reports.models import Report
from server.reports.rules import canonical, digest

OPENED = "opened"


class Picture(NamedTuple):
    """A photo of an issue, with what its phone said of it."""

    id: uuid.UUID
    captured_at: datetime | None = None
    caption: str | None = None
    marks: list[Any] | None = None
    location: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed item of an approved report. `after` are the photos of what was put right on the spot (立行立改)."""

    item: str
    description: str
    severity: Severity
    due_on: date | None
    photos: tuple[Picture, ...]
    after: tuple[Picture, ...] = ()


def open_from(db: Session, actor: Actor, conf: Config, report: Report, findings: list[Finding]) -> None:
    """An issue for every finding; one whose item has an open issue at the site is linked to it instead, and one whose
    issue was closed before its report was corrected (更正) stays closed: nobody has been there again.

    Two approvals at once that find the same are parted by the database's unique index: the loser's
    transaction is run again and meets the winner's issue. The open ones are held first, all in one order: one that is
    closed at the same moment is open here or is not, and its history ends as it stands.
    """
    site = db.get_one(Site, report.site_id)
    there = queries.open_issues(db, site.id, [finding.item for finding in findings])
    still_open = {issue.item: issue for issue in all_locked(db, there) if issue.state not in ENDED} if there else {}
    closed = queries.closed_items(db, report.id) if report.revision > 1 else set()
    opened: list[Issue] = []
    for finding in findings:
        issue = still_open.get(finding.item)
        if issue is None and finding.item in closed:
            continue
        if issue is None:
            issue = still_open[finding.item] = _open(db, actor, conf, report, site, finding)
            opened.append(issue)
        else:
            _found_again(db, actor, report, issue, finding)
        show(db, issue, finding.photos, "before")
        if finding.after and issue in opened:
            _fix_on_spot(db, actor, report, issue, finding)
        changes.note(db, "issue", issue.id)


def _open(  # noqa: PLR0917 - one call, in the order of the story
    db: Session, actor: Actor, conf: Config, report: Report, site: Site, finding: Finding
) -> Issue:
    now, today = clock.now(), clock.today()
    policy = policy_of(db, conf)
    # What an inspector proposed days ago, without a signal, may be past by now: no issue is overdue from its first day.
    proposed = finding.due_on if finding.due_on and finding.due_on >= today else None
    due_on = proposed or default_due_on(db, policy, finding.severity, today)
    before = queries.recent_closed(db, site.id, finding.item, policy.recurrence_days)
    issue = Issue(
        id=new_id(), number=number_of(db, site.district_code, today), state=IssueState.PENDING_ISSUE, site_id=site.id,
        district_code=site.district_code, source=Source.INSPECTION, report_id=report.id, item=finding.item,
        checklist_code=report.checklist_code, checklist_version=report.checklist_version,
        severity=finding.severity, description=finding.description, due_on=due_on, first_due_on=due_on,
        contractor_id=site.contractor_id, opened_by=actor.id, created_at=now, changed_by=actor.id, changed_at=now,
        recurrence_of=before.id if before else None, recurrence_count=before.recurrence_count + 1 if before else 0,
    )
    db.add(issue)
    db.flush()
    _link(db, report, issue)
    note(
        db, actor, issue, OPENED, None, issue.state, report=str(report.id), item=finding.item,
        severity=finding.severity.value, due_on=due_on.isoformat(), at=now,
    )
    return issue


def _found_again(db: Session, actor: Actor, report: Report, issue: Issue, finding: Finding) -> None:
    """Its severity and its day stay as they were set; what is said of it now stands in its history."""
    if db.get(IssueFinding, (issue.id, report.id)) is not None:
        return
    _link(db, report, issue)
    note(
        db, actor, issue, "found_again", issue.state, issue.state, report=str(report.id),
        severity=finding.severity.value,
    )


def _link(db: Session, report: Report, issue: Issue) -> None:
    db.add(IssueFinding(issue_id=issue.id, report_id=report.id, revision=report.revision, found_at=report.finished_at))


def _fix_on_spot(db: Session, actor: Actor, report: Report, issue: Issue, finding: Finding) -> None:
    """The inspector saw it put right: that is the reply, and so another person verifies it."""
    photos = [
        {
            "id": str(one.id), "captured_at": one.captured_at.isoformat() if one.captured_at else None,
            "caption": one.caption, "marks": one.marks or [], "location": one.location,
        }
        for one in finding.after
    ]
    said = {"fixed_on_spot": True, "report": str(report.id), "photos": photos}
    text, now = canonical(said), clock.now()
    db.add(IssueEntry(
        id=new_id(), kind=EntryKind.REPLY, issue_id=issue.id, round=issue.round, state=EntryState.COMPLETE,
        by=report.inspector_id, content=text.decode(), digest=digest(text), received_at=now, receipt_at=now,
        measure="立行立改", done_at=report.finished_at, doubts=[],
    ))
    issue.fixed_on_spot, issue.replied_by = True, report.inspector_id
    show(db, issue, finding.after, "after")
    pair_up(db, issue, [(None, photo.id) for photo in finding.after], before=[photo.id for photo in finding.photos])
    make(db, actor, issue, Move.FIX_ON_SPOT, report=str(report.id))


def show(db: Session, issue: Issue, pictures: Iterable[Picture], kind: str) -> None:
    """Photos of the failure (`before`) or of what was done (`after`); whoever sees the issue sees them."""
    there = set(db.scalars(sa.select(IssuePhoto.photo_id).where(IssuePhoto.issue_id == issue.id)))
    new = [picture for picture in pictures if picture.id not in there]
    db.add_all(
        IssuePhoto(
            issue_id=issue.id, photo_id=picture.id, kind=kind, position=len(there) + number,
            captured_at=picture.captured_at, caption=picture.caption, marks=picture.marks or None,
        )
        for number, picture in enumerate(new)
    )
    photos.hold_photos(db, [picture.id for picture in new], "issue", issue.id)


def pair_up(
    db: Session, issue: Issue, named: list[tuple[uuid.UUID | None, uuid.UUID]], *, before: list[uuid.UUID]
) -> None:
    """Keep each after-photo with the before-photo that it names; where none is named and there is one of each, these."""
    if len(before) == 1 and len(named) == 1 and named[0][0] is None:
        named = [(before[0], named[0][1])]
    db.add_all(
        IssuePair(issue_id=issue.id, round=issue.round, position=position, before_photo_id=one, after_photo_id=other)
        for position, (one, other) in enumerate(named)
    )


def submit(db: Session, actor: Actor, issue: Issue, body: dict[str, Any]) -> Issue:
    """draft → pending_issue: from now on it is an issue."""
    return _by_author(db, actor, issue, Move.SUBMIT, body)


def discard(db: Session, actor: Actor, issue: Issue, body: dict[str, Any]) -> Issue:
    """draft → void, by its author."""
    return _by_author(db, actor, issue, Move.DISCARD, body)


def _by_author(db: Session, actor: Actor, issue: Issue, move: Move, body: dict[str, Any]) -> Issue:
    issue = locked(db, issue.id)
    if is_repeat(db, actor, issue, move, round_=body["round"]):
        return issue
    demand(db, actor, issue, move, round_=body["round"])
    make(db, actor, issue, move)
    if move is Move.SUBMIT:
        issue.created_at = issue.changed_at  # an issue from this very step of its history on
    return issue


def correct(db: Session, actor: Actor, issue: Issue, body: dict[str, Any]) -> Issue:
    """Before the notice: severity, due date, text, responsible party. The first due date is that of the notice."""
    issue = locked(db, issue.id)
    move = Move.EDIT if issue.state is IssueState.DRAFT else Move.CORRECT
    demand(db, actor, issue, move, round_=body.get("round"))
    if body.get("due_on") and body["due_on"] < clock.today():
        raise invalid("due_on", "不能早于今天", "is in the past")
    if body.get("contractor_id"):
        _demand_firm(db, body["contractor_id"])
    changed, firm = {}, issue.contractor_id
    for name, value in body.items():
        before = getattr(issue, name)
        if name != "round" and before != value:
            setattr(issue, name, value)
            changed[name] = [_plain(before), _plain(value)]
    if "due_on" in changed and issue.issued_at is None:
        issue.first_due_on = issue.due_on
    if changed:
        make(db, actor, issue, move, changed=changed)
    if firm is not None and firm != issue.contractor_id:
        for person_id in people_of_organisation(db, Role.CONTRACTOR, firm):
            changes.note(db, "issue", issue.id, gone_for=person_id)
    return issue


def _demand_firm(db: Session, organisation_id: uuid.UUID) -> None:
    if db.get(Organisation, organisation_id) is None:
        raise Refusal("invalid", errors={"contractor_id": ["没有此单位 / no such organisation"]})


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def number_of(db: Session, district_code: str, day: date) -> str:
    """`140105-20220914-0012`: district, day, serial. Approvals of one district take turns here, intake does not."""
    series = f"issue:{district_code}:{day:%Y%m%d}"
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Serial).values(series=series, last=1)
    next_one = statement.on_conflict_do_update(index_elements=["series"], set_={"last": Serial.last + 1})
    serial = db.execute(next_one.returning(Serial.last)).scalar_one()
    return f"{district_code}-{day:%Y%m%d}-{serial:04d}"
