"""One world per database for all these tests: what is asked of them costs far less than making them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import config
from server import create_app
from tests import web
from tests.conftest import SECRET, empty_database
from tests.contract import naughty
from tests.contract.world import World

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def worlds(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, World]]:
    """A world on SQLite and the same one on PostgreSQL."""
    with ExitStack() as stack:
        made = {}
        for kind in KINDS:
            home = tmp_path_factory.mktemp(kind)
            url = stack.enter_context(empty_database(request, kind, home))
            made[kind] = _world(home, url)
            stack.callback(made[kind].office.database.dispose)
        yield made


def _world(home: Path, url: str) -> World:
    web.build(home / "web")
    return World(create_app(config.load(
        {}, env="test", secret_key=SECRET, data_dir=home, uploads_dir=home / "uploads", web_dir=home / "web",
        database_url=url,
        argon2_memory_kib=64, argon2_time=1, min_free_bytes=0, log_level="CRITICAL", access_token_minutes=600,
        guesses_per_person=10**9, guesses_per_address=10**9, max_open_uploads=10**6,
    )))


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest, worlds: dict[str, World]) -> World:
    """One of the two, healed."""
    found = worlds[request.param]
    found.heal()
    return found


@pytest.fixture(scope="session")
def in_full(request: pytest.FixtureRequest) -> bool:
    """`--torture`: everything rather than a sample."""
    return bool(request.config.getoption("--torture"))


@pytest.fixture(scope="session")
def strings(in_full: bool) -> list[str]:
    """The naughty strings: all of them, or one of eight, of every kind."""
    return naughty.EVERY if in_full else naughty.SAMPLE
