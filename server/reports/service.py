"""Verbs of a report: receive, complete when the last photo is here, approve, send back, void."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.queries import people_of_district, unknown_colleagues
from server.audit import service as audit
from server.checklists import queries as checklists
from server.errors import Refusal, invalid, not_found
from server.kit import changes, clock
from server.kit.actor import Actor, Role
from server.kit.db import hold
from server.kit.prepared import Asker, Prepared, insert
from server.messages import service as messages
from server.photos import queries as photo_queries
from server.photos import service as photo_service
from server.photos.hooks import StoredPhoto
from server.programme.visits import IntakeSite, intake_site
from server.reports import proving, queries
from server.reports.aside import keep_aside
from server.reports.judging import Judged, judge_report
from server.reports.models import Report, ReportPhoto, Revision
from server.reports.rules import PhotoState, State, may_replace, reason_of_correction

_REPORT = cast(sa.Table, Report.__table__)
_INSERT_REPORT = insert(Report, [column.name for column in Report.__table__.columns])
_INSERT_REVISION = insert(Revision, [column.name for column in Revision.__table__.columns])
_INSERT_PHOTO = insert(ReportPhoto, [column.name for column in ReportPhoto.__table__.columns])

# Told in the same transaction when a report gets its receipt: (db, report).
completed_hooks: list[Callable[[Session, Report], None]] = []
# and when it is declared void.
voided_hooks: list[Callable[[Session, Report], None]] = []


@dataclass(slots=True)
class Received:
    """What `receive` did: the report as it stands, the revision to tell of, the photos it names, whether it is new."""

    report: Report
    revision: Revision
    photos: list[queries.Named]
    new: bool


def receive(db: Session, actor: Actor, report_id: uuid.UUID, body: dict[str, Any]) -> Received:
    """Take a report as the phone has it; `body` is a loaded ReportIn.

    Whatever was taken once is answered the same way again, whoever else's rights or sites changed meanwhile.
    """
    hold(db, f"person:{actor.id}")  # one phone's sendings one after another; photos take the same lock
    report = queries.head_of(db, report_id)
    if report is None:
        if body["revision"] != 1:
            raise Refusal("revision-out-of-order", ("第一次收到的版本应为1", "the first revision must be 1"))
        return _write(db, actor, None, report_id, body)
    if report.inspector_id != actor.id:
        raise not_found()
    known = queries.revision_of(db, report_id, body["revision"])
    if known is not None:
        if known.digest != body["digest"]:
            keep_aside(db, actor, report, body)
        return _standing(db, report, known)
    if body["revision"] != report.revision + 1:
        raise Refusal(
            "revision-out-of-order",
            (f"服务器上的版本是{report.revision}", f"the server has revision {report.revision}"),
            extra={"revision": report.revision},
        )
    if not may_replace(report.state, has_reason=bool((body["correction_reason"] or "").strip())):
        code = "report-state" if report.state is State.VOID else "correction-reason-missing"
        raise Refusal(code, extra={"state": report.state.value, "revision": report.revision})
    return _write(db, actor, report, report_id, body)


def _standing(db: Session, report: Report, asked: Revision) -> Received:
    """For an answer that is given again: the revision asked for with its own receipt, which alone lets the phone
    delete its copy; where it never got one, the newest, by which the phone learns that it was replaced."""
    told = asked
    if asked.receipt_at is None and asked.revision != report.revision:
        newest = queries.revision_of(db, report.id, report.revision)
        if newest is None:
            raise LookupError(f"report {report.id} has no revision {report.revision}")
        told = newest
    return Received(report, told, queries.photos_of(db, report.id, told.revision), new=False)


def _check(db: Session, actor: Actor, body: dict[str, Any]) -> tuple[IntakeSite, Judged]:
    """The site and the verdicts; refuses what does not fit the site, the people or the checklist version."""
    site = intake_site(db, actor.id, body["site_id"])
    if site is None:
        raise Refusal("not-found", errors={"site_id": ["未找到 / not found"]})
    strangers = unknown_colleagues(db, actor, body["co_inspectors"])
    if strangers:
        raise Refusal("not-found", errors={"co_inspectors": [f"{one}: 未找到 / not found" for one in strangers]})
    wanted = body["checklist"]
    checklist = checklists.get_version(db, wanted["code"], int(wanted["version"]))
    if checklist is None:
        raise invalid("checklist", "没有此检查表版本", "no such checklist version")
    limits = checklists.limits_of(db, site.id) if site.has_limits else {}
    return site, judge_report(checklist, limits, body)


def _write(
    db: Session, actor: Actor, before: Report | None, report_id: uuid.UUID, body: dict[str, Any]
) -> Received:
    """Write a new revision, the first or the next: whole at once where no photo is missing."""
    site, judged = _check(db, actor, body)
    now, number = clock.now(), int(body["revision"])
    photos = _expected(db, actor, body["photos"])
    here = sum(photo.state is PhotoState.STORED for photo in photos)
    whole = here == len(photos)
    values = {
        "id": report_id, "inspector_id": actor.id, "site_id": site.id, "district_code": site.district_code,
        "number": before.number if before else _number(site.district_code, report_id),
        "checklist_code": body["checklist"]["code"], "checklist_version": int(body["checklist"]["version"]),
        "revision": number, "state": State.SUBMITTED if whole else State.INCOMPLETE, "visit": body["visit"],
        "started_at": body["started_at"], "finished_at": body["finished_at"],
        "received_at": before.received_at if before else now, "submitted_at": now if whole else None,
        "first_submitted_at": (before.first_submitted_at if before else None) or (now if whole else None),
        "passed": judged.passed, "failed": judged.failed, "not_applicable": judged.not_applicable,
        "unanswered": judged.unanswered, "has_critical": bool(judged.critical),
        "photos_expected": len(photos), "photos_received": here, "decided_by": None, "decided_at": None,
    }
    report = Report(**values)
    revision = {
        "report_id": report_id, "revision": number, "content": body["canonical"], "digest": body["digest"],
        "sent_at": (body["device"] or {}).get("sent_at"), "received_at": now,
        "receipt_number": _receipt_number(report) if whole else None, "receipt_at": now if whole else None,
        "verdicts": {code: verdict.value for code, verdict in judged.verdicts.items()},
        "correction_reason": _reason_of_correction(db, before, body["correction_reason"]),
    }
    if before is None:
        _INSERT_REPORT.write(db, values)
    else:
        db.execute(sa.update(_REPORT).where(_REPORT.c.id == report_id), values)
    _INSERT_REVISION.write(db, revision)
    if before is not None:
        proving.replaced(db, actor, before, report)
    if photos:
        _INSERT_PHOTO.write_all(db, [{"report_id": report_id, "revision": number, **one._asdict()} for one in photos])
        photo_service.hold_photos(db, [photo.photo_id for photo in photos], "report", report_id)
    audit.record(
        db, actor, "report_received", "report", report_id, district=report.district_code,
        revision=number, digest=body["digest"], photos=len(photos), receipt=revision["receipt_number"],
    )
    if judged.critical:
        _alert(db, report, site, judged.critical)
    if whole:
        _tell_completed(db, report)
    changes.note(db, "report", report_id)
    return Received(report, Revision(**revision), photos, new=True)


def _reason_of_correction(db: Session, before: Report | None, given: str | None) -> str | None:
    if before is None:
        return None
    replaced = queries.revision_of(db, before.id, before.revision)
    return reason_of_correction(before.state, given, replaced.correction_reason if replaced else None)


def _expected(db: Session, actor: Actor, named: list[dict[str, Any]]) -> list[queries.Named]:
    """The photos that the report names, each stored already, still to come, or refused."""
    ids = [photo["id"] for photo in named]
    here = photo_queries.stored_of_own(db, actor, ids)
    expected = []
    for position, photo in enumerate(named):
        sha256 = photo["sha256"].lower()
        state, refusal = PhotoState.EXPECTED, None
        if photo["id"] in here:
            same = here[photo["id"]] == sha256
            state, refusal = (PhotoState.STORED, None) if same else (PhotoState.REFUSED, "photo-conflict")
        expected.append(queries.Named(photo["id"], position, sha256, int(photo["size"]), state, refusal))
    return expected


def _alert(db: Session, report: Report, site: IntakeSite, items: list[str]) -> None:
    """A critical failure does not wait for the review: the district's supervisors learn it now."""
    supervisors = people_of_district(db, Role.SUPERVISOR, report.district_code)
    facts = {
        "report": str(report.id), "number": report.number, "site": site.name, "items": items,
        "link": f"/desk#/reports/{report.id}",
    }
    key = f"critical:{report.id}:{report.revision}"
    messages.notify(db, "critical-failure", key, facts, people=supervisors, district=report.district_code)


