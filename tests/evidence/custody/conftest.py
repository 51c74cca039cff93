"""A district with an inspector, a supervisor and an office."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.evidence.custody.site import Clock, spool_of
from tests.factories import SiteOffice, Someone
from tests.issues.loop import Loop


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)


@pytest.fixture
def clerk(loop: Loop) -> Someone:
    return loop.office.person("clerk", "office")


@pytest.fixture
def time(loop: Loop) -> Iterator[Clock]:
    yield Clock()
    spool_of(loop.office).settle()
