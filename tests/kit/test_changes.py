"""Up to where the changes of a PostgreSQL database can be told: below its own oldest transaction, whoever else is about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from server.kit import changes
from server.weekly.freezing import wait_for_writers
from tests.factories import YINGZE, SiteOffice

# SQLite has one writer, and a file for each database.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@contextmanager
def writing(url: sa.URL, *statements: str) -> Iterator[int]:
    """A transaction under way; yields its number."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        number = connection.scalar(sa.text("select pg_current_xact_id()::text::bigint"))
        for statement in statements:
            connection.exec_driver_sql(statement)
        yield int(number)
        connection.rollback()


def horizon(office: SiteOffice) -> int:
    with office.database.read() as db:
        below = changes.horizon(db)
    assert below is not None
    return below


def next_number(office: SiteOffice) -> int:
    return int(office.read(sa.text("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))[0])


def test_the_oldest_transaction_of_this_database_is_where_telling_ends(office: SiteOffice) -> None:
    url = office.database.url
    with writing(url) as oldest, writing(url):
        assert horizon(office) == oldest
    assert horizon(office) == next_number(office)


def test_one_that_gave_up_all_it_had_written_may_still_write(office: SiteOffice) -> None:
    """Its locks on tables are gone with the savepoint, its number is not."""
    given_up = ("savepoint here", "delete from change", "rollback to savepoint here")
    with writing(office.database.url, *given_up) as oldest:
        assert horizon(office) == oldest


def test_another_database_on_the_same_server_holds_nobody_back(office: SiteOffice) -> None:
    su, wang = (office.person(role, role, districts=(YINGZE,)) for role in ("supervisor", "inspector"))
    site = office.site()
    with writing(office.database.url.set(database="postgres")) as elsewhere:
        cursor = wang.get("/sync").json["cursor"]
        assert su.put(f"/sites/{site}/assignments", {"person_ids": [str(wang.id)]}).status_code == 200
        told = wang.get("/sync", query_string={"cursor": cursor}).json
        assert [one["id"] for one in told["sites"]] == [str(site)]
        assert horizon(office) == next_number(office) > elsewhere


def test_a_week_waits_for_this_databases_writers_and_for_no_other(office: SiteOffice) -> None:
    url, counted = office.database.url, threading.Event()

    def wait() -> None:
        wait_for_writers(office.database)
        counted.set()

    waiting = threading.Thread(target=wait)
    with writing(url.set(database="postgres")):
        with writing(url):
            waiting.start()
            assert not counted.wait(0.3)
        assert counted.wait(5)
    waiting.join()
