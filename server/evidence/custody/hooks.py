"""What those above custody add to a photo's chain: a list that server/wiring.py fills once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

# (db, photo_id): what became of it that is written down elsewhere, each with `kind`, `at`, and what else a step says
STEPS: list[Callable[[Session, uuid.UUID], list[dict[str, Any]]]] = []
