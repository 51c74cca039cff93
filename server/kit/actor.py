"""Who is acting: a signed-in person with the roles and the scope of this very moment."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person does in the programme. One person may have several."""

    INSPECTOR = "inspector"
    SUPERVISOR = "supervisor"
    CONTRACTOR = "contractor"
    OFFICE = "office"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """Read from the database on every request, so that a changed role takes effect at once."""

    id: uuid.UUID
    username: str
    name: str
    roles: frozenset[Role]
    districts: frozenset[str] = frozenset()
    organisation_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    device_id: str | None = None

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)
