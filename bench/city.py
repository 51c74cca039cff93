"""A city after eighteen months: the sample programme's sites, 60 inspectors, reports, issues, flags; written in bulk.

Reports come without their contents and photos (lists read neither); issues with two steps of history and one photo.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from server.accounts import passwords
from server.accounts.models import Person, PersonDistrict, PersonRole
from server.issues.models import Issue, IssueEvent, IssuePhoto
from server.kit import clock
from server.kit.actor import Role
from server.kit.db import Database
from server.kit.ids import new_id
from server.photos.models import Flag
from server.programme.loading import load_sample, prepare_sample
from server.programme.models import Site
from server.reports.models import Report
from tests.factories import PASSWORD, SiteOffice

DAYS = 540
INSPECTORS = 60
CHECKLISTS = ("ELEV", "FACADE", "ROAD", "SAFE", "CABLE", "PARK")
FLAGS = ("outside-fence", "no-exif", "seen-before", "clock-skew", "impossible-travel")
FLAG_SHARES = (0.60, 0.25, 0.10, 0.0495, 0.0005)
PARTS = (Report, Issue, IssueEvent, IssuePhoto, Flag)
Row = tuple[Any, ...]


@dataclass(slots=True)
class City:
    """What was written, for the requests to name."""

    begins_at: datetime
    ends_at: datetime
    sites: list[Any] = field(default_factory=list)  # rows of id, code, name, district_code, contractor_id
    inspectors: dict[str, list[str]] = field(default_factory=dict)  # district → ids in hexadecimal
    numbers: list[str] = field(default_factory=list)  # of some reports


def _text(moment: datetime) -> str:
    return moment.isoformat(" ")[:26]  # UTC: as SQLite keeps it and PostgreSQL reads it


class _Ids:
    """Random UUIDs of version 7 for a moment, in hexadecimal."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice

    def at(self, moment: datetime) -> str:
        bits = self.dice.getrandbits(80) & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62
        return f"{int(moment.timestamp() * 1000) << 80 | bits:032x}"


