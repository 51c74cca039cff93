"""The residents' sweep, which has a rule of its own, stops at a hold too."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from server.residents.models import Question
from tests.photos import jpeg
from tests.residents.test_answering import stored
from tests.residents.test_asking import code_of
from tests.residents.word import send, sweep, turn_on
from tests.retention.keeping import Keeping


@pytest.mark.parametrize("kind", ["issue", "site"])
def test_what_residents_said_of_a_thing_under_a_hold_is_kept_until_it_is_lifted(keeping: Keeping, kind: str) -> None:
    turn_on(keeping.office)
    issue = keeping.closed()
    send(keeping.office.app, code_of(keeping, issue), "yes", comment="好了", photos=(jpeg(64, 48),))
    keeping.later(500)
    hold = keeping.hold(kind, issue if kind == "issue" else keeping.site)
    sweep(keeping.office)
    assert keeping.office.read(sa.select(Question.comment)) == ["好了"]
    assert len(stored(keeping)) == 1
    keeping.min.post(f"/holds/{hold}/lifting", {"reason": "已结"})
    sweep(keeping.office)
    assert keeping.office.read(sa.select(Question.comment)) == [None]
    assert stored(keeping) == []