def _complete_if_whole(db: Session, report: Report) -> None:
    """incomplete → submitted, with its receipt, once every photo is stored and verified."""
    if report.state is not State.INCOMPLETE or report.photos_received < report.photos_expected:
        return
    now = clock.now()
    report.state, report.submitted_at = State.SUBMITTED, now
    report.first_submitted_at = report.first_submitted_at or now
    db.flush()
    number = _receipt_number(report)
    db.execute(
        sa.update(cast(sa.Table, Revision.__table__))
        .where(Revision.report_id == report.id, Revision.revision == report.revision)
        .values(receipt_number=number, receipt_at=now)
    )
    audit.record(
        db, None, "receipt_given", "report", report.id, district=report.district_code, revision=report.revision,
        receipt=number,
    )
    _tell_completed(db, report)


def _tell_completed(db: Session, report: Report) -> None:
    proving.completed(db, report)
    for told in completed_hooks:
        told(db, report)


def _receipt_number(report: Report) -> str:
    return f"{report.number}-R{report.revision}"


def photo_stored(db: Session, photo: StoredPhoto) -> None:
    """A photo has come: every newest revision of its owner that waited for it counts it, and may be whole now.

    One that waited for other bytes under this id will never get them: the phone reads so in its answer.
    """
    for report, sha256 in _reports_naming(db, photo.owner_id, photo.id):
        if sha256 != photo.sha256:
            _mark_refused(db, report, photo.id, "photo-conflict")
            continue
        db.execute(
            sa.update(ReportPhoto)
            .where(ReportPhoto.report_id == report.id, ReportPhoto.revision == report.revision,
                   ReportPhoto.photo_id == photo.id)
            .values(state=PhotoState.STORED, refusal=None)
        )
        report.photos_received += 1
        _complete_if_whole(db, report)
        changes.note(db, "report", report.id)
    db.flush()


