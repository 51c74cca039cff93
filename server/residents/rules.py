"""The residents' question: its code, what an answer may hold, how often may be tried."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from dataclasses import dataclass

from server.issues.rules import ResidentsAnswer

CODE = re.compile(r"[a-z2-7]{32}")  # 160 bits; no signs at which a chat program would end a link
MAX_COMMENT = 500
MAX_PHOTO_BYTES = 20 * 1024 * 1024
MAX_FORM_BYTES = MAX_PHOTO_BYTES + 64 * 1024
MAX_FORM_S = 600.0
PHOTO_PX = 1600
# Within one window (guess_window_s). An address may be a whole quarter behind one mobile network's gate.
POSTS_PER_CODE, POSTS_PER_ADDRESS, MISSES_PER_ADDRESS = 30, 300, 100


@dataclass(frozen=True, slots=True)
class Terms:
    """Whether this programme asks its residents, how long a link holds, how long their photo and comment are kept."""

    asked: bool
    link_days: int
    keep_days: int


@dataclass(frozen=True, slots=True)
class Said:
    """What a resident sent. `photo` is the SHA-256 of the picture as it came, which is not kept."""

    answer: ResidentsAnswer
    comment: str | None
    photo: str | None

    def digest(self) -> str:
        """Equal for a form that was sent twice."""
        parts = (self.answer.value, self.comment or "", self.photo or "")
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def code_of(secret: str, question_id: uuid.UUID, nonce: str) -> str:
    """The code of a question, made anew from the secret whenever it is to be shown: no table holds it."""
    key = hashlib.sha256(b"residents:" + secret.encode()).digest()
    mac = hmac.digest(key, question_id.bytes + bytes.fromhex(nonce), "sha256")
    return base64.b32encode(mac[:20]).decode().lower()


def hash_of(code: str) -> str:
    """By what a question is looked up."""
    return hashlib.sha256(code.encode()).hexdigest()


def salted(secret: str, kind: str, value: str) -> str:
    """What is counted instead of an address or a code: nothing can be read from it without the secret."""
    key = hashlib.sha256(b"residents-try:" + secret.encode()).digest()
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256").hex()[:32]
