"""The database's shape goes forward to the models and back, with what is in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from flask import Flask

import config
from server import schema
from server.audit import service
from server.audit.models import AuditEvent
from tests.factories import SiteOffice

FIRST = "20261123_create_everything"


def indexes(conf: config.Config) -> set[str | None]:
    engine = sa.create_engine(conf.database)
    try:
        return {one["name"] for one in sa.inspect(engine).get_indexes("audit_event")}
    finally:
        engine.dispose()


def test_every_step_after_the_first_can_be_taken_back_and_again(app: Flask, conf: config.Config) -> None:
    office = SiteOffice(app)
    office.write(lambda db: service.record(db, None, "filed", "folder", "1"))
    command.downgrade(schema.alembic_config(conf.database), FIRST)
    assert "ix_audit_event_object" in indexes(conf)
    schema.upgrade(conf.database)
    assert "ix_audit_event_object_id_id" in indexes(conf)
    command.check(schema.alembic_config(conf.database))
    assert office.read(sa.select(AuditEvent.verb)) == ["filed"]
