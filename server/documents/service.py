"""Verbs of documents: issue a paper under the next number of its kind and year."""

from __future__ import annotations

import uuid

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.audit import service as audit
from server.documents.models import Document, DocumentSeries
from server.documents.paper import Paper
from server.documents.rules import Kind, number_text
from server.kit import clock
from server.kit.actor import Actor
from server.kit.ids import new_id


def issue(
    db: Session, actor: Actor, paper: Paper, *, district: str, site_id: uuid.UUID | None = None, prefix: str = "",
    document_id: uuid.UUID | None = None,
) -> Document:
    """Freeze a paper under the next number of its kind and the present year of Asia/Shanghai, with the caller's
    transaction: where that is rolled back, the number is given to the next one. `paper.number` is set.

    Two at once wait for each other at the series' row until commit, so call it last: it is a row of the whole city.
    """
    kind, year = Kind(paper.kind), clock.today().year
    serial = _next(db, kind, year)
    paper.number = number_text(prefix, year, serial)
    made = Document(
        id=document_id or new_id(), kind=kind, year=year, serial=serial, number=paper.number, site_id=site_id,
        district_code=district, content=paper.as_dict(), issued_by=actor.id, issued_at=clock.now(),
    )
    db.add(made)
    db.flush()
    audit.record(
        db, actor, "document_issued", "document", made.id, district=district, paper=kind.value, number=made.number
    )
    return made


def _next(db: Session, kind: Kind, year: int) -> int:
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    counted = (
        insert(DocumentSeries).values(kind=kind, year=year, last=1)
        .on_conflict_do_update(index_elements=["kind", "year"], set_={"last": DocumentSeries.last + 1})
        .returning(DocumentSeries.last)
    )
    return int(db.execute(counted).scalar_one())
