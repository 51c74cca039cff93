"""What verified work rests on: approved reports with photos, written and taken back as reports come to stand."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.actor import Actor
from server.programme.changing import Record, facts, write
from server.programme.models import Site, WorkEvidence
from server.programme.quantities import count_proven
from server.programme.rules import WorkType

CHUNK = 500


class Proof(NamedTuple):
    """A report that was approved."""

    report_id: uuid.UUID
    report_number: str
    revision: int
    approved_at: datetime


def give(db: Session, actor: Actor, site_id: uuid.UUID, proof: Proof, kinds: Collection[WorkType]) -> None:
    """The report proves these kinds of work at the site: what was entered as verified counts (again)."""
    site = _locked(db, site_id)
    db.execute(sa.insert(WorkEvidence), [{"site_id": site_id, "type": kind, **proof._asdict()} for kind in sorted(kinds)])
    _settle(db, actor, site)


def take_back(db: Session, actor: Actor, report_id: uuid.UUID) -> None:
    """The report proves nothing any more. What was entered as verified stays as entered, and counts while another
    report proves it."""
    proved = WorkEvidence.report_id == report_id
    for site_id in db.scalars(sa.select(WorkEvidence.site_id).where(proved).distinct()).all():
        site = _locked(db, site_id)
        db.execute(sa.delete(WorkEvidence).where(proved, WorkEvidence.site_id == site_id))
        _settle(db, actor, site)


def proven_at(db: Session, site_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, set[WorkType]]:
    """The kinds of work of which there is evidence, by site; a site without any is not named. To be asked once the
    site is locked, so that none comes or goes meanwhile."""
    ids, found = list(site_ids), dict[uuid.UUID, set[WorkType]]()
    for start in range(0, len(ids), CHUNK):
        query = sa.select(WorkEvidence.site_id, WorkEvidence.type).where(WorkEvidence.site_id.in_(ids[start : start + CHUNK]))
        for site_id, kind in db.execute(query.distinct()):
            found.setdefault(site_id, set()).add(kind)
    return found


def _locked(db: Session, site_id: uuid.UUID) -> Site:
    """The site as it stands, its work items too, with everybody else who would change it kept waiting."""
    db.flush()
    query = sa.select(Site).where(Site.id == site_id).with_for_update(of=Site, key_share=True)
    site = db.scalars(query.execution_options(populate_existing=True)).one()
    db.refresh(site, ["work_items"])
    return site


def _settle(db: Session, actor: Actor, site: Site) -> None:
    """Hold every quantity of the site against the evidence; what comes of it is kept like any other change."""
    proven, before = proven_at(db, [site.id]).get(site.id, set()), facts(site)
    for item in site.work_items:
        count_proven(item, proven=item.type in proven)
    after = facts(site)
    diffs = {name: (before[name], after[name]) for name in after if before[name] != after[name]}
    if diffs:
        write(db, actor, [Record(site, diffs, is_new=False)], source="evidence", at=clock.now())
