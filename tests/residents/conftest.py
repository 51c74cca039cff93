"""The loop's world, in which residents are asked."""

from __future__ import annotations

import pytest

from tests.factories import SiteOffice
from tests.issues.loop import Loop
from tests.residents.word import turn_on


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    made = Loop(office)
    turn_on(office)
    return made


@pytest.fixture
def closed(loop: Loop) -> str:
    """A closed issue about which residents are asked."""
    return loop.closed()
