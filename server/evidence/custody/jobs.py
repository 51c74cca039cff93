"""The duties of custody: sittings that are over go into the trail; files that dead processes left are settled."""

from __future__ import annotations

from datetime import timedelta

from server.evidence.custody import queries, service
from server.evidence.custody.spool import spool
from server.kit.db import Database
from server.kit.here import conf
from server.kit.jobs import Work, every, handles, on_every_machine

every(15, "custody-trail", when=queries.has_waiting)
every(900, "custody-leftovers")


@handles("custody-trail")
def write_trail(work: Work) -> None:
    """Run twice, the second finds nothing to do."""
    service.write_trail(work.database, timedelta(seconds=conf().custody_gap_s))


@handles("custody-leftovers")
def settle_leftovers(work: Work) -> None:  # noqa: ARG001 - every handler is given its work
    """What a killed process left in this machine's data folder."""
    spool().settle()


@on_every_machine(900, "custody-leftovers")
def settle_own_leftovers(_database: Database) -> None:
    """The duty of this name goes to one machine at a time, and might pass another by for hours."""
    spool().settle()
