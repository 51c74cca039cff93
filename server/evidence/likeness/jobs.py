"""Jobs of likeness: look for a new original, judge a photo, look for those that were here before there was likeness."""

from __future__ import annotations

import uuid

import structlog
from sqlalchemy.orm import Session

from server.evidence.likeness import queries, search, service
from server.evidence.likeness.shelf import Shelf
from server.kit.here import conf, store
from server.kit.jobs import LaterError, Work, enqueue, handles
from server.photos.models import Original, Renditions

BACKFILL = 100  # originals in one job, some seconds of work
log = structlog.get_logger()


def _shelf(work: Work) -> Shelf:
    shelf: Shelf = work.app.extensions.setdefault("dudao-likeness", Shelf(conf().data_dir / "likeness.index"))
    return shelf


@handles("likeness", background=True)
def look(work: Work) -> None:
    """Hold one original against all others."""
    sha256 = str(work.payload["sha256"])
    with work.database.read() as db:
        original = db.get(Original, sha256)
    if original is not None and original.renditions is Renditions.MADE:
        search.look_for(work.database, store(), conf(), _shelf(work), sha256)


@handles("likeness-judge", background=True)
def judge(work: Work) -> None:
    """Raise what flags stand on a photo; later, where what shows it has not come."""
    photo_id = uuid.UUID(work.payload["photo_id"])
    settings = conf()
    wait = work.database.write(lambda db: service.judge(db, settings, photo_id))
    if wait is not None:
        raise LaterError("what shows the photo has not come yet", wait.total_seconds())


@handles("likeness-backfill", background=True)
def backfill(work: Work) -> None:
    """Originals of before, some at a time, in the order of their sums; each run leaves the next one's job."""
    after = str(work.payload.get("after", ""))
    with work.database.read() as db:
        found = queries.without_print(db, after, BACKFILL)
    for done, sha256 in enumerate(found):
        try:
            search.look_for(work.database, store(), conf(), _shelf(work), sha256)
        except FileNotFoundError:
            log.warning("likeness-no-thumb", sha256=sha256)  # one that is lost keeps no other from being looked for
        work.progress(100 * done // len(found))
    if found:
        work.database.write(lambda db: _next(db, found[-1]))


def _next(db: Session, after: str) -> None:
    enqueue(db, "likeness-backfill", {"after": after}, key=f"after {after}")
