"""The duty that takes away drawn documents of reports that nobody has asked for in a while: they are drawn again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.here import conf, store
from server.kit.jobs import Work, every, handles
from server.reports.models import ReportPaper

BATCH = 500

every(3600, "report-papers-sweep")


@handles("report-papers-sweep")
def sweep(work: Work) -> None:
    """Files go first and rows after them, so that what a crash leaves is found by the next run."""
    before = clock.now() - timedelta(days=conf().exports_days)
    while True:
        with work.database.read() as db:
            old = list(db.scalars(sa.select(ReportPaper.key).where(ReportPaper.used_at < before).limit(BATCH)))
        for key in old:
            store().delete(key)
            work.database.write(partial(_forget, key=key))
        if len(old) < BATCH:
            return


def _forget(db: Session, *, key: str) -> None:
    db.execute(sa.delete(ReportPaper).where(ReportPaper.key == key))
