"""What issues tells those above it, and asks them: lists that server/wiring.py fills."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from server.issues.models import Issue, IssueEntry
from server.issues.rules import Move
from server.kit.actor import Actor

# (db, actor, issue, move): it has just become closed by this move, in the same transaction
CLOSED: list[Callable[[Session, Actor | None, Issue, Move], None]] = []
# (db, entry): its last photo is here, and it has taken effect, in the same transaction
TAKEN: list[Callable[[Session, IssueEntry], None]] = []
# (db, ids of issues) → what residents said of those of them that they were asked about
RESIDENTS: list[Callable[[Session, list[uuid.UUID]], dict[uuid.UUID, dict[str, Any]]]] = []
