"""Selects over reports. Every read starts from `visible_to`."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Person
from server.errors import not_found
from server.kit import text
from server.kit.actor import Actor
from server.kit.paging import Page, page
from server.kit.prepared import Prepared, among
from server.permissions import Reach, reaches
from server.photos.models import Flag
from server.programme.models import District, Site
from server.reports.models import Report, ReportConflict, ReportPhoto, Revision
from server.reports.rules import Order, PhotoState

FEW_SITES = 20  # a search that finds at most so many sites walks each of them
FEW_FLAGGED = 200
ASIDE_AT_ONCE = 5  # whole bodies of up to `max_json_bytes` each
_NUMBER = re.compile(r"[0-9A-Z-]+")
_COLUMNS = [column.name for column in Report.__table__.columns]
_HEAD = Prepared(sa.select(Report.__table__).where(Report.id == sa.bindparam("report", type_=sa.Uuid())))


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Which reports this actor may see: the one filter behind lists, pages, photos and exports."""
    reach = reaches(actor, "report")
    if Reach.ALL in reach:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = []
    if Reach.OWN in reach:
        ways.append(Report.inspector_id == actor.id)
    if Reach.DISTRICTS in reach and actor.districts:
        ways.append(Report.district_code.in_(sorted(actor.districts)))
    return sa.or_(*ways) if ways else sa.false()


def visible_ids(actor: Actor) -> sa.Select[uuid.UUID]:
    """The same as a subquery of ids, for whoever holds something of a report."""
    return sa.select(Report.id).where(visible_to(actor))


def places() -> sa.Select[uuid.UUID, str]:
    """Of which district each is."""
    return sa.select(Report.id, Report.district_code)


def find_report(db: Session, actor: Actor, report_id: uuid.UUID, **_path: Any) -> Report:
    """The report, or 404 where this actor may not see it."""
    report = db.scalar(sa.select(Report).where(Report.id == report_id, visible_to(actor)))
    if report is None:
        raise not_found()
    return report


def list_reports(db: Session, actor: Actor, query: dict[str, Any]) -> Page[dict[str, Any]]:
    """One page of the visible reports, in the order of their receipt. `query` is a loaded ReportQuery."""
    found = page_of(db, actor, query)
    return Page(rows(db, found.items), found.next_cursor)


def page_of(db: Session, actor: Actor, query: dict[str, Any]) -> Page[Any]:
    """As `list_reports`, as rows of all their columns: half the work of objects."""
    select, among = _narrowed(db, actor, query)
    newest_first = query["order"] is Order.NEWEST
    return page(
        db, select, [(Report.received_at, datetime, newest_first), (Report.id, uuid.UUID, newest_first)],
        cursor=query["cursor"], limit=query["limit"], among=among,
    )


def count_reports(db: Session, actor: Actor, query: dict[str, Any]) -> int:
    """How many reports all pages of such a list hold."""
    select, among = _narrowed(db, actor, query)
    query_ = select.where(sa.or_(*among)) if among else select
    return db.scalar(query_.with_only_columns(sa.func.count())) or 0


def _narrowed(
    db: Session, actor: Actor, query: dict[str, Any]
) -> tuple[sa.Select[Any], list[sa.ColumnElement[bool]]]:
    """The visible reports that fit, and conditions of which each fits one where that is quicker: see `paging.page`."""
    select = sa.select(*Report.__table__.c).where(visible_to(actor))
    same = {
        Report.state: query["state"], Report.district_code: query["district"], Report.site_id: query["site"],
        Report.inspector_id: query["inspector"], Report.checklist_code: query["checklist"],
    }
    for column, value in same.items():
        if value is not None:
            select = select.where(column == value)
    if query["received_from"]:
        select = select.where(Report.received_at >= query["received_from"])
    if query["received_to"]:
        select = select.where(Report.received_at < query["received_to"])
    if query["flag"]:
        select = select.where(_flagged(db, query["flag"]))
    among: list[sa.ColumnElement[bool]] = []
    if query["q"]:
        found_by, among = _search(db, text.fold(query["q"]))
        select = select.where(found_by)
    if not among and query["site"] is None and query["inspector"] is None:
        among = _ways(actor, query["district"])
    return select, among


def _ways(actor: Actor, district: str | None) -> list[sa.ColumnElement[bool]]:
    """`visible_to` as conditions of which each report fits exactly one; none where it need not be taken apart."""
    reach = reaches(actor, "report")
    if Reach.DISTRICTS not in reach or Reach.ALL in reach or district is not None:
        return []
    ways = [Report.district_code == code for code in sorted(actor.districts)]
    if Reach.OWN in reach:
        ways.append(sa.and_(Report.inspector_id == actor.id, Report.district_code.not_in(sorted(actor.districts))))
    return ways


