"""One-time codes for a first or new password: shown once, kept only as SHA-256."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts.models import PasswordCode, Person
from server.errors import Refusal
from server.kit import clock, text

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs that nobody mixes up when reading aloud
GROUPS, LENGTH = 5, 4  # 20 signs of 5 bits: 100 bits


@dataclass(frozen=True, slots=True)
class Code:
    """A code as handed to the person; it is never shown again."""

    code: str
    expires_at: datetime


def issue(db: Session, conf: Config, person_id: uuid.UUID) -> Code:
    """A new code; codes given to this person before stop working."""
    now = clock.now()
    db.execute(
        sa.update(PasswordCode)
        .where(PasswordCode.person_id == person_id, PasswordCode.used_at.is_(None)).values(used_at=now)
    )
    plain = "".join(secrets.choice(ALPHABET) for _ in range(GROUPS * LENGTH))
    expires_at = now + timedelta(days=conf.code_days)
    db.add(PasswordCode(code_sha256=_digest(plain), person_id=person_id, created_at=now, expires_at=expires_at))
    db.flush()
    return Code("-".join(plain[at:at + LENGTH] for at in range(0, len(plain), LENGTH)), expires_at)


def owner(db: Session, code: str) -> Person:
    """The active person whose unused code this is; 422 `code-invalid` otherwise."""
    found = db.get(PasswordCode, _digest(code))
    person = db.get(Person, found.person_id) if found else None
    if found is None or person is None or found.used_at or found.expires_at <= clock.now() or not person.active:
        raise _not_valid()
    return person


def use(db: Session, code: str) -> None:
    """Mark the code as used; of two at once the second is refused."""
    now = clock.now()
    done = db.execute(
        sa.update(PasswordCode)
        .where(PasswordCode.code_sha256 == _digest(code), PasswordCode.used_at.is_(None),
               PasswordCode.expires_at > now)
        .values(used_at=now)
    )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise _not_valid()


def _not_valid() -> Refusal:
    return Refusal("code-invalid", errors={"code": ["无效、已使用或已过期 / not valid, used or expired"]})


def _digest(code: str) -> str:
    """Typed in lower case, with spaces or without dashes it is the same code."""
    plain = "".join(sign for sign in text.code(code).upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
