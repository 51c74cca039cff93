"""The jobs that chain the trail: every few seconds what is new, every hour what became visible late."""

from __future__ import annotations

from server.audit import chain
from server.kit.jobs import Work, every, handles

every(15, "audit-chain", when=chain.has_new)
every(3600, "audit-chain-whole")


@handles("audit-chain")
def forge_chain(work: Work) -> None:
    """Link what has no link yet; run twice, the second finds nothing to do."""
    chain.forge_all(work.database)


@handles("audit-chain-whole")
def forge_whole_chain(work: Work) -> None:
    """As above, searching the entire trail."""
    chain.forge_all(work.database, whole=True)
