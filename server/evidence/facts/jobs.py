"""The job that works out the facts of one report."""

from __future__ import annotations

import uuid

from server.evidence.facts import service
from server.evidence.facts.asking import KIND
from server.kit.here import conf
from server.kit.jobs import Work, handles


@handles(KIND, background=True)
def work_out(work: Work) -> None:
    """Flags of the report and its photos as they are now. Nothing of it is done while a report is received."""
    service.work_out(work.database, conf(), uuid.UUID(str(work.payload["report"])))
