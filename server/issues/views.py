"""Putting together what is shown of issues: each table that hangs on them is asked once for a whole page."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.documents.models import Document
from server.issues import entries as kept
from server.issues import hooks, paper_queries
from server.issues.firm import as_seen, is_of_firm, own_photo
from server.issues.models import (
    Extension,
    FollowUp,
    Issue,
    IssueDocument,
    IssueEntry,
    IssueEvent,
    IssuePair,
    IssuePhoto,
    Objection,
)
from server.issues.moving import Standing
from server.issues.rules import EntryKind, EntryState, IssueState, Move, Source, is_overdue
from server.kit import clock, tokens
from server.kit.actor import Actor
from server.kit.covering import Cover
from server.kit.here import conf
from server.kit.i18n import Language
from server.kit.prepared import Prepared, among
from server.permissions import sees_exact_places
from server.photos import covers
from server.photos import queries as photo_queries
from server.photos import views as photos
from server.reports import queries as reports

VERDICT_KINDS = frozenset({EntryKind.VERIFICATION, EntryKind.FOLLOW_UP})
Ids = list[uuid.UUID]
Rows = dict[uuid.UUID, list[Any]]


def shape(db: Session, actor: Actor, issue: Any) -> dict[str, Any]:
    """One issue as it goes over the wire."""
    return shapes(db, actor, [issue])[0]


def whole(db: Session, actor: Actor, issue: Issue, language: Language) -> dict[str, Any]:
    """As `shape`, with the flags on the photos that are to prove that it was put right, as far as the actor may see them."""
    shown = shape(db, actor, issue)
    flags = photo_queries.flags_of_photos(db, actor, [one["id"] for one in shown["photos"]["after"]])
    return {**shown, "flags": photos.shape_flags(db, flags, language, exact=sees_exact_places(actor))}


def shapes(db: Session, actor: Actor, issues: Sequence[Any]) -> list[dict[str, Any]]:
    """Issues, as objects or as rows of all their columns; what they name is looked up once."""
    ids = [issue.id for issue in issues]
    # nothing but its opening has happened to one that was never noticed
    begun = [issue.id for issue in issues if issue.issued_at or issue.fixed_on_spot or issue.round > 1]
    sites = reports.site_refs(db, {issue.site_id for issue in issues})
    firms = _firms(db, {issue.contractor_id for issue in issues if issue.contractor_id})
    of_firm = {issue.id for issue in issues if is_of_firm(actor, issue)}
    pictures, steps = _pictures(db, ids, of_firm), _rows(db, _STEPS, ids)
    pairs, entries, papers = _rows(db, _PAIRS, begun), _rows(db, _ENTRIES, begun), _rows(db, _PAPERS, begun)
    extensions, all_objections = _rows(db, _EXTENSIONS, begun), _rows(db, _OBJECTIONS, begun)
    objections = {  # of the firm that is responsible now; what another one objected stands in the history
        issue.id: [row for row in all_objections[issue.id] if row[1] == issue.contractor_id] for issue in issues
    }
    follow_ups = _rows(db, _FOLLOW_UPS, begun)
    seen_papers = paper_queries.seen_of(db, actor, {row[1] for rows in papers.values() for row in rows})
    residents = _residents(db, [issue.id for issue in issues if issue.closed_at or issue.round > 1])
    awaited = kept.awaited(db, [issue.id for issue in issues if issue.source is not Source.INSPECTION])
    people = reports.person_refs(db, {
        *(row[2] for rows in steps.values() for row in rows if row[2]),
        *(row.by for rows in entries.values() for row in map(_Entry, rows)),
        *(one for rows in extensions.values() for row in rows for one in (row[5], row[10]) if one),
        *(one for rows in objections.values() for row in rows for one in (row[3], row[7]) if one),
    })
    named = [row[1] for rows in pictures.values() for row in rows]
    covered, removed = covers.on_photos(db, named), photo_queries.removed_among(db, named)
    standing, today, shown = Standing(db, actor, issues), clock.today(), _links(actor, covered, removed)
    return [
        (as_seen if issue.id in of_firm else dict)({
            "id": issue.id, "number": issue.number, "state": issue.state, "source": issue.source,
            "site": sites.get(issue.site_id), "report_id": issue.report_id, "item": issue.item,
            "checklist": _checklist(issue), "severity": issue.severity, "description": issue.description,
            **_dates(issue, today),
            "contractor": firms.get(issue.contractor_id), "recurrence_of": issue.recurrence_of,
            "recurrence_count": issue.recurrence_count, "round": issue.round, "fixed_on_spot": issue.fixed_on_spot,
            "stop_work": issue.stop_work, "false_closures": issue.false_closures, "created_at": issue.created_at,
            "issued_at": issue.issued_at, "closed_at": issue.closed_at,
            "photos": _photos(pictures[issue.id], shown), "photos_awaited": awaited.get(issue.id, 0),
            "pairs": [
                {"round": round_, "before": before, "after": after} for _, round_, before, after in pairs[issue.id]
            ],
            "replies": _replies(entries[issue.id], people),
            "verifications": _verdicts(entries[issue.id], people),
            "extensions": [_extension(row, people) for row in extensions[issue.id]],
            "objection": next((_objection(row, people) for row in objections[issue.id]), None),
            "follow_up": next((_follow_up(row) for row in follow_ups[issue.id] if _is_of_use(row, issue)), None),
            "residents": residents.get(issue.id),
            "documents": [
                {
                    "id": paper, "kind": kind, "number": number, "round": round_, "issued_at": at,
                    "links": paper_links(paper, actor),
                }
                for _, paper, kind, number, round_, at in papers[issue.id] if paper in seen_papers
            ],
            "moves": _moves(standing, issue, objections[issue.id], extensions[issue.id]),
            "history": [_step(row, people) for row in steps[issue.id]],
        })
        for issue in issues
    ]


def _residents(db: Session, closed_once: Ids) -> dict[uuid.UUID, dict[str, Any]]:
    """What residents were asked and said, by those who ask them."""
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for hook in hooks.RESIDENTS if closed_once else ():
        found |= hook(db, closed_once)
    return found


def _pictures(db: Session, ids: Ids, of_firm: set[uuid.UUID]) -> Rows:
    """The photos of each issue; to its firm those that are not of the firm before it."""
    others, own = [one for one in ids if one not in of_firm], [one for one in ids if one in of_firm]
    return _rows(db, _PICTURES, others) | _rows(db, _OWN_PICTURES, own)


def _checklist(issue: Any) -> dict[str, Any] | None:
    if issue.checklist_code is None:
        return None
    return {"code": issue.checklist_code, "version": issue.checklist_version}


def _dates(issue: Any, today: date) -> dict[str, Any]:
    ended = issue.state in {IssueState.CLOSED, IssueState.VOID}
    return {
        "due_on": issue.due_on, "first_due_on": issue.first_due_on,
        "overdue": is_overdue(issue.state, issue.due_on, today),
        "days_left": None if ended else (issue.due_on - today).days,
    }


def _photos(rows: list[Any], links: Callable[[uuid.UUID], dict[str, str]]) -> dict[str, list[Any]]:
    shown: dict[str, list[Any]] = {"before": [], "after": []}
    for _, photo_id, kind, captured_at, caption, marks in rows:
        shown[kind].append({
            "id": photo_id, "captured_at": captured_at, "caption": caption, "marks": marks or [],
            "links": links(photo_id),
        })
    return shown


def paper_links(document_id: uuid.UUID, actor: Actor) -> dict[str, str]:
    """Signed addresses of a paper's files."""
    minutes = conf().link_minutes
    return {
        form: tokens.sign_link(f"/api/v1/documents/{document_id}.{form}", actor.session_id, minutes)
        for form in ("docx", "pdf")
    }


