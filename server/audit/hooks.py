"""What the audit trail asks of the features above it; server/wiring.py fills these in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from sqlalchemy.orm import Session

Names = Callable[[Session, set[uuid.UUID]], Mapping[uuid.UUID, str]]

# The names of the people who acted; accounts knows them.
names_hooks: list[Names] = []
