"""Without a rule nothing goes, ever; a rule takes what it says and no more; a slip of a finger is no rule."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

import config
from server.audit.models import AuditEvent
from server.kit import clock
from server.photos.models import Original
from server.retention.models import RetentionRun
from server.retention.rules import CLASSES
from tests.factories import photo_entry, report_body
from tests.photos import jpeg
from tests.retention.keeping import YEAR, Keeping


def test_by_default_everything_is_kept_for_ever(keeping: Keeping) -> None:
    keeping.done()
    before = keeping.files()
    keeping.later(40 * YEAR)
    keeping.job("retention")
    keeping.job("retention-files")
    plans = json.loads(keeping.run("plan", "--json"))
    assert [one["class"] for one in plans] == [one.name for one in CLASSES]
    assert {(one["rows"], one["days"], one["plan"]) for one in plans} == {(0, None, None)}
    assert "is not set" in keeping.run("apply", "--class", "positions", "--plan", "x", code=1)
    assert keeping.files() == before
    assert keeping.office.read(sa.select(RetentionRun)) == []
    shown = {one["name"]: one for one in keeping.min.get("/retention").json["classes"]}
    assert shown["photo_originals"]["days"] is None
    assert shown["photo_originals"]["plan"] is None
    assert (shown["residents"]["elsewhere"], shown["exports"]["days"]) == (True, 7)


@pytest.mark.parametrize("days", ["1", "29", "-5", "36501"])
def test_a_rule_that_must_be_a_slip_is_refused_at_start(days: str) -> None:
    with pytest.raises(config.ConfigError, match="DUDAO_RETENTION_POSITIONS_DAYS"):
        config.load({"DUDAO_RETENTION_POSITIONS_DAYS": days}, env="test", secret_key="x" * 40)
    for kept in ("", "0", "30"):
        config.load({"DUDAO_RETENTION_POSITIONS_DAYS": kept}, env="test", secret_key="x" * 40)


def test_what_the_plan_shows_is_what_goes(keeping: Keeping) -> None:
    keeping.done()
    keeping.rule(photo_originals=YEAR)
    keeping.later(YEAR - 2)
    assert keeping.plan("photo_originals")["rows"] == 0
    keeping.later(4)
    sizes = keeping.office.read(sa.select(Original.size))
    plan = keeping.plan("photo_originals")
    assert (plan["rows"], plan["files"], plan["bytes"], plan["held"]) == (2, 2, sum(sizes), 0)
    (shown,) = [one for one in keeping.min.get("/retention").json["classes"] if one["name"] == "photo_originals"]
    assert {key: shown["plan"][key] for key in ("rows", "files", "bytes")} == {"rows": 2, "files": 2, "bytes": sum(sizes)}
    assert len(keeping.files()) == 2, "looking removes nothing"
    said = keeping.run("apply", "--class", "photo_originals", "--plan", plan["plan"])
    assert f"2 rows, 2 files, {sum(sizes)} bytes removed" in said
    assert keeping.files() == set()
    lines = keeping.record("photo_originals")
    assert {(one.sha256, one.size) for one in lines} == set(_originals(keeping))
    assert {(one.object_kind, one.count, one.days, one.site_id) for one in lines} == {("photo", 1, YEAR, keeping.site)}
    assert {one.object_id for one in lines} == {str(photo) for photo in keeping.photos()}
    (event,) = keeping.office.read(sa.select(AuditEvent).where(AuditEvent.verb == "retention_applied"))
    assert {key: event.facts[key] for key in ("name", "rows", "files", "bytes", "held", "days", "by", "plan")} == {
        "name": "photo_originals", "rows": 2, "files": 2, "bytes": sum(sizes), "held": 0, "days": YEAR, "by": "command",
        "plan": plan["plan"],
    }
    (run,) = keeping.min.get("/retention").json["runs"]
    assert (run["rows"], run["files"], run["by"], run["finished_at"] is not None) == (2, 2, "command", True)
    keeping.job("retention")
    assert len(keeping.record("photo_originals")) == 2, "once is enough"


def _originals(keeping: Keeping) -> list[tuple[str, int]]:
    with keeping.office.database.read() as db:
        return [tuple(row) for row in db.execute(sa.select(Original.sha256, Original.size))]


def test_another_plan_than_was_shown_removes_nothing(keeping: Keeping) -> None:
    keeping.done()
    keeping.rule(photo_originals=YEAR)
    keeping.later(YEAR + 2)
    plan = keeping.plan("photo_originals")
    assert keeping.plan("photo_originals")["plan"] == plan["plan"]
    keeping.rule(photo_originals=100)
    assert "the plan has changed" in keeping.run("apply", "--class", "photo_originals", "--plan", plan["plan"], code=1)
    assert len(keeping.files()) == 2
    assert keeping.record("photo_originals") == []


def test_the_worker_applies_what_has_a_rule_once_a_day(keeping: Keeping) -> None:
    keeping.done()
    keeping.rule(positions=30)
    keeping.later(31.5)
    keeping.job("retention")
    assert keeping.record("positions")
    assert keeping.record("photo_originals") == []
    assert [run.by.value for run in keeping.office.read(sa.select(RetentionRun))] == ["duty"]


def test_a_new_rule_waits_a_week_in_which_it_can_be_taken_back(keeping: Keeping) -> None:
    keeping.done()
    keeping.later(2 * YEAR)
    keeping.rule(photo_originals=YEAR)
    (told,) = [one for one in keeping.min.get("/retention").json["classes"] if one["name"] == "photo_originals"]
    assert told["applies_from"][:10] == (clock.now() + timedelta(days=7)).date().isoformat()
    keeping.later(6.5)
    keeping.job("retention")
    assert keeping.record("photo_originals") == []
    keeping.rule(photo_originals=30)
    keeping.later(6.5)
    keeping.job("retention")
    assert keeping.record("photo_originals") == [], "another rule waits anew"
    keeping.rule(photo_originals=0)
    keeping.later(30)
    keeping.job("retention")
    assert keeping.record("photo_originals") == []
    keeping.rule(photo_originals=30)
    keeping.later(7.5)
    keeping.job("retention")
    assert len(keeping.record("photo_originals")) == 2
    query = sa.select(AuditEvent.facts).where(AuditEvent.verb == "retention_rule_met")
    met = keeping.office.read(query.order_by(AuditEvent.id))
    assert [(one["before"], one["days"]) for one in met] == [(0, YEAR), (YEAR, 30), (30, 0), (0, 30)]


def test_what_is_still_to_be_decided_keeps_its_original_however_old(keeping: Keeping) -> None:
    """Reports that wait or were sent back, issues that are open, photos of nothing, photos without a preview."""
    keeping.issued()
    first, second = (jpeg(64, 48, seed=seed) for seed in (70, 71))
    for data in (first, second):
        photo = photo_entry(data)
        report = keeping.wang.send(report_body(keeping.site, photos=[photo]), {photo["id"]: data})["id"]
    keeping.su.post(f"/reports/{report}/reviews", {"decision": "return", "revision": 1, "comment": "重拍"})
    keeping.work_off()
    without = jpeg(64, 48, seed=72)
    photo = photo_entry(without)
    report = keeping.wang.send(report_body(keeping.site, photos=[photo]), {photo["id"]: without})["id"]
    keeping.su.post(f"/reports/{report}/reviews", {"decision": "approve", "revision": 1})
    keeping.wang.upload(report, photo_entry(jpeg(64, 48, seed=73)), jpeg(64, 48, seed=73))
    keeping.rule(photo_originals=30)
    keeping.later(10 * YEAR)
    assert keeping.plan("photo_originals")["rows"] == 0
    keeping.work_off()
    assert keeping.plan("photo_originals")["rows"] == 1, "the approved one, once its preview is made"


def test_the_record_and_the_holds_are_kept_by_the_database(keeping: Keeping) -> None:
    keeping.done()
    keeping.rule(positions=30)
    keeping.later(40)
    keeping.job("retention")
    hold = keeping.hold("site", keeping.site)
    keeping.min.post(f"/holds/{hold}/lifting", {"reason": "已结"})
    for statement in (
        "update removal set days = 1", "delete from removal", "delete from legal_hold", "update legal_hold set reason = 'x'",
        "update legal_hold set lifted_at = null, lifted_by = null, lifted_reason = null",
    ):
        with pytest.raises(sa.exc.DBAPIError, match=r"append-only|is kept|by lifting alone"):
            keeping.office.write(lambda db, said=statement: db.execute(sa.text(said)))
