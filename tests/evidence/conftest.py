"""A desk whose clock stands at the moment of the sending; the loop of an issue with photos that tell all that a phone
knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from server.kit import clock
from server.kit.jobs import HANDLERS, Job, JobState, Work
from tests.evidence.desk import SENT, Desk
from tests.evidence.pictures import LAT, LNG, telling
from tests.factories import SiteOffice, photo_entry
from tests.issues.loop import Loop

PLACE = {"lat": LAT, "lng": LNG, "crs": "wgs84", "accuracy_m": 8.0}


@pytest.fixture
def desk(app: Flask) -> Iterator[Desk]:
    clock.set_source(lambda: SENT)
    try:
        yield Desk(SiteOffice(app))
    finally:
        clock.set_source(None)


class Telling(Loop):
    """As the loop, but its photos hold EXIF with a place."""

    def picture(self, **more: Any) -> tuple[dict[str, Any], bytes]:
        self.seed += 1
        data = telling(self.seed)
        return photo_entry(data, **{"location": PLACE, **more}), data

    def photos(self, issue: str) -> tuple[str, str]:
        """The before-photo of an issue and its after-photo."""
        shown = self.look(issue)["photos"]
        return shown["before"][0]["id"], shown["after"][0]["id"]

    def work_off(self, *kinds: str) -> None:
        work_off(self.office, *(kinds or ("renditions", "redaction")))


def work_off(office: SiteOffice, *kinds: str) -> None:
    """Do what waits, as the worker would."""
    for kind in kinds:
        for job in office.read(sa.select(Job).where(Job.kind == kind, Job.state == JobState.QUEUED)):
            with office.app.app_context():
                HANDLERS[kind](Work(office.database, office.app, job.id, job.payload, lambda _percent: None))
            done = sa.update(Job).where(Job.id == job.id).values(state=JobState.DONE)
            office.write(lambda db, done=done: db.execute(done))


@pytest.fixture
def loop(office: SiteOffice) -> Telling:
    return Telling(office)
