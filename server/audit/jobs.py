"""The job that chains the trail."""

from __future__ import annotations

from server.audit import chain
from server.kit.jobs import Work, handles


@handles("audit-chain")
def forge_chain(work: Work) -> None:
    """Link what has no link yet; run twice, the second finds nothing. `whole` in the payload searches everything."""
    chain.forge_all(work.database, whole=bool(work.payload.get("whole")))
