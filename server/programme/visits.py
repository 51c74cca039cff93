"""When a site was last visited: written by reports, read by lists and figures."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.programme.models import Site


def visited(db: Session, site_id: uuid.UUID, at: datetime) -> None:
    """Remember a visit unless a later one is known; reports may come in any order."""
    db.execute(
        sa.update(Site)
        .where(Site.id == site_id, sa.or_(Site.last_visit_at.is_(None), Site.last_visit_at < at))
        .values(last_visit_at=at)
    )
