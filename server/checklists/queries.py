"""Selects over checklists and the limits of sites. Published versions never change, so they are kept in memory."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.checklists.models import ChecklistVersion, SiteLimit
from server.checklists.rules import Checklist, Limit


class Published(NamedTuple):
    """A published version, ready to be sent: the JSON text and its strong validator."""

    checklist: Checklist
    digest: str
    published_at: datetime
    body: bytes


# Keyed by the digest too: two databases in one process (tests) may hold different content under one number.
_CACHE: dict[tuple[str, int, str], Published] = {}
_KEY = sa.select(ChecklistVersion.code, ChecklistVersion.version, ChecklistVersion.digest)
_ONE = _KEY.where(ChecklistVersion.code == sa.bindparam("code"), ChecklistVersion.version == sa.bindparam("version"))
_NEWEST = _KEY.order_by(ChecklistVersion.code, ChecklistVersion.version.desc())
_LIMITS = sa.select(SiteLimit.item, SiteLimit.min, SiteLimit.max).where(SiteLimit.site_id == sa.bindparam("site"))


def get_version(db: Session, code: str, version: int) -> Checklist | None:
    """The published version, or None. One small look-up; the content is parsed once per process."""
    found = get_published(db, code, version)
    return found.checklist if found else None


def get_published(db: Session, code: str, version: int) -> Published | None:
    """As `get_version`, with what a route needs to send it."""
    if not 0 < version < 2**31 or "\x00" in code:
        return None
    row = db.execute(_ONE, {"code": code, "version": version}).first()
    return _published(db, row.code, row.version, row.digest) if row else None


def newest(db: Session, code: str) -> Published | None:
    """The newest published version of one checklist."""
    if "\x00" in code:
        return None
    row = db.execute(_NEWEST.where(ChecklistVersion.code == code).limit(1)).first()
    return _published(db, row.code, row.version, row.digest) if row else None


def all_newest(db: Session) -> list[Published]:
    """The newest published version of every checklist, by code."""
    first = {}
    for row in db.execute(_NEWEST):
        first.setdefault(row.code, row)
    return [_published(db, row.code, row.version, row.digest) for row in first.values()]


def _published(db: Session, code: str, version: int, digest: str) -> Published:
    key = (code, version, digest)
    if key not in _CACHE:
        row = db.execute(
            sa.select(ChecklistVersion.content, ChecklistVersion.published_at)
            .where(ChecklistVersion.code == code, ChecklistVersion.version == version)
        ).one()
        _CACHE[key] = Published(Checklist.of(row.content), digest, row.published_at, orjson.dumps(row.content))
    return _CACHE[key]


def limits_of(db: Session, site_id: uuid.UUID) -> dict[str, Limit]:
    """What a site has set, by item code."""
    return {row.item: Limit(row.min, row.max) for row in db.execute(_LIMITS, {"site": site_id})}


def limitable_items(db: Session) -> dict[str, Checklist]:
    """Items whose limit is set per project, by code, over all published versions (a newer one wins)."""
    found: dict[str, Checklist] = {}
    for row in db.execute(_KEY.order_by(ChecklistVersion.version)):
        checklist = _published(db, row.code, row.version, row.digest).checklist
        found.update({code: checklist for code, item in checklist.index.items() if item.limit_source})
    return found
