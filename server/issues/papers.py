"""What the papers of an issue say: put together from its rows when a paper is issued, and frozen with it.

The responsible firm reads them, so whoever issues one, it holds nothing of the firm that was responsible before.
"""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.checklists import queries as checklists
from server.checklists.rules import Checklist
from server.documents import service as documents
from server.documents.models import Document
from server.documents.paper import Paper, PaperIssue, PaperPair, PaperPhoto, PaperReply, PaperVerification
from server.documents.rules import Kind
from server.issues.firm import own_entry, own_pair, own_photo
from server.issues.models import Issue, IssueDocument, IssueEntry, IssuePair, IssuePhoto
from server.issues.rules import EntryKind, EntryState, is_overdue
from server.kit import clock
from server.kit.actor import Actor
from server.kit.here import conf
from server.photos.models import Photo
from server.programme.models import Site
from server.programme.policy import policy_of
from server.reports import queries as reports
from server.reports.models import Report


def of_notice(db: Session, actor: Actor, issues: list[Issue], *, stop_work: bool = False) -> Paper:
    """The rectification notice, or the stop-work notice that goes out with it."""
    return _paper(db, actor, Kind.STOP_WORK_NOTICE if stop_work else Kind.RECTIFICATION_NOTICE, issues)


def of_reply(db: Session, actor: Actor, issue: Issue) -> Paper:
    """The reply (整改回复单) to the newest notice."""
    paper = _paper(db, actor, Kind.RECTIFICATION_REPLY, [issue])
    paper.refers_to = notice_number(db, issue)
    return paper


def of_verification(db: Session, actor: Actor, issue: Issue) -> Paper:
    """The verification record (复查记录) of the newest verification."""
    paper = _paper(db, actor, Kind.VERIFICATION_RECORD, [issue])
    paper.refers_to = notice_number(db, issue)
    return paper


def of_list(db: Session, actor: Actor, kind: Kind, issues: list[Issue], *, to: str | None, note: str | None) -> Paper:
    """A hand-over list (交办单) or an escalation letter (督办函) over several issues, perhaps of several sites."""
    paper = _paper(db, actor, kind, issues)
    paper.to, paper.note = to or paper.to, note
    return paper


def issue(
    db: Session, actor: Actor, paper: Paper, issues: list[Issue], *, round_: int | None = None,
    document_id: uuid.UUID | None = None,
) -> Document:
    """Give the paper its number and let whoever sees one of its issues see it. Call it last: see documents.issue.

    `round_` where it is of another round than the issue's present one: a failed verification has begun the next.
    """
    sites = {one.site_id for one in issues}
    policy = policy_of(db, conf())
    paper.office, paper.copies_to = policy.issuing_office or None, paper.copies_to or policy.copies_to or None
    if paper.kind == Kind.RECTIFICATION_REPLY.value:
        paper.to = paper.office
    paper.signer = policy.signer or None
    made = documents.issue(
        db, actor, paper, district=issues[0].district_code, site_id=sites.pop() if len(sites) == 1 else None,
        prefix=policy.number_prefixes.get(paper.kind, ""), document_id=document_id,
    )
    db.add_all(IssueDocument(issue_id=one.id, document_id=made.id, round=round_ or one.round) for one in issues)
    db.flush()
    return made


def notice_number(db: Session, issue: Issue) -> str | None:
    """The number of the newest notice that holds an issue."""
    return db.scalar(
        sa.select(Document.number).join(IssueDocument, IssueDocument.document_id == Document.id)
        .where(IssueDocument.issue_id == issue.id, Document.kind == Kind.RECTIFICATION_NOTICE)
        .order_by(Document.issued_at.desc(), Document.serial.desc()).limit(1)
    )


