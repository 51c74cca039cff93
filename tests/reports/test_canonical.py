"""The digest that a phone can compute for itself: RFC 8785 to the byte, by the quick way and by the thorough one."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.reports.rules import canonical

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text() | st.text(st.characters(max_codepoint=0x9F)) | st.sampled_from(["\u2028", "\x7f", "𬭎", "\ufb33", "/", '"'])
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=1500, deadline=None)
@given(st.dictionaries(WORDS, JSON, max_size=4))
@example({"a": -0.0, "b": 4.0, "c": 1e-4, "d": 9.9e-5, "e": 1e15, "f": 1.5e15, "g": 123456789012345.6, "h": 1e21})
@example({"\ufb33": 1, "𬭎": 2, "z": 0.1})
def test_it_is_the_canonical_text_of_the_rfc(content: dict[str, Any]) -> None:
    assert canonical(content) == rfc8785.dumps(content)


@settings(max_examples=1500, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_written_as_javascript_writes_it(number: float) -> None:
    assert canonical({"n": number}) == rfc8785.dumps({"n": number})
    assert float(json.loads(canonical({"n": number}))["n"]) == number


@pytest.mark.parametrize("number", [2**53 + 1, -(2**53) - 1, 10**16 + 1])
def test_a_whole_number_that_no_double_holds_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        canonical({"n": [number]})
