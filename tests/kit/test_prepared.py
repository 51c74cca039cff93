"""Statements compiled once: the same values in and out as by SQLAlchemy's own way, on both databases."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.kit.db import hold
from server.kit.ids import new_id
from server.kit.jobs import Job, JobState
from server.kit.prepared import Prepared, among, insert
from tests.factories import SiteOffice

COLUMNS = ["id", "kind", "key", "payload", "state", "run_at", "attempts", "progress", "created_at"]
PUT, PUT_ONCE = insert(Job, COLUMNS), insert(Job, COLUMNS, unless_there=True)
ONE = Prepared(sa.select(Job.id, Job.payload, Job.state, Job.run_at, Job.why).where(
    Job.key == sa.bindparam("key"), Job.state != JobState.DONE
))
MANY = Prepared(lambda dialect: sa.select(Job.key).where(among(Job.id, "ids", dialect)).order_by(Job.key))
MOMENT = datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC)


def row(key: str, **more: Any) -> dict[str, Any]:
    return {
        "id": new_id(), "kind": "test", "key": key, "payload": {"说明": "𬭎\x00"}, "state": JobState.QUEUED,
        "run_at": MOMENT, "attempts": 0, "progress": 0, "created_at": MOMENT, **more,
    }


def test_what_is_written_is_read_as_the_orm_reads_it(office: SiteOffice) -> None:
    given = row("one")
    assert office.write(lambda db: PUT.write(db, given)) == 1
    with office.database.read() as db:
        found = ONE.first(db, key="one")
        by_orm = db.scalars(sa.select(Job).where(Job.key == "one")).one()
    assert found == (given["id"], given["payload"], JobState.QUEUED, MOMENT, None)
    assert found == (by_orm.id, by_orm.payload, by_orm.state, by_orm.run_at, by_orm.why)
    with office.database.read() as db:
        assert ONE.first(db, key="another") is None


def test_a_verb_sees_what_it_wrote_itself_by_either_way(office: SiteOffice) -> None:
    def verb(db: Session) -> tuple[Any, ...]:
        PUT.write(db, row("straight"))
        by_orm = db.scalars(sa.select(Job.key)).all()
        db.add(Job(**row("orm")))
        db.flush()
        hold(db, "anything")
        return by_orm, ONE.first(db, key="orm") is not None

    assert office.write(verb) == (["straight"], True)


def test_a_key_that_is_taken_is_an_integrity_error_or_nothing_at_all(office: SiteOffice) -> None:
    office.write(lambda db: PUT.write(db, row("taken")))
    with pytest.raises(sa.exc.IntegrityError):
        office.write(lambda db: PUT.write(db, row("taken")))
    assert office.write(lambda db: PUT_ONCE.write(db, row("taken"))) == 0
    assert office.write(lambda db: PUT_ONCE.write(db, row("free"))) == 1


@pytest.mark.parametrize("count", [0, 1, 3, 500])
def test_any_number_of_ids_is_one_parameter(office: SiteOffice, count: int) -> None:
    rows = [row(f"{number:03}") for number in range(count)]
    office.write(lambda db: PUT.write_all(db, rows))
    with office.database.read() as db:
        assert MANY.all(db, ids=[one["id"] for one in rows] + [uuid.uuid4()]) == [(one["key"],) for one in rows]


def test_a_text_that_depends_on_its_values_is_refused(office: SiteOffice) -> None:
    expanding = Prepared(sa.select(Job.id).where(Job.id.in_(sa.bindparam("ids", expanding=True, type_=sa.Uuid()))))
    with office.database.read() as db, pytest.raises(ValueError, match="depends on its values"):
        expanding.all(db, ids=[])


def test_reading_connections_cannot_write(office: SiteOffice) -> None:
    with office.database.read() as db, pytest.raises(sa.exc.DBAPIError):
        PUT.write(db, row("by the back door"))
    assert office.read(sa.select(Job)) == []
