"""The programme's policy: what holds, how the office changes it, and what was changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, raiseload

from config import Config
from server.accounts.models import Person
from server.audit import service as audit
from server.errors import Refusal
from server.kit import clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.kit.paging import Page, page
from server.programme.policy_models import THE_ONE, PolicyChange, PolicyRow
from server.programme.policy_rules import Policy, defaults, flat, with_settings

__all__ = ["Policy", "Present", "change", "list_changes", "policy_of", "present"]

MAX_TOLD = 50  # changes that a stale screen is told


@dataclass(frozen=True, slots=True)
class Present:
    """The policy as a screen shows it: with its version, who set it last, and which settings are the office's own."""

    policy: Policy
    defaults: Policy
    set: list[str]
    version: int
    updated_at: datetime | None
    updated_by: Person | None


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that was changed, and by whom; None is somebody at the server's own command line."""

    change: PolicyChange
    by: Person | None


def policy_of(db: Session, conf: Config) -> Policy:
    """What holds now: the office's settings over the installation's defaults. One row is read."""
    settings = db.scalar(sa.select(PolicyRow.settings).where(PolicyRow.id == THE_ONE))
    return with_settings(defaults(conf), settings or {})


def present(db: Session, conf: Config) -> Present:
    """The policy as a screen shows it; version 0 while nobody has set anything."""
    row = db.get(PolicyRow, THE_ONE)
    base = defaults(conf)
    if row is None:
        return Present(base, base, [], 0, None, None)
    known = flat(base)
    return Present(
        with_settings(base, row.settings), base, [path for path in known if path in row.settings], row.version,
        row.updated_at, _people(db, [row.updated_by]).get(row.updated_by),
    )


def change(
    db: Session, conf: Config, actor: Actor | None, settings: Mapping[str, Any], *, version: int | None = None
) -> Present:
    """Set what `settings` names by its path; None gives a setting back to the installation's default.

    409 `policy-changed` where `version` is not the newest, with what was changed since. What is so already changes
    nothing and makes no version.
    """
    hold(db, "policy")
    row = db.get(PolicyRow, THE_ONE, populate_existing=True)
    newest = row.version if row else 0
    if version is not None and version != newest:
        raise _stale(db, newest, version)
    base, there = defaults(conf), dict(row.settings) if row else {}
    before = flat(with_settings(base, there))
    after_settings = dict(there)
    for path, value in settings.items():
        if value is None:
            after_settings.pop(path, None)
        elif value != before[path]:
            after_settings[path] = value
    after = flat(with_settings(base, after_settings))
    changed = {path: (before[path], after[path]) for path in after if there.get(path) != after_settings.get(path)}
    if changed:
        _keep(db, actor, row, after_settings, changed)
    return present(db, conf)


def _keep(
    db: Session, actor: Actor | None, row: PolicyRow | None, settings: dict[str, Any],
    changed: Mapping[str, tuple[Any, Any]],
) -> None:
    now, by = clock.now(), actor.id if actor else None
    if row is None:
        row = PolicyRow(id=THE_ONE, settings={}, version=0, updated_at=now, updated_by=by)
        db.add(row)
    row.settings, row.version, row.updated_at, row.updated_by = settings, row.version + 1, now, by
    db.add_all(
        PolicyChange(version=row.version, at=now, by=by, field=path, before={"value": old}, after={"value": new})
        for path, (old, new) in changed.items()
    )
    db.flush()
    audit.record(
        db, actor, "policy_changed", "programme", "policy", version=row.version,
        changed={path: list(pair) for path, pair in changed.items()},
    )


def _stale(db: Session, newest: int, seen: int) -> Refusal:
    """What the stale screen does not show yet, the newest first."""
    query = (
        sa.select(PolicyChange).where(PolicyChange.version > seen).order_by(PolicyChange.id.desc()).limit(MAX_TOLD)
    )
    found = list(db.scalars(query))
    people = _people(db, [one.by for one in found])
    return Refusal("policy-changed", extra={
        "version": newest,
        "changes": [
            {
                "field": one.field, "before": one.before["value"], "after": one.after["value"],
                "at": one.at.isoformat(), "by": people[one.by].name if one.by in people else None,
            }
            for one in found
        ],
    })


def list_changes(db: Session, *, cursor: str | None, limit: int) -> Page[Change]:
    """What was changed of the policy, newest first."""
    found: Page[PolicyChange] = page(
        db, sa.select(PolicyChange), [(PolicyChange.id, int, True)], cursor=cursor, limit=limit
    )
    people = _people(db, [one.by for one in found.items])
    return Page([Change(one, people.get(one.by)) for one in found.items], found.next_cursor)


def _people(db: Session, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID | None, Person]:
    wanted = {one for one in ids if one is not None}
    if not wanted:
        return {}
    query = sa.select(Person).where(Person.id.in_(wanted)).options(raiseload("*"))
    return {person.id: person for person in db.scalars(query)}