def _links(
    actor: Actor, covered: dict[uuid.UUID, Cover], removed: set[uuid.UUID]
) -> Callable[[uuid.UUID], dict[str, str]]:
    minutes = conf().link_minutes
    return lambda photo_id: photos.links(
        photo_id, actor, minutes, covered.get(photo_id), removed=photo_id in removed
    )


class _Entry:
    """A row of `_ENTRIES` by its names."""

    __slots__ = ("_row",)

    def __init__(self, row: Sequence[Any]) -> None:
        self._row = row

    def __getattr__(self, name: str) -> Any:
        return self._row[_ENTRY_AT[name]]


def _replies(rows: list[Any], people: dict[uuid.UUID, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id, "round": one.round, "state": one.state, "by": people.get(one.by),
            "received_at": one.received_at, "cause": one.cause, "measure": one.measure,
            "prevention": one.prevention, "responsible_person": one.responsible_person, "done_at": one.done_at,
        }
        for one in map(_Entry, rows) if one.kind is EntryKind.REPLY
    ]


def _verdicts(rows: list[Any], people: dict[uuid.UUID, Any]) -> list[dict[str, Any]]:
    return [
        {
            "id": one.id, "kind": one.kind, "round": one.round, "state": one.state, "by": people.get(one.by),
            "received_at": one.received_at, "result": one.result, "comment": one.comment, "reason": one.reason,
            "doubts": one.doubts, "due_on": one.due_on,
        }
        for one in map(_Entry, rows) if one.kind in VERDICT_KINDS
    ]


