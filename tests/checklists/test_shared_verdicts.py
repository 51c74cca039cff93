"""Phone and server judge alike: what the client's tests hold its own rules against is what these rules say."""

from __future__ import annotations

from tests.shared_with_web import advice, is_kept

VERDICTS = "checklists/fixtures/verdicts.json"


def test_the_verdicts_that_the_client_is_held_against_are_these_rules() -> None:
    assert is_kept(VERDICTS), advice(VERDICTS)
