"""An answer that says an item and its value alone is read the quick way, with the same result as by the schema."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from server.reports.schemas import Answered, AnswerIn


def outcome(read: Any, given: Any) -> Any:
    try:
        return read(given)
    except ValidationError as refused:
        return refused.messages


@pytest.mark.parametrize("given", [
    {"item": "ELEV-A01", "value": "pass"}, {"value": None, "item": "x" * 60}, {"item": "x", "value": [1, {"a": None}]},
    {"item": "", "value": 1}, {"item": "x" * 61, "value": 1}, {"item": 1, "value": 1}, {"item": None, "value": 1},
    {"item": "\ud800", "value": 1}, {"item": "𬭎\x00", "value": True}, {"item": "x"}, {"value": 1}, {},
    {"item": "x", "value": 1, "note": "n"}, {"item": "x", "colour": 1},
])
def test_both_ways_agree(given: Any) -> None:
    assert outcome(Answered(AnswerIn).deserialize, given) == outcome(AnswerIn().load, given)
