"""Money on the wire: yuan, a whole number where it is one; inside it is a whole number of fen."""

from __future__ import annotations


def yuan(fen: int) -> int | float:
    """Yuan of an amount in fen; exact for any amount that a city can have (below 2^53 fen)."""
    return fen // 100 if fen % 100 == 0 else fen / 100
