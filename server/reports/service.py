"""Verbs of a report: receive, complete when the last photo is here, approve, send back, void."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.accounts.queries import people_of_district, unknown_colleagues
from server.audit import service as audit
from server.checklists import queries as checklists
from server.errors import Refusal, invalid, not_found
from server.kit import changes, clock
from server.kit.actor import Actor, Role
from server.kit.db import hold
from server.messages import service as messages
from server.photos import queries as photo_queries
from server.photos import service as photos
from server.photos.models import Photo
from server.programme import queries as programme_queries
from server.programme import visits
from server.programme.models import Site
from server.reports import queries
from server.reports.judging import Judged, judge_report
from server.reports.models import Report, ReportConflict, ReportPhoto, Revision
from server.reports.rules import PhotoState, State, may_replace

# Told in the same transaction when a report gets its receipt: (db, report).
completed_hooks: list[Callable[[Session, Report], None]] = []


def receive(db: Session, actor: Actor, report_id: uuid.UUID, body: dict[str, Any]) -> tuple[Report, bool]:
    """Take a report as the phone has it; `body` is a loaded ReportIn. Returns it and whether it was new.

    Whatever was taken once is answered the same way again, whoever else's rights or sites changed meanwhile.
    """
    hold(db, f"person:{actor.id}")  # one phone's sendings one after another; photos take the same lock
    report = db.get(Report, report_id)
    if report is None:
        if body["revision"] != 1:
            raise Refusal("revision-out-of-order", ("第一次收到的版本应为1", "the first revision must be 1"))
        return _found(db, actor, report_id, body), True
    if report.inspector_id != actor.id:
        raise not_found()
    known = queries.revision_of(db, report_id, body["revision"])
    if known is not None:
        if known.digest != body["digest"]:
            _keep_aside(db, actor, report, body)
        return report, False
    return _revise(db, actor, report, body), True


def _found(db: Session, actor: Actor, report_id: uuid.UUID, body: dict[str, Any]) -> Report:
    site, judged = _check(db, actor, body)
    now = clock.now()
    report = Report(
        id=report_id, number=_number(site.district_code, report_id), inspector_id=actor.id, received_at=now,
        first_submitted_at=None,
    )
    _write(db, actor, report, site, judged, body)
    return report


def _revise(db: Session, actor: Actor, report: Report, body: dict[str, Any]) -> Report:
    if body["revision"] != report.revision + 1:
        raise Refusal(
            "revision-out-of-order", (f"服务器上的版本是{report.revision}", f"the server has revision {report.revision}"),
            extra={"revision": report.revision},
        )
    if not may_replace(report.state, has_reason=bool(body["correction_reason"])):
        code = "report-state" if report.state is State.VOID else "correction-reason-missing"
        raise Refusal(code, extra={"state": report.state.value, "revision": report.revision})
    site, judged = _check(db, actor, body)
    _write(db, actor, report, site, judged, body)
    return report


def _check(db: Session, actor: Actor, body: dict[str, Any]) -> tuple[Site, Judged]:
    """The site and the verdicts; refuses what does not fit the site, the people or the checklist version."""
    site = programme_queries.site_for_intake(db, actor.id, body["site_id"])
    if site is None:
        raise Refusal("not-found", errors={"site_id": ["未找到 / not found"]})
    strangers = unknown_colleagues(db, actor, body["co_inspectors"])
    if strangers:
        raise Refusal("not-found", errors={"co_inspectors": [f"{one}: 未找到 / not found" for one in strangers]})
    wanted = body["checklist"]
    checklist = checklists.get_version(db, wanted["code"], int(wanted["version"]))
    if checklist is None:
        raise invalid("checklist", "没有此检查表版本", "no such checklist version")
    return site, judge_report(checklist, checklists.limits_of(db, site.id), body)


def _write(db: Session, actor: Actor, report: Report, site: Site, judged: Judged, body: dict[str, Any]) -> None:
    now = clock.now()
    first = report.revision is None
    was_approved = not first and report.state is State.APPROVED
    report.site_id, report.district_code = site.id, site.district_code
    report.checklist_code, report.checklist_version = body["checklist"]["code"], int(body["checklist"]["version"])
    report.revision, report.state, report.submitted_at = int(body["revision"]), State.INCOMPLETE, None
    report.visit, report.started_at, report.finished_at = body["visit"], body["started_at"], body["finished_at"]
    report.passed, report.failed = judged.passed, judged.failed
    report.not_applicable, report.unanswered = judged.not_applicable, judged.unanswered
    report.has_critical = bool(judged.critical)
    report.decided_by = report.decided_at = None
    report.photos_expected, report.photos_received = len(body["photos"]), 0
    db.add(report)
    db.flush()
    db.execute(sa.insert(Revision), {
        "report_id": report.id, "revision": report.revision, "content": body["canonical"], "digest": body["digest"],
        "sent_at": (body["device"] or {}).get("sent_at"), "received_at": now,
        "verdicts": {code: verdict.value for code, verdict in judged.verdicts.items()},
        "correction_reason": body["correction_reason"] if was_approved else None,
    })
    audit.record(
        db, actor, "report_received", "report", report.id, district=report.district_code,
        revision=report.revision, digest=body["digest"], photos=len(body["photos"]),
    )
    _expect_photos(db, report, body["photos"])
    if judged.critical:
        _alert(db, report, site, judged.critical)
    _complete_if_whole(db, report)
    changes.note(db, "report", report.id)


def _expect_photos(db: Session, report: Report, named: list[dict[str, Any]]) -> None:
    if not named:
        return
    here = photo_queries.stored_by(db, report.inspector_id, [photo["id"] for photo in named])
    expected = []
    for position, photo in enumerate(named):
        sha256 = photo["sha256"].lower()
        state, refusal = PhotoState.EXPECTED, None
        if photo["id"] in here:
            same = here[photo["id"]] == sha256
            state, refusal = (PhotoState.STORED, None) if same else (PhotoState.REFUSED, "photo-conflict")
        expected.append({
            "report_id": report.id, "revision": report.revision, "photo_id": photo["id"], "position": position,
            "sha256": sha256, "size": int(photo["size"]), "state": state, "refusal": refusal,
        })
    db.execute(sa.insert(ReportPhoto), expected)
    photos.hold_photos(db, [photo["id"] for photo in named], "report", report.id)
    report.photos_received = sum(entry["state"] is PhotoState.STORED for entry in expected)


def _keep_aside(db: Session, actor: Actor, report: Report, body: dict[str, Any]) -> None:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    written = db.execute(
        insert(ReportConflict)
        .values(id=uuid.uuid4(), report_id=report.id, revision=int(body["revision"]), content=body["canonical"],
                digest=body["digest"], received_at=clock.now())
        .on_conflict_do_nothing(index_elements=["report_id", "revision", "digest"])
    )
    if written.rowcount:  # type: ignore[attr-defined]
        audit.record(
            db, actor, "report_kept_aside", "report", report.id, district=report.district_code,
            revision=int(body["revision"]), digest=body["digest"],
        )
    raise Refusal("report-conflict", keep=True, extra={"revision": report.revision, "state": report.state.value})


def _alert(db: Session, report: Report, site: Site, items: list[str]) -> None:
    """A critical failure does not wait for the review: the district's supervisors learn it now."""
    supervisors = people_of_district(db, Role.SUPERVISOR, report.district_code)
    facts = {"report": str(report.id), "number": report.number, "site": site.name, "items": items}
    messages.send(db, supervisors, "critical-failure", f"critical:{report.id}:{report.revision}", facts)


