"""Verbs of an issue so far: opened by an approved report, or met again by one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from config import Config
from server.audit import service as audit
from server.issues import queries
from server.issues.models import Issue, IssueEvent, IssueFinding, IssuePhoto, Serial
from server.issues.rules import IssueState
from server.kit import changes, clock
from server.kit.actor import Actor
from server.kit.ids import new_id
from server.kit.severity import Severity
from server.photos import service as photos
from server.programme.calendar import default_due_on
from server.programme.models import Site
from server.programme.policy import policy_of
from server.reports.models import Report


@dataclass(frozen=True, slots=True)
class Finding:
    """One failed item of an approved report."""

    item: str
    description: str
    severity: Severity
    due_on: date | None
    photos: tuple[uuid.UUID, ...]


def open_from(db: Session, actor: Actor, conf: Config, report: Report, findings: list[Finding]) -> list[Issue]:
    """An issue for every finding; one whose item has an open issue at the site is linked to it instead.

    Two approvals at once that find the same are parted by the database's unique index: the loser's
    transaction is run again and meets the winner's issue.
    """
    site = db.get_one(Site, report.site_id)
    opened = []
    for finding in findings:
        issue = queries.open_issue(db, site.id, finding.item)
        if issue is None:
            issue = _open(db, actor, conf, report, site, finding)
            opened.append(issue)
        else:
            _found_again(db, actor, report, issue)
        _show(db, issue, finding.photos)
        changes.note(db, "issue", issue.id)
    return opened


def _open(  # noqa: PLR0917 - one call, in the order of the story
    db: Session, actor: Actor, conf: Config, report: Report, site: Site, finding: Finding
) -> Issue:
    now, today = clock.now(), clock.today()
    policy = policy_of(db, conf)
    due_on = finding.due_on or default_due_on(db, policy, finding.severity, today)
    issue = Issue(
        id=new_id(), number=_number(db, site.district_code, today), state=IssueState.PENDING_ISSUE, site_id=site.id,
        district_code=site.district_code, report_id=report.id, item=finding.item,
        checklist_code=report.checklist_code, checklist_version=report.checklist_version,
        severity=finding.severity, description=finding.description, due_on=due_on, first_due_on=due_on,
        contractor_id=site.contractor_id, opened_by=actor.id, created_at=now,
        recurrence_of=queries.recent_closed(db, site.id, finding.item, policy.recurrence_days),
    )
    db.add(issue)
    db.flush()
    _link(db, report, issue)
    _event(db, actor, issue, "opened", None, issue.state.value)
    audit.record(
        db, actor, "issue_opened", "issue", issue.id, district=site.district_code, report=str(report.id),
        item=finding.item, severity=finding.severity.value, due_on=due_on.isoformat(),
    )
    return issue


def _found_again(db: Session, actor: Actor, report: Report, issue: Issue) -> None:
    if db.get(IssueFinding, (issue.id, report.id)) is not None:
        return
    _link(db, report, issue)
    _event(db, actor, issue, "found_again", issue.state.value, issue.state.value, report=str(report.id))
    audit.record(
        db, actor, "issue_found_again", "issue", issue.id, district=issue.district_code, report=str(report.id)
    )


def _link(db: Session, report: Report, issue: Issue) -> None:
    db.add(IssueFinding(issue_id=issue.id, report_id=report.id, revision=report.revision, found_at=report.finished_at))


def _event(  # noqa: PLR0917
    db: Session, actor: Actor, issue: Issue, verb: str, from_state: str | None, to_state: str | None, **facts: str
) -> None:
    db.add(IssueEvent(
        issue_id=issue.id, at=clock.now(), by=actor.id, verb=verb, from_state=from_state, to_state=to_state,
        facts=facts,
    ))


def _show(db: Session, issue: Issue, pictures: tuple[uuid.UUID, ...]) -> None:
    """The photos of the failure are the issue's before-photos; whoever sees the issue sees them."""
    there = set(db.scalars(sa.select(IssuePhoto.photo_id).where(IssuePhoto.issue_id == issue.id)))
    new = [photo_id for photo_id in pictures if photo_id not in there]
    db.add_all(
        IssuePhoto(issue_id=issue.id, photo_id=photo_id, kind="before", position=len(there) + number)
        for number, photo_id in enumerate(new)
    )
    photos.hold_photos(db, new, "issue", issue.id)


def _number(db: Session, district_code: str, day: date) -> str:
    """`140105-20220914-0012`: district, day, serial. Approvals of one district take turns here, intake does not."""
    series = f"issue:{district_code}:{day:%Y%m%d}"
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Serial).values(series=series, last=1)
    next_one = statement.on_conflict_do_update(index_elements=["series"], set_={"last": Serial.last + 1})
    serial = db.execute(next_one.returning(Serial.last)).scalar_one()
    return f"{district_code}-{day:%Y%m%d}-{serial:04d}"
