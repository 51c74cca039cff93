"""Forgetting jobs that were done long ago."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.jobs import Job, JobState, Work, every, handles

KEEP = timedelta(days=90)
BATCH = 2000

every(24 * 3600, "jobs-purge")


@handles("jobs-purge")
def purge(work: Work) -> None:
    """Delete the rows of jobs that were done KEEP ago; parked ones stay until somebody looks."""
    before = clock.now() - KEEP
    old = sa.and_(Job.state == JobState.DONE, Job.run_at < before, Job.finished_at < before)
    some = sa.select(Job.id).where(old).limit(BATCH)

    def verb(db: Session) -> int:
        gone = db.execute(sa.delete(Job).where(Job.id.in_(some)))
        return int(gone.rowcount)  # type: ignore[attr-defined]

    while work.database.write(verb) == BATCH:
        continue
