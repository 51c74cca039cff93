"""The duties of retention: once a day each class that has a rule; soon after, the files of what was removed."""

from __future__ import annotations

from functools import partial

import structlog

from server.errors import Refusal
from server.kit.here import conf, store
from server.kit.jobs import LaterError, Work, every, handles
from server.retention import applying, files
from server.retention.rules import CLASSES, By

every(24 * 3600, "retention")
every(900, "retention-files", when=files.waiting)
log = structlog.get_logger()


@handles("retention")
def apply(work: Work) -> None:
    """Run twice, the second finds nothing that is due any more."""
    for one in CLASSES:
        if not work.database.write(partial(applying.met, conf=conf(), name=one.name)):
            continue
        done = applying.apply(work.database, conf(), one.name, By.DUTY)
        if done.run_id is not None:
            log.info("retention", name=one.name, rows=done.gone.rows, files=done.gone.files, held=done.gone.held)


@handles("retention-files")
def delete_files(work: Work) -> None:
    """What a killed process left undone too."""
    try:
        files.finish(work.database, store())
    except Refusal as away:
        raise LaterError(away.code, 60.0) from None
