"""`make run`, before it serves: what is made, and what is left alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

import config
from server import run, sample_people
from server.checklists.models import ChecklistVersion
from server.programme.models import District, Site
from tests.factories import SiteOffice


def test_among_real_people_districts_and_checklists_are_loaded_but_no_sample(office: SiteOffice) -> None:
    office.person("wang", "inspector")
    for _ in range(2):
        assert run.prepare(office.app) is None
        assert len(office.read(sa.select(District.code))) == 6
        assert len(office.read(sa.select(ChecklistVersion.code))) == 12
    assert office.read(sa.select(Site.id)) == []
    assert sample_people.has_others(office.database)


def test_a_secret_that_is_set_but_empty_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUDAO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DUDAO_SECRET_KEY", "")
    run.keep_secret()
    kept = (tmp_path / "secret").read_text().strip()
    assert len(kept) >= config.MIN_SECRET_BYTES
    assert config.load(os.environ).secret_key == kept
