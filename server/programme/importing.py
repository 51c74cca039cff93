"""Import of sites from a table: read it, hold every row against what is there, then take all of it or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation
from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock, text
from server.kit.actor import Actor
from server.kit.db import Database, hold
from server.kit.geo import Crs
from server.kit.ids import new_id
from server.kit.tables import Fault, Row, Table, match_headers
from server.programme import evidence, queries
from server.programme.changing import Location, Record, put, write
from server.programme.columns import HEADERS, READERS, BadCell, wire_name
from server.programme.models import Area, District, Site
from server.programme.rules import WorkType
from server.programme.service import blank_site
from server.programme.wrong import WrongValue

CHUNK = 500
MAX_NAMED = 50
_FAULTS = {
    "cell-error": "单元格有错误值 / the cell shows an error",
    "cell-imprecise": "编号等长数字须设为文本格式 / a number this long has lost its last digits: make the column text",
    "cell-surplus": "内容超出表头的列 / text beyond the last header: is a separator not quoted?",
}


@dataclass(slots=True)
class Entry:
    """One row: what it says of a site, and what is wrong with it."""

    number: int
    code: str | None
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, str | None]] = field(default_factory=list)
    action: str = "error"

    def wrong(self, name: str | None, message: str, code: str | None = None) -> None:
        error: dict[str, str | None] = {"field": wire_name(name) if name else None, "message": message}
        self.errors.append(error | {"code": code} if code else error)

    def answer(self) -> dict[str, Any]:
        return {"row": self.number, "code": self.code, "action": self.action, "errors": self.errors}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read: its rows, and the headers that name no field."""

    entries: list[Entry]
    ignored: tuple[str, ...]


def import_sites(database: Database, actor: Actor | None, sheet: Sheet, *, dry_run: bool) -> dict[str, Any]:
    """Hold every row against what is there; unless `dry_run`, take all of them or refuse with 422
    `table-rows-invalid` and the same rows. Known codes are updated; an empty cell leaves a value as it is."""
    with database.read() as db:  # a table with a wrong row never takes the writer's time
        _plan(db, sheet.entries, lock=False)
        outcome = _outcome(sheet, dry_run=dry_run)
    if dry_run:
        return outcome
    _refuse_wrong_rows(outcome)

    def verb(db: Session) -> dict[str, Any]:
        hold(db, "site-import")
        # what was found to change nothing needs no second look
        records = _plan(db, [entry for entry in sheet.entries if entry.action != "unchanged"], lock=True)
        done = _outcome(sheet, dry_run=False)
        _refuse_wrong_rows(done)
        write(db, actor, records, source="import", at=clock.now())
        counts = {name: done[name] for name in ("created", "updated", "unchanged")}
        audit.record(db, actor, "sites_imported", "programme", "sites", **counts)
        return done

    return database.write(verb)


def _outcome(sheet: Sheet, *, dry_run: bool) -> dict[str, Any]:
    count = Counter(entry.action for entry in sheet.entries)
    return {
        "dry_run": dry_run, "total": len(sheet.entries), "created": count["created"], "updated": count["updated"],
        "unchanged": count["unchanged"], "errors": count["error"], "ignored_columns": list(sheet.ignored),
        "rows": [entry.answer() for entry in sheet.entries],
    }


def _refuse_wrong_rows(outcome: dict[str, Any]) -> None:
    if not outcome["errors"]:
        return
    named = {
        f"rows.{row['row']}.{error['field'] or 'row'}": [error["message"]]
        for row in outcome["rows"] for error in row["errors"]
    }
    extra = {name: value for name, value in outcome.items() if name != "errors"}  # `errors` is the problem's own
    raise Refusal("table-rows-invalid", errors=dict(list(named.items())[:MAX_NAMED]), extra=extra)


# reading


def read_sheet(table: Table) -> Sheet:
    """What the rows of a table say. 422 where its columns cannot be understood."""
    matched = match_headers(table.headers, HEADERS)
    _check_headers(table, matched.columns, matched.repeated)
    read: list[Entry] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        entry = _read_row(row, matched.columns)
        if entry.code and seen.setdefault(entry.code, row.number) != row.number:
            entry.wrong("code", f"与第 {seen[entry.code]} 行重复 / is also in row {seen[entry.code]}")
        read.append(entry)
    return Sheet(read, matched.unknown)


def _check_headers(table: Table, columns: dict[str, Any], repeated: Sequence[str]) -> None:
    wrong: dict[str, list[str]] = {}
    if "code" not in columns:
        wrong["code"] = ["缺少编号列 / there is no column of codes"]
    for header in repeated:
        wrong[header] = ["该列重复 / this column is there twice"]
    for name, column in columns.items():
        if READERS[name].unit and column.factor is None:
            wrong[column.header] = [f"不认识单位“{column.unit}” / unknown unit"]
    if not table.rows:
        wrong["rows"] = ["没有数据行 / there are no rows"]
    if wrong:
        raise Refusal("table-no-header" if "code" in wrong else "invalid", errors=wrong)


