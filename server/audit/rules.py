"""How one link of the chain is worked out from the one before it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

FIRST = ""  # what stands for the digest before the first link


def canonical(
    *, id: int, at: datetime, actor_id: UUID | None, verb: str, object_kind: str, object_id: str,
    district_code: str | None, facts: dict[str, Any],
) -> str:
    """One event as text that has one spelling: keys sorted, no spaces, UTF-8, moments in UTC to the microsecond."""
    event = {
        "id": id, "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": None if actor_id is None else str(actor_id), "verb": verb, "object_kind": object_kind,
        "object_id": object_id, "district_code": district_code, "facts": facts,
    }
    return json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def link(previous: str, event: str) -> str:
    """SHA-256 over the previous link's digest (hex) and the canonical event, as hex."""
    return hashlib.sha256(previous.encode() + event.encode()).hexdigest()
