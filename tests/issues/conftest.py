"""The loop's world."""

from __future__ import annotations

import pytest

from tests.factories import SiteOffice
from tests.issues.loop import Loop


@pytest.fixture
def loop(office: SiteOffice) -> Loop:
    return Loop(office)
