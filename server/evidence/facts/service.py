"""Working out the facts of a report: read, judge, then let its flags be what was found, all in the worker."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.evidence.facts import asking, clocks, queries, travelling
from server.evidence.facts.clocks import Reading
from server.evidence.facts.judging import judge
from server.evidence.facts.models import DeviceClock, DeviceFix
from server.evidence.facts.queries import UNJUDGED, Stop
from server.evidence.facts.reading import fence_of, fix_of, limits_of, shot_of
from server.evidence.facts.rules import CODES, Found, Judged, Limits, Visit
from server.kit.db import Database, hold
from server.photos import flagging
from server.photos.models import Original
from server.programme.models import Site
from server.reports import queries as reports
from server.reports.models import Report
from server.reports.rules import State

LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Case:
    """All that was read of one revision, judged but for its travel."""

    revision: int
    district: str
    device: str | None
    reading: Reading | None
    visit: Visit
    judged: Judged
    stops: list[Stop]
    read: frozenset[uuid.UUID]  # the photos whose files had been read by then


def work_out(database: Database, conf: Config, report_id: uuid.UUID) -> None:
    """Judge the newest revision of a report, whole as it is or not at all. Done twice it does no harm."""
    limits = limits_of(conf)
    while True:
        with database.read() as db:
            case = _case(db, conf, limits, report_id)
        if case is None:
            database.write(partial(_leave, report_id=report_id))
            return
        if database.write(partial(_write, conf=conf, limits=limits, case=case)):
            return


def _case(db: Session, conf: Config, limits: Limits, report_id: uuid.UUID) -> Case | None:
    report = db.get(Report, report_id)
    if report is None or report.state in UNJUDGED:
        return None
    revision = reports.revision_of(db, report_id, report.revision)
    site = db.get(Site, report.site_id)
    if revision is None or site is None:
        return None
    content = reports.body_of(revision)
    ids = [uuid.UUID(entry["id"]) for entry in content["photos"]]
    originals = queries.originals_of(db, ids)
    device = _device_of(content.get("device"))
    reading = None
    if device and revision.sent_at:
        offset = (revision.sent_at - revision.received_at).total_seconds()
        reading = Reading(report_id, revision.revision, revision.received_at, offset)
    known = db.get(DeviceClock, device) if device else None
    readings = clocks.with_reading(known.readings if known else [], reading)
    skew, sendings = clocks.skew_at(readings, revision.received_at, reading, conf.evidence_clock_days, limits)
    visit = Visit(
        id=report_id, started_at=report.started_at, finished_at=report.finished_at, received_at=revision.received_at,
        sent_at=revision.sent_at, fix=fix_of(content.get("location")), fence=fence_of(site, conf), skew_s=skew,
        sendings=sendings,
        shots=tuple(
            shot_of(entry, originals.get(photo_id)) for entry, photo_id in zip(content["photos"], ids, strict=True)
        ),
    )
    judged = judge(visit, limits)
    first = queries.first_reports(db, ids)
    own = {photo: found for photo, found in judged.photos.items() if first.get(photo, report_id) == report_id}
    return Case(
        revision.revision, report.district_code, device, reading, visit, replace(judged, photos=own),
        travelling.stops_of(visit) if device else [], were_read(originals),
    )


def were_read(originals: Mapping[uuid.UUID, Original]) -> frozenset[uuid.UUID]:
    return frozenset(photo_id for photo_id, original in originals.items() if original.facts is not None)


def _device_of(said: object) -> str | None:
    name = said.get("id") if isinstance(said, dict) else None
    return name.strip()[:LONGEST_ID] or None if isinstance(name, str) else None


def _write(db: Session, conf: Config, limits: Limits, case: Case) -> bool:
    """What others write of the same phone meanwhile is waited for: each sees the way as it then is. False where a photo
    was read since: another worker, who knew more, may have been first, and must not be overruled by less."""
    report_id = case.visit.id
    if case.device:
        hold(db, f"device:{case.device}")
    hold(db, f"facts:{report_id}")
    now = db.execute(sa.select(Report.revision, Report.state).where(Report.id == report_id)).one()
    if now.revision != case.revision or now.state in UNJUDGED:
        return True  # the next revision is judged by its own job
    if were_read(queries.originals_of(db, [shot.id for shot in case.visit.shots])) != case.read:
        return False
    if case.device and case.reading:
        _keep_clock(db, conf, limits, case.device, case.reading)
    found: dict[tuple[str, uuid.UUID], Found] = {("report", report_id): dict(case.judged.report)}
    found |= {("photo", photo): dict(said) for photo, said in case.judged.photos.items()}
    _keep_way(db, report_id, case.device, case.stops)
    for object_id, numbers in _too_fast(db, limits, case).items():
        kind = "report" if object_id == report_id else "photo"
        if (kind, object_id) in found:
            found[kind, object_id]["impossible-travel"] = numbers
    flagging.keep_to(db, ("report", report_id), found, CODES, district=case.district)
    return True


def _keep_clock(db: Session, conf: Config, limits: Limits, device: str, own: Reading) -> None:
    row = db.get(DeviceClock, device)
    readings = clocks.with_reading(row.readings if row else [], own)
    newest = readings[-1]
    skew, _ = clocks.skew_at(readings, newest.received_at, newest, conf.evidence_clock_days, limits)
    if row is None:
        row = DeviceClock(device_id=device)
        db.add(row)
    row.skew_s, row.measured_at = skew or 0.0, newest.received_at
    row.readings = [one.as_json() for one in readings]


def _leave(db: Session, report_id: uuid.UUID) -> None:
    """What was declared void says no more where its phone was."""
    for device in sorted({row.device_id for row in queries.fixes_of(db, report_id)}):
        hold(db, f"device:{device}")
    hold(db, f"facts:{report_id}")
    if db.scalar(sa.select(Report.state).where(Report.id == report_id)) is State.VOID:
        _keep_way(db, report_id, None, [])


def _keep_way(db: Session, report_id: uuid.UUID, device: str | None, stops: list[Stop]) -> None:
    """Put the report's positions on the phone's way, and have those behind them looked at again."""
    rows = queries.fixes_of(db, report_id)
    old = {queries.stop_of(row): row.device_id for row in rows}
    new = dict.fromkeys(stops, device)
    if old == new:
        return
    for row in rows:
        db.delete(row)
    db.flush()
    db.add_all(_row(device, stop) for stop in stops if device)
    db.flush()
    for name in {name for name in [*old.values(), device] if name}:
        touched = [stop for stop, its in [*old.items(), *new.items()] if its == name]
        asking.ask_all(db, travelling.followers(touched, _others(db, name, touched, report_id)))


def _too_fast(db: Session, limits: Limits, case: Case) -> dict[uuid.UUID, dict[str, object]]:
    if not case.device or not case.stops:
        return {}
    others = _others(db, case.device, case.stops, case.visit.id)
    return travelling.impossible(case.stops, others, limits)


def _others(db: Session, device: str, stops: list[Stop], report_id: uuid.UUID) -> list[Stop]:
    moments: list[datetime] = [stop.fix.at for stop in stops if stop.fix.at]
    if not moments:
        return []
    return queries.stops_around(db, device, min(moments), max(moments), besides=report_id)


def _row(device: str, stop: Stop) -> DeviceFix:
    return DeviceFix(
        report_id=stop.report_id, object_id=stop.object_id, device_id=device, at=stop.fix.at,
        lat=stop.fix.point.lat, lng=stop.fix.point.lng, accuracy_m=stop.fix.accuracy_m,
    )