def _flagged(db: Session, code: str) -> sa.ColumnElement[bool]:
    """The reports with such a flag that is not settled: by their ids where they are few, else asked of each report
    that the list walks."""
    such = sa.and_(Flag.code == code, Flag.settled_at.is_(None), Flag.withdrawn_at.is_(None))
    few = list(db.scalars(sa.select(Flag.report_id).where(such).distinct().limit(FEW_FLAGGED + 1)))
    if len(few) <= FEW_FLAGGED:
        return Report.id.in_([one for one in few if one is not None])
    return sa.exists().where(such, Flag.report_id == Report.id).correlate(Report)


def _search(db: Session, term: str) -> tuple[sa.ColumnElement[bool], list[sa.ColumnElement[bool]]]:
    """What reports fit a search, and, where few sites do, each site's own walk; a number is searched by its start."""
    sites = sa.select(Site.id).where(Site.search.like(text.like(term), escape="\\"))
    start = term.upper()
    # A range and not LIKE: SQLite has no index for a LIKE with ESCAPE. "~" comes after all that numbers are made of.
    numbered = sa.and_(Report.number >= start, Report.number < start + "~") if _NUMBER.fullmatch(start) else sa.false()
    few = list(db.scalars(sites.limit(FEW_SITES + 1)))
    if len(few) > FEW_SITES:  # a common word: the newest reports hold many of them
        # "is true" keeps it a filter of that walk; PostgreSQL would else guess a join, which reads all reports of them
        return sa.or_(Report.site_id.in_(sites), numbered).is_(sa.true()), []
    return sa.true(), [
        *(Report.site_id == site for site in few), sa.and_(numbered, Report.site_id.not_in(few)),
    ]


def rows(db: Session, reports: Sequence[Any]) -> list[dict[str, Any]]:
    """Reports, as objects or as rows of all their columns, as lists show them: sites and inspectors looked up once."""
    sites = site_refs(db, {report.site_id for report in reports})
    people = person_refs(db, {report.inspector_id for report in reports})
    return [row(report, sites, people) for report in reports]


def row(report: Any, sites: dict[uuid.UUID, Any], people: dict[uuid.UUID, Any]) -> dict[str, Any]:
    judged = report.passed + report.failed
    return {
        "id": report.id, "number": report.number, "revision": report.revision, "state": report.state,
        "site": sites.get(report.site_id), "inspector": people.get(report.inspector_id),
        "checklist": {"code": report.checklist_code, "version": report.checklist_version},
        "visit": report.visit, "started_at": report.started_at, "finished_at": report.finished_at,
        "received_at": report.received_at, "submitted_at": report.submitted_at,
        "has_critical": report.has_critical,
        "counts": {
            "passed": report.passed, "failed": report.failed, "not_applicable": report.not_applicable,
            "unanswered": report.unanswered,
            "pass_rate": (2000 * report.passed + judged) // (2 * judged) / 10 if judged else None,
        },
        "photos": {"expected": report.photos_expected, "received": report.photos_received},
    }