def _complete_if_whole(db: Session, report: Report) -> None:
    """incomplete → submitted, with its receipt, once every photo is stored and verified."""
    if report.state is not State.INCOMPLETE or report.photos_received < report.photos_expected:
        return
    now = clock.now()
    report.state, report.submitted_at = State.SUBMITTED, now
    report.first_submitted_at = report.first_submitted_at or now
    db.flush()
    db.execute(
        sa.update(Revision)
        .where(Revision.report_id == report.id, Revision.revision == report.revision)
        .values(receipt_number=f"{report.number}-R{report.revision}", receipt_at=now)
    )
    visits.visited(db, report.site_id, report.finished_at)
    audit.record(db, None, "receipt_given", "report", report.id, district=report.district_code, revision=report.revision)
    for told in completed_hooks:
        told(db, report)


def photo_stored(db: Session, photo: Photo) -> None:
    """A photo has come: every newest revision of its owner that waited for it counts it, and may be whole now."""
    waiting = _reports_naming(db, photo.owner_id, photo.id, photo.sha256)
    for report in waiting:
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
    for report in _reports_naming(db, owner_id, photo_id, sha256):
        db.execute(
            sa.update(ReportPhoto)
            .where(ReportPhoto.report_id == report.id, ReportPhoto.revision == report.revision,
                   ReportPhoto.photo_id == photo_id)
            .values(state=PhotoState.REFUSED, refusal=code)
        )
        changes.note(db, "report", report.id)


def _reports_naming(db: Session, owner_id: uuid.UUID, photo_id: uuid.UUID, sha256: str) -> list[Report]:
    query = (
        sa.select(Report)
        .join(ReportPhoto, sa.and_(ReportPhoto.report_id == Report.id, ReportPhoto.revision == Report.revision))
        .where(ReportPhoto.photo_id == photo_id, ReportPhoto.sha256 == sha256,
               ReportPhoto.state != PhotoState.STORED, Report.inspector_id == owner_id)
    )
    return list(db.scalars(query))


def holder_of(db: Session, actor: Actor, holder_id: uuid.UUID) -> bool | None:
    """For uploads: True where the id is a report of this actor, False where of somebody else, None if unknown."""
    owner = db.scalar(sa.select(Report.inspector_id).where(Report.id == holder_id))
    return None if owner is None else owner == actor.id


def approve(db: Session, actor: Actor, report: Report) -> None:
    _decide(db, actor, report, State.APPROVED, "report_approved")


def send_back(db: Session, actor: Actor, report: Report) -> None:
    _decide(db, actor, report, State.RETURNED, "report_returned")


def void(db: Session, actor: Actor, report: Report) -> None:
    _decide(db, actor, report, State.VOID, "report_voided")


def _decide(db: Session, actor: Actor, report: Report, state: State, verb: str) -> None:
    report.state, report.decided_by, report.decided_at = state, actor.id, clock.now()
    db.flush()
    audit.record(db, actor, verb, "report", report.id, district=report.district_code, revision=report.revision)
    changes.note(db, "report", report.id)


def _number(district_code: str, report_id: uuid.UUID) -> str:
    """A number that people can say: district, day of receipt, eight letters of the id. No counter in the way."""
    letters = base64.b32encode(report_id.bytes[-5:]).decode()
    return f"{district_code}-{clock.today():%Y%m%d}-{letters}"
