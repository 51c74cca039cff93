"""The job that clears what has run out: old guesses, expired tokens and codes."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.accounts.models import Guess, PasswordCode, RefreshToken
from server.kit import clock
from server.kit.jobs import Work, every, handles

KEEP_EXPIRED = timedelta(days=1)  # a token past its end is refused by its own signature; a day for clocks that differ

every(3600, "accounts-sweep")


@handles("accounts-sweep")
def sweep(work: Work) -> None:
    """Delete what can no longer matter. The trail keeps what happened; used tokens stay until they expire, since
    presenting one again must still end its family."""
    now = clock.now()
    window = timedelta(seconds=work.app.config["DUDAO"].guess_window_s)

    def verb(db: Session) -> None:
        db.execute(sa.delete(Guess).where(Guess.at <= now - window))
        db.execute(sa.delete(RefreshToken).where(RefreshToken.expires_at < now - KEEP_EXPIRED))
        db.execute(sa.delete(PasswordCode).where(PasswordCode.expires_at < now - KEEP_EXPIRED))

    work.database.write(verb)
