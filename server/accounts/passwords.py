"""Passwords: argon2id, a constant time for unknown names, and what counts as too weak."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from server.errors import Refusal, invalid
from server.kit.text import code

MIN_LENGTH = 8
WAIT_S = 10
SEQUENCES = ("01234567890", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop")

_hasher = PasswordHasher()
# One check takes its whole memory for tens of milliseconds: more at once than cores only eats memory.
_at_once = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def set_up(memory_kib: int, passes: int) -> None:
    """The cost of one check, from the settings; tests use a cheap one."""
    global _hasher
    _hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
    _nobody.cache_clear()


@contextmanager
def _turn() -> Iterator[None]:
    if not _at_once.acquire(timeout=WAIT_S):
        raise Refusal("busy")
    try:
        yield
    finally:
        _at_once.release()


def make(password: str) -> str:
    """The argon2id hash of a password. Never call it inside a write transaction: it takes tens of milliseconds."""
    with _turn():
        return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody has this password")


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is right; as slow for a name that does not exist. Not inside a write transaction either."""
    with _turn():
        try:
            right = _hasher.verify(stored or _nobody(), password)
        except (Argon2Error, InvalidHashError):
            return False
    return right and stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a hash was made at another cost than today's."""
    return _hasher.check_needs_rehash(stored)


def refuse_weak(password: str, username: str, *, field: str = "new_password") -> None:
    """422 for a password that is short, one repeated character, a plain sequence or holds the user name."""
    plain = code(password).lower()
    sequence = any(plain in row for row in SEQUENCES)
    if len(password) < MIN_LENGTH or len(set(plain)) < 4 or sequence or username.lower() in plain:
        raise invalid(
            field, "至少8个字符,且不能是用户名、重复或连续的字符",
            "at least 8 characters, and not the user name, one character repeated or a sequence", code="password-weak",
        )
