"""A report that was drawn for a second look, without the week that it takes."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from server.evidence.sampling.models import SampledWeek, SecondLook
from server.kit import clock
from server.kit.ids import new_id
from tests.factories import SiteOffice


def second_look(office: SiteOffice, report_id: uuid.UUID, week: str = "2026-W40") -> str:
    look_id = new_id()

    def write(db: Session) -> None:
        if db.get(SampledWeek, week) is None:
            db.add(SampledWeek(week=week, drawn_at=clock.now(), percent=5, flag_weight=2, reports=20, chosen=1))
            db.flush()
        db.add(SecondLook(id=look_id, week=week, report_id=report_id, weight=1, flags=[]))

    office.write(write)
    return str(look_id)
