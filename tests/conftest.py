"""What every test stands on: each test has a database of its own, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import gc
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

import config
from server import create_app, schema, wiring
from server.kit import clock
from server.kit.db import Base
from tests import servers, spared
from tests.city import City, founded
from tests.factories import SiteOffice

spared.spare()

SECRET = "tests-only-0123456789abcdefghijklmnopqrstuv"


# Files that take minutes, before those that take seconds: a worker has a file to itself, and none should start with such a
# one when the others are done.
LONGEST = (
    "browser/test_axe.py", "issues/test_racing.py", "contract/test_odd_fields.py", "browser/test_phone_journey.py",
    "weekly/test_weekly_reports.py", "contract/test_openapi.py", "browser/",
)

CLEARED_EVERY = 20
_finished: list[None] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(Path(__file__).parent).as_posix()
        return next((at for at, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))

    items.sort(key=place)


def pytest_collection_finish() -> None:
    gc.set_threshold(3_000, 30, 1_000)
    _lay_by()


@pytest.hookimpl(trylast=True)
def pytest_runtest_logfinish() -> None:
    """A test leaves an application behind, which only the collector can clear away."""
    _finished.append(None)
    if len(_finished) >= CLEARED_EVERY:
        _finished.clear()
        _lay_by()


def _lay_by() -> None:
    """What is left after clearing away (tests, modules, texts of statements) stays to the end: the collector need not look
    through it again and again, which was a tenth of all that the tests took."""
    gc.collect()
    gc.freeze()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--torture", action="store_true", help="every cut, kill and race in full, not a sample")


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


@contextmanager
def empty_database(request: pytest.FixtureRequest, kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty, migrated database of its own; one on PostgreSQL is dropped at the end."""
    if kind == "sqlite":
        path = folder / "dudao.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url = request.getfixturevalue("postgres_url")
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"create database {name} template dudao_template"))
    try:
        yield _named(url, name)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"drop database {name} with (force)"))
        admin.dispose()


class Swept:
    """A PostgreSQL database that tests use one after another: emptying it takes a tenth of making a new one."""

    def __init__(self, url: str) -> None:
        self._server, self._url = url, ""
        wiring.tables()
        tables = [table.name for table in Base.metadata.sorted_tables]
        self._sweep = "; ".join([
            "set lock_timeout = '5s'",
            "set session_replication_role = replica",  # the trail is append-only: not for whoever sweeps the house
            *(f'delete from "{name}"' for name in tables),
            "select setval(oid, 1, false) from pg_class where relkind = 'S'",
        ])
        self._broom: sa.Engine | None = None  # one connection to the database, for the sweeping
        with _engine(_named(url, "dudao_template")).connect() as template:
            self._untouched = self._shape(template)

    def __enter__(self) -> str:
        if not self._url:
            name = f"swept_{uuid.uuid4().hex[:12]}"
            with _engine(self._server).connect() as server:
                server.exec_driver_sql(f"create database {name} template dudao_template")
            self._url = _named(self._server, name)
            self._broom = sa.create_engine(self._url, isolation_level="AUTOCOMMIT", pool_size=1)
        return self._url

    def __exit__(self, *_: object) -> None:
        assert self._broom is not None
        try:
            with self._broom.connect() as connection:
                if self._shape(connection) == self._untouched:
                    connection.exec_driver_sql(self._sweep)
                    return
        except sa.exc.DBAPIError:
            pass  # somebody still holds a table: leave that database to them
        self.close()

    def close(self) -> None:
        """Leave the database to itself; the next test gets another."""
        if self._broom is not None:
            self._broom.dispose()
        self._url = ""

    @staticmethod
    def _shape(connection: sa.Connection) -> tuple[Any, ...]:
        counted = "select (select count(*) from pg_trigger where tgenabled = 'O'), (select count(*) from pg_class)"
        return tuple(connection.exec_driver_sql(counted).one())


def _engine(url: str) -> sa.Engine:
    """One that keeps no connection: a template that is held open cannot be copied."""
    return sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)


@pytest.fixture(scope="session")
def swept(postgres_url: str) -> Iterator[Swept]:
    made = Swept(postgres_url)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty, migrated database that this test has to itself. Tests that take it run on both kinds."""
    if request.param == "sqlite":
        with empty_database(request, "sqlite", tmp_path) as url:
            yield url
    else:
        with request.getfixturevalue("swept") as url:
            yield url


@pytest.fixture
def conf(database_url: str, tmp_path: Path) -> config.Config:
    return config.load(
        {},
        env="test",
        secret_key=SECRET,
        data_dir=tmp_path,
        uploads_dir=tmp_path / "uploads",
        web_dir=tmp_path / "web",
        database_url=database_url,
        argon2_memory_kib=64,
        argon2_time=1,
        min_free_bytes=0,
        log_level="WARNING",
    )


@pytest.fixture
def app(conf: config.Config) -> Iterator[Flask]:
    application = create_app(conf)
    yield application
    application.extensions["dudao-custody"].close()  # else it would write into the next test's database
    application.extensions["dudao"].database.dispose()


@pytest.fixture
def office(app: Flask) -> SiteOffice:
    """A small programme with named people, spoken to over HTTP."""
    return SiteOffice(app)


@pytest.fixture(scope="session")
def sqlite_city(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    home = tmp_path_factory.mktemp("city")
    with empty_database(request, "sqlite", home) as url, founded(home, url) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql_city(
    request: pytest.FixtureRequest, postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    home = tmp_path_factory.mktemp("city")
    with empty_database(request, "postgresql", home) as url, founded(home, url) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest) -> City:
    """Our production server at work, on both kinds of database; it takes seconds to start and is shared by all tests."""
    made: City = request.getfixturevalue(f"{request.param}_city")
    return made


@pytest.fixture(autouse=True)
def _real_clock() -> Iterator[None]:
    yield
    clock.set_source(None)
