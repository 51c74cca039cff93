"""A desk whose clock stands at the moment of the sending."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from server.kit import clock
from tests.evidence.desk import SENT, Desk
from tests.factories import SiteOffice


@pytest.fixture
def desk(app: Flask) -> Iterator[Desk]:
    clock.set_source(lambda: SENT)
    try:
        yield Desk(SiteOffice(app))
    finally:
        clock.set_source(None)