def _read_row(row: Row, columns: dict[str, Any]) -> Entry:
    entry = Entry(row.number, None)
    at = {column.index: name for name, column in columns.items()}
    told = {column.index for name, column in columns.items() if READERS[name].prose and row.formulas.get(column.index)}
    for fault in row.faults:
        if fault.column not in told:  # a formula that is read as text: what became of its result is no matter
            _note_fault(entry, fault, at)
    faulty = {fault.column for fault in row.faults if fault.code in _FAULTS}
    for name, column in columns.items():
        cell = row.literal(column.index) if READERS[name].prose else row.cells[column.index]
        if not cell:
            if column.index in row.formulas and column.index not in faulty:
                entry.wrong(name, _no_result(row.name(column.index)))
            continue
        try:
            entry.values[name] = READERS[name].read(cell, column)
        except BadCell as bad:
            entry.wrong(name, str(bad))
    entry.code = entry.values.pop("code", None)
    if entry.code is None and not any(error["field"] == "code" for error in entry.errors):
        entry.wrong("code", "缺少编号 / the code is missing")
    wrong = {error["field"] for error in entry.errors}
    if ("lat" in entry.values) != ("lng" in entry.values) and wrong.isdisjoint({"lat", "lng"}):
        entry.wrong("location", "经度与纬度须同时给出 / give both latitude and longitude")
    if "crs" in entry.values and entry.values.keys().isdisjoint({"lat", "lng"}) and wrong.isdisjoint({"lat", "lng"}):
        entry.wrong("crs", "坐标系须与经纬度同时给出 / goes with a latitude and longitude")
    return entry


def _no_result(cell: str) -> str:
    # never taken for an empty cell: what the office sees there is lost
    return f"单元格 {cell} 的公式没有结果，请粘贴为数值 / the formula in cell {cell} has no result: paste it as a value"


def _note_fault(entry: Entry, fault: Fault, at: dict[int, str]) -> None:
    # what was only cleaned is no fault of the row; an odd cell in a column that nobody reads is none either
    if fault.code in _FAULTS and (fault.code == "cell-surplus" or fault.column in at):
        entry.wrong(at.get(fault.column), _FAULTS[fault.code])


# holding against what is there


class _Known:
    """What rows may name: districts, areas, contractors by their names, sites by code."""

    def __init__(self, db: Session, entries: Sequence[Entry], *, lock: bool) -> None:
        districts = queries.districts(db)
        names = queries.district_names(db)
        self.districts = {
            text.fold(name): one for one in districts for name in (one.code, *names[one.code])
        }
        self.areas = {(one.district_code, one.name): one for one in db.scalars(sa.select(Area))}
        firms = sa.select(Organisation).where(Organisation.kind == "contractor")
        self.contractors = {one.name: one for one in db.scalars(firms)}
        codes = sorted({entry.code for entry in entries if entry.code})
        self.sites: dict[str, Site] = {}
        for start in range(0, len(codes), CHUNK):
            query = sa.select(Site).where(Site.code.in_(codes[start : start + CHUNK])).order_by(Site.code)
            found = db.scalars(query.with_for_update(of=Site) if lock else query)
            self.sites.update({site.code: site for site in found})
        self.proven = evidence.proven_at(db, [site.id for site in self.sites.values()])

    def area(self, district: District, name: str) -> Area:
        key = (district.code, name)
        if key not in self.areas:
            self.areas[key] = Area(id=new_id(), district_code=district.code, name=name)
        return self.areas[key]


def _plan(db: Session, entries: Sequence[Entry], *, lock: bool) -> list[Record]:
    """Put every sound row on its site and say in each entry what that does; nothing is written yet."""
    known = _Known(db, entries, lock=lock)
    records = []
    with db.no_autoflush:
        for entry in entries:
            record = _hold(known, entry)
            if record is not None:
                entry.action = "created" if record.is_new else "updated" if record.diffs else "unchanged"
                if record.is_new or record.diffs:
                    records.append(record)
    return records


def _hold(known: _Known, entry: Entry) -> Record | None:
    entry.action = "error"
    values = _looked_up(known, entry)
    if entry.code is None:
        return None
    site = known.sites.get(entry.code)
    is_new = site is None
    if site is None:
        for name in ("name", "district"):
            if name not in values and not any(error["field"] == name for error in entry.errors):
                entry.wrong(name, "新项目必须填写 / a new site needs this")
        if entry.errors:
            return None
        site = blank_site(entry.code, values["district"])
    district = values.get("district", site.district)
    if isinstance(values.get("area"), str):
        values["area"] = known.area(district, values["area"])
    elif site.area and site.area.district_code != district.code:
        values["area"] = None
    if entry.errors:
        return None
    try:
        return Record(site, put(site, values, known.proven.get(site.id, ())), is_new)
    except WrongValue as wrong:
        entry.wrong(wrong.column, wrong.message, None if wrong.code == "invalid" else wrong.code)
        return None


def _looked_up(known: _Known, entry: Entry) -> dict[str, Any]:
    """The row's values in the form that `put` takes."""
    values: dict[str, Any] = {}
    works: dict[str, dict[str, Any]] = {}
    for name, value in entry.values.items():
        kind, _, part = name.partition(".")
        if part:
            works.setdefault(kind, {"type": WorkType(kind)})[part] = value
        else:
            values[name] = value
    if works:
        values["work_items"] = list(works.values())
    if "district" in values:
        district = known.districts.get(text.fold(values.pop("district")))
        if district is None:
            entry.wrong("district", "没有此区 / no such district")
        else:
            values["district"] = district
    if "contractor" in values:
        firm = known.contractors.get(values.pop("contractor"))
        if firm is None:
            entry.wrong("contractor", "没有此施工单位，请先登记 / no such contractor: add it first")
        else:
            values["contractor"] = firm
    crs = values.pop("crs", Crs.WGS84)
    if "lat" in values and "lng" in values:
        values["location"] = Location(values.pop("lat"), values.pop("lng"), crs)
    if "fence_radius_m" in values:
        values["fence"] = {"radius_m": values.pop("fence_radius_m")}
    return values
