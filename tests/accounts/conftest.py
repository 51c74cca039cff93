"""People of these tests are signed in before anything happens: it is what the tests are about."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.factories import SiteOffice


@pytest.fixture
def office(app: Flask) -> SiteOffice:
    return SiteOffice(app, at_work=True)
