"""Verbs of checklists: publish versions, set a site's limits."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.checklists import queries
from server.checklists.files import Version
from server.checklists.models import ChecklistVersion, SiteLimit
from server.checklists.rules import Limit, check_value
from server.errors import Refusal, invalid
from server.kit import changes, clock
from server.kit.actor import Actor
from server.kit.db import hold
from server.programme.models import Site


class Published(NamedTuple):
    """How many versions were new, and how many were there already, to the letter."""

    new: int
    known: int


def publish(db: Session, versions: Sequence[Version]) -> Published:
    """Publish each version that is not there yet. All or nothing.

    Refusal `checklist-published` names a version that was published with other content: reports have answered it, so
    it stays as it is and the change needs a new version.
    """
    hold(db, "checklists")
    keys = sa.select(ChecklistVersion.code, ChecklistVersion.version, ChecklistVersion.digest)
    there = {(row.code, row.version): row.digest for row in db.execute(keys)}
    new = 0
    for code, version, content, digest in versions:
        known = there.setdefault((code, version), digest)
        if known != digest:
            raise Refusal(
                "checklist-published",
                (f"{code} 第 {version} 版已发布，内容不可更改，请另立新版本",
                 f"{code} version {version} is published with other content: make a new version"),
            )
        if db.get(ChecklistVersion, (code, version)) is not None:
            continue
        db.add(ChecklistVersion(code=code, version=version, content=content, digest=digest, published_at=clock.now()))
        db.flush()
        audit.record(db, None, "published", "checklist", code, version=version, digest=digest)
        changes.note(db, "checklist", code)
        new += 1
    return Published(new, len(versions) - new)


def set_limits(db: Session, actor: Actor, site: Site, limits: Mapping[str, Limit]) -> dict[str, Limit]:
    """Replace the site's limits. Refuses an item whose limit is not set per project, bounds upside down, and one
    without the bound that the item needs."""
    _check_limits(db, limits)
    hold(db, f"site:{site.id}")
    before = queries.limits_of(db, site.id)
    if before == dict(limits):
        return before
    for code in before.keys() - limits.keys():
        db.execute(sa.delete(SiteLimit).where(SiteLimit.site_id == site.id, SiteLimit.item == code))
    now = clock.now()
    for code, limit in limits.items():
        if before.get(code) != limit:
            _put(db, site.id, code, {"min": limit.min, "max": limit.max, "set_by": actor.id, "set_at": now})
    audit.record(
        db, actor, "limits_set", "site", site.id, district=site.district_code,
        before={code: limit._asdict() for code, limit in before.items()},
        after={code: limit._asdict() for code, limit in limits.items()},
    )
    changes.note(db, "site", site.id)
    return queries.limits_of(db, site.id)


def _put(db: Session, site_id: uuid.UUID, code: str, values: dict[str, object]) -> None:
    known = db.get(SiteLimit, (site_id, code))
    if known is None:
        db.add(SiteLimit(site_id=site_id, item=code, **values))
    else:
        for name, value in values.items():
            setattr(known, name, value)
    db.flush()


def _check_limits(db: Session, limits: Mapping[str, Limit]) -> None:
    items = queries.limitable_items(db)
    for code, limit in limits.items():
        item = items.get(code)
        path = f"items.{code}"
        if item is None:
            raise invalid(path, "此项没有按项目设定的限值", "is not an item whose limit is set per project")
        if limit.min is not None and limit.max is not None and limit.min > limit.max:
            raise invalid(path, "下限大于上限", "min is above max")
        if getattr(limit, item.limit_kind or "min") is None:
            raise invalid(path, f"须给出 {item.limit_kind}", f"needs {item.limit_kind}")
        if any(bound is not None and check_value(item, bound) for bound in limit):
            # nothing that may be entered would pass such a limit, or nothing would fail it
            raise invalid(path, "超出此项可填的范围", "is outside the range that may be entered for this item")
