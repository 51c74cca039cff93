"""Import of a year's arrangement of days off and worked weekends from a table: all rows or none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.errors import Refusal
from server.kit import text
from server.kit.actor import Actor
from server.kit.db import Database, hold
from server.kit.tables import Column, Row, Table, match_headers, read_table
from server.programme.calendar_rules import SpecialDay
from server.programme.columns import FIRST_DAY, LAST_DAY, BadCell, day, line, word
from server.programme.policy_models import CalendarDay

HEADERS: dict[str, tuple[str, ...]] = {
    "day": ("日期", "起始日期", "开始日期", "起始", "date", "start", "from"),
    "until": ("结束日期", "截止日期", "终止日期", "结束", "end", "to"),
    "kind": ("类型", "类别", "性质", "type"),
    "name": ("名称", "节日", "节假日", "说明", "holiday name"),
    "year": ("年度", "年份", "所属年度"),
}
REQUIRED = ("day", "kind")
BUNDLED = Path(__file__).parent / "arrangements"
MAX_NAMED = 50
MOST_DAYS = 31  # of one row: longer is a typing error
_RANGE = re.compile(r"\s*(?:至|到|~|—+|–)\s*")
_FAULTS = {
    "cell-error": "单元格有错误值 / the cell shows an error",
    "cell-formula": "公式没有结果，请粘贴为数值 / the formula has no result: paste it as a value",
    "cell-surplus": "内容超出表头的列 / text beyond the last header: is a separator not quoted?",
}
_kind = word({
    **{kind.value: kind for kind in SpecialDay},
    **dict.fromkeys(("节假日", "假日", "放假", "放假调休", "休", "休息", "休息日", "off"), SpecialDay.HOLIDAY),
    **dict.fromkeys(("工作日", "上班", "调休上班", "调休", "补班", "班", "working day"), SpecialDay.WORKDAY),
}, "须为节假日或工作日", "must be holiday or workday")


@dataclass(slots=True)
class Entry:
    """One row: the days it names, and what is wrong with it."""

    row: int
    day: date | None = None
    until: date | None = None
    kind: SpecialDay | None = None
    name: str = ""
    year: int = 0
    errors: list[dict[str, str | None]] = field(default_factory=list)
    action: str = "error"

    def wrong(self, name: str | None, message: str) -> None:
        self.errors.append({"field": name, "message": message})

    @property
    def days(self) -> int:
        return (self.until - self.day).days + 1 if self.day and self.until else 0

    def each(self) -> list[date]:
        return [self.day + timedelta(days=n) for n in range(self.days)] if self.day else []


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as read: its rows, and the headers that name no field."""

    entries: list[Entry]
    ignored: tuple[str, ...]


def _read_sheet(table: Table) -> Sheet:
    """What the rows of a table say. 422 where its columns cannot be understood."""
    matched = match_headers(table.headers, HEADERS)
    wrong = {header: ["该列重复 / this column is there twice"] for header in matched.repeated}
    missing = matched.missing(REQUIRED)
    wrong.update({name: [f"缺少列：{HEADERS[name][0]} / there is no column of it"] for name in missing})
    if not table.rows:
        wrong["rows"] = ["没有数据行 / there are no rows"]
    if wrong:
        raise Refusal("table-no-header" if missing else "invalid", errors=wrong)
    entries = [_read_row(row, matched.columns) for row in table.rows]
    seen: dict[date, int] = {}
    for entry in entries:
        for one in entry.each() if not entry.errors else ():
            if seen.setdefault(one, entry.row) != entry.row:
                entry.wrong("day", f"{one} 与第 {seen[one]} 行重复 / {one} is also in row {seen[one]}")
                break
    return Sheet(entries, matched.unknown)


def _read_row(row: Row, columns: Mapping[str, Column]) -> Entry:
    entry, at = Entry(row.number), {column.index: name for name, column in columns.items()}
    for fault in row.faults:
        if fault.code in _FAULTS and (fault.code == "cell-surplus" or fault.column in at):
            entry.wrong(at.get(fault.column), _FAULTS[fault.code])
    cells = {name: text.one_line(row.cells[column.index]) for name, column in columns.items()}
    entry.name = cells.get("name", "")
    if len(_RANGE.split(cells["day"])) == 2 and not cells.get("until"):
        cells["day"], cells["until"] = _RANGE.split(cells["day"])
    entry.day = _read(entry, "day", cells, columns["day"], day)
    entry.until = _read(entry, "until", cells, columns["day"], day) if cells.get("until") else entry.day
    entry.kind = _read(entry, "kind", cells, columns["kind"], _kind)
    _read(entry, "name", {"name": entry.name or "-"}, columns["day"], line)
    if entry.day and entry.until:
        if entry.until < entry.day:
            entry.wrong("until", "早于起始日期 / is before the first day")
        elif entry.days > MOST_DAYS:
            entry.wrong("until", f"超过 {MOST_DAYS} 天 / is more than {MOST_DAYS} days")
        entry.year = _year(entry, cells.get("year", ""))
    return entry


