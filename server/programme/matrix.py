"""Sites × kinds of work: planned, reported and verified, with the evidence behind what is verified."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit.actor import Actor
from server.kit.paging import Page, page
from server.programme.models import Site, WorkEvidence, WorkItem
from server.programme.queries import SiteFilter, site_conditions
from server.programme.ranked import site_refs
from server.programme.rules import WorkType

MOST_REPORTS = 20  # shown of one kind of work at one site, the newest ones
_KINDS = list(WorkType)
_ITEM = (
    WorkItem.site_id, WorkItem.type, WorkItem.unit, WorkItem.planned, WorkItem.reported, WorkItem.verified,
    WorkItem.verified_entered, WorkItem.stage,
)
_PROOF = (
    WorkEvidence.site_id, WorkEvidence.type, WorkEvidence.report_id, WorkEvidence.report_number, WorkEvidence.revision,
    WorkEvidence.approved_at,
)


def matrix(
    db: Session, actor: Actor, wanted: SiteFilter, *, awaiting: bool, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """The sites one sees, by code, each with its kinds of work; where one kind is asked for, with that alone.

    `awaiting`: only sites where something that was entered as verified waits for evidence.
    """
    query: Any = sa.select(Site.id, Site.code).where(*site_conditions(actor, wanted))
    if awaiting:
        waits = sa.exists().where(WorkItem.site_id == Site.id, WorkItem.verified_entered > WorkItem.verified)
        if wanted.work_type is not None:
            waits = waits.where(WorkItem.type == wanted.work_type)
        query = query.where(waits.correlate(Site))
    found: Page[Any] = page(db, query, [(Site.code, str, False)], cursor=cursor, limit=limit)
    ids = [site_id for site_id, _ in found.items]
    sites, items = site_refs(db, ids), items_of(db, ids, wanted.work_type)
    rows = [{"site": sites[one], "items": items.get(one, [])} for one in ids if one in sites]
    return Page(rows, found.next_cursor)


def items_of(
    db: Session, site_ids: Sequence[uuid.UUID], kind: WorkType | None = None, *, reports: bool = False
) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The kinds of work of each site in the programme's order; with `reports`, every newest one that proves them."""
    proofs = _proofs(db, site_ids)
    query = sa.select(*_ITEM).where(WorkItem.site_id.in_(site_ids))
    if kind is not None:
        query = query.where(WorkItem.type == kind)
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for row in db.execute(query):
        item: dict[str, Any] = row._asdict()
        behind = proofs.get((row.site_id, row.type), [])
        item |= {"evidence": len(behind), "newest_evidence": behind[0] if behind else None}
        if reports:
            item["reports"] = behind[:MOST_REPORTS]
        found.setdefault(row.site_id, []).append(item)
    for items in found.values():
        items.sort(key=lambda item: _KINDS.index(item["type"]))
    return found


def _proofs(db: Session, site_ids: Sequence[uuid.UUID]) -> dict[tuple[uuid.UUID, WorkType], list[dict[str, Any]]]:
    """The reports behind each kind of work, the newest first."""
    query = sa.select(*_PROOF).where(WorkEvidence.site_id.in_(site_ids))
    found: dict[tuple[uuid.UUID, WorkType], list[dict[str, Any]]] = {}
    for row in db.execute(query.order_by(WorkEvidence.approved_at.desc(), WorkEvidence.report_id)):
        found.setdefault((row.site_id, row.type), []).append(row._asdict())
    return found
