"""The marshmallow field of an amount of money."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from server.kit import fields as kit
from server.programme.money import yuan
from server.programme.rules import fen_from_yuan

MOST_YUAN = 10**13


class Yuan(kit.Number):
    """Yuan with at most two decimals; whole fen inside."""

    default_error_messages = {"fen": "最多两位小数 / at most two decimals"}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(low=0, high=MOST_YUAN, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:
        amount = super()._deserialize(value, attr, data, **kwargs)
        try:
            return fen_from_yuan(Decimal(repr(amount)))
        except ValueError:
            raise self.make_error("fen") from None

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else yuan(value)