def _read(entry: Entry, name: str, cells: Mapping[str, str], column: Column, read: Any) -> Any:
    if not cells[name]:
        if not any(error["field"] == name for error in entry.errors):
            entry.wrong(name, "不能为空 / is missing")
        return None
    try:
        return read(cells[name], column)
    except BadCell as bad:
        entry.wrong(name, str(bad))
        return None


def _year(entry: Entry, cell: str) -> int:
    """The arrangement's year: as the row says, else that of its last day, since New Year's holiday may begin before."""
    last = entry.until or FIRST_DAY
    if not cell:
        return last.year
    plain = text.code(cell).removesuffix("年")
    if plain.isascii() and plain.isdecimal() and abs(int(plain[:9]) - last.year) <= 1:
        return int(plain)
    entry.wrong("year", "与日期不符 / does not go with the day")
    return last.year


def import_days(
    database: Database, actor: Actor | None, table: Table, *, dry_run: bool, replace: bool = False
) -> dict[str, Any]:
    """Hold every row against what is there; unless `dry_run`, take all of them or refuse with 422 `table-rows-invalid`
    and the same rows. With `replace` the table is the whole arrangement of its years."""
    sheet = _read_sheet(table)
    if dry_run:
        with database.read() as db:
            return _plan(db, sheet, dry_run=True, replace=replace)[0]
    return database.write(lambda db: _take(db, actor, sheet, replace=replace))


def _take(db: Session, actor: Actor | None, sheet: Sheet, *, replace: bool = False) -> dict[str, Any]:
    hold(db, "calendar")
    outcome, changes, gone = _plan(db, sheet, dry_run=False, replace=replace)
    if outcome["errors"]:
        named = {
            f"rows.{entry.row}.{error['field'] or 'row'}": [error["message"]]
            for entry in sheet.entries for error in entry.errors
        }
        extra = {name: value for name, value in outcome.items() if name != "errors"}
        raise Refusal("table-rows-invalid", errors=dict(list(named.items())[:MAX_NAMED]), extra=extra)
    for one in gone:
        db.delete(one)
    for one in changes:
        db.merge(one)
    if changes or gone:
        counts = {name: outcome[name] for name in ("created", "updated", "removed")}
        audit.record(db, actor, "calendar_imported", "programme", "calendar", years=outcome["years"], **counts)
    return outcome


def _plan(
    db: Session, sheet: Sheet, *, dry_run: bool, replace: bool
) -> tuple[dict[str, Any], list[CalendarDay], list[CalendarDay]]:
    """What the rows come to: the answer, the days to write, the days to take out."""
    good = [entry for entry in sheet.entries if not entry.errors]
    years = sorted({entry.year for entry in good})
    span = sa.and_(CalendarDay.day >= min((one.day for one in good if one.day), default=LAST_DAY),
                   CalendarDay.day <= max((one.until for one in good if one.until), default=FIRST_DAY))
    there = {one.day: one for one in db.scalars(sa.select(CalendarDay).where(span | CalendarDay.year.in_(years)))}
    count: Counter[str] = Counter()
    changes, named = [], set()
    for entry in good:
        each = [_action(there.get(one), entry) for one in entry.each()]
        count.update(each)
        entry.action = next((one for one in ("created", "updated") if one in each), "unchanged")
        for one, action in zip(entry.each(), each, strict=True):
            named.add(one)
            if action != "unchanged":
                changes.append(CalendarDay(day=one, kind=entry.kind, name=entry.name, year=entry.year))
    gone = [one for one in there.values() if replace and one.year in years and one.day not in named]
    return {
        "dry_run": dry_run, "total": len(sheet.entries), "created": count["created"], "updated": count["updated"],
        "unchanged": count["unchanged"], "removed": len(gone), "errors": len(sheet.entries) - len(good),
        "years": years, "ignored_columns": list(sheet.ignored), "rows": [_answer(entry) for entry in sheet.entries],
    }, changes, gone


def _action(there: CalendarDay | None, entry: Entry) -> str:
    if there is None:
        return "created"
    same = (there.kind, there.name, there.year) == (entry.kind, entry.name, entry.year)
    return "unchanged" if same else "updated"


def _answer(entry: Entry) -> dict[str, Any]:
    return {
        "row": entry.row, "day": entry.day, "until": entry.until, "kind": entry.kind, "name": entry.name, "days": entry.days,
        "action": entry.action, "errors": entry.errors,
    }


def load_bundled(db: Session) -> list[int]:
    """Write the arrangements that come with the product, of years that have none yet; → those years."""
    hold(db, "calendar")
    there = set(db.scalars(sa.select(CalendarDay.year).distinct()))
    loaded = []
    for path in sorted(BUNDLED.glob("*.csv")):
        if int(path.stem) not in there:
            _take(db, None, _read_sheet(read_table(path, path.name)))
            loaded.append(int(path.stem))
    return loaded
