"""What intake asks of a site and leaves there: may this person report on it, and when it was last visited."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import changes
from server.kit.db import Moment
from server.kit.prepared import Prepared
from server.programme.models import Assignment, Site


class IntakeSite(NamedTuple):
    """As much of a site as a report needs."""

    id: uuid.UUID
    name: str
    district_code: str
    has_limits: bool  # whether it sets limits of its own for some items


_INTAKE = Prepared(
    sa.select(
        Site.id, Site.name, Site.district_code,
        sa.exists().where(sa.literal_column("site_limit.site_id") == Site.id).select_from(sa.table("site_limit")),
    )
    .where(
        Site.id == sa.bindparam("site", type_=sa.Uuid()),
        sa.exists().where(
            Assignment.site_id == Site.id, Assignment.person_id == sa.bindparam("person", type_=sa.Uuid())
        ),
    )
)


_MOMENT = sa.bindparam("moment", type_=Moment())
_VISITED = Prepared(
    sa.update(cast(sa.Table, Site.__table__))
    .where(
        Site.id == sa.bindparam("site", type_=sa.Uuid()),
        sa.or_(Site.last_visit_at.is_(None), Site.last_visit_at < _MOMENT),
    )
    .values(last_visit_at=_MOMENT)
)


def lock(db: Session, site_id: uuid.UUID) -> None:
    """Keep others from noting a visit until this transaction ends."""
    db.execute(sa.select(Site.id).where(Site.id == site_id).with_for_update())


def set_last(db: Session, site_id: uuid.UUID, at: datetime | None) -> None:
    """The last visit is another one than was thought, or there was none: a report was struck out or corrected."""
    changed = db.execute(
        sa.update(Site).where(Site.id == site_id, Site.last_visit_at.is_distinct_from(at)).values(last_visit_at=at)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount:  # type: ignore[attr-defined]
        changes.note(db, "site", site_id)


def intake_site(db: Session, person_id: uuid.UUID, site_id: uuid.UUID) -> IntakeSite | None:
    """The site, where the person is or ever was assigned to it: a report may be filled before an assignment
    ends and arrive after. One statement."""
    row = _INTAKE.first(db, site=site_id, person=person_id)
    return IntakeSite(*row) if row else None


def visited(db: Session, site_id: uuid.UUID, at: datetime) -> None:
    """Remember a visit unless a later one is known; reports may come in any order."""
    _VISITED.write(db, {"site": site_id, "moment": at})
