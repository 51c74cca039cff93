"""The job that works out the facts of one report, or of one reply."""

from __future__ import annotations

import uuid

from server.evidence.facts import replies, service
from server.evidence.facts.asking import KIND
from server.kit.here import conf
from server.kit.jobs import Work, handles


@handles(KIND, background=True)
def work_out(work: Work) -> None:
    """Flags of the report and its photos, or of a reply's photos, as they are now. Nothing of it is done while they are
    received."""
    if "reply" in work.payload:
        replies.work_out(work.database, conf(), uuid.UUID(str(work.payload["reply"])))
    else:
        service.work_out(work.database, conf(), uuid.UUID(str(work.payload["report"])))