def build(office: SiteOffice, reports: int, issues: int) -> City:
    """Write the city into an empty database and let it count itself (ANALYZE)."""
    database, dice = office.database, random.Random(20261123)
    drawn = prepare_sample()
    database.write(lambda db: load_sample(db, drawn))
    city = City(ends_at=clock.now(), begins_at=clock.now() - timedelta(days=DAYS))
    with database.read() as db:
        columns = (Site.id, Site.code, Site.name, Site.district_code, Site.contractor_id, Site.carried_out)
        city.sites = list(db.execute(sa.select(*columns).where(Site.is_sample).order_by(Site.code)))
    districts = sorted({site.district_code for site in city.sites})
    city.inspectors = {code: [uuid.UUID(int=dice.getrandbits(128), version=4).hex for _ in range(INSPECTORS // 6)]
                       for code in districts}

    def hire(db: Any) -> None:
        for code, ids in city.inspectors.items():
            db.add_all(
                Person(id=uuid.UUID(one), username=f"inspector.{code}.{n}", name=f"督导员{n}", active=True,
                       password_hash=passwords.make(PASSWORD) if n == 0 else None, created_at=city.begins_at,
                       roles=[PersonRole(role=Role.INSPECTOR)],
                       districts=[PersonDistrict(district_code=code)])
                for n, one in enumerate(ids)
            )

    database.write(hire)
    _Filling(database).run(_parts(city, dice, reports, issues))
    return city


def _parts(
    city: City, dice: random.Random, reports: int, issues: int
) -> Iterator[tuple[type[Any], list[str], Iterator[Row]]]:
    kept: list[tuple[str, Any, datetime, str]] = []  # of the reports that issues and flags stand on
    flags: list[Row] = []
    yield Report, _REPORT, _reports(city, dice, reports, issues / reports, kept, flags)
    events: list[Row] = []
    photos: list[Row] = []
    yield Issue, _ISSUE, _issues(city, dice, kept[:issues], events, photos)
    yield IssueEvent, _EVENT, iter(events)
    yield IssuePhoto, ["issue_id", "photo_id", "kind", "position"], iter(photos)
    yield Flag, ["id", "code", "object_kind", "object_id", "report_id", "numbers", "raised_at"], iter(flags)


_REPORT = [
    "id", "number", "inspector_id", "site_id", "district_code", "checklist_code", "checklist_version", "revision",
    "state", "visit", "started_at", "finished_at", "received_at", "submitted_at", "first_submitted_at", "passed", "failed",
    "not_applicable", "unanswered", "has_critical", "photos_expected", "photos_received", "decided_at",
]


def _reports(
    city: City, dice: random.Random, count: int, share: float, kept: list[tuple[str, Any, datetime, str]],
    flags: list[Row],
) -> Iterator[Row]:
    ids, span = _Ids(dice), city.ends_at - city.begins_at
    busy = [site for site in city.sites if site.carried_out]
    roll, choice, randrange = dice.random, dice.choice, dice.randrange
    for n in range(count):
        at = city.begins_at + span * ((n + roll()) / count)
        site = choice(busy if roll() < 0.8 else city.sites)
        state = _state(n / count, roll())
        report_id, inspector = ids.at(at - timedelta(hours=3)), choice(city.inspectors[site.district_code])
        number = f"{site.district_code}-{at:%Y%m%d}-{report_id[-10:].upper()}"
        received = _text(at)
        submitted = None if state == "incomplete" else received
        yield (
            report_id, number, inspector, site.id.hex, site.district_code, choice(CHECKLISTS), 1, 1, state, "routine",
            _text(at - timedelta(hours=3)), _text(at - timedelta(hours=2)), received, submitted, submitted,
            15 + randrange(6), randrange(3), 1, randrange(3), int(roll() < 0.01), 3, 1 if submitted is None else 3,
            _text(at + timedelta(hours=20)) if state in {"approved", "returned"} else None,
        )
        if roll() < share * 1.02:
            kept.append((report_id, site, at, inspector))
        if roll() < 0.1:
            code = dice.choices(FLAGS, FLAG_SHARES)[0]
            flags.append((ids.at(at), code, "report", report_id, report_id, "{}", received))
        if n % 997 == 0:
            city.numbers.append(number)


def _state(age: float, roll: float) -> str:
    """95 % approved, 2 % submitted, 1 % returned, 1 % incomplete, 1 % void; the newest are mostly not reviewed yet."""
    if age > 0.975:
        return "submitted" if roll < 0.72 else "incomplete" if roll < 0.82 else "returned" if roll < 0.9 else "approved"
    return ("returned" if roll < 0.008 else "incomplete" if roll < 0.016 else "void" if roll < 0.026
            else "submitted" if roll < 0.028 else "approved")


_ISSUE = [
    "id", "number", "state", "site_id", "district_code", "report_id", "item", "checklist_code", "checklist_version",
    "severity", "description", "due_on", "first_due_on", "contractor_id", "opened_by", "created_at", "issued_at", "closed_at",
    "source", "recurrence_count", "round", "fixed_on_spot", "stop_work", "false_closures", "replied_by", "closed_by",
    "changed_at",
]
_EVENT = ["issue_id", "at", "by", "round", "verb", "from_state", "to_state", "facts"]


def _issues(
    city: City, dice: random.Random, kept: list[tuple[str, Any, datetime, str]], events: list[Row], photos: list[Row]
) -> Iterator[Row]:
    ids, replier, late = _Ids(dice), new_id().hex, city.ends_at - timedelta(days=14)
    for n, (report_id, site, seen_at, person) in enumerate(kept):
        at = seen_at + timedelta(hours=5)
        issue_id, code = ids.at(at), dice.choice(CHECKLISTS)
        is_open = dice.random() < (0.6 if at > late else 0.015)
        state = dice.choice(["pending_issue", "issued", "rectifying", "pending_verification"]) if is_open else "closed"
        opened, issued, due = _text(at), _text(at + timedelta(hours=2)), (at + timedelta(days=7)).date().isoformat()
        closed = None if is_open else _text(at + timedelta(days=6))
        yield (
            issue_id, f"WT-{site.district_code}-{n:07d}", state, site.id.hex, site.district_code, report_id,
            f"{code}-{n}", code, 1, dice.choice(["minor", "minor", "major", "critical"]), "护栏高度不足1.05米,局部松动", due,
            due, site.contractor_id.hex if site.contractor_id else None, person, opened, issued, closed,
            "inspection", 0, 1, False, False, 0, replier, person if closed else None, closed or issued,
        )
        events.append((issue_id, opened, person, 1, "opened", None, "pending_issue", '{"revision":1}'))
        events.append((issue_id, closed or issued, person, 1, "closed" if closed else "issued", "issued", state, "{}"))
        photos.append((issue_id, ids.at(at), "before", 0))


class _Filling:
    """Indexes away, rows in by COPY or executemany, indexes back, ANALYZE."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def run(self, parts: Iterable[tuple[type[Any], list[str], Iterator[Row]]]) -> None:
        self.database.write(lambda db: self._fill(db.connection(), parts))
        if not self.database.is_sqlite:
            with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("vacuum analyze")

    def _fill(self, connection: sa.Connection, parts: Iterable[tuple[type[Any], list[str], Iterator[Row]]]) -> None:
        indexes = [index for part in PARTS for index in part.__table__.indexes]
        for index in indexes:
            index.drop(connection)
        cursor = connection.connection.cursor()
        if self.database.is_sqlite:
            for part, names, rows in parts:
                marks = ",".join("?" * len(names))
                cursor.executemany(f"insert into {part.__tablename__} ({','.join(map(_quoted, names))}) values ({marks})", rows)
        else:
            cursor.execute("set local session_replication_role = replica")  # no look-up of foreign keys, row by row
            cursor.execute("set local maintenance_work_mem = '512MB'")
            for part, names, rows in parts:
                with cursor.copy(f"copy {part.__tablename__} ({','.join(map(_quoted, names))}) from stdin") as copy:
                    for block in _blocks(rows):
                        copy.write(block)
        for index in indexes:
            index.create(connection)
        if self.database.is_sqlite:
            cursor.execute("analyze")


def _quoted(name: str) -> str:
    return f'"{name}"'


def _blocks(rows: Iterator[Row]) -> Iterator[str]:
    """Rows in COPY's text form, some thousand at a time; no value holds a tab, newline or backslash."""
    lines: list[str] = []
    for row in rows:
        lines.append("\t".join(["\\N" if value is None else str(value) for value in row]))
        if len(lines) == 5000:
            lines.append("")
            yield "\n".join(lines)
            lines.clear()
    if lines:
        yield "\n".join([*lines, ""])
