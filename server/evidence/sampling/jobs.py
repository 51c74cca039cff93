"""The duty that draws the week before this one, once it is over."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.evidence.sampling import queries, service
from server.kit.jobs import Work, every, handles

DRAW = "second-look-sample"


@handles(DRAW)
def draw(work: Work) -> None:
    """The week before this one."""
    work.database.write(lambda db: service.draw(db, work.app.config["DUDAO"], service.last_week()))


def _something_approved(db: Session) -> bool:
    """Whether last week approved reports and was not drawn yet."""
    week = service.last_week()
    return not queries.is_drawn(db, week) and db.scalar(sa.select(queries.approved_in(week).exists())) is True


every(600, DRAW, when=_something_approved)
