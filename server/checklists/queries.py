"""Selects over checklists and the limits of sites. Published versions never change, so they are kept in memory."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists.models import ChecklistVersion, SiteLimit
from server.checklists.rules import Checklist, Item, Limit
from server.kit.actor import Actor
from server.programme.models import Site, WorkItem
from server.programme.queries import visible_to
from server.programme.rules import Stage, WorkType


class Published(NamedTuple):
    """A published version, ready to be sent: the JSON text and the digest that is its strong validator."""

    checklist: Checklist
    digest: str
    body: bytes


# Per engine, since two databases in one process (tests) may hold different content under one number.
_CACHE: WeakKeyDictionary[sa.Engine, dict[tuple[str, int], Published]] = WeakKeyDictionary()
_KEY = sa.select(ChecklistVersion.code, ChecklistVersion.version)
_NEWEST = _KEY.order_by(ChecklistVersion.code, ChecklistVersion.version.desc())
_CONTENT = sa.select(ChecklistVersion.content, ChecklistVersion.digest).where(
    ChecklistVersion.code == sa.bindparam("code"), ChecklistVersion.version == sa.bindparam("version")
)
_LIMITS = sa.select(SiteLimit.item, SiteLimit.min, SiteLimit.max).where(
    SiteLimit.site_id == sa.bindparam("site", type_=sa.Uuid())
)


def get_version(db: Session, code: str, version: int) -> Checklist | None:
    """The published version, or None. Once read, it costs no query."""
    found = get_published(db, code, version)
    return found.checklist if found else None


def get_published(db: Session, code: str, version: int) -> Published | None:
    """As `get_version`, with what a route needs to send it."""
    kept = _CACHE.setdefault(db.get_bind().engine, {})
    found = kept.get((code, version))
    if found is not None or not 0 < version < 2**31 or "\x00" in code:
        return found
    row = db.execute(_CONTENT, {"code": code, "version": version}).first()
    if row is None:
        return None
    # Kept from inside the writing transaction too: `checklists load` alone publishes, and it reads nothing back.
    found = Published(Checklist.of(row.content), row.digest, orjson.dumps(row.content))
    kept[(code, version)] = found
    return found


def newest(db: Session, code: str) -> Published | None:
    """The newest published version of one checklist."""
    if "\x00" in code:
        return None
    row = db.execute(_NEWEST.where(ChecklistVersion.code == code).limit(1)).first()
    return get_published(db, row.code, row.version) if row else None


def all_newest(db: Session) -> list[Published]:
    """The newest published version of every checklist, by code."""
    numbers: dict[str, int] = {}
    for row in db.execute(_NEWEST):
        numbers.setdefault(row.code, row.version)
    found = (get_published(db, code, version) for code, version in numbers.items())
    return [published for published in found if published]


_OF_ANY_SITE = {"site", "management"}  # classes that are for every site, whatever is built there


def sites_by_checklist(db: Session, actor: Actor, checklists: Iterable[Checklist]) -> dict[str, int]:
    """{code: how many sites in progress, of those that the actor sees, it is for}: all, or those with work of its kinds."""
    under_way = sa.select(sa.func.count()).select_from(Site).where(Site.stage == Stage.IN_PROGRESS, visible_to(actor))
    found = {}
    for one in checklists:
        kinds = [WorkType(kind) for kind in one.content["work_types"]]
        with_work = sa.exists().where(WorkItem.site_id == Site.id, WorkItem.type.in_(kinds))
        query = under_way if one.content["class"] in _OF_ANY_SITE else under_way.where(with_work)
        found[one.code] = db.scalar(query) or 0
    return found


def limits_of(db: Session, site_id: uuid.UUID) -> dict[str, Limit]:
    """What a site has set, by item code."""
    return {row.item: Limit(row.min, row.max) for row in db.execute(_LIMITS, {"site": site_id})}


def limits_by_site(db: Session, sites: sa.Select[uuid.UUID]) -> dict[uuid.UUID, dict[str, Limit]]:
    """What each of these sites has set, by item code; a site that has set nothing is not named."""
    query = sa.select(SiteLimit.site_id, SiteLimit.item, SiteLimit.min, SiteLimit.max).where(SiteLimit.site_id.in_(sites))
    found: dict[uuid.UUID, dict[str, Limit]] = {}
    for row in db.execute(query):
        found.setdefault(row.site_id, {})[row.item] = Limit(row.min, row.max)
    return found


def limitable_items(db: Session) -> dict[str, Item]:
    """Items whose limit is set per project, by code, over all published versions (a newer one wins)."""
    found: dict[str, Item] = {}
    for row in db.execute(_KEY.order_by(ChecklistVersion.version)):
        published = get_published(db, row.code, row.version)
        index = published.checklist.index if published else {}
        found.update({code: item for code, item in index.items() if item.limit_source})
    return found
