"""What the phone makes of a report is what this server takes: the golden body, its digest, how much may be drawn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from server.reports.rules import canonical, content_of, digest
from server.reports.schemas import ReportIn
from tests.shared_with_web import FILES, GOLDEN, advice, is_kept

LEFT_OUT = {"location_reason", "correction_reason", "co_inspectors"}  # the first two have no place beside what it says


def golden() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(GOLDEN.read_text())
    return body


@pytest.mark.parametrize("name", [name for name in FILES if not name.startswith("checklists/")])
def test_what_the_client_is_held_against_is_what_the_rules_say(name: str) -> None:
    assert is_kept(name), advice(name)


def test_the_golden_body_is_taken_with_its_digest(app: Flask) -> None:
    with app.app_context():
        loaded = ReportIn().load(golden())
    assert loaded["digest"] == digest(canonical(content_of(golden())))
    assert [str(photo["id"]) for photo in loaded["photos"]] == [photo["id"] for photo in golden()["photos"]]


def test_the_golden_body_says_whatever_a_body_may_say() -> None:
    assert set(ReportIn().fields) - set(golden()) == LEFT_OUT, "the phone's body.ts and its golden.json know a field less"
