"""What residents asks of those above it: a list that server/wiring.py fills once."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection

from sqlalchemy.orm import Session

# (db): the issues that are under a legal hold, of which nothing is forgotten until it is lifted
HELD: list[Callable[[Session], Collection[uuid.UUID]]] = []
