"""Selects over the programme; `visible_to` is what lists, search, exports and the map share."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.errors import not_found
from server.kit.actor import Actor
from server.permissions import Reach, reaches
from server.programme.models import Assignment, Site


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The sites that the actor sees: assigned ones, those of own districts, or all."""
    seen = reaches(actor, "site")
    if Reach.ALL in seen:
        return sa.true()
    ways: list[sa.ColumnElement[bool]] = []
    if Reach.DISTRICTS in seen:
        ways.append(Site.district_code.in_(sorted(actor.districts)))
    if Reach.ASSIGNED in seen:
        assigned = sa.select(Assignment.site_id).where(
            Assignment.person_id == actor.id, Assignment.ended_at.is_(None)
        )
        ways.append(Site.id.in_(assigned))
    return sa.or_(sa.false(), *ways)


def find_site(db: Session, actor: Actor, site_id: uuid.UUID) -> Site:
    """The site with its district, area and work items; 404 where it is not visible."""
    site = db.scalar(sa.select(Site).where(Site.id == site_id, visible_to(actor)))
    if site is None:
        raise not_found()
    return site


def site_for_intake(db: Session, person_id: uuid.UUID, site_id: uuid.UUID) -> Site | None:
    """The site, where the person is or was ever assigned to it: a report may be filled before an assignment ends and
    arrive after."""
    ever = sa.exists().where(Assignment.site_id == Site.id, Assignment.person_id == person_id)
    return db.scalar(sa.select(Site).where(Site.id == site_id, ever))
