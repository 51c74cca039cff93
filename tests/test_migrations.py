"""The database's shape goes forward to the models and back, with what is in it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic import command
from flask import Flask

import config
from server import schema
from server.audit import service
from server.audit.models import AuditEvent
from server.issues.models import IssueEntry
from server.issues.rules import EntryState
from server.programme.models import WorkEvidence, WorkItem
from tests.factories import YINGZE, SiteOffice, photo_entry, report_body
from tests.issues.loop import Loop, taken
from tests.photos import jpeg

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


def test_what_was_verified_before_evidence_was_asked_for_waits_for_it(app: Flask, conf: config.Config) -> None:
    office = SiteOffice(app)
    office.checklists()
    wang, su = office.person("wang", "inspector"), office.person("su", "supervisor", districts=(YINGZE,))
    proven, unproven, visited = (office.site(name, inspectors=(wang,)) for name in ("有据", "无据", "只有作废"))
    reports = []
    for seed, site in enumerate((proven, visited)):
        data = jpeg(64, 48, seed=seed)
        photo = photo_entry(data)
        reports.append(wang.send(report_body(site, photos=[photo]), {photo["id"]: data})["id"])
    su.post(f"/reports/{reports[0]}/reviews", {"decision": "approve", "revision": 1})
    su.post(f"/reports/{reports[1]}/reviews", {"decision": "void", "revision": 1, "comment": "走错了"})
    command.downgrade(schema.alembic_config(conf.database), "20261125_photo_is_its_upload")
    engine = sa.create_engine(conf.database)
    item = {"type": "lift", "quantity": 5, "unit": "台", "price": 0, "verified": 2.5, "stage": "in_progress"}
    with engine.begin() as db:
        for site in (proven, unproven):
            db.execute(sa.text(
                "insert into work_item (site_id, type, quantity, unit, contract_price_fen, planned, reported, verified, stage)"
                " values (:site, :type, :quantity, :unit, :price, :quantity, :quantity, :verified, :stage)"
            ).bindparams(sa.bindparam("site", type_=sa.Uuid())), {"site": site, **item})
        db.execute(sa.text("update site set last_visit_at = '2026-11-20 01:58:00'"))
    engine.dispose()
    schema.upgrade(conf.database)
    command.check(schema.alembic_config(conf.database))
    found = {site: su.get(f"/sites/{site}").json for site in (proven, unproven, visited)}
    assert [(one["verified"], one["verified_entered"]) for one in found[proven]["work_items"]] == [(2.5, 2.5)]
    assert [(one["verified"], one["verified_entered"]) for one in found[unproven]["work_items"]] == [(0, 2.5)]
    assert [str(one) for one in office.read(sa.select(WorkEvidence.report_id))] == [reports[0]]
    (kept,) = su.get(f"/sites/{unproven}/changes").json["items"]
    assert (kept["field"], kept["before"], kept["after"]) == ("work_items.lift.verified", 2.5, 0)
    assert [found[site]["last_visit_at"] is None for site in (proven, unproven, visited)] == [False, True, True]
    with pytest.raises(sa.exc.IntegrityError):
        office.write(lambda db: db.execute(sa.update(WorkItem).values(verified=9)))
    with pytest.raises(sa.exc.IntegrityError):
        office.write(lambda db: db.execute(sa.text("update work_item set stage = 'nonsense'")))
    command.downgrade(schema.alembic_config(conf.database), "20261125_photo_is_its_upload")
    engine = sa.create_engine(conf.database)
    with engine.begin() as db:
        assert list(db.execute(sa.text("select verified from work_item")).scalars()) == [2.5, 2.5]
    engine.dispose()


def test_issues_from_before_the_loop_keep_photos_and_history_and_go_on(app: Flask, conf: config.Config) -> None:
    loop = Loop(SiteOffice(app))
    issue, void = loop.opened(), loop.opened("ELEV-A01")
    assert loop.su.post(f"/issues/{void}/void", {"reason": "重复"}).status_code == 201
    before = loop.look(issue)
    command.downgrade(schema.alembic_config(conf.database), "20261126_add_documents")
    schema.upgrade(conf.database)
    after = loop.look(issue)
    assert [one["id"] for one in after["photos"]["before"]] == [one["id"] for one in before["photos"]["before"]]
    assert [step["verb"] for step in after["history"]] == ["opened"]
    assert (after["state"], after["round"], loop.look(void)["state"]) == ("pending_issue", 1, "void")
    assert loop.su.post(f"/issues/{issue}/notice").status_code == 201


def test_replies_and_objections_survive_the_step_to_openings_and_back(app: Flask, conf: config.Config) -> None:
    loop = Loop(SiteOffice(app))
    issue = loop.issued()
    taken(loop.jia.post(f"/issues/{issue}/objection", {"reason": "非我单位"}))
    taken(loop.su.post(f"/issues/{issue}/objection/settlement", {"result": "corrected", "comment": "改"}))
    loop.su.patch(f"/issues/{issue}", {"contractor_id": str(loop.other)})
    taken(loop.su.post(f"/issues/{issue}/notice"))
    taken(loop.bing.post(f"/issues/{issue}/objection", {"reason": "也非我单位"}))
    taken(loop.reply(issue, by=loop.bing))
    photo, data = loop.picture()
    entered = taken(loop.su.post("/issues", {
        "site_id": str(loop.site), "description": "路灯不亮", "severity": "minor", "photos": [photo],
    }))["id"]
    loop.su.upload(entered, photo, data)
    before = loop.look(issue)
    command.downgrade(schema.alembic_config(conf.database), "20261126_add_templates")
    schema.upgrade(conf.database)
    after = loop.look(issue)
    assert (after["objection"], after["replies"]) == (before["objection"], before["replies"])
    assert after["objection"]["reason"] == "也非我单位"
    assert len(loop.look(entered)["photos"]["before"]) == 1
    again = loop.office.read(sa.select(sa.func.count()).where(IssueEntry.state == EntryState.COMPLETE))
    assert again == [1]  # the reply: what the older shape had no word for is gone
