"""Wrong passwords, counted by name and by address for a while, so that nobody guesses for long.

Of one name an address has few tries and all addresses together have ELSEWHERE times as many: whoever wants to keep
somebody out by wrong passwords cannot do it from one place, and a thousand places cannot guess without end.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from config import Config
from server.accounts.models import Guess
from server.errors import Refusal
from server.kit import clock
from server.kit.db import hold

NAME, ADDRESS = "name:", "address:"
ELSEWHERE = 10
FLOOD = 5
Keys = Mapping[str, int]  # what is counted → how many are allowed


def keys(conf: Config, address: str, name: str | None = None) -> Keys:
    """The counters that a try belongs to. The name comes first, so that all lock them in one order."""
    where = {f"{ADDRESS}{network(address)}": conf.guesses_per_address}
    if name is None:
        return where
    anywhere, here = _names(name, address)
    return {anywhere: conf.guesses_per_person * ELSEWHERE, here: conf.guesses_per_person, **where}


def refuse(db: Session, conf: Config, counted: Keys) -> None:
    """429 with the seconds to wait where one of the counters is full.

    A full address does not stop a name of which nobody guessed wrong: a whole office may stand behind one address, and
    one phone in it with an old password would lock out all of them. Whoever guesses through many names from there has
    one try at each, and not without end: FLOOD times as many from one address is no office.
    """
    since = clock.now() - timedelta(seconds=conf.guess_window_s)
    fresh = False
    for key, most in counted.items():
        full = _nth(db, key, most * FLOOD if fresh and key.startswith(ADDRESS) else most, since)
        if full is not None:
            wait = (full - since).total_seconds()
            raise Refusal("too-many-guesses", retry_after=max(1, int(wait) + 1))
        if key.startswith(NAME):
            fresh = _nth(db, key, 1, since) is None


def is_full(db: Session, conf: Config, counted: Keys) -> bool:
    """Whether one of the counters is full, though a name of which nobody guessed wrong may still be tried."""
    since = clock.now() - timedelta(seconds=conf.guess_window_s)
    return any(_nth(db, key, most, since) is not None for key, most in counted.items())


def _nth(db: Session, key: str, number: int, since: datetime) -> datetime | None:
    """When the guess was made with which this counter reached `number`, counted back from now; None where it did not."""
    newest = sa.select(Guess.at).where(Guess.key == key, Guess.at > since).order_by(Guess.at.desc())
    return db.scalar(newest.offset(number - 1).limit(1))


def refuse_exactly(db: Session, conf: Config, counted: Keys) -> None:
    """As `refuse`, with the counters held until the transaction ends: of many guesses at once none slips through."""
    for key in counted:
        hold(db, f"guess:{key}")
    refuse(db, conf, counted)


def count(db: Session, conf: Config, counted: Keys) -> None:
    """Add one wrong guess to each counter, and drop what has left the window."""
    now = clock.now()
    old = now - timedelta(seconds=conf.guess_window_s)
    db.execute(sa.delete(Guess).where(Guess.key.in_(list(counted)), Guess.at <= old))
    db.execute(sa.insert(Guess), [{"key": key, "at": now} for key in counted])


def forget(db: Session, name: str, address: str) -> None:
    """The right password was given: the name's wrong ones no longer count, but for those from other addresses, each of
    which stays where it was. Those of the address do."""
    db.execute(sa.delete(Guess).where(Guess.key.in_(_names(name, address))))


def _names(name: str, address: str) -> tuple[str, str]:
    """The counters of a name: from everywhere, and from this address."""
    short = name[:64]  # no user name is longer, and an index entry must not be
    return f"{NAME}{short}", f"from:{network(address)} {short}"


def network(address: str) -> str:
    """What one guesser can change at will counts as one address: the last 64 bits of IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((int(ip), 64), strict=False).network_address)
    return str(ip)