def _paper(db: Session, actor: Actor, kind: Kind, issues: list[Issue]) -> Paper:
    sites = list(db.scalars(sa.select(Site).where(Site.id.in_({one.site_id for one in issues}))))
    firms = {
        firm.id: firm.name
        for firm in db.scalars(sa.select(Organisation).where(
            Organisation.id.in_({one.contractor_id for one in issues if one.contractor_id})
        ))
    }
    contractor = "、".join(sorted(firms.values())) or None
    pictures, pairs, entries = _pictures(db, issues), _pairs(db, issues), _entries(db, issues)
    names = _names(db, entries)
    reports_of = _reports(db, issues)
    inspected = max((report.finished_at for report in reports_of.values()), default=None)
    return Paper(
        kind=kind.value, day=clock.today().isoformat(), site=_site(sites[0]) if len(sites) == 1 else {}, to=contractor,
        issues=[
            _of_site(
                _issue(db, one, pictures.get(one.id, {}), pairs.get(one.id, []), entries.get(one.id, []), names),
                next(site for site in sites if site.id == one.site_id),
                firms.get(one.contractor_id) if one.contractor_id else None,
            )
            for one in sorted(issues, key=lambda one: one.number)
        ],
        issued_by=actor.name, issued_at=clock.now().isoformat(), contractor=contractor,
        inspected_on=clock.day_of(inspected).isoformat() if inspected else None,
        visit=next((report.visit.value for report in reports_of.values() if report.visit), None),
        inspectors=_inspectors(db, list(reports_of.values())),
        due_on=min(one.due_on for one in issues).isoformat(),
    )


def _of_site(line: PaperIssue, site: Site, contractor: str | None) -> PaperIssue:
    """Where a line of a list over several sites is, and whose."""
    line.site, line.district, line.street, line.contractor = site.name, site.district.zh, site.street, contractor
    return line


def _site(site: Site) -> dict[str, str | None]:
    return {
        "code": site.code, "name": site.name, "district": site.district.zh, "street": site.street,
        "area": site.area.name if site.area else None,
    }


def _issue(  # noqa: PLR0917 - the parts of one line
    db: Session, issue: Issue, pictures: dict[uuid.UUID, tuple[str, PaperPhoto]], pairs: list[IssuePair],
    entries: list[IssueEntry], names: dict[uuid.UUID, str],
) -> PaperIssue:
    checklist = (
        checklists.get_version(db, issue.checklist_code, issue.checklist_version)
        if issue.checklist_code and issue.checklist_version else None
    )
    item = _entry(checklist, issue.item) if checklist and issue.item else {}
    today = clock.today()
    reply = next((one for one in entries if one.kind is EntryKind.REPLY), None)
    verdict = next((one for one in entries if one.kind is EntryKind.VERIFICATION), None)
    return PaperIssue(
        number=issue.number, description=issue.description, severity=issue.severity.value,
        due_on=issue.due_on.isoformat(), first_due_on=issue.first_due_on.isoformat(), round=issue.round,
        item=issue.item, item_zh=item.get("zh"), item_en=item.get("en"),
        part=checklist.content["zh"] if checklist else None,
        part_en=checklist.content["en"] if checklist else None, basis=item.get("basis"),
        requirement=item.get("criterion_zh"), requirement_en=item.get("criterion_en"), state=issue.state.value,
        days_late=(today - issue.due_on).days if is_overdue(issue.state, issue.due_on, today) else 0,
        pairs=_side_by_side(pictures, pairs),
        reply=PaperReply(
            measure=reply.measure or "", done_at=reply.done_at.isoformat() if reply.done_at else "",
            by=names[reply.by], at=reply.received_at.isoformat(), cause=reply.cause, prevention=reply.prevention,
            responsible_person=reply.responsible_person,
        ) if reply else None,
        verification=PaperVerification(
            result=verdict.result.value if verdict.result else "", by=names[verdict.by],
            at=verdict.received_at.isoformat(), comment=verdict.comment,  # the firm reads it: no reason for a doubt
        ) if verdict else None,
    )


def _entry(checklist: Checklist, code: str) -> dict[str, Any]:
    """An item as the published checklist has it, with its clause and criterion."""
    return next(
        (entry for section in checklist.content["sections"] for entry in section["items"] if entry["code"] == code), {}
    )


