"""Limits on answering and on trying codes: by code and by address, kept as salted hashes for the window alone."""

from __future__ import annotations

import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts.guesses import network
from server.errors import Refusal
from server.kit import clock
from server.kit.db import hold
from server.residents.models import Try
from server.residents.rules import MISSES_PER_ADDRESS, POSTS_PER_ADDRESS, POSTS_PER_CODE, salted


def posted(db: Session, conf: Config, question_id: uuid.UUID, address: str) -> None:
    """Count an answer that is being sent; 429 with the seconds to wait where there were too many."""
    _count(db, conf, {
        salted(conf.secret_key, "code", str(question_id)): POSTS_PER_CODE,
        salted(conf.secret_key, "post", network(address)): POSTS_PER_ADDRESS,
    })


def missed(db: Session, conf: Config, address: str) -> None:
    """Count a code that was none. Only further such ones are refused: a whole quarter may stand behind one address, and
    whoever holds a good code shall not suffer from a neighbour's guessing."""
    _count(db, conf, {salted(conf.secret_key, "miss", network(address)): MISSES_PER_ADDRESS})


def _count(db: Session, conf: Config, limits: dict[str, int]) -> None:
    now = clock.now()
    since = now - timedelta(seconds=conf.guess_window_s)
    for key in sorted(limits):
        hold(db, f"residents:{key}")  # of many at once none slips through
    for key, most in limits.items():
        newest = sa.select(Try.at).where(Try.key == key, Try.at > since).order_by(Try.at.desc()).limit(most)
        recent = list(db.scalars(newest))
        if len(recent) >= most:
            raise Refusal("too-many-guesses", retry_after=max(1, int((recent[-1] - since).total_seconds()) + 1))
    db.execute(sa.insert(Try), [{"key": key, "at": now} for key in limits])


def sweep(db: Session, conf: Config) -> None:
    """Forget what has left the window."""
    db.execute(sa.delete(Try).where(Try.at <= clock.now() - timedelta(seconds=conf.guess_window_s)))