def site_refs(db: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """{site id: {id, code, name, district {code, name}}}."""
    return {
        site_id: {"id": site_id, "code": code, "name": name, "district": {"code": district, "name": zh}}
        for site_id, code, name, district, zh in (_SITES.all(db, ids=ids) if ids else ())
    }


_SITES = Prepared(
    lambda dialect: sa.select(Site.id, Site.code, Site.name, District.code, District.zh)
    .join(District, District.code == Site.district_code).where(among(Site.id, "ids", dialect))
)
_PEOPLE = Prepared(lambda dialect: sa.select(Person.id, Person.name).where(among(Person.id, "ids", dialect)))


def person_refs(db: Session, ids: set[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """{person id: {id, name}}."""
    return {
        person_id: {"id": person_id, "name": name} for person_id, name in (_PEOPLE.all(db, ids=ids) if ids else ())
    }


def head_of(db: Session, report_id: uuid.UUID) -> Report | None:
    """The newest state of a report, whoever asks: for intake, which then compares the inspector."""
    row = _HEAD.first(db, report=report_id)
    return Report(**dict(zip(_COLUMNS, row, strict=True))) if row else None


def revision_of(db: Session, report_id: uuid.UUID, number: int) -> Revision | None:
    return db.get(Revision, (report_id, number))


def carried_out_by(person_id: uuid.UUID) -> sa.ColumnElement[bool]:
    """Reports of inspections that a person carried out: whose report it is, and whom its newest revision names beside."""
    # its value and not EXISTS, which PostgreSQL may answer by reading what every report says
    newest = (
        sa.select(Revision.content).where(Revision.report_id == Report.id, Revision.revision == Report.revision)
        .correlate(Report).scalar_subquery()
    )
    # the content is canonical: no blanks, and a quote in what people write is escaped; an id may be in capitals
    return sa.or_(Report.inspector_id == person_id, newest.ilike(f'%"co_inspectors":[%"{person_id}"%'))


def inspected(db: Session, person_id: uuid.UUID, report_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these reports whose inspections the person carried out: nobody judges what they were at."""
    ids = list(report_ids)
    return set(db.scalars(sa.select(Report.id).where(Report.id.in_(ids), carried_out_by(person_id)))) if ids else set()


def revisions_of(db: Session, report_id: uuid.UUID) -> list[Revision]:
    query = sa.select(Revision).where(Revision.report_id == report_id).order_by(Revision.revision)
    return list(db.scalars(query))


def list_conflicts(db: Session, report_id: uuid.UUID, *, cursor: str | None, limit: int) -> Page[dict[str, Any]]:
    """One page of the bodies kept aside of a report, the first received first."""
    kept = ReportConflict
    columns: list[Any] = [kept.id, kept.revision, kept.digest, kept.received_at, kept.content]
    return page(
        db, sa.select(*columns).where(kept.report_id == report_id),
        [(kept.received_at, datetime, False), (kept.id, uuid.UUID, False)],
        cursor=cursor, limit=min(limit, ASIDE_AT_ONCE),
        shape=lambda row: {**row._asdict(), "content": orjson.loads(row.content)},
    )


def count_aside(db: Session, report_id: uuid.UUID) -> int:
    """How many bodies of a report are kept aside; none of them is read for it."""
    return int((_ASIDE.first(db, report=report_id) or (0,))[0])


def bytes_aside(db: Session, report_id: uuid.UUID) -> int:
    """How many bytes they have together."""
    return int((_ASIDE_BYTES.first(db, report=report_id) or (0,))[0])


def is_aside(db: Session, report_id: uuid.UUID, revision: int, digest: str) -> bool:
    """Whether this very body is kept aside."""
    return _ASIDE_SAME.first(db, report=report_id, revision=revision, digest=digest) is not None


def _bytes(dialect: str) -> sa.ColumnElement[int]:
    # each database has its own word for it: SQLite learned `octet_length` late, PostgreSQL reads a text's backslashes as
    # bytes where it is cast
    text_ = ReportConflict.content
    return sa.func.octet_length(text_) if dialect == "postgresql" else sa.func.length(sa.cast(text_, sa.LargeBinary))


_OF_REPORT = ReportConflict.report_id == sa.bindparam("report", type_=sa.Uuid())
_ASIDE = Prepared(sa.select(sa.func.count()).select_from(ReportConflict).where(_OF_REPORT))
_ASIDE_BYTES = Prepared(
    lambda dialect: sa.select(sa.func.coalesce(sa.func.sum(_bytes(dialect)), 0)).where(_OF_REPORT)
)
_ASIDE_SAME = Prepared(
    sa.select(ReportConflict.id).where(
        _OF_REPORT, ReportConflict.revision == sa.bindparam("revision", type_=sa.Integer()),
        ReportConflict.digest == sa.bindparam("digest", type_=sa.Text()),
    )
)


class Named(NamedTuple):
    """A photo that a revision names, and whether it is here: a row of `report_photo` without whose it is."""

    photo_id: uuid.UUID
    position: int
    sha256: str
    size: int
    state: PhotoState
    refusal: str | None


_NAMED = Prepared(
    sa.select(*(ReportPhoto.__table__.c[name] for name in Named._fields))
    .where(
        ReportPhoto.report_id == sa.bindparam("report", type_=sa.Uuid()),
        ReportPhoto.revision == sa.bindparam("revision", type_=sa.Integer()),
    )
    .order_by(ReportPhoto.position)
)


def photos_of(db: Session, report_id: uuid.UUID, revision: int) -> list[Named]:
    """The photos that a revision names, in its order."""
    return [Named(*row) for row in _NAMED.all(db, report=report_id, revision=revision)]


def body_of(revision: Revision) -> dict[str, Any]:
    """The content of a revision as JSON values."""
    content: dict[str, Any] = orjson.loads(revision.content)
    return content