def _side_by_side(pictures: dict[uuid.UUID, tuple[str, PaperPhoto]], pairs: list[IssuePair]) -> list[PaperPair]:
    """The pairs first; then the before-photos and after-photos that are in none."""
    def photo(photo_id: uuid.UUID | None) -> PaperPhoto | None:
        return pictures[photo_id][1] if photo_id in pictures else None

    shown = [PaperPair(photo(pair.before_photo_id), photo(pair.after_photo_id)) for pair in pairs]
    used = {pair.before_photo_id for pair in pairs} | {pair.after_photo_id for pair in pairs}
    alone = [(kind, picture) for photo_id, (kind, picture) in pictures.items() if photo_id not in used]
    shown += [PaperPair(picture if kind == "before" else None, None if kind == "before" else picture)
              for kind, picture in alone]
    return shown


def _pictures(db: Session, issues: list[Issue]) -> dict[uuid.UUID, dict[uuid.UUID, tuple[str, PaperPhoto]]]:
    query = (
        sa.select(IssuePhoto, Photo.sha256).outerjoin(Photo, Photo.id == IssuePhoto.photo_id)
        .where(IssuePhoto.issue_id.in_([one.id for one in issues]), own_photo()).order_by(IssuePhoto.position)
    )
    found: dict[uuid.UUID, dict[uuid.UUID, tuple[str, PaperPhoto]]] = {}
    for held, sha256 in db.execute(query):
        picture = PaperPhoto(
            id=str(held.photo_id), sha256=sha256 or "", caption=held.caption, marks=held.marks or [],
            captured_at=held.captured_at.isoformat() if held.captured_at else None,
        )
        found.setdefault(held.issue_id, {})[held.photo_id] = (held.kind, picture)
    return found


def _pairs(db: Session, issues: list[Issue]) -> dict[uuid.UUID, list[IssuePair]]:
    """Those of the newest round that has any."""
    query = (
        sa.select(IssuePair).where(IssuePair.issue_id.in_([one.id for one in issues]), own_pair())
        .order_by(IssuePair.round.desc(), IssuePair.position)
    )
    found: dict[uuid.UUID, list[IssuePair]] = {}
    for pair in db.scalars(query):
        there = found.setdefault(pair.issue_id, [])
        if not there or there[0].round == pair.round:
            there.append(pair)
    return found


def _entries(db: Session, issues: list[Issue]) -> dict[uuid.UUID, list[IssueEntry]]:
    """The replies and verifications that count, newest first."""
    query = (
        sa.select(IssueEntry)
        .where(IssueEntry.issue_id.in_([one.id for one in issues]), IssueEntry.state == EntryState.COMPLETE, own_entry())
        .order_by(IssueEntry.round.desc(), IssueEntry.received_at.desc())
    )
    found: dict[uuid.UUID, list[IssueEntry]] = {}
    for entry in db.scalars(query):
        found.setdefault(entry.issue_id, []).append(entry)
    return found


def _names(db: Session, entries: dict[uuid.UUID, list[IssueEntry]]) -> dict[uuid.UUID, str]:
    people = {entry.by for some in entries.values() for entry in some}
    return {person.id: person.name for person in db.scalars(sa.select(Person).where(Person.id.in_(people)))}


def _reports(db: Session, issues: list[Issue]) -> dict[uuid.UUID, Report]:
    ids = {one.report_id for one in issues if one.report_id}
    return {report.id: report for report in db.scalars(sa.select(Report).where(Report.id.in_(ids)))}


def _inspectors(db: Session, found: list[Report]) -> list[str]:
    """Who inspected, the author of each report first and then those who were with them."""
    people: dict[Any, None] = {}
    for report in found:
        people[report.inspector_id] = None
        revision = reports.revision_of(db, report.id, report.revision)
        for one in (reports.body_of(revision).get("co_inspectors") or []) if revision else []:
            people[uuid.UUID(one)] = None
    names = reports.person_refs(db, set(people))
    return [names[one]["name"] for one in people if one in names]
