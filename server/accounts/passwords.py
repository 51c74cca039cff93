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
from server.kit.text import code, fold

MIN_LENGTH = 8
WAIT_S = 10
SEQUENCES = ("01234567890", "9876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop")
# What lists of leaked passwords begin with and no rule above catches; letters in lower case.
COMMON = frozenset({
    "123123123", "123456789a", "123456abc", "1234qwer", "123qwe123", "12341234", "147258369", "1q2w3e4r", "1q2w3e4r5t",
    "1qaz2wsx", "5201314520", "789456123", "a1234567", "a12345678", "a123456789", "aa123456", "aa12345678", "abc12345",
    "abc123456", "abcd1234", "abcd123456", "admin123", "admin888", "admin@123", "admin123456", "asdf1234", "asdfghjk",
    "asdfghjkl", "baseball", "football", "iloveyou", "iloveyou1", "letmein1", "p@ssw0rd", "p@ssword", "passw0rd",
    "password", "password1", "password12", "password123", "password@123", "princess", "q1w2e3r4", "q1w2e3r4t5",
    "qazwsxedc", "qq123456", "qwer1234", "qwerty12", "qwerty123", "qwertyui", "sunshine", "superman", "taiyuan123",
    "trustno1", "welcome1", "welcome123", "woaini520", "woaini1314", "woaini123", "z123456789", "zxc123456",
    "zxcvbnm1", "zxcvbnm123",
})

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


def refuse_weak(password: str, username: str, *, name: str = "", field: str = "new_password") -> None:
    """422 for a password that is short, one repeated character, a plain sequence, one that all guessers try first, or
    that holds the user name or is the person's own name."""
    plain = code(password).lower()
    known = plain in COMMON or any(plain in row for row in SEQUENCES)
    own = username.lower() in plain or fold(password).replace(" ", "") == fold(name).replace(" ", "")
    if len(password) < MIN_LENGTH or len(set(plain)) < 4 or known or own:
        raise invalid(
            field, "至少8个字符，且不能是用户名、姓名、常见密码、重复或连续的字符",
            "at least 8 characters, and not your user name or name, a common password, one character repeated or a "
            "sequence", code="password-weak",
        )