def _extension(row: Any, people: dict[uuid.UUID, Any]) -> dict[str, Any]:
    _, one, round_, reason, due_on, by, at, result, granted, comment, settled_by, settled_at = row
    return {
        "id": one, "round": round_, "reason": reason, "due_on": due_on, "by": people.get(by), "at": at,
        "result": result, "granted_due_on": granted, "comment": comment, "settled_by": people.get(settled_by),
        "settled_at": settled_at,
    }


def _objection(row: Any, people: dict[uuid.UUID, Any]) -> dict[str, Any]:
    _, _, reason, by, at, result, comment, settled_by, settled_at = row
    return {
        "reason": reason, "by": people.get(by), "at": at, "result": result, "comment": comment,
        "settled_by": people.get(settled_by), "settled_at": settled_at,
    }


def _follow_up(row: Any) -> dict[str, Any]:
    _, one, week, due_on, result = row
    return {"id": one, "week": week, "due_on": due_on, "result": result}


def _is_of_use(row: Any, issue: Any) -> bool:
    """A look that was never taken is owed only where the issue is closed; reopened, it waits for nobody."""
    return row[4] is not None or issue.state is IssueState.CLOSED


def _step(row: Any, people: dict[uuid.UUID, Any]) -> dict[str, Any]:
    _, at, by, round_, verb, from_state, to_state, facts = row
    return {
        "at": at, "verb": verb, "by": people.get(by) if by else None, "round": round_,
        "from_state": from_state, "to_state": to_state, "facts": facts,
    }


def _moves(standing: Standing, issue: Any, objections: list[Any], extensions: list[Any]) -> list[Move]:
    """What the asker may do now, also by the papers: what the client shows as buttons."""
    objected = bool(objections)
    unsettled = objected and objections[0][5] is None
    waiting = any(row[7] is None for row in extensions)
    wanted = {
        Move.OBJECT: not objected, Move.KEEP: unsettled, Move.SEND_BACK: unsettled, Move.WITHDRAW: unsettled,
        Move.ASK_EXTENSION: not waiting, Move.SETTLE_EXTENSION: waiting,
    }
    return [move for move in standing.moves(issue) if wanted.get(move, True)]


