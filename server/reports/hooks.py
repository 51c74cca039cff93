"""What reports asks of those above it; server/wiring.py fills these in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from server.kit.actor import Actor
from server.reports.models import Report

# (db, actor, report) → the issues that it opened and the actor may see, each with number, item, description, severity,
# due_on, state, contractor
OPENED: list[Callable[[Session, Actor, Report], list[dict[str, Any]]]] = []
# (db, report) → its decisions as lines of history: [{at, kind, revision, decision, comment, items, by_id}]
DECISIONS: list[Callable[[Session, Report], list[dict[str, Any]]]] = []
