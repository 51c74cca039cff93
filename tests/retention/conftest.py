"""A programme with rules of retention."""

from __future__ import annotations

import pytest

from tests.factories import SiteOffice
from tests.retention.keeping import Keeping


@pytest.fixture
def keeping(office: SiteOffice) -> Keeping:
    return Keeping(office)