def _firms(db: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID | None, dict[str, Any]]:
    return {firm_id: {"id": firm_id, "name": name} for firm_id, name in (_FIRMS.all(db, ids=ids) if ids else ())}


def _rows(db: Session, prepared: Prepared, ids: Ids) -> Rows:
    """Rows by the issue that their first column names."""
    found: Rows = defaultdict(list)
    for row in prepared.all(db, ids=ids) if ids else ():
        found[row[0]].append(row)
    return found


def _hanging(columns: Iterable[Any], of: Any, *order: Any, extra: Any = None) -> Prepared:
    """Rows that hang on a page's issues. One parameter for all ids spares SQLAlchemy the writing of an IN with fifty."""
    def statement(dialect: str) -> sa.Executable:
        query = sa.select(of, *columns).where(among(of, "ids", dialect)).order_by(*order)
        return extra(query) if extra else query

    return Prepared(statement)


_FIRMS = Prepared(
    lambda dialect: sa.select(Organisation.id, Organisation.name).where(among(Organisation.id, "ids", dialect))
)
_PICTURE_COLUMNS = [
    IssuePhoto.photo_id, IssuePhoto.kind, IssuePhoto.captured_at, IssuePhoto.caption, IssuePhoto.marks,
]
_PICTURES = _hanging(_PICTURE_COLUMNS, IssuePhoto.issue_id, IssuePhoto.position)
_OWN_PICTURES = _hanging(
    _PICTURE_COLUMNS, IssuePhoto.issue_id, IssuePhoto.position, extra=lambda query: query.where(own_photo())
)
_STEPS = _hanging(
    [IssueEvent.at, IssueEvent.by, IssueEvent.round, IssueEvent.verb, IssueEvent.from_state, IssueEvent.to_state,
     IssueEvent.facts],
    IssueEvent.issue_id, IssueEvent.id,
)
_PAIRS = _hanging(
    [IssuePair.round, IssuePair.before_photo_id, IssuePair.after_photo_id],
    IssuePair.issue_id, IssuePair.round.desc(), IssuePair.position,
)
_ENTRY_COLUMNS = [
    IssueEntry.id, IssueEntry.kind, IssueEntry.round, IssueEntry.state, IssueEntry.by, IssueEntry.received_at,
    IssueEntry.result, IssueEntry.comment, IssueEntry.reason, IssueEntry.doubts, IssueEntry.due_on, IssueEntry.cause,
    IssueEntry.measure, IssueEntry.prevention, IssueEntry.responsible_person, IssueEntry.done_at,
]
_ENTRY_AT = {column.key: position for position, column in enumerate(_ENTRY_COLUMNS, 1)}
_ENTRIES = _hanging(
    _ENTRY_COLUMNS, IssueEntry.issue_id, IssueEntry.received_at, IssueEntry.id,
    extra=lambda query: query.where(IssueEntry.state != EntryState.SUPERSEDED),
)
_PAPERS = _hanging(
    [Document.id, Document.kind, Document.number, IssueDocument.round, Document.issued_at],
    IssueDocument.issue_id, Document.issued_at, Document.serial,
    extra=lambda query: query.join(Document, Document.id == IssueDocument.document_id),
)
_EXTENSIONS = _hanging(
    [Extension.id, Extension.round, Extension.reason, Extension.due_on, Extension.by, Extension.at, Extension.result,
     Extension.granted_due_on, Extension.comment, Extension.settled_by, Extension.settled_at],
    Extension.issue_id, Extension.at,
)
_OBJECTIONS = _hanging(
    [Objection.contractor_id, Objection.reason, Objection.by, Objection.at, Objection.result, Objection.comment,
     Objection.settled_by, Objection.settled_at],
    Objection.issue_id,
)
_FOLLOW_UPS = _hanging(
    [FollowUp.id, FollowUp.week, FollowUp.due_on, FollowUp.result],
    FollowUp.issue_id, FollowUp.drawn_at.desc(),
)
