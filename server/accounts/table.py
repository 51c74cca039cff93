"""A table of people becomes people: every row is judged, and only when all are right are they taken on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from marshmallow import Schema, ValidationError
from sqlalchemy.orm import Session

from config import Config
from server.accounts import hooks, people, queries, rules
from server.accounts.codes import Code
from server.accounts.models import Organisation
from server.audit import service as audit
from server.errors import Refusal
from server.kit.actor import Actor
from server.kit.tables import Row, Table, match_headers
from server.kit.text import one_line

HEADERS: dict[str, tuple[str, ...]] = {
    "username": ("用户名", "账号", "登录名", "user name", "login"),
    "name": ("姓名", "名字", "full name"),
    "phone": ("手机", "手机号", "手机号码", "电话", "联系电话", "mobile", "telephone"),
    "email": ("邮箱", "电子邮箱", "e-mail"),
    "roles": ("角色", "role"),
    "districts": ("区", "区县", "负责区", "行政区", "district"),
    "organisation": ("单位", "所属单位", "单位名称", "organization", "company"),
}
REQUIRED = ("username", "name", "roles")
PROSE = frozenset({"username", "name", "phone", "email"})  # a formula there stays the text that it is
_SEPARATORS = re.compile(r"[,,、;;/|\n]+")


@dataclass(slots=True)
class Judged:
    """One row: what it says, what is wrong with it, and the code for the person once taken on."""

    row: int
    username: str | None
    person: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    invite: Code | None = None

    @property
    def action(self) -> str:
        return "refuse" if self.errors else "create"


@dataclass(frozen=True, slots=True)
class Imported:
    """What was, or with dry_run would be, done."""

    dry_run: bool
    rows: list[Judged]

    @property
    def refused(self) -> int:
        return sum(1 for row in self.rows if row.errors)

    @property
    def created(self) -> int:
        return 0 if self.refused else len(self.rows)


def take_on(
    db: Session, conf: Config, actor: Actor | None, table: Table, schema: Schema, *, dry_run: bool = False
) -> Imported:
    """Take on the people of a table, all or none. `schema` judges one person as the API does.

    422 `table-no-header` where a column is missing. Rows that are wrong are in the answer, with nothing written.
    """
    columns = match_headers(table.headers, HEADERS)
    if missing := columns.missing(REQUIRED):
        names = "、".join(HEADERS[name][0] for name in missing)
        raise Refusal("table-no-header", (f"缺少列：{names}", f"missing columns: {', '.join(missing)}"),
                      errors={name: ["缺少此列 / column is missing"] for name in missing})
    at = {name: column.index for name, column in columns.columns.items()}
    scope = _Scope(db, table, at)
    rows = [_judge(row, at, scope, schema) for row in table.rows]
    _refuse_taken(db, rows)
    result = Imported(dry_run, rows)
    if dry_run or result.refused:
        return result
    for row in rows:
        row.invite = people.add(db, conf, actor, **row.person).invite
    audit.record(db, actor, "people_imported", "person", "table", count=len(rows))
    return result


class _Scope:
    """The districts and organisations that the rows name, looked up once."""

    def __init__(self, db: Session, table: Table, at: Mapping[str, int]) -> None:
        self.districts: dict[str, str] = {}
        for code, names in hooks.district_names(db).items():
            self.districts.update({name.casefold(): code for name in (code, *names)})
        named = {one_line(row.cells[at["organisation"]]) for row in table.rows} if "organisation" in at else set()
        self.organisations: dict[str, uuid.UUID] = {}
        wanted = sorted(named)
        for start in range(0, len(wanted), 500):
            query = sa.select(Organisation.name, Organisation.id).where(
                Organisation.name.in_(wanted[start:start + 500])
            )
            self.organisations.update({row.name: row.id for row in db.execute(query)})


def _judge(row: Row, at: Mapping[str, int], scope: _Scope, schema: Schema) -> Judged:
    cells = {name: one_line(row.literal(at[name]) if name in PROSE else row.cells[at[name]]) for name in at}
    judged = Judged(row.number, cells["username"] or None)
    by_column = {index: name for name, index in at.items() if not (name in PROSE and row.formulas.get(index))}
    for fault in row.faults:
        if fault.column in by_column and fault.code != "cell-surplus":
            judged.errors[by_column[fault.column]] = [f"单元格有误 / {fault.code}"]
    for index in row.formulas:
        if index in by_column and not row.cells[index]:
            judged.errors[by_column[index]] = [f"单元格 {row.name(index)} 的公式没有结果 / cell-formula: {row.name(index)}"]
    data: dict[str, Any] = {name: cells.get(name) or None for name in ("phone", "email")}
    data.update(username=cells["username"], name=cells["name"])
    data["roles"] = _each(judged, "roles", cells, {
        name: role.value for role, names in rules.ROLE_NAMES.items() for name in names
    }, "没有此角色 / no such role")
    data["districts"] = _each(judged, "districts", cells, scope.districts, "没有此区 / no such district")
    if organisation := cells.get("organisation"):
        found = scope.organisations.get(organisation)
        data["organisation_id"] = str(found) if found else None
        if found is None:
            judged.errors["organisation"] = [f"没有此单位 / no such organisation: {organisation}"]
    try:
        judged.person = schema.load(data)
    except ValidationError as error:
        messages: Any = error.messages
        for name, said in messages.items():
            judged.errors.setdefault(str(name), [str(said)] if not isinstance(said, list) else [str(m) for m in said])
        return judged
    judged.username = judged.person["username"]
    judged.person.pop("password", None)
    person = judged.person
    lacking = rules.misfits(person["roles"], person["districts"], person["organisation_id"] is not None)
    for name, why in lacking.items():
        judged.errors.setdefault(name.removesuffix("_id"), [why])
    return judged


def _each(
    judged: Judged, name: str, cells: Mapping[str, str], known: Mapping[str, str], unknown: str
) -> list[str]:
    """The values that one cell names, each once; what is unknown is an error of the row."""
    found: list[str] = []
    for word in filter(None, (part.strip() for part in _SEPARATORS.split(cells.get(name, "")))):
        value = known.get(word.casefold())
        if value is None:
            judged.errors.setdefault(name, []).append(f"{unknown}: {word}")
        elif value not in found:
            found.append(value)
    return found


def _refuse_taken(db: Session, rows: Collection[Judged]) -> None:
    """A user name that is there already, or twice in the table, is an error of its row."""
    names = [row.username for row in rows if row.person]
    taken: set[str | None] = set(queries.taken_usernames(db, [name for name in names if name]))
    seen: set[str | None] = set()
    for row in rows:
        if not row.person:
            continue
        if row.username in taken:
            row.errors.setdefault("username", []).append("用户名已被使用 / is taken")
        elif row.username in seen:
            row.errors.setdefault("username", []).append("表中重复 / twice in this table")
        seen.add(row.username)