def photo_refused(db: Session, owner_id: uuid.UUID, photo_id: uuid.UUID, sha256: str, code: str) -> None:
    """A photo's bytes were refused: the phone reads why in the report's answer."""
    for report, named in _reports_naming(db, owner_id, photo_id):
        if named == sha256:
            _mark_refused(db, report, photo_id, code)


def _mark_refused(db: Session, report: Report, photo_id: uuid.UUID, code: str) -> None:
    db.execute(
        sa.update(ReportPhoto)
        .where(ReportPhoto.report_id == report.id, ReportPhoto.revision == report.revision,
               ReportPhoto.photo_id == photo_id)
        .values(state=PhotoState.REFUSED, refusal=code)
    )
    changes.note(db, "report", report.id)


_UUID = sa.Uuid()
_NAMING = Prepared(
    sa.select(Report.id, ReportPhoto.sha256)
    .join(ReportPhoto, sa.and_(ReportPhoto.report_id == Report.id, ReportPhoto.revision == Report.revision))
    .where(
        ReportPhoto.photo_id == sa.bindparam("photo", type_=_UUID),
        ReportPhoto.state != PhotoState.STORED, Report.inspector_id == sa.bindparam("owner", type_=_UUID),
    )
)
_OWNER = Prepared(sa.select(Report.inspector_id).where(Report.id == sa.bindparam("report", type_=_UUID)))


def _reports_naming(db: Session, owner_id: uuid.UUID, photo_id: uuid.UUID) -> list[tuple[Report, str]]:
    """The newest revisions of this person that still wait for bytes under this id, each with the SHA-256 that it
    names. Mostly one, or none yet."""
    found = _NAMING.all(db, photo=photo_id, owner=owner_id)
    return [(db.get_one(Report, report_id), sha256) for report_id, sha256 in found]


def expected_bytes(db: Asker, owner_id: uuid.UUID, photo_id: uuid.UUID) -> set[str]:
    """The SHA-256 sums under which this person's reports still wait for the photo."""
    return {sha256 for _, sha256 in _NAMING.all(db, photo=photo_id, owner=owner_id)}


def holder_of(db: Asker, actor: Actor, holder_id: uuid.UUID) -> bool | None:
    """For uploads: True where the id is a report of this actor, False where of somebody else, None if unknown."""
    row = _OWNER.first(db, report=holder_id)
    return None if row is None else row[0] == actor.id


def approve(db: Session, actor: Actor, report: Report) -> None:
    _decide(db, actor, report, State.APPROVED, "report_approved")
    proving.approved(db, actor, report)


def send_back(db: Session, actor: Actor, report: Report) -> None:
    _decide(db, actor, report, State.RETURNED, "report_returned")


def void(db: Session, actor: Actor, report: Report) -> None:
    _decide(db, actor, report, State.VOID, "report_voided")
    proving.voided(db, actor, report)
    for told in voided_hooks:
        told(db, report)


def _decide(db: Session, actor: Actor, report: Report, state: State, verb: str) -> None:
    report.state, report.decided_by, report.decided_at = state, actor.id, clock.now()
    db.flush()
    audit.record(db, actor, verb, "report", report.id, district=report.district_code, revision=report.revision)
    changes.note(db, "report", report.id)


def _number(district_code: str, report_id: uuid.UUID) -> str:
    """A number that people can say: district, day of receipt, eight letters of the id. No counter in the way."""
    letters = base64.b32encode(report_id.bytes[-5:]).decode()
    return f"{district_code}-{clock.today():%Y%m%d}-{letters}"
