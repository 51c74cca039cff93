"""Lists sorted by what is worked out and not stored, worst first: days that pass without anybody writing.

A city has a few thousand sites: what the days are worked out from is read for all that are seen, some milliseconds,
and only what is shown is looked up in full.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Person
from server.errors import not_found
from server.kit.actor import Actor
from server.kit.paging import decode, encode
from server.permissions import Reach, reaches
from server.programme import queries
from server.programme.models import Area, Assignment, District, Site


class Ranked(NamedTuple):
    """One row before it is shown: the higher its rank the earlier it comes, then by code."""

    rank: int
    code: str
    row: Any


def cut(rows: Iterable[Ranked], *, cursor: str | None, limit: int, of: str) -> tuple[list[Any], str | None]:
    """One page of the rows, and the cursor of the next."""
    sorted_rows = sorted((-one.rank, one.code, one.row) for one in rows)
    if cursor:
        rank, code = decode(cursor, [int, str], of=of)
        sorted_rows = [one for one in sorted_rows if one[:2] > (rank, code)]
    shown = sorted_rows[:limit]
    more = encode(list(shown[-1][:2]), of=of) if len(sorted_rows) > limit else None
    return [row for _, _, row in shown], more


def seen_districts(db: Session, actor: Actor, district: str | None) -> dict[str, District]:
    """The districts to sum over, in their order; 404 for one that the actor does not see."""
    shown = {one.code: one for one in queries.districts(db)}
    if Reach.ALL not in reaches(actor, "site"):
        shown = {code: one for code, one in shown.items() if code in actor.districts}
    if district is not None:
        if district not in shown:
            raise not_found()
        shown = {district: shown[district]}
    return shown


def site_refs(db: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """What a row says of its site: code, name, district, area, contractor."""
    query = (
        sa.select(
            Site.id, Site.code, Site.name, Site.stage, Site.district_code, District.zh, District.en, Site.area_id,
            Area.name.label("area"), Site.contractor_id, Organisation.name.label("contractor"),
        )
        .join(District, District.code == Site.district_code)
        .outerjoin(Area, Area.id == Site.area_id).outerjoin(Organisation, Organisation.id == Site.contractor_id)
        .where(Site.id.in_(ids))
    )
    return {
        row.id: {
            "id": row.id, "code": row.code, "name": row.name, "stage": row.stage,
            "district": {"code": row.district_code, "zh": row.zh, "en": row.en},
            "area": {"id": row.area_id, "name": row.area} if row.area_id else None,
            "contractor": {"id": row.contractor_id, "name": row.contractor} if row.contractor_id else None,
        }
        for row in db.execute(query)
    }


def assigned_to(db: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Who inspects each of these sites now."""
    query = (
        sa.select(Assignment.site_id, Person.id, Person.name).join(Person, Person.id == Assignment.person_id)
        .where(Assignment.site_id.in_(ids), Assignment.ended_at.is_(None)).order_by(Person.username)
    )
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for site_id, person_id, name in db.execute(query):
        found.setdefault(site_id, []).append({"id": person_id, "name": name})
    return found
