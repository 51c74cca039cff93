"""What every test stands on: each test has a database of its own, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

import config
from server import create_app, schema
from server.accounts import passwords
from server.kit import clock
from tests import servers
from tests.factories import SiteOffice

SECRET = "tests-only-0123456789abcdefghijklmnopqrstuv"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that each test copies."""
    path = tmp_path_factory.mktemp("template") / "dudao.db"
    schema.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL with a migrated template database that each test copies."""
    with servers.postgres() as url:
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text("create database dudao_template"))
        admin.dispose()
        schema.upgrade(_named(url, "dudao_template"))
        yield url


def _named(url: str, name: str) -> str:
    return sa.make_url(url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database of this test alone. Tests that take it run on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "dudao.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name} template dudao_template"))
    yield _named(url, name)
    with admin.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture
def conf(database_url: str, tmp_path: Path) -> config.Config:
    return config.load(
        {},
        env="test",
        secret_key=SECRET,
        data_dir=tmp_path,
        uploads_dir=tmp_path / "uploads",
        database_url=database_url,
        argon2_memory_kib=64,
        argon2_time=1,
        min_free_bytes=0,
        log_level="WARNING",
    )


@pytest.fixture
def app(conf: config.Config) -> Iterator[Flask]:
    passwords.set_up(conf.argon2_memory_kib, conf.argon2_time)
    application = create_app(conf)
    yield application
    application.extensions["dudao"].database.dispose()


@pytest.fixture
def office(app: Flask) -> SiteOffice:
    """A small programme with named people, spoken to over HTTP."""
    return SiteOffice(app)


@pytest.fixture(autouse=True)
def _real_clock() -> Iterator[None]:
    yield
    clock.set_source(None)
